//! Metrics of a guest's own: what it counts, what an embedder reads of it, and what is left out of the host's snapshot.

use crate::support::{
    HUNG, block_on, channel, end, host, log, options, outcome, scenario, text, with_channels,
};
use std::collections::BTreeSet;
use weft_host::metrics::{
    GUEST_BYTES, GuestFamily, GuestValue, InstrumentKind, Metrics, SERIES_OF_PROCESS,
};
use weft_host::{Argument, Capabilities, ExitStatus, Host, Process};

fn start(host: &Host, name: &str, argument: &str) -> Process {
    host.start(scenario(name, argument, Capabilities::none()))
        .unwrap()
}

/// Looks until so many series of guests are there or left out.
async fn until(host: &Host, series: usize) -> Metrics {
    let look = async {
        loop {
            let metrics = host.metrics();
            if in_all(&metrics) + metrics.guest_series_left_out as usize == series {
                return metrics;
            }
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(HUNG, look)
        .await
        .expect("the series are there")
}

fn in_all(metrics: &Metrics) -> usize {
    metrics.guests.iter().map(|it| it.points.len()).sum()
}

/// The family of this name, with its unit.
fn family<'a>(metrics: &'a Metrics, name: &str) -> &'a GuestFamily {
    let mut all = metrics.guests.iter();
    let found = all.find(|it| it.instrument.full_name() == name);
    found.unwrap_or_else(|| panic!("{name}: {:?}", metrics.guests))
}

/// The entries of a log about metrics that are left out: the metric of each.
async fn left_out(process: &Process) -> Vec<String> {
    let entries = log(process).await.into_iter();
    let metrics = entries.filter_map(|mut entry| entry.attributes.remove("weft.metric"));
    metrics.collect()
}

#[test]
fn an_embedder_reads_what_a_guest_counts_and_still_does_when_it_has_ended() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let process = start(&host, "measure", "");
        assert!(matches!(end(&process).await, ExitStatus::Returned(_)));
        let series = process.metrics();
        let [read, waiting, took] = &series[..] else {
            panic!("{series:?}")
        };
        assert_eq!(
            (&*read.instrument.name, &*read.instrument.unit),
            ("read", "bytes")
        );
        assert_eq!(read.instrument.kind, InstrumentKind::Counter);
        // On one line.
        let description = "Bytes of \"frames\" that \\ were read";
        assert_eq!(read.instrument.description, description);
        let label = ("from".to_owned(), "a \"b\" \\ c\nd".to_owned());
        assert_eq!(read.labels, [label]);
        // Negative amounts, NaN and infinities are ignored.
        assert_eq!(read.value, GuestValue::Number(42.5));
        assert_eq!(waiting.instrument.kind, InstrumentKind::Gauge);
        // A series stays when nobody holds it.
        assert_eq!(waiting.value, GuestValue::Number(2.0));
        let buckets = vec![(0.1, 1), (1.0, 1), (f64::INFINITY, 1)];
        let sum = 0.25 + 0.05 + 7.0;
        assert_eq!(took.value, GuestValue::Histogram { buckets, sum });
        // As with all series of a process, they leave the snapshot with it.
        assert_eq!(host.metrics().guests, []);
    });
}

#[test]
fn guests_that_wait_on_their_own_stack_count_too() {
    block_on(async {
        let host = host(&["sdk-blocking"]).await;
        let (input, output) = (channel(64), channel(64));
        let ends = vec![
            text("counted"),
            Argument::Reader(input.strong_reader().into()),
            Argument::Writer(output.strong_writer().unwrap().into()),
            Argument::Wave("7".to_owned()),
        ];
        let process = host
            .start(with_channels(options("sdk-blocking", ends)))
            .unwrap();
        end(&process).await;
        let series = process.metrics();
        assert_eq!(series[0].value, GuestValue::Number(7.0));
    });
}

#[test]
fn a_component_that_counts_nothing_does_not_import_the_interface() {
    block_on(async {
        let host = host(&["parked", "scenarios"]).await;
        let imports = |name: &str| {
            let component = host.components().get(name).unwrap();
            let imports = &component.info().imports;
            let names = imports.iter().map(|import| import.name.clone());
            names.collect::<BTreeSet<_>>()
        };
        let interface = "weft:fabric/metrics@0.2.0";
        assert!(imports("scenarios").contains(interface));
        assert!(!imports("parked").contains(interface));
    });
}

