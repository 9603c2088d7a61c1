//! `--otlp`: what a receiver gets of logs, spans and metrics.

use super::receiver::{Of, Received, Receiver, attributes};
use crate::weft::{run, up};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::trace::v1::Span;
use std::collections::BTreeMap;
use tonic::Status;

/// The text of a record.
fn body(record: &LogRecord) -> &str {
    match record.body.as_ref().unwrap().value.as_ref().unwrap() {
        Value::StringValue(text) => text,
        other => panic!("{other:?}"),
    }
}

/// The one span of this name.
fn span<'a>(received: &'a Received, name: &str) -> &'a (Of, Span) {
    let named: Vec<_> = received
        .spans
        .iter()
        .filter(|(_, span)| span.name == name)
        .collect();
    let [span] = named[..] else {
        panic!("{name}: {named:?} of {:?}", received.spans)
    };
    assert_eq!((span.1.trace_id.len(), span.1.span_id.len()), (16, 8));
    assert!(span.1.start_time_unix_nano > 0);
    assert!(span.1.start_time_unix_nano <= span.1.end_time_unix_nano);
    span
}

/// Runs a scenario of the guest `scenarios` with a receiver that gets all of it.
fn exported(receiver: &Receiver, scenario: &str, code: i32) {
    let assert = run("scenarios")
        .args(["--invoke", scenario, "--otlp", &receiver.url])
        .assert()
        .code(code);
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(!stderr.contains("not delivered"), "{stderr}");
}

#[test]
fn a_log_arrives_from_its_first_entry_to_its_trap_in_order_and_says_whose_it_is() {
    let receiver = Receiver::start();
    exported(&receiver, "run(\"log-every-way\", \"trap\")", 134);
    let received = receiver.received();
    let numbered: Vec<_> = received
        .logs
        .iter()
        .map(|(_, record)| body(record))
        .collect();
    // The sixth is a span.
    let wanted = [
        "1 by hand",
        "2 on stdout",
        "3 by tracing",
        "4 on stderr",
        "5 by log",
        "7 on stdout",
        "8 without a line end",
    ];
    assert_eq!(numbered[..7], wanted);
    assert!(numbered[7].contains("unreachable"), "{numbered:?}");
    for (of, record) in &received.logs {
        assert_eq!(*of, ("scenarios".to_owned(), Some(1)));
        assert!(record.time_unix_nano > 0 && record.severity_number > 0);
    }
    assert_eq!(received.logs[4].1.severity_text, "WARN");
    let (of, six) = span(&received, "6 a span");
    assert_eq!(*of, ("scenarios".to_owned(), Some(1)));
    assert_eq!(six.parent_span_id, Vec::<u8>::new());
}

#[test]
fn a_guest_cannot_speak_for_another_and_times_and_levels_of_its_own_break_nothing() {
    let receiver = Receiver::start();
    let assert = run("scenarios")
        .args(["--invoke", "run(\"speak-for\", \"victim\")"])
        .args(["--otlp", &receiver.url])
        .args(crate::identity::CHANNELS)
        .assert()
        .code(0);
    // What is no entry is counted as lost.
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(
        stderr.contains("2 log entries and 0 spans were not delivered"),
        "{stderr}"
    );
    let received = receiver.received();
    let forged = received
        .logs
        .iter()
        .filter(|(_, it)| body(it).starts_with("forged"));
    let forged: Vec<_> = forged
        .map(|(of, record)| {
            assert_eq!(*of, ("scenarios".to_owned(), Some(1)));
            assert!(record.observed_time_unix_nano > 1_700_000_000_000_000_000);
            (record.time_unix_nano, record.severity_number)
        })
        .collect();
    assert_eq!(
        forged,
        [(1_700_000_000_000_000_000, 9), (0, 0), (0, 0), (0, 9)]
    );
}

#[test]
fn a_span_of_a_guest_has_its_parent_and_its_fields_and_records_say_which_they_are_in() {
    let receiver = Receiver::start();
    exported(&receiver, "run(\"log-fields\", \"\")", 0);
    let received = receiver.received();
    let [(_, outer), (_, inner)] = ["outer", "inner"].map(|name| span(&received, name));
    assert_eq!(outer.parent_span_id, Vec::<u8>::new());
    assert_eq!(inner.parent_span_id, outer.span_id);
    assert_eq!(inner.trace_id, outer.trace_id);
    let fields = attributes(&outer.attributes);
    assert_eq!((&*fields["request"], &*fields["colour"]), ("7", "red"));
    assert!(!fields.contains_key("weft.span.start"), "{fields:?}");
    let record = |text| {
        let mut of_text = received.logs.iter().filter(|(_, it)| body(it) == text);
        &of_text.next().unwrap().1
    };
    let inside = record("by tracing");
    assert_eq!(
        (&inside.trace_id, &inside.span_id),
        (&inner.trace_id, &inner.span_id)
    );
    assert_eq!(attributes(&inside.attributes)["number"], "42");
    assert_eq!(record("outside").span_id, Vec::<u8>::new());
}

