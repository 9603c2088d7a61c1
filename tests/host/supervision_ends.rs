//! Supervision: how all of it ends, and what does not begin.

use crate::supervised::{Nursery, at_once, much_later, spec};
use crate::supervision::{ALL, STARTS, ended, stopped};
use crate::support::{HUNG, assert_empty, block_on, channel, end, host, outcome, scenario};
use std::time::Duration;
use weft_host::{
    Capabilities, ExitStatus,
    supervise::{
        Cause, ChildEnd, ChildSpec, Outcome, Restart, StopOrder, SuperviseError, Supervisor,
    },
};

#[test]
fn children_can_be_stopped_in_order_of_start() {
    block_on(async {
        let settings = at_once().stop_order(StopOrder::FirstFirst);
        let mut nursery = Nursery::new(settings, &ALL).await;
        nursery.expect(&STARTS).await;
        stopped(&nursery).await;
        nursery
            .expect(&[
                "a stopped, for good",
                "b stopped, for good",
                "c stopped, for good",
            ])
            .await;
    });
}

#[test]
fn a_stop_during_a_back_off_takes_effect_at_once() {
    block_on(async {
        let mut nursery = Nursery::new(much_later(), &ALL).await;
        nursery.expect(&STARTS).await;
        nursery.order("b", "fail").await;
        nursery.expect(&["b failed: told to, restart 1"]).await;
        let outcome = stopped(&nursery).await;
        let ends: Vec<_> = outcome
            .children
            .iter()
            .map(|(name, end)| format!("{name} {end}"))
            .collect();
        assert_eq!(ends, ["b failed: told to", "c stopped", "a stopped"]);
    });
}

#[test]
fn children_that_heed_nothing_are_killed_together() {
    block_on(async {
        let mut nursery = Nursery::new(at_once(), &ALL).await;
        nursery.expect(&STARTS).await;
        for child in ["a", "b", "c"] {
            nursery.order(child, "hang").await;
            nursery.entry_is(&format!("{child} hang")).await;
        }
        let stop = nursery.supervisor.stop(HUNG);
        let kill = async {
            nursery.supervisor.kill();
            std::future::pending::<Outcome>().await
        };
        let outcome = tokio::select! {
            outcome = stop => outcome,
            outcome = kill => outcome,
        };
        assert!(matches!(outcome.cause, Cause::Stopped), "{outcome:?}");
        assert_eq!(outcome.children.len(), 3);
        let killed = |end: &ChildEnd| matches!(end, ChildEnd::Exited(ExitStatus::Killed));
        assert!(
            outcome.children.iter().all(|(_, end)| killed(end)),
            "{outcome:?}"
        );
        assert_empty(&nursery.host);
    });
}

#[test]
fn a_host_that_shuts_down_is_a_stop() {
    block_on(async {
        let mut nursery = Nursery::new(at_once(), &[("a", Restart::Always)]).await;
        nursery.expect(&["+a"]).await;
        nursery.entry_is("a up").await;
        nursery.host.shutdown(HUNG).await;
        let outcome = ended(&nursery.supervisor).await;
        assert!(matches!(outcome.cause, Cause::Stopped), "{outcome:?}");
        assert_empty(&nursery.host);
    });
}

#[test]
fn when_one_child_cannot_be_started_none_is() {
    block_on(async {
        let host = host(&["supervised"]).await;
        let (orders, diary) = (channel(100), channel(100));
        let _open = diary.strong_writer();
        let good = || spec("a", Restart::Always, &orders, &diary);
        let prepare =
            |children: Vec<ChildSpec>| Supervisor::prepare(&host, at_once(), children).unwrap_err();
        let mut bad = spec("b", Restart::Always, &orders, &diary);
        bad.start.entry_point = "walk".into();
        let error = prepare(vec![good(), bad]);
        assert!(
            matches!(&error, SuperviseError::Start { child, .. } if child == "b"),
            "{error}"
        );
        let error = prepare(vec![good(), good()]);
        assert!(
            matches!(&error, SuperviseError::SameName(name) if name == "a"),
            "{error}"
        );
        assert_eq!(orders.stats().strong_readers, 0);
        assert_empty(&host);
    });
}

