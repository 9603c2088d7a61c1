//! Supervision: who is restarted, in which order, and how often.

use crate::supervised::{Nursery, at_once};
use crate::support::{HUNG, assert_empty, block_on, host, scenario};
use weft_host::{
    Capabilities, ExitStatus,
    capability::Mount,
    supervise::{
        Cause, ChildEnd, ChildSpec, Event, Outcome, Restart, Strategy, Supervision, Supervisor,
    },
};

pub const ALL: [(&str, Restart); 3] = [
    ("a", Restart::OnFailure),
    ("b", Restart::OnFailure),
    ("c", Restart::OnFailure),
];

pub const STARTS: [&str; 3] = ["+a", "+b", "+c"];

fn strategy(strategy: Strategy) -> Supervision {
    at_once().strategy(strategy)
}

pub async fn ended(supervisor: &Supervisor) -> Outcome {
    let outcome = tokio::time::timeout(HUNG, supervisor.wait()).await;
    outcome.expect("the supervisor ends")
}

pub async fn stopped(nursery: &Nursery) -> Outcome {
    let outcome = nursery.supervisor.stop(HUNG).await;
    assert!(matches!(outcome.cause, Cause::Stopped), "{outcome:?}");
    assert_empty(&nursery.host);
    outcome
}

#[test]
fn a_child_is_restarted_as_its_policy_says() {
    block_on(async {
        let again = "restart 1";
        let rest = "for good";
        let cases = [
            (Restart::Never, [rest, rest, rest]),
            (Restart::OnFailure, [rest, again, again]),
            (Restart::Always, [again, again, again]),
        ];
        let ends = [
            ("return", "returned 0"),
            ("fail", "failed: told to"),
            ("trap", "panicked: told to"),
        ];
        for (restart, wanted) in cases {
            for ((order, end), next) in ends.iter().zip(wanted) {
                let mut nursery = Nursery::new(at_once(), &[("a", restart)]).await;
                nursery.order("a", order).await;
                nursery.expect(&["+a", &format!("a {end}, {next}")]).await;
                if next == rest {
                    let outcome = ended(&nursery.supervisor).await;
                    assert!(matches!(outcome.cause, Cause::Done), "{outcome:?}");
                    assert_eq!(outcome.children[0].1.to_string(), *end);
                } else {
                    nursery.expect(&["+a"]).await;
                    nursery.entry_is("a up").await;
                    nursery.entry_is("a up").await;
                    stopped(&nursery).await;
                    nursery.expect(&["a stopped, for good"]).await;
                }
                nursery.expect_no_more().await;
            }
        }
    });
}

#[test]
fn one_for_one_restarts_the_child_alone() {
    block_on(async {
        let mut nursery = Nursery::new(strategy(Strategy::OneForOne), &ALL).await;
        nursery.order("b", "fail").await;
        nursery.expect(&STARTS).await;
        nursery
            .expect(&["b failed: told to, restart 1", "+b"])
            .await;
        stopped(&nursery).await;
        // In reverse order of start.
        nursery
            .expect(&[
                "c stopped, for good",
                "b stopped, for good",
                "a stopped, for good",
            ])
            .await;
    });
}

#[test]
fn one_for_all_stops_the_siblings_and_restarts_all_in_order() {
    block_on(async {
        let mut nursery = Nursery::new(strategy(Strategy::OneForAll), &ALL).await;
        nursery.order("b", "trap").await;
        nursery.expect(&STARTS).await;
        nursery
            .expect(&[
                "b panicked: told to, restart 1",
                "c stopped, with a sibling",
                "a stopped, with a sibling",
            ])
            .await;
        nursery.expect(&STARTS).await;
        stopped(&nursery).await;
    });
}

#[test]
fn rest_for_one_restarts_those_started_after_it() {
    block_on(async {
        let mut nursery = Nursery::new(strategy(Strategy::RestForOne), &ALL).await;
        nursery.order("b", "fail").await;
        nursery.expect(&STARTS).await;
        nursery
            .expect(&[
                "b failed: told to, restart 1",
                "c stopped, with a sibling",
                "+b",
                "+c",
            ])
            .await;
        stopped(&nursery).await;
    });
}

#[test]
fn siblings_that_are_done_or_never_restarted_stay_ended() {
    block_on(async {
        let children = [
            ("done", Restart::OnFailure),
            ("never", Restart::Never),
            ("fails", Restart::OnFailure),
        ];
        let mut nursery = Nursery::new(strategy(Strategy::OneForAll), &children).await;
        nursery.expect(&["+done", "+never", "+fails"]).await;
        nursery.order("done", "return").await;
        nursery.expect(&["done returned 0, for good"]).await;
        nursery.order("fails", "fail").await;
        nursery
            .expect(&[
                "fails failed: told to, restart 1",
                "never stopped, for good",
                "+fails",
            ])
            .await;
        stopped(&nursery).await;
        nursery.expect(&["fails stopped, for good"]).await;
        nursery.expect_no_more().await;
    });
}

