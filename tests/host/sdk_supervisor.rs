//! The SDK's supervisor, run by a real guest over real children.
//!
//! What a supervisor did is read from its log, so these tests see what people see.

use crate::support::{HUNG, assert_empty, block_on, config, end, host_with, log, options, text};
use std::time::Duration;
use weft_host::{
    Capabilities, ExitStatus, Host, Process, StartOptions, capability::Right, log::LogEntry,
};

/// Back-offs of a millisecond, a window and a grace that no test outlives.
const QUICK: &str = "1 3600000 3600000";

async fn host() -> Host {
    let config = config().orphan_grace(Duration::from_secs(3600));
    host_with(config, &["supervising"]).await
}

fn play(what: &str, arg: &str) -> StartOptions {
    options("supervising", vec![text(what), text(arg)])
        .capabilities(Capabilities::none().with([Right::ProcessLifecycle]))
}

fn supervise(host: &Host, arg: &str) -> Process {
    host.start(play("supervise", arg)).unwrap()
}

fn returned(text: &str) -> ExitStatus {
    ExitStatus::Returned(format!("{text:?}"))
}

/// What a supervisor says of a child in this entry, as `NAME MESSAGE`.
fn said(entry: &LogEntry) -> Option<String> {
    let child = entry.attributes.get("child")?;
    let body = entry.body.strip_prefix("child ")?;
    Some(format!("{child} {body}"))
}

/// What a supervisor that has ended said of its children.
async fn told(process: &Process) -> Vec<String> {
    log(process).await.iter().filter_map(said).collect()
}

/// Waits until a supervisor has said this so often.
async fn hear(process: &Process, wanted: &str, times: usize) {
    let mut left = times;
    let reader = process.log();
    let hear = async {
        while left > 0 {
            let frame = reader.read().await.expect("a log").expect("it runs");
            let entry = serde_json::from_slice(&frame.payload).expect("an entry");
            left -= usize::from(said(&entry).as_deref() == Some(wanted));
        }
    };
    tokio::time::timeout(HUNG, hear).await.expect(wanted);
}

