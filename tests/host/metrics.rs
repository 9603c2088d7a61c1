//! What a host says it has done, and what goes on in it.

use crate::support::{
    HUNG, block_on, channel, config, end, host, host_with, options, outcome, scenario,
    with_channels,
};
use std::time::Duration;
use weft_host::{
    Argument, Capabilities, Host, Process,
    metrics::{Metrics, SERIES, Times},
};

fn of<T: Copy>(counters: &[(&'static str, T)], name: &str) -> T {
    let found = counters.iter().find(|(known, _)| *known == name);
    found.expect(name).1
}

fn counts(times: &[(&'static str, Times)]) -> Vec<(&'static str, u64)> {
    times.iter().map(|(name, it)| (*name, it.count())).collect()
}

/// Log entries that a live process has lost.
fn lost_by(metrics: &Metrics, process: &Process) -> u64 {
    let mut processes = metrics.processes.iter();
    let found = processes.find(|it| it.id == process.id());
    found.expect("it is live").log_dropped
}

/// A process that waits in a read until it is ended.
fn park(host: &Host) -> Process {
    let reader = Argument::Reader(channel(1024).strong_reader().into());
    host.start(with_channels(options("parked", vec![reader])))
        .unwrap()
}

/// Looks until the host says so.
async fn until(host: &Host, mut said: impl FnMut(&Metrics) -> bool) -> Metrics {
    let look = async {
        loop {
            let metrics = host.metrics();
            if said(&metrics) {
                return metrics;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(HUNG, look)
        .await
        .expect("the host says so")
}

#[test]
fn starts_are_counted_by_how_they_end_and_by_what_refused_them() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let start = |name, argument| scenario(name, argument, Capabilities::none());
        let _ = outcome(&host, start("echo", "x")).await;
        let _ = outcome(&host, start("return-error", "x")).await;
        let _ = outcome(&host, start("trap", "")).await;
        // Prepared and never run: it neither started nor ended.
        drop(host.prepare(start("echo", "x")).unwrap());
        host.start(options("nothing", vec![])).unwrap_err();
        host.start(options("scenarios", vec![])).unwrap_err();
        let metrics = host.metrics();
        assert_eq!((metrics.starts, metrics.live), (3, 0));
        for (status, count) in [
            ("returned", 1),
            ("failed", 1),
            ("trapped", 1),
            ("killed", 0),
        ] {
            assert_eq!(of(&metrics.ends, status), count, "{status}");
        }
        assert_eq!(of(&metrics.refusals, "component"), 1);
        assert_eq!(of(&metrics.refusals, "argument"), 1);
        assert_eq!(
            metrics.refusals.iter().map(|(_, count)| count).sum::<u64>(),
            2
        );
    });
}

#[test]
fn the_phases_of_starts_and_loads_are_timed_and_each_process_and_component_knows_its_own() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let process = host
            .start(scenario("echo", "x", Capabilities::none()))
            .unwrap();
        end(&process).await;
        let metrics = host.metrics();
        let start = [("check", 1), ("lay-out", 1), ("instantiate", 1)];
        assert_eq!(counts(&metrics.start_phases), start);
        let load = [("read", 1), ("verify", 1), ("compile", 1), ("link", 1)];
        assert_eq!(counts(&metrics.load_phases), load);
        let phases = process.start_phases();
        assert_eq!(
            phases.iter().map(|it| it.name).collect::<Vec<_>>(),
            start.map(|(name, _)| name)
        );
        let component = host.components().get("scenarios").unwrap();
        let phases = component.load_phases();
        assert_eq!(
            phases.iter().map(|it| it.name).collect::<Vec<_>>(),
            load.map(|(name, _)| name)
        );
    });
}

#[test]
fn ended_processes_leave_the_series_and_those_beyond_the_bound_are_counted() {
    block_on(async {
        let host = host_with(config().max_processes(SERIES as u32 + 2), &["parked"]).await;
        let parked: Vec<_> = (0..SERIES + 2).map(|_| park(&host)).collect();
        let metrics = host.metrics();
        assert_eq!(
            (metrics.processes.len(), metrics.processes_left_out()),
            (SERIES, 2)
        );
        assert_eq!(metrics.processes[0].id, parked[0].id());
        parked[0].kill();
        end(&parked[0]).await;
        let metrics = host.metrics();
        assert_eq!(
            (metrics.live, metrics.processes_left_out()),
            (SERIES as u64 + 1, 1)
        );
        assert!(metrics.processes.iter().all(|it| it.id != parked[0].id()));
        for process in &parked {
            process.kill();
        }
        for process in &parked {
            end(process).await;
        }
    });
}

#[test]
fn what_a_log_lost_is_among_the_metrics_of_its_process() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let quiet = host
            .start(scenario("wait-stop", "", Capabilities::none()))
            .unwrap();
        // It stays, as what has ended leaves the series.
        let mut flood = scenario("log-many-and-stay", "1000", Capabilities::none());
        flood.limits.log_rate = Some(4096);
        let flood = host.start(flood).unwrap();
        let reader = flood.log_channel().weak_reader();
        let (mut kept, mut lost) = (0, 0);
        let metrics = until(&host, |metrics| {
            while let Ok(Some(_)) = reader.try_read() {
                kept += 1;
            }
            lost = lost_by(metrics, &flood);
            kept + lost == 1000
        })
        .await;
        assert!(kept > 0 && lost > 0, "{kept} {lost}");
        assert_eq!(lost_by(&metrics, &quiet), 0);
        for process in [&quiet, &flood] {
            process.stop(HUNG).await;
        }
    });
}

#[test]
fn host_calls_are_timed_by_function_on_request_and_those_that_waited_apart() {
    block_on(async {
        let timing = config().time_hostcalls(true);
        let host = host_with(timing, &["parked", "scenarios"]).await;
        let rights = Capabilities::channels();
        let _ = outcome(&host, scenario("create-channel", "1024", rights)).await;
        let made = |metrics: &Metrics| {
            let of = |it: &&weft_host::metrics::HostcallTimes| it.function == "channel.create";
            metrics.hostcalls.iter().find(of).cloned()
        };
        let create = made(&host.metrics()).expect("a channel was made");
        assert_eq!((create.interface, create.waited), ("channel", false));
        assert_eq!(create.times.count(), 1);

        let parked = park(&host);
        until(&host, |metrics| {
            metrics
                .processes
                .iter()
                .any(|it| !it.usage.cpu_time.is_zero())
        })
        .await;
        parked.kill();
        end(&parked).await;
        let waited = host.metrics().hostcalls.into_iter().find(|it| it.waited);
        assert!(
            waited
                .expect("a read that waited")
                .function
                .contains("read")
        );
    });
}

#[test]
fn a_host_that_was_not_asked_to_times_no_host_call() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let rights = Capabilities::channels();
        let _ = outcome(&host, scenario("create-channel", "1024", rights)).await;
        assert_eq!(host.metrics().hostcalls, []);
    });
}
