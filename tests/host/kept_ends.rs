//! Supervision: what becomes of the ends of channels that a child was started with.

use crate::supervised::{Nursery, at_once, much_later};
use crate::supervision::{ended, stopped};
use crate::support::{HUNG, assert_empty, block_on};
use weft_host::supervise::{Cause, Restart};

#[test]
fn channels_stay_open_across_a_restart_and_waiting_frames_are_read_by_the_next() {
    block_on(async {
        let mut nursery = Nursery::new(at_once(), &[("a", Restart::OnFailure)]).await;
        for order in ["1", "2", "fail", "3", "trap", "4"] {
            nursery.order("a", order).await;
        }
        nursery.close("a");
        let mut entries = Vec::new();
        while let Some(entry) = nursery.entry().await {
            entries.push(entry);
        }
        let wanted = [
            "a up",
            "a version-1 1",
            "a version-1 2",
            "a fail",
            "a up",
            "a version-1 3",
            "a trap",
            "a up",
            "a version-1 4",
            "a end",
        ];
        assert_eq!(entries, wanted);
        assert!(matches!(
            ended(&nursery.supervisor).await.cause,
            Cause::Done
        ));
        assert_empty(&nursery.host);
    });
}

#[test]
fn ends_are_kept_during_a_back_off_and_closed_at_the_end_for_good() {
    block_on(async {
        let children = [("a", Restart::OnFailure), ("b", Restart::OnFailure)];
        let mut nursery = Nursery::new(much_later(), &children).await;
        nursery.expect(&["+a", "+b"]).await;
        nursery.order("a", "fail").await;
        nursery.expect(&["a failed: told to, restart 1"]).await;
        let orders = nursery.orders["a"].clone();
        assert_eq!(orders.stats().strong_readers, 1);
        assert_eq!(nursery.diary.stats().strong_writers, 2);
        nursery.order("b", "return").await;
        nursery.expect(&["b returned 0, for good"]).await;
        assert_eq!(nursery.orders["b"].stats().strong_readers, 0);
        assert_eq!(nursery.diary.stats().strong_writers, 1);
        stopped(&nursery).await;
        assert_eq!(orders.stats().strong_readers, 0);
        assert_eq!(nursery.diary.stats().strong_writers, 0);
    });
}

#[test]
fn only_a_child_that_may_be_restarted_has_its_ends_kept_while_it_runs() {
    block_on(async {
        for (restart, writers, sent) in [
            (Restart::Never, 0, "failed: Ok(Kept)"),
            (Restart::OnFailure, 2, "failed: Err(PermissionDenied("),
        ] {
            let children = [("closes", restart), ("sends", restart)];
            let mut nursery = Nursery::new(much_later(), &children).await;
            nursery.expect(&["+closes", "+sends"]).await;
            nursery.order("sends", "send").await;
            let event = nursery.event().await;
            assert!(event.starts_with(&format!("sends {sent}")), "{event}");
            nursery.order("closes", "close").await;
            nursery.entry_is("closes close").await;
            nursery.order("closes", "fail").await;
            let event = nursery.event().await;
            assert!(event.starts_with("closes failed"), "{event}");
            assert_eq!(nursery.diary.stats().strong_writers, writers);
            nursery.supervisor.stop(HUNG).await;
        }
    });
}
