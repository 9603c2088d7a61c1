//! Weft inside a program that lets its guests import something of its own, with a right to it.

use std::error::Error;
use std::path::Path;
use weft_host::wasmtime::Result as Called;
use weft_host::wasmtime::component::{HasSelf, Linker, Resource};
use weft_host::{
    Argument, Arguments, Capabilities, ExitStatus, engine::EngineKind, usage::Counted,
};
use weft_host::{
    Host, HostConfig,
    extension::{Extension, ExtensionRight, Extensions, Import, NewProcess},
};
use weft_host::{
    StartOptions,
    extension::{Refused, RightValue},
    process::ProcessState,
};

// ANCHOR: wit
mod bindings {
    #![allow(missing_docs)]
    weft_host::wasmtime::component::bindgen!({
        inline: "
            package example:greeter@0.1.1;

            interface greet {
                variant error {
                    permission-denied(string),
                }
                resource visit {
                    constructor(guest: string);
                    greeting: func() -> result<string, error>;
                }
                hello: func(guest: string) -> result<string, error>;
            }

            world greeter {
                import greet;
            }
        ",
        with: { "example:greeter/greet.visit": super::Visit },
        imports: { default: trappable },
        wasmtime_crate: weft_host::wasmtime,
    });
}
use bindings::example::greeter::greet::{self, Error as Denied};
// ANCHOR_END: wit

// ANCHOR: right
/// Greet guests whose names begin with a prefix: `greet=PREFIX`.
pub const GREET: &ExtensionRight = &ExtensionRight {
    name: "greet",
    value: Some(RightValue {
        placeholder: "PREFIX",
        example: "Ada",
        read: |text| match text.chars().all(char::is_alphabetic) {
            true => Ok(text.to_owned()),
            false => Err("a name has letters and nothing else".to_owned()),
        },
        covers: |held, asked| held.iter().any(|held| asked.starts_with(held)),
        most: 16,
    }),
    help: "greet guests whose names begin with PREFIX",
};
// ANCHOR_END: right

// ANCHOR: extension
/// Lets guests greet.
pub struct Greeter {
    /// The word it greets with.
    pub word: String,
}

/// What a process has of it.
#[derive(Default)]
pub struct Greetings {
    word: String,
    made: u32,
}

impl Extension for Greeter {
    fn name(&self) -> &'static str {
        "greeter"
    }

    fn rights(&self) -> &'static [&'static ExtensionRight] {
        &[GREET]
    }

    fn imports(&self) -> &'static [Import] {
        &[Import {
            interface: "example:greeter/greet@0.1.1",
            needs: &[("hello", GREET), ("visit.greeting", GREET)],
        }]
    }

    fn link(&self, linker: &mut Linker<ProcessState>, _engine: EngineKind) -> Called<()> {
        // It has no async functions, so both engines get all of it.
        greet::add_to_linker::<_, HasSelf<ProcessState>>(linker, |state| state)
    }

    fn start(&self, process: &mut NewProcess<'_>) -> Result<(), Refused> {
        if process.holds(GREET) {
            process.keep(Greetings {
                word: self.word.clone(),
                made: 0,
            });
        }
        Ok(())
    }
}
// ANCHOR_END: extension

// ANCHOR: calls
/// The interface, as the times of its calls have it.
const INTERFACE: &str = "example:greeter/greet";

/// A guest that is there until the process lets go of it.
pub struct Visit {
    guest: String,
    _counted: Counted,
}

/// Greets, if the process may.
fn hello(state: &mut ProcessState, guest: &str) -> Result<String, Denied> {
    state
        .permit_right(GREET, Some(guest))
        .map_err(Denied::PermissionDenied)?;
    let greetings = state.own::<Greetings>();
    greetings.made += 1;
    Ok(format!("{} {guest}, {}", greetings.word, greetings.made))
}

impl greet::Host for ProcessState {
    fn hello(&mut self, guest: String) -> Called<Result<String, Denied>> {
        let _timed = self.time_call(INTERFACE, "hello");
        Ok(hello(self, &guest))
    }
}

impl greet::HostVisit for ProcessState {
    fn new(&mut self, guest: String) -> Called<Resource<Visit>> {
        let _timed = self.time_call(INTERFACE, "visit");
        let visit = Visit {
            guest,
            _counted: self.count_one(),
        };
        Ok(self.resources().push(visit)?)
    }

    fn greeting(&mut self, visit: Resource<Visit>) -> Called<Result<String, Denied>> {
        let _timed = self.time_call(INTERFACE, "visit.greeting");
        let guest = self.resources().get(&visit)?.guest.clone();
        Ok(hello(self, &guest))
    }

    fn drop(&mut self, visit: Resource<Visit>) -> Called<()> {
        self.resources().delete(visit)?;
        Ok(())
    }
}
// ANCHOR_END: calls

// ANCHOR: host
/// A host whose guests can import it.
pub async fn host(component: &Path) -> Result<Host, Box<dyn Error>> {
    let host = Host::new(
        HostConfig::default().extensions(Extensions::none().with(Greeter {
            word: "Hello".to_owned(),
        })),
    )?;
    host.components().load_file("greeted", component).await?;
    Ok(host)
}

/// Lets a guest greet Ada with this right, such as `greet=A`.
pub async fn greet(host: &Host, right: &str) -> Result<String, Box<dyn Error>> {
    let mut capabilities = Capabilities::none();
    host.config().extensions.grant(&mut capabilities, right)?;
    let process = host.start(
        StartOptions::new("greeted")
            .entry_point("run")
            .arguments(Arguments::Positional(vec![
                Argument::String("hello".into()),
                Argument::String("Ada".into()),
            ]))
            .capabilities(capabilities),
    )?;
    match process.wait().await {
        ExitStatus::Returned(greeting) => Ok(greeting),
        status => Err(status.to_string().into()),
    }
}
// ANCHOR_END: host
