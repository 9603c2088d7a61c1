//! Metrics that guests make themselves, as they are served and sent.

use super::endpoint::Served;
use super::exposition::Family;
use super::receiver::{Receiver, attributes};
use crate::support::HUNG;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Two that count the same.
const PROCESSES: &str = r#"
    [processes.one]
    component = "scenarios"
    args = { scenario = "measure-and-stay", arg = "" }
    [processes.two]
    component = "scenarios"
    args = { scenario = "measure-and-stay", arg = "" }
"#;

/// Scrapes until both have made all their metrics.
fn settled(served: &Served) -> BTreeMap<String, Family> {
    let since = Instant::now();
    loop {
        let families = served.families();
        // The last thing that each does is to add to this one.
        let waiting = families.get("weft_guest_waiting");
        let done = waiting.is_some_and(|it| {
            it.samples.len() == 2 && it.samples.iter().all(|sample| sample.value == 2.0)
        });
        if done {
            return families;
        }
        assert!(since.elapsed() < HUNG, "{families:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_scrape_has_what_guests_count_with_the_labels_of_their_process_and_their_own() {
    let served = Served::with(PROCESSES);
    // The strict reader wants each name to be described once, though two processes have it.
    let families = settled(&served);
    let read = &families["weft_guest_read_bytes_total"];
    assert_eq!(read.kind, "counter");
    // As the format writes it: only line ends and backslashes are escaped.
    assert_eq!(read.help, r#"Bytes of "frames" that \\ were read."#);
    for process in ["one", "two"] {
        let labels = [("process", process), ("from", "a \"b\" \\ c\nd")];
        assert_eq!(read.value(&labels), Some(42.5));
    }
    for sample in &read.samples {
        let names: Vec<_> = sample.labels.keys().map(String::as_str).collect();
        assert_eq!(names, ["component", "from", "id", "process"]);
        assert_eq!(sample.labels["component"], "scenarios");
    }
    let waiting = &families["weft_guest_waiting"];
    assert_eq!(waiting.kind, "gauge");
    assert!(!waiting.help.is_empty());
    let took = &families["weft_guest_took_seconds"];
    assert_eq!(
        (&*took.kind, &*took.help),
        ("histogram", "How long it took.")
    );
    let of = |suffix: &str, le: &str| {
        let name = format!("weft_guest_took_seconds_{suffix}");
        let mut samples = took.samples.iter().filter(|it| it.name == name);
        let found = samples.find(|it| {
            it.labels["process"] == "one" && it.labels.get("le").is_none_or(|it| it == le)
        });
        found.expect(suffix).value
    };
    let buckets = ["0.1", "1", "+Inf"].map(|le| of("bucket", le));
    assert_eq!(buckets, [1.0, 2.0, 3.0]);
    assert_eq!((of("sum", ""), of("count", "")), (0.25 + 0.05 + 7.0, 3.0));
    assert_eq!(families["weft_series_left_out"].value(&[]), Some(0.0));

    let accept = "Accept: application/openmetrics-text\r\n";
    let open = served.ask("GET", "/metrics", accept).body;
    for line in [
        r#"# HELP weft_guest_read_bytes Bytes of \"frames\" that \\ were read."#,
        "# TYPE weft_guest_read_bytes counter",
        "# UNIT weft_guest_read_bytes bytes",
    ] {
        let times = open.lines().filter(|it| *it == line).count();
        assert_eq!(times, 1, "{line}\n{open}");
    }
}

#[test]
fn a_process_that_has_a_name_with_another_kind_is_left_out_of_it_and_the_log_says_so_once() {
    let otherwise = r#"
        [processes.third]
        component = "scenarios"
        args = { scenario = "measure-otherwise", arg = "" }
    "#;
    let served = Served::with(&format!("{PROCESSES}{otherwise}"));
    let since = Instant::now();
    let families = loop {
        let families = settled(&served);
        if families.contains_key("weft_guest_only_here") {
            break families;
        }
        assert!(since.elapsed() < HUNG, "{families:?}");
    };
    assert_eq!(families["weft_series_left_out"].value(&[]), Some(2.0));
    let waiting = &families["weft_guest_waiting"];
    let processes = waiting.samples.iter().map(|it| &*it.labels["process"]);
    assert_eq!(processes.collect::<BTreeSet<_>>(), ["one", "two"].into());
    served.families();
    let said = served.logs_of("third");
    for name in ["waiting", "took_seconds"] {
        let text = format!("the metric `{name}` of this process is not shown");
        assert_eq!(said.matches(&text).count(), 1, "{said}");
    }
}

#[test]
fn a_collector_gets_what_guests_count_with_units_and_descriptions() {
    let receiver = Receiver::start();
    // A snapshot is sent every ten seconds.
    let _runs = Served::and(PROCESSES, &["--otlp", &receiver.url]);
    let since = Instant::now();
    while !receiver
        .received()
        .metrics
        .iter()
        .any(|(_, metric)| metric.name == "weft_guest_waiting")
    {
        assert!(since.elapsed() < HUNG, "nothing was sent");
        std::thread::sleep(Duration::from_millis(50));
    }
    let received = receiver.received();
    let metric = |name: &str| {
        let mut all = received.metrics.iter().map(|(_, metric)| metric);
        all.find(|metric| metric.name == name).expect(name)
    };
    let read = metric("weft_guest_read_bytes");
    assert_eq!(
        (&*read.unit, &*read.description),
        ("By", r#"Bytes of "frames" that \ were read"#)
    );
    let Some(Data::Sum(sum)) = &read.data else {
        panic!("{read:?}")
    };
    assert!(sum.is_monotonic && sum.data_points.len() == 2);
    let point = &sum.data_points[0];
    let labels = attributes(&point.attributes);
    assert_eq!(
        labels.keys().copied().collect::<Vec<_>>(),
        ["component", "from", "id", "process"]
    );
    assert_eq!(labels["from"], "a \"b\" \\ c\nd");
    assert_eq!(point.value, Some(Value::AsDouble(42.5)));
    assert!(matches!(
        &metric("weft_guest_waiting").data,
        Some(Data::Gauge(_))
    ));
    let took = metric("weft_guest_took_seconds");
    assert_eq!(took.unit, "s");
    let Some(Data::Histogram(histogram)) = &took.data else {
        panic!("{took:?}")
    };
    let point = &histogram.data_points[0];
    assert_eq!(point.explicit_bounds, [0.1, 1.0]);
    assert_eq!(point.bucket_counts, [1, 1, 1]);
    assert_eq!((point.count, point.sum), (3, Some(0.25 + 0.05 + 7.0)));
}
