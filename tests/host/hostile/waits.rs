//! Guests that make others wait, cancel their own waits, or never drop anything.

use super::{Neighbours, alone, attack, host, hostile, limit, returned};
use crate::support::{HUNG, block_on, channel, end};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use weft_host::{
    ExitStatus,
    limits::LimitRequest,
    process::Monitor,
    supervise::{Backoff, Cause, ChildSpec, Event, Restart, Supervision, Supervisor},
};

#[test]
fn who_never_reads_holds_writers_up_until_its_time_is_over() {
    block_on(async {
        let host = host().await;
        let channel = channel(4);
        let _named = host.publish("shared", &channel.clone().into()).unwrap();
        let limits = LimitRequest::default().wall_time(Duration::from_millis(300));
        let attacker = host
            .start(hostile("never-reads", "shared").limits(limits))
            .unwrap();
        while channel.stats().strong_readers == 0 && attacker.status().is_none() {
            tokio::task::yield_now().await;
        }
        let writer = channel.strong_writer().unwrap();
        writer.write("full".into()).await.unwrap();
        // The write waits for the reader, until the limit ends the reader's process.
        let sent = tokio::time::timeout(HUNG, writer.write("next".into())).await;
        assert_eq!(sent.expect("it is let go"), Ok(true));
        assert_eq!(end(&attacker).await, limit("wall-time"));
        assert_eq!(channel.stats().strong_readers, 0);
        Neighbours::start(&host).finish().await;
    });
}

#[test]
fn who_never_drops_leaves_nothing_behind() {
    block_on(async {
        let host = host().await;
        let status = attack(&host, hostile("never-drops", "")).await;
        assert_eq!(status, returned("kept everything"));
        // A driver drops its process last, after all waiters have been notified.
        let left = || {
            let usage = host.usage();
            (usage.stores, usage.accounts, usage.tokens)
        };
        let empty = async {
            while left() != (0, 0, 0) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let waited = tokio::time::timeout(HUNG, empty).await;
        assert!(waited.is_ok(), "{:?}", left());
    });
}

#[test]
fn calls_that_are_given_up_in_the_middle_have_no_effect() {
    let said = "701 of 701 waited, 1 frame, ExitStatus::Killed Some(7), nothing came true";
    assert_eq!(alone(hostile("cancel-everything", "50")), returned(said));
}

#[test]
fn guests_that_wait_for_one_that_traps_are_all_told() {
    block_on(async {
        let host = host().await;
        let channel = channel(64);
        let _named = host.publish("shared", &channel.clone().into()).unwrap();
        let status = attack(&host, hostile("wait-on-trap", "shared")).await;
        let said = "50 waits, told true, stopped true, Ok(None)";
        assert_eq!(status, returned(said));
    });
}

#[test]
fn embedders_that_wait_for_one_that_traps_are_all_told() {
    block_on(async {
        let host = host().await;
        let channel = channel(64);
        let _named = host.publish("shared", &channel.clone().into()).unwrap();
        let attacker = host.start(hostile("hold-and-trap", "shared")).unwrap();
        let reader = channel.strong_reader();
        tokio::time::timeout(HUNG, reader.read())
            .await
            .unwrap()
            .unwrap();
        let monitor = Monitor::new();
        monitor.watch(&attacker, 5);
        let waits = futures::future::join_all((0..50).map(|_| attacker.wait()));
        attacker.request_stop();
        let all = futures::future::join3(waits, monitor.next(), reader.read());
        let (ends, told, read) = tokio::time::timeout(HUNG, all).await.expect("told");
        let told = told.expect("a watched end");
        assert_eq!(told.tag, 5);
        assert!(ends.iter().all(|status| *status == told.status));
        assert!(matches!(told.status, ExitStatus::Trapped(trap) if trap.panicked));
        assert!(matches!(read, Ok(None)));
        Neighbours::start(&host).finish().await;
    });
}

#[test]
fn who_traps_whenever_it_is_restarted_is_given_up() {
    block_on(async {
        let host = host().await;
        let settings = Supervision::default()
            .max_restarts(20)
            .within(HUNG)
            .backoff(Backoff::new(Duration::ZERO, Duration::ZERO));
        let child = ChildSpec::new("trap", hostile("trap", "again")).restart(Restart::Always);
        let supervisor = Supervisor::prepare(&host, settings, vec![child]).expect("it fits");
        let starts = Arc::new(AtomicU32::new(0));
        let counted = starts.clone();
        let supervisor = supervisor.launch(move |event| {
            let started = matches!(event, Event::Started { .. });
            counted.fetch_add(started.into(), Ordering::Relaxed);
        });
        Neighbours::start(&host).finish().await;
        let outcome = tokio::time::timeout(HUNG, supervisor.wait())
            .await
            .expect("it gives up");
        let Cause::GaveUp { end, .. } = outcome.cause else {
            panic!("{outcome:?}")
        };
        assert!(end.to_string().starts_with("panicked: again"), "{end}");
        assert_eq!(starts.load(Ordering::Relaxed), 21);
    });
}