#[test]
fn what_does_not_fit_a_metric_is_refused_with_what_is_wrong() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let status = outcome(&host, scenario("measure-wrong", "", Capabilities::none())).await;
        let ExitStatus::Returned(told) = status else {
            panic!("{status:?}")
        };
        let told: String = serde_json::from_str(&told).unwrap();
        let told: Vec<_> = told.lines().collect();
        assert_eq!(told[..3], ["ok", "ok", "ok"], "{told:#?}");
        let whats = [
            "`known` is known as the counter `known` in bytes",
            "`known` is known as the counter `known` in bytes",
            "`known_bytes` is known as the counter `known` in bytes",
            "`known` is known as the counter `known` in bytes",
            "`buckets` is known as the histogram `buckets` without a unit",
            "the bounds of a histogram are finite and ascending",
            "`read_total` is no name of an instrument",
            "`a:b` is no name of an instrument",
            "`process` is no name of a label of a guest",
        ];
        assert_eq!(told.len(), 3 + whats.len(), "{told:#?}");
        for (told, what) in told[3..].iter().zip(whats) {
            assert!(told.starts_with("InvalidArgument"), "{told}");
            assert!(told.contains(what), "{told}");
        }
    });
}

#[test]
fn series_are_bounded_and_paid_for_with_the_bytes_that_the_host_keeps() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let many = async |limit: Option<u64>| {
            let mut many = scenario("measure-many", "1000", Capabilities::none());
            many.limits.host_bytes = limit;
            let process = host.start(many).unwrap();
            let told = format!("{:?}", end(&process).await);
            assert!(told.contains("Exhausted"), "{told}");
            (process.metrics().len(), told)
        };
        let (series, told) = many(None).await;
        assert_eq!(series, SERIES_OF_PROCESS);
        assert!(told.contains("the process has 128 series"), "{told}");
        let (series, told) = many(Some(160 << 10)).await;
        assert!(series > 0 && series < SERIES_OF_PROCESS, "{series}");
        assert!(told.contains("the limit `host-bytes`"), "{told}");
    });
}

#[test]
fn of_processes_that_disagree_the_oldest_is_right_and_the_others_say_once_what_is_left_out() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let first = start(&host, "measure-and-stay", "");
        until(&host, 3).await;
        let other = start(&host, "measure-otherwise", "");
        let same = start(&host, "measure-and-stay", "");
        let metrics = until(&host, 9).await;
        assert_eq!(metrics.guest_series_left_out, 2);
        let of = |name: &str| {
            let points = family(&metrics, name).points.iter();
            points.map(|it| it.id).collect::<Vec<_>>()
        };
        assert_eq!(of("waiting"), [first.id(), same.id()]);
        assert_eq!(of("took_seconds"), [first.id(), same.id()]);
        assert_eq!(of("read_bytes"), [first.id(), same.id()]);
        assert_eq!(of("only_here"), [other.id()]);
        assert_eq!(
            family(&metrics, "waiting").instrument.kind,
            InstrumentKind::Gauge
        );
        // Asked again, and not said again.
        let _ = host.metrics();
        // When the oldest are gone, the next is right.
        first.stop(HUNG).await;
        same.stop(HUNG).await;
        let metrics = until(&host, 3).await;
        assert_eq!(
            family(&metrics, "waiting").instrument.kind,
            InstrumentKind::Counter
        );
        other.stop(HUNG).await;
        assert_eq!(left_out(&other).await, ["waiting", "took_seconds"]);
        assert_eq!(left_out(&same).await, [""; 0]);
    });
}

#[test]
fn a_process_with_very_much_crowds_no_other_out_and_is_told_what_is_left_out() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        // More than fits, and older than the small one.
        let greedy: Vec<_> = (0..10)
            .map(|_| start(&host, "measure-many-and-stay", "1000"))
            .collect();
        let all = 10 * SERIES_OF_PROCESS;
        until(&host, all).await;
        let small = start(&host, "measure-and-stay", "");
        let metrics = until(&host, all + 3).await;
        let left = metrics.guest_series_left_out as usize;
        assert!(left > 0 && left < all / 2, "{left}");
        for name in ["read_bytes", "waiting", "took_seconds"] {
            assert_eq!(family(&metrics, name).points[0].id, small.id());
        }
        // The labels alone; each process has as much as the others.
        let bytes: usize = metrics
            .guests
            .iter()
            .flat_map(|family| &family.points)
            .flat_map(|point| &point.labels)
            .map(|(name, value)| name.len() + value.len())
            .sum();
        assert!(bytes <= GUEST_BYTES, "{bytes}");
        let of = |process: &Process| {
            let points = metrics.guests.iter().flat_map(|family| &family.points);
            points.filter(|point| point.id == process.id()).count()
        };
        let counts: BTreeSet<_> = greedy.iter().map(of).collect();
        assert!(
            counts.first().unwrap() + 1 >= *counts.last().unwrap(),
            "{counts:?}"
        );
        for process in greedy.iter().chain([&small]) {
            process.stop(HUNG).await;
        }
        assert_eq!(left_out(&greedy[0]).await, ["*"]);
        assert_eq!(left_out(&small).await, [""; 0]);
    });
}
