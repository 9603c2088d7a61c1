//! A capability from outside of the runtime: the one that the book shows, and what holds for all.

use crate::support::{
    block_on, config, end, guest_of, host_with, leaks, log, options, outcome, text,
};
use std::time::Duration;
use weft_host::wasmtime::component::Linker;
use weft_host::{
    Capabilities, ExitStatus, Host, HostConfig, StartOptions,
    capability::Right,
    engine::{EngineError, EngineKind},
    extension::{Extension, ExtensionRight, Extensions, Import, NewProcess, Refused},
    process::{ProcessState, StartError},
    usage::Usage,
};

#[path = "../../docs/embedding/greeter.rs"]
pub mod greeter;

/// A guest of the concurrent engine and one of the plain engine.
const GUESTS: [&str; 2] = ["greeted", "blocking-greeted"];

fn extensions() -> Extensions {
    Extensions::none().with(greeter::Greeter {
        word: "Hello".to_owned(),
    })
}

fn with_extensions() -> HostConfig {
    config().extensions(extensions())
}

/// A process that plays `what` with these rights, written as in a list.
fn start(guest: &str, what: &str, argument: &str, rights: &[&str]) -> StartOptions {
    let mut capabilities = Capabilities::none();
    for right in rights {
        extensions().grant(&mut capabilities, right).unwrap();
    }
    options(guest, vec![text(what), text(argument)]).capabilities(capabilities)
}

fn returned(text: &str) -> ExitStatus {
    ExitStatus::Returned(format!("{text:?}"))
}

fn failed(text: &str) -> ExitStatus {
    ExitStatus::Failed(text.into())
}

#[test]
fn the_program_of_the_book_greets() {
    block_on(async {
        let host = greeter::host(&guest_of("greeted")).await.unwrap();
        leaks::watch(&host);
        let greeting = greeter::greet(&host, "greet=A").await.unwrap();
        assert_eq!(greeting, r#""Hello Ada, 1""#);
        let denied = greeter::greet(&host, "greet=B").await.unwrap_err();
        assert!(denied.to_string().contains("greet(Ada)"), "{denied}");
        assert!(greeter::greet(&host, "greet=4").await.is_err());
    });
}

#[test]
fn a_guest_calls_it_with_the_right_and_is_denied_without() {
    block_on(async {
        let host = host_with(with_extensions(), &GUESTS).await;
        for guest in GUESTS {
            for what in ["hello", "visit"] {
                let greeted = outcome(&host, start(guest, what, "Ada", &["greet=Ad"])).await;
                assert_eq!(greeted, returned("Hello Ada, 1"), "{guest} {what}");
                for rights in [&[][..], &["greet=Adam"], &["clocks"]] {
                    let process = host.start(start(guest, what, "Ada", rights)).unwrap();
                    let denied = failed("PermissionDenied(\"greet(Ada)\")");
                    assert_eq!(end(&process).await, denied, "{guest} {rights:?}");
                    let entries = log(&process).await;
                    let told = entries.iter().find(|entry| {
                        let capability = entry.attributes.get("weft.capability");
                        capability.is_some_and(|name| name == "greet")
                    });
                    let told = told.expect("the log says what is missing");
                    assert_eq!(told.body, "a call was denied: it needs `greet=Ada`");
                }
            }
        }
    });
}

#[test]
fn a_child_gets_at_most_what_its_parent_holds() {
    block_on(async {
        let host = host_with(with_extensions(), &GUESTS).await;
        for guest in GUESTS {
            for (asked, wanted) in [
                ("greet=Ad Ada", Ok("Hello Ada, 1")),
                ("greet=Ada Ada", Ok("Hello Ada, 1")),
                ("greet=A Ada", Err("PermissionDenied(\"greet(A)\")")),
                ("greet= Ada", Err("PermissionDenied(\"greet()\")")),
                ("nosuch=Ada Ada", Err("PermissionDenied(\"nosuch(Ada)\")")),
                ("clocks Ada", Err("PermissionDenied(\"clocks\")")),
                (
                    "greet=1 Ada",
                    Err("InvalidArgument(\"`greet=1`: a name has letters and nothing else\")"),
                ),
                (
                    "greet Ada",
                    Err("InvalidArgument(\"`greet` needs a value; write greet=PREFIX\")"),
                ),
            ] {
                let rights = ["process-lifecycle", "greet=Ad"];
                let status = outcome(&host, start(guest, "child", asked, &rights)).await;
                match wanted {
                    Ok(greeting) => assert!(
                        matches!(&status, ExitStatus::Returned(text) if text.contains(greeting)),
                        "{guest} {asked}: {status:?}"
                    ),
                    Err(error) => assert_eq!(status, failed(error), "{guest} {asked}"),
                }
            }
        }
    });
}

#[test]
fn what_is_known_of_a_component_has_its_import_and_its_right() {
    block_on(async {
        let host = host_with(with_extensions(), &[]).await;
        let without = host_with(config(), &[]).await;
        for guest in GUESTS {
            let inspect = async |host: &Host| {
                let file = guest_of(guest);
                let inspected = host.components().inspect_file(guest, &file).await;
                inspected.unwrap().1
            };
            // The guest was made for 0.1.0, and 0.1.1 is linked.
            let name = "example:greeter/greet@0.1.0";
            let info = inspect(&host).await;
            let mut imports = info.imports.iter();
            let import = imports.find(|import| import.name == name).unwrap();
            assert!(import.offered && import.missing.is_empty(), "{import:?}");
            assert!(info.capabilities.contains("greet"), "{info:?}");
            assert_eq!(info.refusal, None);

            let info = inspect(&without).await;
            let mut imports = info.imports.iter();
            assert!(!imports.find(|import| import.name == name).unwrap().offered);
            assert!(!info.capabilities.contains("greet"), "{info:?}");
            assert!(info.refusal.is_some_and(|refusal| refusal.contains(name)));
            let file = guest_of(guest);
            assert!(without.components().load_file(guest, &file).await.is_err());
        }
        let newer = br#"(component (import "example:greeter/greet@0.2.0" (instance)))"#;
        let newer = wat::parse_bytes(newer).unwrap().to_vec();
        let info = host.components().inspect("newer", newer).await.unwrap();
        let refusal = info.refusal.unwrap();
        let there = "example:greeter/greet@0.2.0 (there is example:greeter/greet@0.1.1)";
        assert!(refusal.contains(there), "{refusal}");
    });
}

#[test]
fn its_calls_are_timed_as_those_of_the_runtime_are() {
    block_on(async {
        let timing = with_extensions().time_hostcalls(true);
        let host = host_with(timing, &GUESTS).await;
        for guest in GUESTS {
            for what in ["hello", "visit"] {
                outcome(&host, start(guest, what, "Ada", &["greet=Ada"])).await;
            }
        }
        let calls = host.metrics().hostcalls.into_iter();
        let calls = calls.filter(|call| call.interface == "example:greeter/greet");
        let calls: Vec<_> = calls
            .map(|call| (call.function, call.waited, call.times.count()))
            .collect();
        let wanted = [
            ("hello", false, 2),
            ("visit", false, 2),
            ("visit.greeting", false, 2),
        ];
        assert_eq!(calls, wanted);
    });
}

#[test]
fn what_a_process_has_of_it_goes_with_the_process() {
    block_on(async {
        let host = host_with(with_extensions(), &GUESTS).await;
        for guest in GUESTS {
            let process = host.start(start(guest, "stay", "Ada", &["greet=Ada"]));
            let process = process.unwrap();
            // What it keeps for the process, and the visit.
            while host.usage().extensions < 2 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            assert_eq!(host.usage().extensions, 2);
            process.kill();
            end(&process).await;
            drop(process);
            while host.usage() != Usage::default() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    });
}

/// Refuses processes by name, and adds rights that it is told.
struct Strict(&'static [&'static ExtensionRight]);

impl Extension for Strict {
    fn name(&self) -> &'static str {
        "strict"
    }

    fn rights(&self) -> &'static [&'static ExtensionRight] {
        self.0
    }

    fn imports(&self) -> &'static [Import] {
        &[]
    }

    fn link(&self, _: &mut Linker<ProcessState>, _: EngineKind) -> weft_host::wasmtime::Result<()> {
        Ok(())
    }

    fn start(&self, process: &mut NewProcess<'_>) -> Result<(), Refused> {
        match process.name() {
            "nobody" => Err("nobody is let in".into()),
            _ => Ok(()),
        }
    }
}

