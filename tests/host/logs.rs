//! Whatever a process says arrives in its log.

use crate::support::{block_on, config, end, host, host_with, log, scenario};
use weft_channel::ReadError;
use weft_host::{
    Capabilities,
    log::{LogEntry, SPAN_EVENT},
};

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
fn what_a_guest_writes_is_told_from_what_the_host_does() {
    block_on(async {
        let entries = entries("log-as-the-host", "").await;
        let of = |entry: &LogEntry| {
            let scope = entry.instrumentation_scope.name.clone();
            (scope, entry.body.clone())
        };
        let seen: Vec<_> = entries.iter().map(of).collect();
        let wanted = [
            ("guest.weft", "as weft"),
            ("guest.stdout", "as stdout"),
            ("guest.stderr", "as stderr"),
            ("guest.weft", "as a span"),
        ];
        let wanted = wanted.map(|(scope, body)| (scope.to_owned(), body.to_owned()));
        assert_eq!(seen, wanted);
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
        let config = config().log_levels("warn,scenarios=error,other/=trace".parse().unwrap());
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
        let config = config().log_levels("off".parse().unwrap());
        let host = host_with(config, &["scenarios"]).await;
        let start = scenario("panic", "boom", Capabilities::none());
        let status = end(&host.start(start).unwrap()).await;
        assert!(status.to_string().starts_with("panicked: boom"), "{status}");
    });
}

#[test]
fn whatever_way_it_was_written_it_stands_in_order_with_time_process_and_name() {
    block_on(async {
        for (ending, last) in [
            ("return", &[][..]),
            ("panic", &["9 a panic", "panicked: 9 a panic"]),
            (
                "trap",
                &["trapped: wasm `unreachable` instruction executed"],
            ),
        ] {
            let entries = entries("log-every-way", ending).await;
            // A line without an end is one when the process has ended.
            let mut wanted = vec![
                "1 by hand",
                "2 on stdout",
                "3 by tracing",
                "4 on stderr",
                "5 by log",
                "6 a span",
                "7 on stdout",
            ];
            wanted.extend(&last[..last.len().saturating_sub(1)]);
            wanted.push("8 without a line end");
            wanted.extend(last.last());
            let bodies: Vec<&str> = entries.iter().map(|entry| entry.body.as_str()).collect();
            assert_eq!(bodies, wanted);
            let time = |entry: &LogEntry| entry.timestamp.parse::<u64>().unwrap();
            assert!(entries.is_sorted_by_key(time), "{entries:?}");
            assert!(time(&entries[0]) > 1_700_000_000_000_000_000);
            for entry in &entries {
                assert_eq!(entry.resource.service_name, "scenarios");
                assert_eq!(entry.resource.process_id, 1);
            }
            if let Some(trap) = entries.last().filter(|_| !last.is_empty()) {
                for attribute in ["type", "message", "stacktrace"] {
                    let attribute = format!("exception.{attribute}");
                    assert!(trap.attributes.contains_key(&attribute), "{trap:?}");
                }
            }
        }
    });
}

#[test]
fn a_span_has_its_parent_its_fields_and_its_time() {
    block_on(async {
        let entries = entries("log-fields", "").await;
        let of = |body: &str| entries.iter().find(|entry| entry.body == body).unwrap();
        let (inner, outer, event) = (of("inner"), of("outer"), of("by tracing"));
        for span in [inner, outer] {
            assert_eq!(span.event_name.as_deref(), Some(SPAN_EVENT));
            let number = |key: &str| span.attributes[key].parse::<u64>().unwrap();
            let end: u64 = span.timestamp.parse().unwrap();
            assert!(number("weft.span.start") <= end);
            assert!(number("weft.span.duration") > 0);
            assert!(!span.attributes.contains_key("weft.span.unfinished"));
        }
        assert_eq!(outer.attributes["request"], "7");
        assert_eq!(inner.attributes["colour"], "blue");
        assert!(!outer.attributes.contains_key("weft.span.parent"));
        assert_eq!(
            Some(&inner.attributes["weft.span.parent"]),
            outer.span_id.as_ref()
        );
        assert_eq!(
            (&event.trace_id, &event.span_id),
            (&inner.trace_id, &inner.span_id)
        );
        assert_eq!(inner.trace_id, outer.trace_id);
        assert_eq!(of("outside").trace_id, None);
    });
}

