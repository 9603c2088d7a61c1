//! Whatever a process says arrives in its log.

use crate::support::{block_on, config, end, host, host_with, log, scenario};
use weft_host::{Capabilities, HostConfig, LogEntry};

async fn entries(name: &str, argument: &str) -> Vec<LogEntry> {
    let host = host(&["scenarios"]).await;
    let process = host
        .start(scenario(name, argument, Capabilities::none()))
        .unwrap();
    end(&process).await;
    log(&process).await
}

#[test]
fn entries_carry_level_fields_and_process() {
    block_on(async {
        let entries = entries("log-fields", "").await;
        let shown: Vec<(&str, &str)> = entries
            .iter()
            .map(|e| (e.severity_text.as_str(), e.body.as_str()))
            .collect();
        let wanted = [
            ("INFO", "by hand"),
            ("WARN", "by log"),
            ("ERROR", "by tracing"),
            ("INFO", "inner"),
            ("INFO", "outer"),
            ("INFO", "outside"),
        ];
        assert_eq!(shown, wanted);
        for entry in &entries[..3] {
            assert_eq!(entry.attributes["number"], "42", "{entry:?}");
            assert_eq!(entry.resource.service_name, "scenarios");
            assert_eq!(entry.resource.process_id, 1);
        }
        assert_eq!(entries[0].attributes["text"], "a \"quoted\"\nline");
    });
}

#[test]
fn lines_of_stdout_and_stderr_are_entries() {
    block_on(async {
        let entries = entries("stdout-lines", "2").await;
        let of = |scope: &str| -> Vec<String> {
            let of_scope = entries
                .iter()
                .filter(|e| e.instrumentation_scope.name == scope);
            of_scope.map(|e| e.body.clone()).collect()
        };
        assert_eq!(
            of("stdout"),
            ["line 1 on stdout", "line 2 on stdout", "no line end"]
        );
        assert_eq!(of("stderr"), ["line 1 on stderr", "line 2 on stderr"]);
    });
}

#[test]
fn a_panic_is_logged_with_its_message_before_the_trap() {
    block_on(async {
        let entries = entries("panic", "boom").await;
        let [.., said, trap] = &entries[..] else {
            panic!("{entries:?}")
        };
        for entry in [said, trap] {
            assert_eq!(entry.severity_text, "ERROR");
            assert_eq!(entry.attributes["exception.message"], "boom");
        }
        assert_eq!(said.attributes["exception.type"], "panic");
        assert_eq!(trap.attributes["exception.type"], "trap");
        let stack = &trap.attributes["exception.stacktrace"];
        assert!(stack.contains("scenarios::faults::panic"), "{stack}");
    });
}

#[test]
fn a_flood_loses_its_oldest_entries_and_nothing_else() {
    block_on(async {
        let entries = entries("log-many", "5000").await;
        assert!(entries.len() < 5000);
        assert_eq!(entries.last().unwrap().attributes["entry"], "4999");
        let first: usize = entries[0].attributes["entry"].parse().unwrap();
        assert_eq!(first, 5000 - entries.len());
        assert_eq!(entries[1].attributes["weft.log.dropped"], "1");
    });
}

#[test]
fn an_entry_too_large_for_the_log_is_cut_and_says_so() {
    block_on(async {
        let entries = entries("panic", &"x".repeat(100_000)).await;
        let mut of_panics = entries
            .iter()
            .filter(|e| e.instrumentation_scope.name == "panic");
        let cut = of_panics.next().expect("an entry");
        assert_eq!(cut.attributes["weft.truncated.bytes"], "100000");
        assert!(cut.body.starts_with("xxx") && cut.body.len() < 100_000);
    });
}

#[test]
fn what_the_host_s_levels_do_not_want_is_not_kept_and_guests_that_ask_are_told() {
    block_on(async {
        let config = HostConfig {
            log_levels: "warn,scenarios=error,other/=trace".parse().unwrap(),
            ..config()
        };
        let host = host_with(config, &["scenarios"]).await;
        let bodies = async |name: &str| {
            let mut start = scenario("log-fields", "", Capabilities::none());
            start.name = name.into();
            let process = host.start(start).unwrap();
            end(&process).await;
            let entries = log(&process).await;
            let bodies = entries.into_iter().map(|entry| entry.body);
            bodies.collect::<Vec<_>>()
        };
        assert_eq!(bodies("scenarios").await, ["by tracing"]);
        // Four entries and two spans.
        assert_eq!(bodies("other").await.len(), 6);
    });
}

#[test]
fn errors_are_kept_whatever_the_levels_so_a_panic_is_told_from_a_trap() {
    block_on(async {
        let config = HostConfig {
            log_levels: "off".parse().unwrap(),
            ..config()
        };
        let host = host_with(config, &["scenarios"]).await;
        let start = scenario("panic", "boom", Capabilities::none());
        let status = end(&host.start(start).unwrap()).await;
        assert!(status.to_string().starts_with("panicked: boom"), "{status}");
    });
}
