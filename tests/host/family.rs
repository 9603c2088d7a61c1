//! Parents and children, links and monitors.

use crate::support::{
    HUNG, assert_empty, block_on, config, end, host, host_with, options, outcome, text,
};
use std::time::Duration;
use weft_host::{
    Capabilities, ExitStatus, Host, Process, StartOptions, capability::Right, limits::LimitRequest,
    process::Monitor,
};

fn family(what: &str, arg: &str) -> StartOptions {
    options("family", vec![text(what), text(arg)])
        .capabilities(Capabilities::none().with([Right::ProcessLifecycle]))
}

/// A host whose orphans have all the time there is, so that no test passes for its grace.
async fn patient() -> Host {
    let config = config().orphan_grace(Duration::from_secs(3600));
    host_with(config, &["family"]).await
}

fn returned(text: &str) -> ExitStatus {
    ExitStatus::Returned(format!("{text:?}"))
}

/// The live process of this name, which a process is about to start.
async fn named(host: &Host, name: &str) -> Process {
    let find = async {
        loop {
            if let Some(found) = host.processes().into_iter().find(|p| p.name() == name) {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(HUNG, find)
        .await
        .expect("it is started")
}

#[test]
fn a_child_is_asked_to_stop_when_its_parent_has_ended() {
    block_on(async {
        let host = patient().await;
        for ownership in ["child", "linked"] {
            let parent = host
                .start(family("leave", &format!("{ownership} await-stop")))
                .unwrap();
            let child = named(&host, "child").await;
            assert_eq!(parent.stop(HUNG).await, ExitStatus::Stopped);
            assert_eq!(end(&child).await, ExitStatus::Stopped, "{ownership}");
        }
        assert_empty(&host);
    });
}

#[test]
fn a_child_that_heeds_nothing_is_killed_after_the_grace_for_orphans() {
    block_on(async {
        let config = config().orphan_grace(Duration::from_millis(20));
        let host = host_with(config, &["family"]).await;
        let parent = host.start(family("leave", "child ignore-stop")).unwrap();
        let child = named(&host, "child").await;
        parent.stop(HUNG).await;
        assert_eq!(end(&child).await, ExitStatus::Killed);
        assert_empty(&host);
    });
}

#[test]
fn a_detached_child_outlives_its_parent() {
    block_on(async {
        let config = config().orphan_grace(Duration::ZERO);
        let host = host_with(config, &["family"]).await;
        let parent = host.start(family("leave", "detached await-stop")).unwrap();
        let child = named(&host, "child").await;
        parent.stop(HUNG).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(child.status(), None);
        assert_eq!(child.stop(HUNG).await, ExitStatus::Stopped);
        assert_empty(&host);
    });
}

#[test]
fn a_linked_child_that_ends_without_success_ends_its_parent() {
    block_on(async {
        let host = patient().await;
        for (child, reason) in [
            ("fail no", "`child` failed: no"),
            ("trap ouch", "`child` panicked: ouch"),
        ] {
            let ExitStatus::Linked(text) = outcome(&host, family("linked-then-wait", child)).await
            else {
                panic!("{child}")
            };
            assert!(text.starts_with(reason), "{text}");
        }
        assert_empty(&host);
    });
}

#[test]
fn a_linked_child_that_returns_ends_nobody() {
    block_on(async {
        let host = patient().await;
        let parent = host.start(family("linked-then-wait", "return 1")).unwrap();
        while !parent.children().is_empty() || host.processes().len() > 1 {
            tokio::task::yield_now().await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(parent.status(), None);
        parent.kill();
        end(&parent).await;
        assert_empty(&host);
    });
}

#[test]
fn a_parent_that_fails_ends_its_linked_child_at_once_and_another_in_peace() {
    block_on(async {
        let host = patient().await;
        for (ownership, wanted) in [
            (
                "linked",
                ExitStatus::Linked("`family` failed: left in anger".into()),
            ),
            ("child", ExitStatus::Stopped),
        ] {
            // Whoever is only asked stops; whoever is linked is not asked.
            let what = if ownership == "linked" {
                "ignore-stop"
            } else {
                "await-stop"
            };
            let parent = host
                .start(family("leave-and-fail", &format!("{ownership} {what}")))
                .unwrap();
            let child = named(&host, "child").await;
            assert_eq!(
                parent.stop(HUNG).await,
                ExitStatus::Failed("left in anger".into())
            );
            assert_eq!(end(&child).await, wanted);
        }
        assert_empty(&host);
    });
}

#[test]
fn dropping_the_handle_stops_a_linked_child_and_no_other() {
    block_on(async {
        let host = patient().await;
        let parent = host
            .start(family("drop-handle", "linked stop-slowly"))
            .unwrap();
        let child = named(&host, "child").await;
        assert_eq!(end(&child).await, ExitStatus::Stopped);
        // It was let go, so its end is no surprise to the parent.
        assert_eq!(parent.stop(HUNG).await, ExitStatus::Failed("0 left".into()));

        let parent = host
            .start(family("drop-handle", "child await-stop"))
            .unwrap();
        let child = named(&host, "child").await;
        assert_eq!(parent.stop(HUNG).await, ExitStatus::Failed("1 left".into()));
        assert_eq!(end(&child).await, ExitStatus::Stopped);
        assert_empty(&host);
    });
}

#[test]
fn who_stops_or_kills_a_linked_process_is_not_ended_by_it() {
    block_on(async {
        let host = patient().await;
        for how in ["stop", "kill"] {
            assert_eq!(
                outcome(&host, family("stop-linked", how)).await,
                returned("killed")
            );
        }
        assert_empty(&host);
    });
}

#[test]
fn a_monitor_tells_each_end_once() {
    block_on(async {
        let host = patient().await;
        let others = "1 early returned \"1\"; 2 failing failed: no; ";
        let panicked = "; 4 trapping panicked: ouch";
        for (arg, third) in [("", "33 third stopped; "), ("unwatch", "")] {
            let ExitStatus::Returned(told) = outcome(&host, family("watch", arg)).await else {
                panic!()
            };
            let told = told.replace("\\\"", "\"");
            assert!(
                told.contains(format!("{others}{third}").trim_end_matches("; ")),
                "{told}"
            );
            assert!(told.contains(panicked), "{told}");
        }
        assert_empty(&host);
    });
}

#[test]
fn links_that_a_monitor_takes_are_messages() {
    block_on(async {
        let host = patient().await;
        let told = "0 fails failed: no; 0 returns returned \"1\"; 9 both killed";
        assert_eq!(
            outcome(&host, family("trap-exits", "")).await,
            returned(told)
        );
        assert_empty(&host);
    });
}

#[test]
fn a_process_lists_its_own_live_children() {
    block_on(async {
        let host = patient().await;
        let listed = "first second third; second third";
        assert_eq!(
            outcome(&host, family("children", "")).await,
            returned(listed)
        );
        host.shutdown(Duration::ZERO).await;
        assert_empty(&host);
    });
}

#[test]
fn ends_that_nobody_takes_are_bounded_by_the_handles() {
    block_on(async {
        let host = patient().await;
        let limits = LimitRequest::default().handles(20);
        let options = family("watch-many", "1000").limits(limits);
        let ExitStatus::Failed(text) = outcome(&host, options).await else {
            panic!()
        };
        assert!(
            text.starts_with("watched 20, then") && text.contains("Exhausted"),
            "{text}"
        );
        assert_empty(&host);
    });
}

#[test]
fn every_waiter_gets_the_same_end() {
    block_on(async {
        let host = patient().await;
        assert_eq!(
            outcome(&host, family("wait-often", "")).await,
            returned("51")
        );
        assert_empty(&host);
    });
}

#[test]
fn a_link_with_a_process_that_has_failed_ends_the_other_at_once() {
    block_on(async {
        let host = patient().await;
        for what in ["return 1", "await-stop"] {
            let status = outcome(&host, family("link-later", what)).await;
            assert_eq!(status, returned("still here"), "{what}");
        }
        let status = outcome(&host, family("link-later", "fail no")).await;
        assert_eq!(status, ExitStatus::Linked("`child` failed: no".into()));
        assert_empty(&host);
    });
}

#[test]
fn the_first_reason_travels_along_a_chain_of_links() {
    block_on(async {
        let host = patient().await;
        let status = outcome(&host, family("chain", "5")).await;
        let ExitStatus::Linked(reason) = status else {
            panic!("{status:?}")
        };
        assert!(
            reason.starts_with("`link-0` panicked: the last"),
            "{reason}"
        );
        while !host.processes().is_empty() {
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn an_embedder_links_and_watches_its_processes() {
    block_on(async {
        let host = host(&["family"]).await;
        let start = |what| host.start(family(what, "x")).unwrap();
        let (one, other, third) = (
            start("ignore-stop"),
            start("ignore-stop"),
            start("ignore-stop"),
        );
        one.link(&other);
        one.link(&third);
        one.unlink(&third);
        let monitor = Monitor::new();
        for (tag, process) in [&one, &other, &third].into_iter().enumerate() {
            monitor.watch(process, tag as u64);
        }
        one.kill();
        let mut told = Vec::new();
        for _ in 0..2 {
            let exit = tokio::time::timeout(HUNG, monitor.next())
                .await
                .unwrap()
                .unwrap();
            told.push((exit.tag, exit.status));
        }
        told.sort_by_key(|(tag, _)| *tag);
        let linked = ExitStatus::Linked("`family` killed".into());
        assert_eq!(told, [(0, ExitStatus::Killed), (1, linked)]);
        assert!(monitor.try_next().is_none());
        assert_eq!(third.status(), None);
        host.shutdown(Duration::ZERO).await;
        assert_eq!(monitor.next().await.map(|exit| exit.tag), Some(2));
        assert!(monitor.next().await.is_none());
    });
}
