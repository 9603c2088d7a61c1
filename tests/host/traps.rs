//! What is left of a process that trapped: functions and lines, and a core dump where one is wanted.

use crate::support::{block_on, config, end, host_with, log, options, outcome, scenario, target};
use std::path::Path;
use wasmparser::{KnownCustom, Parser, Payload};
use weft_host::{Capabilities, ExitStatus, Host, HostConfig, LogEntry, StartOptions};

/// A component with two parts, of which one traps in a call from the other.
const COMPOSED: &str = r#"(component
    (component $inner
        (core module $m (func (export "f") unreachable))
        (core instance $i (instantiate $m))
        (func (export "f") (canon lift (core func $i "f"))))
    (instance $inner (instantiate $inner))
    (component $outer
        (import "f" (func $f))
        (core func $lowered (canon lower (func $f)))
        (core module $m (import "" "f" (func $f)) (func (export "run") call $f))
        (core instance $i (instantiate $m (with "" (instance (export "f" (func $lowered))))))
        (func (export "run") (canon lift (core func $i "run"))))
    (instance $outer (instantiate $outer (with "f" (func $inner "f"))))
    (export "run" (func $outer "run")))"#;

#[test]
fn a_backtrace_has_the_lines_of_a_guest_that_carries_them() {
    block_on(async {
        let host = Host::new(config()).unwrap();
        let file = target().join("wasm32-wasip2/guest-lines/lines.wasm");
        host.components().load_file("lines", &file).await.unwrap();
        let status = outcome(&host, options("lines", Vec::new())).await;
        let ExitStatus::Trapped(trap) = status else {
            panic!("{status}")
        };
        let [land, main, ..] = &trap.backtrace[..] else {
            panic!("{trap:?}")
        };
        assert!(land.starts_with("lines::land at "), "{trap:?}");
        assert!(land.contains("tests/guests/lines/src/main.rs:"), "{trap:?}");
        assert!(main.starts_with("lines::main at "), "{trap:?}");
        assert!(
            main.ends_with("tests/guests/lines/src/main.rs:13"),
            "{trap:?}"
        );
    });
}

/// Plays a scenario, with core dumps. Returns its last entry.
async fn dumped(
    folder: &Path,
    start: impl Fn(u32) -> (StartOptions, &'static str),
    times: u32,
) -> LogEntry {
    let config = HostConfig {
        core_dumps: Some(folder.to_owned()),
        ..config()
    };
    let host = host_with(config, &["scenarios"]).await;
    let mut last = None;
    for time in 0..times {
        let (start, component) = start(time);
        if component == "composed" {
            let bytes = wat::parse_str(COMPOSED).unwrap();
            host.components().load("composed", bytes).await.unwrap();
        }
        let process = host.start(start).unwrap();
        end(&process).await;
        last = log(&process).await.pop();
    }
    last.unwrap()
}

#[test]
fn a_trap_leaves_a_core_dump_that_parses_where_the_embedder_wants_one() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let into = folder.path().join("dumps");
        let start = |_| {
            let mut start = scenario("trap", "", Capabilities::none());
            start.name = "no/such name".into();
            (start, "scenarios")
        };
        let entry = dumped(&into, start, 1).await;
        assert_eq!(entry.attributes["weft.coredump"], "no_such_name-1.coredump");
        let bytes = std::fs::read(into.join("no_such_name-1.coredump")).unwrap();
        check(&bytes);
    });
}

/// A dump has the process's name, its modules and instances, its memory, and a stack of frames.
fn check(bytes: &[u8]) {
    let (mut sections, mut frames, mut data, mut memories) = (Vec::new(), 0, 0, 0);
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.unwrap() {
            Payload::MemorySection(section) => memories += section.count(),
            Payload::DataSection(section) => data += section.count(),
            Payload::CustomSection(section) => {
                sections.push(section.name().to_owned());
                if let KnownCustom::CoreDumpStack(stack) = section.as_known() {
                    frames += stack.frames.len();
                }
            }
            _ => {}
        }
    }
    assert_eq!(
        sections,
        ["core", "coremodules", "coreinstances", "corestack"]
    );
    assert!(
        memories > 0 && data > 0 && frames > 1,
        "{memories} {data} {frames}"
    );
}

#[test]
fn a_composed_component_traps_as_ever_and_its_log_says_why_there_is_no_dump() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let start = |_| (options("composed", Vec::new()), "composed");
        let entry = dumped(folder.path(), start, 1).await;
        assert!(entry.body.starts_with("trapped: "), "{entry:?}");
        let why = &entry.attributes["weft.coredump.missing"];
        assert!(why.contains("whose parts call each other"), "{why}");
    });
}

#[test]
fn a_process_that_traps_again_and_again_fills_no_disk() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let start = |_| (scenario("trap", "", Capabilities::none()), "scenarios");
        let entry = dumped(folder.path(), start, 17).await;
        let why = &entry.attributes["weft.coredump.missing"];
        assert!(why.contains("its 16 already"), "{why}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 16);
    });
}

#[test]
fn a_folder_that_cannot_be_written_changes_nothing_for_the_process() {
    block_on(async {
        let file = tempfile::NamedTempFile::new().unwrap();
        let start = |_| (scenario("panic", "boom", Capabilities::none()), "scenarios");
        let entry = dumped(file.path(), start, 1).await;
        assert_eq!(entry.body, "panicked: boom");
        let why = &entry.attributes["weft.coredump.missing"];
        assert!(why.contains("cannot write to the folder"), "{why}");
    });
}
