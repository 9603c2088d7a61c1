//! Reloads: a newer component in the place of one that runs.

use crate::supervised::{Nursery, at_once, much_later};
use crate::support::{HUNG, assert_empty, block_on, config, guest_of, host_with, shared};
use std::time::Duration;
use tokio::sync::Semaphore;
use weft_host::{
    Host,
    supervise::{ReloadError, Restart},
};

/// Loads a newer version of the guest.
async fn load_newer(host: &Host, version: &str) {
    let mut bytes = std::fs::read(guest_of("supervised")).unwrap();
    let old = b"version-1";
    assert_eq!(version.len(), old.len());
    let at = bytes.windows(old.len()).position(|window| window == old);
    let at = at.expect("the guest names its version");
    bytes[at..at + old.len()].copy_from_slice(version.as_bytes());
    host.components().load("supervised", bytes).await.unwrap();
}

/// Loads a component under the name of the guest that does not fit its arguments.
async fn load_unfit(host: &Host) {
    let file = guest_of("parked");
    host.components()
        .load_file("supervised", &file)
        .await
        .unwrap();
}

async fn reload(nursery: &Nursery, child: &str) -> Result<(), ReloadError> {
    let reload = tokio::time::timeout(HUNG, nursery.supervisor.reload(child)).await;
    reload.expect("a reload is over")
}

#[test]
fn a_reload_loses_no_frame_and_keeps_their_order() {
    /// Frames between one reload and the next.
    const FRAMES: u32 = 1000;
    block_on(async {
        for restart in [Restart::Never, Restart::OnFailure] {
            let mut nursery = Nursery::new(at_once(), &[("a", restart)]).await;
            let orders = nursery.orders["a"].strong_writer().unwrap();
            nursery.close("a");
            // The frames of a stage flow while the component is replaced; the next ones come after it.
            let gate = shared(Semaphore::new(1));
            let opened = gate.clone();
            let feed = tokio::spawn(async move {
                for stage in 0..3 {
                    opened.acquire().await.unwrap().forget();
                    for number in stage * FRAMES..(stage + 1) * FRAMES {
                        orders.write(number.to_string().into()).await.unwrap();
                    }
                }
            });
            let mut versions = Vec::new();
            let mut number = 0;
            while let Some(entry) = nursery.entry().await {
                let words: Vec<&str> = entry.split(' ').collect();
                let ["a", version, text] = words[..] else {
                    continue;
                };
                assert_eq!(text, number.to_string());
                number += 1;
                if versions.last().is_none_or(|last| last != version) {
                    versions.push(version.to_owned());
                }
                for (at, version) in [(FRAMES / 4, "version-2"), (FRAMES * 5 / 4, "version-3")] {
                    if number == at {
                        load_newer(&nursery.host, version).await;
                        let (supervisor, gate) = (nursery.supervisor.clone(), gate.clone());
                        tokio::spawn(async move {
                            supervisor.reload("a").await.unwrap();
                            gate.add_permits(1);
                        });
                    }
                }
            }
            assert_eq!(number, 3 * FRAMES);
            assert_eq!(versions, ["version-1", "version-2", "version-3"]);
            feed.await.unwrap();
            nursery.supervisor.wait().await;
            let reload = "a stopped, reload";
            nursery.expect(&["+a", reload, "+a", reload, "+a"]).await;
            let last = nursery.event().await;
            assert!(last.starts_with("a returned"), "{last}");
            assert_empty(&nursery.host);
        }
    });
}

#[test]
fn a_component_that_does_not_fit_leaves_the_old_one_for_restarts_too() {
    block_on(async {
        let mut nursery = Nursery::new(at_once(), &[("a", Restart::OnFailure)]).await;
        load_unfit(&nursery.host).await;
        let error = reload(&nursery, "a").await.unwrap_err();
        assert!(
            error.to_string().contains("takes 1 argument(s), 3 given"),
            "{error}"
        );
        nursery.order("a", "before").await;
        nursery.order("a", "fail").await;
        nursery.order("a", "after").await;
        nursery.entry_is("a version-1 before").await;
        nursery.entry_is("a version-1 after").await;
        nursery
            .expect(&["+a", "a failed: told to, restart 1", "+a"])
            .await;
        nursery.supervisor.stop(HUNG).await;
        assert_empty(&nursery.host);
    });
}

