//! Many processes at once.

use crate::support::{
    HUNG, assert_empty, block_on, channel, config, end, host_with, options, with_channels,
};
use std::time::Duration;
use weft_host::{Argument, ExitStatus, HostConfig};

fn room() -> HostConfig {
    config().max_processes(1_000)
}

#[test]
fn a_thousand_waiting_processes_live_at_once_and_all_wake() {
    block_on(async {
        let host = host_with(room(), &["parked"]).await;
        let channel = channel(1024);
        let writer = channel.strong_writer().unwrap();
        let start = || {
            let reader = Argument::Reader(channel.strong_reader().into());
            host.start(with_channels(options("parked", vec![reader])))
                .unwrap()
        };
        let processes: Vec<_> = (0..1000).map(|_| start()).collect();
        writer.write("one".into()).await.unwrap();
        assert_eq!(host.processes().len(), 1000);
        assert_eq!(channel.stats().strong_readers, 1000);
        drop(writer);
        for process in &processes {
            assert_eq!(end(process).await, ExitStatus::Returned("1".into()));
        }
        assert_eq!(channel.stats().strong_readers, 0);
        assert_empty(&host);
    });
}

#[test]
fn stopping_the_host_releases_a_thousand_waiting_processes() {
    block_on(async {
        let host = host_with(room(), &["parked"]).await;
        let channel = channel(1024);
        let writer = channel.strong_writer().unwrap();
        let processes: Vec<_> = (0..1000)
            .map(|_| {
                let reader = Argument::Reader(channel.strong_reader().into());
                host.start(with_channels(options("parked", vec![reader])))
                    .unwrap()
            })
            .collect();
        let shutdown = host.shutdown(Duration::from_millis(100));
        tokio::time::timeout(HUNG, shutdown)
            .await
            .expect("the host stops");
        let ended = |process: &weft_host::Process| {
            matches!(
                process.status(),
                Some(ExitStatus::Stopped | ExitStatus::Killed)
            )
        };
        assert!(processes.iter().all(ended));
        assert_eq!(channel.stats().strong_readers, 0);
        assert_empty(&host);
        drop(writer);
    });
}