/// Waits until so many processes of this name live.
async fn living(host: &Host, name: &str, count: usize) {
    let enough = async {
        while host.processes().iter().filter(|p| p.name() == name).count() != count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(HUNG, enough).await.expect(name);
}

#[test]
fn it_returns_how_each_child_ended_once_all_have_ended_for_good() {
    block_on(async {
        let host = host().await;
        let spec =
            format!("one-for-one 5 {QUICK}; a never fail; b on-failure return; c never trap");
        let ExitStatus::Returned(text) = end(&supervise(&host, &spec)).await else {
            panic!()
        };
        assert!(
            text.contains(r#"a failed: no; b returned \"\"; c panicked: ouch"#),
            "{text}"
        );
        assert_empty(&host);
    });
}

#[test]
fn on_failure_restarts_a_child_that_failed_and_none_that_returned() {
    block_on(async {
        let host = host().await;
        let spec = format!("one-for-one 5 {QUICK}; a on-failure fail trap return fail");
        let process = supervise(&host, &spec);
        assert_eq!(end(&process).await, returned("a returned \"\""));
        let told = told(&process).await;
        let wanted = [
            "a started",
            "a failed: no; restart in 1ms",
            "a started",
            "a panicked: ouch",
            "a started",
            "a returned",
        ];
        assert_eq!(told.len(), wanted.len(), "{told:?}");
        for (told, wanted) in told.iter().zip(wanted) {
            assert!(told.starts_with(wanted), "{told}: {wanted}");
        }
        assert_empty(&host);
    });
}

#[test]
fn always_restarts_a_child_that_returned_too_and_a_trap_in_a_loop_ends_at_the_limit() {
    block_on(async {
        let host = host().await;
        for (play, last) in [("return", "returned"), ("trap", "panicked: ouch")] {
            let spec = format!("one-for-one 3 {QUICK}; other never ignore-stop; a always {play}");
            // The other heeds nothing, so it is killed after the grace.
            let spec = spec.replace("3600000;", "20;");
            let process = supervise(&host, &spec);
            let ExitStatus::Failed(text) = end(&process).await else {
                panic!()
            };
            assert!(text.starts_with(&format!("gave up on a: {last}")), "{text}");
            let told = told(&process).await;
            assert_eq!(
                told.iter().filter(|t| *t == "a started").count(),
                4,
                "{told:?}"
            );
            let given_up = told.iter().position(|t| t.ends_with("giving up"));
            assert!(given_up.is_some(), "{told:?}");
            assert_eq!(told.last().map(String::as_str), Some("other killed"));
            assert_empty(&host);
        }
    });
}

#[test]
fn a_restart_counts_no_longer_when_its_window_has_passed() {
    block_on(async {
        let host = host().await;
        // Each runs far longer than the window, so one restart in it is never two.
        let spec =
            "one-for-one 1 1 1 3600000; a on-failure fail-later fail-later fail-later return";
        let process = supervise(&host, spec);
        assert_eq!(end(&process).await, returned("a returned \"\""));
        assert_empty(&host);
    });
}

#[test]
fn one_for_one_leaves_the_others_alone() {
    block_on(async {
        let host = host().await;
        let spec = format!("one-for-one 5 {QUICK}; a always await-stop; b always fail await-stop");
        let process = supervise(&host, &spec);
        living(&host, "a", 1).await;
        // Its first incarnation fails, so it is its second that stays.
        hear(&process, "b started", 2).await;
        assert_eq!(process.stop(HUNG).await, ExitStatus::Stopped);
        let told = told(&process).await;
        assert_eq!(
            told.iter().filter(|t| *t == "a started").count(),
            1,
            "{told:?}"
        );
        let end = told.len() - 2;
        assert_eq!(told[end..], ["b stopped", "a stopped"]);
        assert_empty(&host);
    });
}

#[test]
fn one_for_all_stops_the_others_last_first_and_starts_all_in_order() {
    block_on(async {
        let host = host().await;
        let spec = format!(
            "one-for-all 5 {QUICK}; done on-failure return; a on-failure await-stop return; b on-failure fail-later return; \
             c never await-stop; d always await-stop"
        );
        let process = supervise(&host, &spec);
        hear(&process, "d started", 2).await;
        assert_eq!(process.stop(HUNG).await, ExitStatus::Stopped);
        let told = told(&process).await;
        let failed = told.iter().position(|t| t.starts_with("b failed: later"));
        let after = &told[failed.expect("it fails") + 1..];
        // Those that ended for good, and the one that is restarted never, stay so.
        let wanted = [
            "d stopped",
            "c stopped",
            "a stopped",
            "a started",
            "b started",
            "d started",
        ];
        assert_eq!(after[..wanted.len()], wanted, "{told:?}");
        // The second of `a` may have been stopped before it came to return, and then comes after.
        let last = &after[wanted.len()..];
        assert!(last.iter().any(|t| t == "d stopped"), "{told:?}");
        assert_empty(&host);
    });
}

#[test]
fn rest_for_one_restarts_those_started_after_it() {
    block_on(async {
        let host = host().await;
        let spec = format!(
            "rest-for-one 5 {QUICK}; a on-failure await-stop; b on-failure fail-later await-stop; c on-failure await-stop"
        );
        let process = supervise(&host, &spec);
        hear(&process, "c started", 2).await;
        assert_eq!(process.stop(HUNG).await, ExitStatus::Stopped);
        let mut told = told(&process).await;
        told.retain(|told| !told.starts_with("b failed"));
        let wanted = [
            "a started",
            "b started",
            "c started",
            "c stopped",
            "b started",
            "c started",
            "c stopped",
            "b stopped",
            "a stopped",
        ];
        assert_eq!(told, wanted);
        assert_empty(&host);
    });
}

#[test]
fn asked_to_stop_in_a_back_off_it_stops_at_once() {
    block_on(async {
        let host = host().await;
        let spec = "one-for-one 5 3600000 3600000 3600000; a always await-stop; b always fail";
        let process = supervise(&host, spec);
        hear(&process, "b failed: no; restart in 3600s", 1).await;
        assert_eq!(process.stop(HUNG).await, ExitStatus::Stopped);
        assert_empty(&host);
    });
}

#[test]
fn a_supervisor_under_another_gives_up_is_restarted_and_in_the_end_given_up() {
    block_on(async {
        let host = host().await;
        let spec = format!("one-for-one 2 {QUICK}; outer on-failure nested");
        let status = end(&supervise(&host, &spec)).await;
        let wanted = "gave up on outer: failed: gave up on inner: failed: no";
        assert_eq!(status, ExitStatus::Failed(wanted.into()));
        assert_empty(&host);
    });
}

#[test]
fn a_child_that_cannot_be_started_is_an_error_the_first_time_and_a_failure_later() {
    block_on(async {
        let host = host().await;
        for (play, why) in [
            ("refuse", "there is no component `nobody`"),
            ("err", "no options"),
        ] {
            let spec = format!("one-for-one 2 {QUICK}; a always await-stop; b always {play}");
            let process = supervise(&host, &spec);
            let ExitStatus::Failed(text) = end(&process).await else {
                panic!()
            };
            assert!(
                text.contains("`b` cannot be started") && text.contains(why),
                "{text}"
            );
            assert_eq!(told(&process).await, ["a started", "a stopped"]);

            let spec = format!("one-for-all 2 {QUICK}; a always await-stop; b always fail {play}");
            let ExitStatus::Failed(text) = end(&supervise(&host, &spec)).await else {
                panic!()
            };
            let wanted = "gave up on b: could not be started again: ";
            assert!(text.starts_with(wanted) && text.contains(why), "{text}");
            assert_empty(&host);
        }
    });
}

#[test]
fn a_supervisor_that_is_killed_or_dropped_leaves_no_child() {
    block_on(async {
        let host = host().await;
        let spec = format!("one-for-one 2 {QUICK}; a always await-stop; b always await-stop");
        let process = supervise(&host, &spec);
        living(&host, "b", 1).await;
        process.kill();
        living(&host, "a", 0).await;
        living(&host, "b", 0).await;

        let spec = format!("one-for-one 2 {QUICK}; a always ignore-stop; b always ignore-stop");
        let process = host.start(play("give-up-on", &spec)).unwrap();
        living(&host, "b", 1).await;
        living(&host, "a", 0).await;
        living(&host, "b", 0).await;
        assert_eq!(process.status(), None);
        assert_eq!(process.stop(HUNG).await, ExitStatus::Stopped);
        assert_empty(&host);
    });
}

#[test]
fn a_supervisor_without_children_returns_and_one_without_the_right_is_refused() {
    block_on(async {
        let host = host().await;
        assert_eq!(
            end(&supervise(&host, &format!("one-for-one 2 {QUICK}"))).await,
            returned("")
        );
        let arg = format!("one-for-one 2 {QUICK}; a always return");
        let options = play("supervise", &arg).capabilities(Capabilities::none());
        let ExitStatus::Failed(text) = end(&host.start(options).unwrap()).await else {
            panic!()
        };
        assert!(text.contains("process-lifecycle"), "{text}");
    });
}