#[test]
fn a_sibling_that_fails_while_it_is_stopped_is_no_failure_of_its_own() {
    block_on(async {
        let settings = strategy(Strategy::OneForAll).max_restarts(1);
        let mut nursery = Nursery::new(settings, &ALL).await;
        nursery.expect(&STARTS).await;
        nursery.order("c", "fail-when-stopped").await;
        nursery.order("b", "fail").await;
        nursery
            .expect(&[
                "b failed: told to, restart 1",
                "c failed: not like this, with a sibling",
                "a stopped, with a sibling",
            ])
            .await;
        nursery.expect(&STARTS).await;
        stopped(&nursery).await;
    });
}

#[test]
fn a_trap_in_a_loop_ends_at_the_limit_while_neighbours_go_on() {
    block_on(async {
        let settings = at_once().max_restarts(2);
        let children = [
            ("a", Restart::OnFailure),
            ("loops", Restart::Always),
            ("c", Restart::Never),
        ];
        let host = host(&["supervised", "scenarios"]).await;
        let mut nursery = Nursery::on(host, settings, &children, |spec| spec);
        let outside = nursery
            .host
            .start(scenario("wait-stop", "", Capabilities::none()))
            .unwrap();
        nursery.expect(&["+a", "+loops", "+c"]).await;
        for restart in 1..=2 {
            nursery.order("loops", "trap").await;
            nursery
                .expect(&[
                    &format!("loops panicked: told to, restart {restart}"),
                    "+loops",
                ])
                .await;
            nursery.order("a", "still here").await;
            nursery.entry_is("a version-1 still here").await;
        }
        nursery.order("loops", "trap").await;
        nursery
            .expect(&[
                "loops panicked: told to, give up",
                "c stopped, for good",
                "a stopped, for good",
            ])
            .await;
        let outcome = ended(&nursery.supervisor).await;
        let Cause::GaveUp { child, end: last } = outcome.cause else {
            panic!("{outcome:?}")
        };
        assert_eq!(
            (child.as_str(), last.to_string().as_str()),
            ("loops", "panicked: told to")
        );
        let order: Vec<_> = outcome
            .children
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(order, ["loops", "c", "a"]);
        assert_eq!(outside.stop(HUNG).await, ExitStatus::Stopped);
        assert_empty(&nursery.host);
    });
}

#[test]
fn a_restart_that_cannot_be_laid_out_counts_as_a_failure() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let mount = Mount::new(folder.path(), "/data");
        let settings = at_once().max_restarts(2);
        let children = [("a", Restart::OnFailure), ("b", Restart::OnFailure)];
        let mut nursery = Nursery::with(settings, &children, |mut spec| {
            if spec.name == "b" {
                spec.start.capabilities.mounts.push(mount.clone());
            }
            spec
        })
        .await;
        nursery.expect(&["+a", "+b"]).await;
        folder.close().unwrap();
        nursery.order("b", "fail").await;
        nursery.expect(&["b failed: told to, restart 1"]).await;
        for next in ["restart 2", "give up"] {
            let event = nursery.event().await;
            assert!(
                event.starts_with("b could not be started again: ") && event.ends_with(next),
                "{event}"
            );
        }
        nursery.expect(&["a stopped, for good"]).await;
        let outcome = ended(&nursery.supervisor).await;
        assert!(
            matches!(&outcome.cause, Cause::GaveUp { child, end: ChildEnd::NotStarted(_) } if child == "b"),
            "{outcome:?}"
        );
        assert_empty(&nursery.host);
    });
}

#[test]
fn a_restart_has_the_folder_that_was_mounted_first_whatever_its_path_leads_to() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        for (name, text) in [("inner", "mine"), ("secret", "of others")] {
            std::fs::create_dir(at(name)).unwrap();
            std::fs::write(at(name).join("a.txt"), text).unwrap();
        }
        let mount = Mount::new(at("inner"), "/data");
        let rights = Capabilities::none().with_mount(mount);
        let child = ChildSpec::new("reads", scenario("read-file", "/data/a.txt", rights))
            .restart(Restart::Always);
        let settings = at_once().max_restarts(2);
        let host = host(&["scenarios"]).await;
        let prepared = Supervisor::prepare(&host, settings, vec![child]).unwrap();
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let (inner, moved, secret) = (at("inner"), at("moved"), at("secret"));
        let mut ends = 0;
        let supervisor = prepared.launch(move |event| {
            if let Event::Ended { end, .. } = event {
                ends += 1;
                // As a guest does it that may write in the folder around.
                if ends == 1 {
                    std::fs::rename(&inner, &moved).unwrap();
                    std::os::unix::fs::symlink(&secret, &inner).unwrap();
                }
                tell.send(end.to_string()).unwrap();
            }
        });
        ended(&supervisor).await;
        let mut seen = Vec::new();
        while let Some(end) = told.recv().await {
            seen.push(end);
        }
        assert_eq!(seen, [r#"returned "4 bytes""#; 3]);
        assert_empty(&host);
    });
}