const CLOCKS: &ExtensionRight = &ExtensionRight {
    name: "clocks",
    value: None,
    help: "is there already",
};

const BARE: &ExtensionRight = &ExtensionRight {
    name: "bare",
    value: None,
    help: "is held or not",
};

#[test]
fn an_extension_refuses_a_start() {
    block_on(async {
        let config = config().extensions(extensions().with(Strict(&[BARE])));
        let host = host_with(config, &["greeted"]).await;
        let mut refused = start("greeted", "hello", "Ada", &["greet=Ada"]);
        refused.name = "nobody".into();
        let error = host.start(refused).unwrap_err();
        assert!(matches!(
            error,
            StartError::Extension { name: "strict", .. }
        ));
        assert_eq!(error.to_string(), "strict: nobody is let in");
        assert_eq!(host.usage(), Usage::default());
        let greeted = outcome(&host, start("greeted", "hello", "Ada", &["greet=A"])).await;
        assert_eq!(greeted, returned("Hello Ada, 1"));
    });
}

#[test]
fn a_grant_is_what_an_extension_declares() {
    let extensions = extensions().with(Strict(&[BARE]));
    let granted = |text: &str| {
        let mut set = Capabilities::none();
        extensions.grant(&mut set, text).map(|()| set)
    };
    for text in ["greet=Ada", "greet=", "bare"] {
        let set = granted(text).unwrap();
        let held: Vec<_> = set.other.iter().map(ToString::to_string).collect();
        assert_eq!(held, [text]);
    }
    assert!(granted("clocks").unwrap().holds(Right::Clocks));
    for (text, wrong) in [
        ("greet", "`greet` needs a value; write greet=PREFIX"),
        ("bare=x", "`bare` is a right without a value"),
        ("greet=?", "`greet=?`: a name has letters and nothing else"),
    ] {
        assert_eq!(granted(text).unwrap_err().to_string(), wrong);
    }
    let unknown = granted("nosuch").unwrap_err().to_string();
    assert!(unknown.starts_with("unknown capability `nosuch`; there are: "));
    assert!(unknown.ends_with("registry-lookup=PREFIX, greet=PREFIX, bare"));
}

#[test]
fn a_right_has_one_owner() {
    block_on(async {
        for rights in [&[CLOCKS][..], &[BARE, BARE], &[greeter::GREET]] {
            let made = Host::new(config().extensions(extensions().with(Strict(rights))));
            let error = made.unwrap_err();
            assert!(
                matches!(error, EngineError::Extension { name: "strict", .. }),
                "{error}"
            );
        }
        // A right that no extension of this host declares is held by nobody, also by those whom the embedder starts.
        let host = host_with(config(), &["parked"]).await;
        let mut options = options("parked", vec![]);
        extensions()
            .grant(&mut options.capabilities, "greet=A")
            .unwrap();
        assert!(host.start(options).is_err());
    });
}
