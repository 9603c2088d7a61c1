//! Whoever shows what there is is told when to look again.

use crate::support::{HUNG, block_on, end, host, scenario};
use weft_host::{Capabilities, Host, HostChanges};

/// Waits for changes until this holds.
async fn until(changes: &mut HostChanges, holds: impl Fn() -> bool) {
    let changed = async {
        while !holds() {
            assert!(changes.next().await);
        }
    };
    let in_time = tokio::time::timeout(HUNG, changed).await;
    assert!(in_time.is_ok(), "nobody told that to look");
}

fn live(host: &Host) -> usize {
    host.processes().len()
}

#[test]
fn starts_ends_and_channels_made_and_gone_are_told() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let mut changes = host.changes();
        let mut start = scenario("publish-and-stay", "news", Capabilities::channels());
        start.capabilities.publish.insert(String::new());
        let process = host.start(start).unwrap();
        until(&mut changes, || live(&host) == 1).await;
        until(&mut changes, || host.channels().len() == 1).await;
        process.request_stop();
        until(&mut changes, || process.stop_requested()).await;
        process.kill();
        until(&mut changes, || process.status().is_some()).await;
        end(&process).await;
        until(&mut changes, || host.channels().is_empty()).await;
    });
}