#[test]
fn a_span_that_is_open_at_the_end_of_its_process_ends_with_it_and_says_so() {
    block_on(async {
        let entries = entries("leave-a-span", "").await;
        let [span] = &entries[..] else {
            panic!("{entries:?}")
        };
        assert_eq!(span.body, "left open");
        assert_eq!(span.attributes["number"], "42");
        assert_eq!(span.attributes["weft.span.unfinished"], "true");
    });
}

#[test]
fn spans_without_room_are_not_there_and_nothing_else_happens() {
    block_on(async {
        let host = host_with(config().log_capacity(4 << 20), &["scenarios"]).await;
        let process = host.start(scenario("many-spans", "1100", Capabilities::none()));
        let process = process.unwrap();
        assert_eq!(end(&process).await.to_string(), "returned \"1100 spans\"");
        let entries = log(&process).await;
        let count = |body: &str| entries.iter().filter(|entry| entry.body == body).count();
        assert_eq!(count("one of many"), 1024);
        // There is room again when they have ended.
        assert_eq!(count("afterwards"), 1);
    });
}

#[test]
fn a_reader_that_is_too_slow_is_told_what_it_missed_and_no_entry_counts_that() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let start = scenario("log-many", "5000", Capabilities::none());
        let prepared = host.prepare(start).unwrap();
        let reader = prepared.process().log();
        end(&prepared.launch()).await;
        let (mut missed, mut entries) = (0, 0);
        loop {
            match reader.read().await {
                Ok(Some(frame)) => {
                    let entry: LogEntry = serde_json::from_slice(&frame.payload).unwrap();
                    assert!(!entry.attributes.contains_key("weft.log.dropped"));
                    entries += 1;
                }
                Ok(None) => break,
                Err(ReadError::Lagged(frames)) => missed += frames,
                Err(error) => panic!("{error}"),
            }
        }
        assert!(missed > 0);
        assert_eq!(missed + entries, 5000);
    });
}

/// The lines of stdout in a log.
fn lines(entries: &[LogEntry]) -> Vec<&str> {
    let entries = entries.iter();
    let lines = entries.filter(|entry| entry.instrumentation_scope.name == "stdout");
    lines.map(|entry| entry.body.as_str()).collect()
}

#[test]
fn every_line_is_an_entry_also_an_empty_one() {
    block_on(async {
        let entries = entries("odd-lines", "").await;
        let wanted = [
            "first",
            "",
            "",
            "ends in two\r",
            "bad \u{fffd} byte",
            "last",
        ];
        assert_eq!(lines(&entries), wanted);
    });
}

#[test]
fn a_long_line_is_whole_pieces_from_its_beginning_and_says_what_was_left_out() {
    block_on(async {
        let short = entries("long-line", "8000").await;
        let whole = format!("a{}", "\u{20ac}".repeat(8_000));
        assert_eq!(lines(&short).concat(), whole);
        assert!(short.iter().all(|entry| entry.attributes.is_empty()));
        let long = entries("long-line", "1000000").await;
        let kept = lines(&long);
        assert_eq!(kept.len(), 3, "pieces");
        let kept = kept.concat();
        assert!(kept.starts_with("a\u{20ac}") && kept.len() > 48_000);
        assert!(!kept.contains('\u{fffd}'), "it was cut inside a character");
        let last = long.last().unwrap();
        assert_eq!(last.attributes["weft.truncated.bytes"], "3000001");
    });
}

#[test]
fn the_panic_of_another_program_in_the_output_is_not_taken_for_one() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let start = scenario("panic-of-another", "", Capabilities::none());
        let status = end(&host.start(start).unwrap()).await;
        assert_eq!(
            status.to_string(),
            "trapped: wasm `unreachable` instruction executed"
        );
    });
}
