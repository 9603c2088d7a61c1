//! What is left of a process that trapped: functions and lines, and a core dump where one is wanted.

use crate::support::{block_on, config, end, host_with, log, options, outcome, scenario, target};
use std::path::Path;
use wasmparser::{KnownCustom, Parser, Payload};
use weft_host::{
    Capabilities, ExitStatus, Host, StartOptions, engine::EngineError, limits::LimitRequest,
    log::LogEntry,
};

/// A component with more memory than is dumped, none of it touched.
const LARGE: &str = r#"(component
    (core module $m (memory 4097) (func (export "run") unreachable))
    (core instance $i (instantiate $m))
    (func (export "run") (canon lift (core func $i "run"))))"#;

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
async fn dumped(folder: &Path, start: impl Fn() -> StartOptions, times: u32) -> LogEntry {
    let config = config().core_dumps(Some(folder.to_owned()));
    let host = host_with(config, &["scenarios", "lines"]).await;
    for (name, text) in [("composed", COMPOSED), ("large", LARGE)] {
        let bytes = wat::parse_str(text).unwrap();
        host.components().load(name, bytes).await.unwrap();
    }
    let mut last = None;
    for _ in 0..times {
        let process = host.start(start()).unwrap();
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
        let start = || {
            let mut start = scenario("trap", "", Capabilities::none());
            start.name = "no/such name".into();
            start
        };
        let entry = dumped(&into, start, 1).await;
        assert_eq!(entry.attributes["weft.coredump"], "no_such_name-1.coredump");
        let bytes = std::fs::read(into.join("no_such_name-1.coredump")).unwrap();
        check(&bytes);
        // A component without async functions has another engine.
        let entry = dumped(&into, || options("lines", Vec::new()), 1).await;
        assert_eq!(entry.attributes["weft.coredump"], "lines-1.coredump");
        check(&std::fs::read(into.join("lines-1.coredump")).unwrap());
    });
}

#[test]
fn a_process_with_too_much_memory_for_a_dump_has_none_and_its_log_says_so() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let start = || options("large", Vec::new()).limits(LimitRequest::default().memory(1 << 30));
        let entry = dumped(folder.path(), start, 1).await;
        let why = &entry.attributes["weft.coredump.missing"];
        assert!(why.contains("its memories have 268500992 bytes"), "{why}");
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
        let start = || options("composed", Vec::new());
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
        let start = || scenario("trap", "", Capabilities::none());
        let entry = dumped(folder.path(), start, 17).await;
        let why = &entry.attributes["weft.coredump.missing"];
        assert!(why.contains("its 16 already"), "{why}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 16);
    });
}

#[test]
fn a_dump_that_cannot_be_put_into_the_folder_changes_nothing_for_the_process() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("scenarios-1.coredump");
        std::fs::create_dir(&taken).unwrap();
        let start = || scenario("panic", "boom", Capabilities::none());
        let entry = dumped(folder.path(), start, 1).await;
        assert_eq!(entry.body, "panicked: boom");
        let why = &entry.attributes["weft.coredump.missing"];
        assert!(why.contains("cannot write to the folder"), "{why}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    });
}

#[test]
fn a_link_that_a_guest_left_in_the_folder_is_replaced_by_the_dump_and_not_followed() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let victim = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(victim.path(), "precious").unwrap();
        let dump = folder.path().join("scenarios-1.coredump");
        std::os::unix::fs::symlink(victim.path(), &dump).unwrap();
        let start = || scenario("trap", "", Capabilities::none());
        let entry = dumped(folder.path(), start, 1).await;
        assert_eq!(entry.attributes["weft.coredump"], "scenarios-1.coredump");
        assert!(std::fs::symlink_metadata(&dump).unwrap().is_file());
        check(&std::fs::read(&dump).unwrap());
        let kept = std::fs::read_to_string(victim.path()).unwrap();
        assert_eq!(kept, "precious");
    });
}

#[test]
fn a_host_without_the_folder_it_is_told_to_use_is_not_made() {
    block_on(async {
        let file = tempfile::NamedTempFile::new().unwrap();
        let made = Host::new(config().core_dumps(Some(file.path().to_owned())));
        let error = made.expect_err("it is a file");
        assert!(matches!(error, EngineError::CoreDumps { .. }), "{error}");
        let shown = file.path().display().to_string();
        assert!(error.to_string().contains(&shown), "{error}");
    });
}