#[test]
fn an_observer_that_panics_leaves_no_process() {
    block_on(async {
        let host = host(&["supervised"]).await;
        let (orders, diary) = (channel(100), channel(100));
        let children = vec![spec("a", Restart::Always, &orders, &diary)];
        let prepared = Supervisor::prepare(&host, at_once(), children).unwrap();
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let supervisor = prepared.launch(move |event| match event {
            weft_host::supervise::Event::Started { process, .. } => {
                drop(tell.send(process.clone()))
            }
            event => panic!("no idea what to do with {event:?}"),
        });
        let process = told.recv().await.unwrap();
        process.kill();
        let outcome = ended(&supervisor).await;
        assert!(matches!(outcome.cause, Cause::Interrupted), "{outcome:?}");
        end(&process).await;
        assert_empty(&host);
    });
}

#[test]
fn dropping_the_supervisor_changes_nothing() {
    block_on(async {
        let host = host(&["supervised", "scenarios"]).await;
        let (orders, diary) = (channel(100), channel(100));
        let children = vec![spec("a", Restart::OnFailure, &orders, &diary)];
        let entries = diary.strong_reader();
        drop(
            Supervisor::prepare(&host, at_once(), children)
                .unwrap()
                .launch(|_| ()),
        );
        let writer = orders.strong_writer().unwrap();
        for order in ["fail", "return"] {
            writer.write(order.into()).await.unwrap();
        }
        let mut seen = Vec::new();
        while let Some(entry) = entries.read().await.unwrap() {
            seen.push(String::from_utf8(entry.payload.to_vec()).unwrap());
        }
        assert_eq!(seen, ["a up", "a fail", "a up", "a return"]);
        // It is over, and has let go of the host.
        let status = outcome(&host, scenario("echo", "x", Capabilities::none())).await;
        assert!(status.is_success(), "{status}");
    });
}

#[test]
fn a_supervisor_without_children_is_done() {
    block_on(async {
        let host = host(&[]).await;
        let supervisor = Supervisor::prepare(&host, at_once(), vec![])
            .unwrap()
            .launch(|_| ());
        assert!(matches!(ended(&supervisor).await.cause, Cause::Done));
        assert!(matches!(
            supervisor.stop(Duration::ZERO).await.cause,
            Cause::Done
        ));
    });
}

#[test]
fn one_child_can_be_stopped_for_good_though_it_would_be_restarted() {
    block_on(async {
        let always = [("a", Restart::Always), ("b", Restart::Always)];
        let mut nursery = Nursery::new(at_once(), &always).await;
        nursery.expect(&["+a", "+b"]).await;
        let ended = nursery.supervisor.stop_child("a", HUNG).await.unwrap();
        assert!(
            matches!(ended, ChildEnd::Exited(ExitStatus::Stopped)),
            "{ended:?}"
        );
        nursery.expect(&["a stopped, for good"]).await;
        // It stays so, and its sibling goes on.
        let again = nursery.supervisor.stop_child("a", HUNG).await.unwrap();
        assert!(
            matches!(again, ChildEnd::Exited(ExitStatus::Stopped)),
            "{again:?}"
        );
        assert!(nursery.supervisor.stop_child("c", HUNG).await.is_none());
        nursery.order("b", "fail").await;
        nursery
            .expect(&["b failed: told to, restart 1", "+b"])
            .await;
        stopped(&nursery).await;
    });
}

#[test]
fn a_child_that_waits_for_its_restart_is_stopped_at_once() {
    block_on(async {
        let mut nursery = Nursery::new(much_later(), &ALL).await;
        nursery.expect(&STARTS).await;
        nursery.order("b", "fail").await;
        nursery.expect(&["b failed: told to, restart 1"]).await;
        let ended = nursery.supervisor.stop_child("b", HUNG).await.unwrap();
        assert_eq!(ended.to_string(), "failed: told to");
        nursery.expect(&["b failed: told to, for good"]).await;
        stopped(&nursery).await;
    });
}