#[test]
fn without_room_for_the_new_one_the_old_one_runs_on() {
    block_on(async {
        let config = config().max_processes(1);
        let host = host_with(config, &["supervised"]).await;
        let nursery = Nursery::on(host, at_once(), &[("a", Restart::Never)], |spec| spec);
        load_newer(&nursery.host, "version-2").await;
        let error = reload(&nursery, "a").await.unwrap_err();
        assert!(
            error.to_string().starts_with("no room for another process"),
            "{error}"
        );
        nursery.order("a", "x").await;
        nursery.entry_is("a version-1 x").await;
        nursery.supervisor.stop(HUNG).await;
    });
}

#[test]
fn one_that_does_not_heed_the_request_is_killed_and_replaced() {
    block_on(async {
        let settings = at_once().grace(Duration::from_millis(20));
        let mut nursery = Nursery::new(settings, &[("a", Restart::OnFailure)]).await;
        nursery.order("a", "hang").await;
        nursery.entry_is("a hang").await;
        nursery.order("a", "waits").await;
        load_newer(&nursery.host, "version-2").await;
        reload(&nursery, "a").await.unwrap();
        nursery.expect(&["+a", "a killed, reload", "+a"]).await;
        nursery.entry_is("a version-2 waits").await;
        nursery.supervisor.stop(HUNG).await;
    });
}

#[test]
fn a_child_in_its_back_off_is_started_with_the_new_component_at_once() {
    block_on(async {
        let mut nursery = Nursery::new(much_later(), &[("a", Restart::OnFailure)]).await;
        nursery.order("a", "fail").await;
        nursery.order("a", "waits").await;
        nursery
            .expect(&["+a", "a failed: told to, restart 1"])
            .await;
        load_unfit(&nursery.host).await;
        assert!(reload(&nursery, "a").await.is_err());
        load_newer(&nursery.host, "version-2").await;
        reload(&nursery, "a").await.unwrap();
        nursery.expect(&["+a"]).await;
        nursery.entry_is("a version-2 waits").await;
        nursery.supervisor.stop(HUNG).await;
    });
}

#[test]
fn what_cannot_be_reloaded_is_said() {
    block_on(async {
        let children = [("closes", Restart::Never), ("returns", Restart::OnFailure)];
        let mut nursery = Nursery::new(at_once(), &children).await;
        nursery.expect(&["+closes", "+returns"]).await;
        let error = reload(&nursery, "nobody").await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no child `nobody`; there are: closes, returns"
        );

        nursery.order("returns", "return").await;
        nursery.expect(&["returns returned 0, for good"]).await;
        let error = reload(&nursery, "returns").await.unwrap_err();
        assert!(
            matches!(&error, ReloadError::Ended(name) if name == "returns"),
            "{error}"
        );

        nursery.order("closes", "close").await;
        while nursery.diary.stats().strong_writers > 0 {
            tokio::task::yield_now().await;
        }
        let error = reload(&nursery, "closes").await.unwrap_err();
        assert!(
            matches!(&error, ReloadError::LetGo { argument } if argument == "#3"),
            "{error}"
        );

        nursery.supervisor.stop(HUNG).await;
        let error = reload(&nursery, "closes").await.unwrap_err();
        assert!(matches!(error, ReloadError::Stopping), "{error}");
        assert_empty(&nursery.host);
    });
}

#[test]
fn a_stop_during_a_reload_calls_it_off() {
    block_on(async {
        let nursery = Nursery::new(at_once(), &[("a", Restart::Always)]).await;
        nursery.order("a", "hang").await;
        nursery.entry_is("a hang").await;
        load_newer(&nursery.host, "version-2").await;
        // Two at once are one, and both are told what became of it.
        let reloads = futures::future::join(
            nursery.supervisor.reload("a"),
            nursery.supervisor.reload("a"),
        );
        // Polled after them, so given after them.
        let kill = async { nursery.supervisor.kill() };
        let (reloads, ()) = futures::future::join(reloads, kill).await;
        assert!(
            matches!(reloads.0, Err(ReloadError::Stopping)),
            "{reloads:?}"
        );
        assert!(
            matches!(reloads.1, Err(ReloadError::Stopping)),
            "{reloads:?}"
        );
        nursery.supervisor.wait().await;
        assert_eq!(nursery.orders["a"].stats().strong_readers, 0);
        assert_empty(&nursery.host);
    });
}