#[test]
fn the_life_of_a_process_and_the_load_of_its_component_are_spans_with_their_phases() {
    let receiver = Receiver::start();
    exported(&receiver, "run(\"return-error\", \"x\")", 1);
    let received = receiver.received();
    let (of, life) = span(&received, "process scenarios");
    assert_eq!(*of, ("scenarios".to_owned(), Some(1)));
    assert_eq!(attributes(&life.attributes)["weft.status"], "failed: x");
    // An error, as OTLP numbers it.
    assert_eq!(life.status.as_ref().unwrap().code, 2);
    let (of, load) = span(&received, "load scenarios");
    assert_eq!(*of, ("weft".to_owned(), None));
    for (name, parent) in [
        ("check", life),
        ("lay-out", life),
        ("instantiate", life),
        ("read", load),
        ("verify", load),
        ("compile", load),
        ("link", load),
    ] {
        let (_, phase) = span(&received, name);
        assert_eq!(phase.parent_span_id, parent.span_id, "{name}");
        assert_eq!(phase.trace_id, parent.trace_id, "{name}");
    }
}

#[test]
fn a_request_carries_its_trace_to_the_process_that_answers() {
    let receiver = Receiver::start();
    let folder = tempfile::tempdir().unwrap();
    let text = r#"
        [channels]
        requests = {}
        unused = {}
        [processes.asks]
        component = "sdk"
        args = { scenario = "traced/ask", input = { reader = "unused" }, output = { writer = "requests" }, number = 0 }
        capabilities = ["channel-lifecycle", "channel-reader", "channel-writer"]
        [processes.answers]
        component = "sdk"
        args = { scenario = "traced/answer", input = { reader = "requests" }, output = { writer = "unused" }, number = 0 }
        capabilities = ["channel-lifecycle", "channel-reader", "channel-writer"]
    "#;
    up(folder.path(), &["sdk"], text)
        .args(["--otlp", &receiver.url])
        .assert()
        .success();
    let received = receiver.received();
    let (asker, ask) = span(&received, "ask");
    let (answerer, answer) = span(&received, "answer");
    assert_eq!((&*asker.0, &*answerer.0), ("asks", "answers"));
    assert_ne!(asker.1, answerer.1);
    assert_eq!(answer.trace_id, ask.trace_id);
    assert_eq!(answer.parent_span_id, ask.span_id);
}

#[test]
fn metrics_arrive_with_names_units_and_kinds() {
    let receiver = Receiver::start();
    exported(&receiver, "run(\"echo\", \"x\")", 0);
    let received = receiver.received();
    let metrics: BTreeMap<_, _> = received
        .metrics
        .iter()
        .map(|(of, metric)| {
            assert_eq!(*of, ("weft".to_owned(), None));
            (metric.name.as_str(), metric)
        })
        .collect();
    let starts = metrics["weft_process_starts"];
    let Some(Data::Sum(sum)) = &starts.data else {
        panic!("{starts:?}")
    };
    assert!(sum.is_monotonic && sum.data_points.len() == 1);
    assert_eq!(format!("{:?}", sum.data_points[0].value), "Some(AsInt(1))");
    let live = metrics["weft_processes"];
    assert!(matches!(&live.data, Some(Data::Gauge(_))), "{live:?}");
    let phases = metrics["weft_start_phase_seconds"];
    assert_eq!(phases.unit, "s");
    let Some(Data::Histogram(histogram)) = &phases.data else {
        panic!("{phases:?}")
    };
    for point in &histogram.data_points {
        assert_eq!(point.count, 1);
        assert_eq!(point.bucket_counts.iter().sum::<u64>(), 1);
        assert_eq!(point.bucket_counts.len(), point.explicit_bounds.len() + 1);
    }
}

#[test]
fn what_a_receiver_cannot_take_now_is_sent_again_and_arrives_once() {
    let later = || Status::unavailable("later");
    assert_arrives_once(&Receiver::refusing(vec![later(), later()]));
}

#[test]
fn what_is_too_large_for_a_receiver_is_sent_in_smaller_parts() {
    // An entry is smaller than this, ten are not.
    assert_arrives_once(&Receiver::narrow(1000));
}

/// Sends 100 entries.
fn assert_arrives_once(receiver: &Receiver) {
    exported(receiver, "run(\"log-many\", \"100\")", 0);
    let received = receiver.received();
    let numbers: Vec<u64> = received
        .logs
        .iter()
        .map(|(_, record)| attributes(&record.attributes)["entry"].parse().unwrap())
        .collect();
    assert_eq!(numbers, (0..100).collect::<Vec<_>>());
}
