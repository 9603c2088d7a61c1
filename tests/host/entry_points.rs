//! Which function of a component a process starts at.

use crate::support::{block_on, end, guest, host, options};
use weft_host::{ExitStatus, Host, process::StartError};

/// A component that exports these interfaces, each with a function `run` that answers with a number: a command's
/// succeeds, another's returns it.
async fn load(host: &Host, interfaces: &[&str]) {
    let mut text = r#"(component
        (core module $m (func (export "run") (result i32) (i32.const 0)) (func (export "more") (result i32) (i32.const 7)))
        (core instance $i (instantiate $m))
        (func $command (result (result)) (canon lift (core func $i "run")))
        (func $other (result u32) (canon lift (core func $i "more")))
        (instance $commands (export "run" (func $command)))
        (instance $others (export "run" (func $other)))"#
        .to_owned();
    for name in interfaces {
        let export = match *name {
            "run" => "(func $other)",
            name if name.starts_with("wasi:cli") => "(instance $commands)",
            _ => "(instance $others)",
        };
        text += &format!("(export \"{name}\" {export})");
    }
    text += ")";
    let bytes = wat::parse_str(text).unwrap();
    host.components().load("it", bytes).await.unwrap();
}

async fn start(host: &Host, entry_point: &str) -> Result<ExitStatus, StartError> {
    let process = host.start(options("it", vec![]).entry_point(entry_point))?;
    Ok(end(&process).await)
}

/// What a command returns.
fn success() -> ExitStatus {
    ExitStatus::Returned(String::new())
}

fn seven() -> ExitStatus {
    ExitStatus::Returned("7".into())
}

#[test]
fn a_command_runs_as_one_whatever_else_it_exports() {
    block_on(async {
        let host = host(&[]).await;
        for exports in [
            &["wasi:cli/run@0.2.3", "acme:jobs/tasks@1.0.0"][..],
            &["acme:jobs/tasks@1.0.0", "wasi:cli/run@0.3.0"],
            &["wasi:cli/run@0.2.3", "run"],
            &[
                "wasi:cli/run@0.2.0",
                "wasi:cli/run@0.2.6",
                "wasi:cli/run@0.3.0",
            ],
        ] {
            load(&host, exports).await;
            assert_eq!(start(&host, "").await.unwrap(), success(), "{exports:?}");
        }
    });
}

#[test]
fn what_comes_before_a_release_is_no_command() {
    block_on(async {
        let host = host(&[]).await;
        let exports = ["wasi:cli/run@0.2.0", "wasi:cli/run@0.3.0-rc-2025-09-16"];
        load(&host, &exports).await;
        let component = host.components().get("it").unwrap();
        let command = component.entry_point("").unwrap();
        assert_eq!(command.name, "wasi:cli/run@0.2.0.run");
        let commands = component.info().entry_points.iter();
        assert_eq!(commands.filter(|entry| entry.is_command()).count(), 1);
    });
}

#[test]
fn the_newest_version_of_a_command_is_the_one_that_runs() {
    block_on(async {
        let host = host(&[]).await;
        let chosen = async |exports: &[&str], name: &str| {
            load(&host, exports).await;
            let component = host.components().get("it").unwrap();
            component.entry_point(name).unwrap().name.clone()
        };
        let versions = ["wasi:cli/run@0.2.10", "wasi:cli/run@0.2.9"];
        for name in ["", "run", "wasi:cli/run.run"] {
            assert_eq!(chosen(&versions, name).await, "wasi:cli/run@0.2.10.run");
        }
        let both = ["wasi:cli/run@0.3.0", "wasi:cli/run@0.2.12"];
        assert_eq!(chosen(&both, "").await, "wasi:cli/run@0.3.0.run");
        // Of a version that the host does not have it is a function like any other.
        let unknown = ["wasi:cli/run@0.2.3", "wasi:cli/run@0.9.0"];
        assert_eq!(chosen(&unknown, "").await, "wasi:cli/run@0.2.3.run");
    });
}

#[test]
fn what_is_no_command_runs_at_its_function_run() {
    block_on(async {
        let host = host(&[]).await;
        for exports in [&["run"][..], &["acme:jobs/tasks@1.0.0"]] {
            load(&host, exports).await;
            assert_eq!(start(&host, "").await.unwrap(), seven(), "{exports:?}");
        }
        load(&host, &["acme:jobs/tasks@1.0.0", "acme:jobs/more@1.0.0"]).await;
        let error = start(&host, "").await.unwrap_err().to_string();
        assert!(
            error.contains("entry point `run` of `it` is ambiguous"),
            "{error}"
        );
        load(&host, &[]).await;
        let error = start(&host, "").await.unwrap_err().to_string();
        assert_eq!(error, "component `it` exports no function");
    });
}

#[test]
fn a_function_that_is_named_is_never_guessed() {
    block_on(async {
        let host = host(&[]).await;
        load(&host, &["wasi:cli/run@0.2.3", "run"]).await;
        assert_eq!(start(&host, "run").await.unwrap(), seven());
        load(&host, &["wasi:cli/run@0.2.3", "acme:jobs/tasks@1.0.0"]).await;
        let error = start(&host, "run").await.unwrap_err().to_string();
        assert!(error.contains("ambiguous"), "{error}");
        let named = "acme:jobs/tasks@1.0.0.run";
        assert_eq!(start(&host, named).await.unwrap(), seven());
    });
}

#[test]
fn a_component_that_is_removed_starts_no_more_and_its_processes_go_on() {
    block_on(async {
        let host = host(&[]).await;
        let file = guest("scenarios.wasm");
        host.components().load_file("it", &file).await.unwrap();
        let spin = crate::support::scenario("spin", "", weft_host::Capabilities::none());
        let spin = spin.component("it");
        let process = host.start(spin.clone()).unwrap();
        let removed = host.components().remove("it").expect("it was there");
        assert_eq!(removed.name(), "it");
        assert!(host.components().remove("it").is_none());
        assert!(matches!(
            host.start(spin),
            Err(StartError::UnknownComponent { .. })
        ));
        assert_eq!(process.status(), None);
        process.kill();
        assert_eq!(end(&process).await, ExitStatus::Killed);
    });
}
