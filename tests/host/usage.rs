//! What a host says it holds, which is what every test's end is measured by.

use crate::support::{HUNG, block_on, channel, end, host, options, scenario, with_channels};
use std::time::Duration;
use weft_host::{
    Argument, Capabilities, Host, Process, extension::ChannelHandle, process::ProcessUsage,
    usage::Usage,
};

#[test]
fn everything_held_is_counted_and_given_back() {
    block_on(async {
        let host = host(&["parked"]).await;
        assert_eq!(host.usage(), Usage::default());
        let channel = channel(1024);
        let reader = Argument::Reader(channel.strong_reader().into());
        let parked = host
            .start(with_channels(options("parked", vec![reader])))
            .unwrap();
        let one = Usage {
            processes: 1,
            stores: 1,
            records: 1,
            accounts: 1,
            ..Usage::default()
        };
        assert_eq!(host.usage(), one);
        let handle = ChannelHandle::from(channel);
        let name = host.publish("a", &handle).unwrap();
        assert_eq!(host.usage(), Usage { names: 1, ..one });
        drop(name);
        parked.kill();
        end(&parked).await;
        // The handle is held still; its process is gone.
        // What it left counts against it as long as that.
        let ended = Usage {
            records: 1,
            accounts: 1,
            ..Usage::default()
        };
        assert_eq!(host.usage(), ended);
    });
}

/// A process that makes a channel, publishes it as `news` and waits.
fn publisher(host: &Host) -> Process {
    let mut rights = Capabilities::channels();
    rights.publish = [String::new()].into();
    let options = scenario("publish-and-stay", "news", rights);
    host.start(options).unwrap()
}

#[test]
fn a_channel_that_outlives_its_maker_keeps_its_account() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let maker = publisher(&host);
        let published = async {
            loop {
                match host.lookup("news") {
                    Some(found) => break found,
                    None => tokio::task::yield_now().await,
                }
            }
        };
        let found = tokio::time::timeout(HUNG, published).await.unwrap();
        assert_eq!(host.usage().names, 1);
        maker.kill();
        end(&maker).await;
        assert_eq!((host.usage().accounts, host.usage().names), (1, 0));
        drop(maker);
        // The driver drops its process last, after it has told the end.
        let released = async {
            while host.usage().records > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(HUNG, released).await.unwrap();
        assert_eq!(host.usage().accounts, 1);
        drop(found);
        assert_eq!(host.usage().accounts, 0);
    });
}

#[test]
fn what_a_process_uses_and_the_channels_it_makes_can_be_watched() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let maker = publisher(&host);
        let published = async {
            while host.lookup("news").is_none() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(HUNG, published).await.unwrap();
        let usage = maker.usage();
        assert!(usage.memory >= 64 << 10, "{usage:?}");
        assert!(usage.table_elements > 0, "{usage:?}");
        assert!(usage.handles >= 2, "{usage:?}");
        assert_eq!((usage.channels, usage.children), (1, 0), "{usage:?}");
        let [made] = host.channels().try_into().unwrap();
        assert_eq!(
            (made.maker, made.maker_name),
            (maker.id(), "scenarios".into())
        );
        assert_eq!(made.observation.stats.capacity, usage.channel_bytes);

        maker.kill();
        end(&maker).await;
        assert_eq!(host.channels(), []);
        let left = maker.usage();
        assert!(left.cpu_time >= usage.cpu_time && left.cpu_time > Duration::ZERO);
        let nothing = ProcessUsage {
            cpu_time: left.cpu_time,
            ..ProcessUsage::default()
        };
        assert_eq!(left, nothing);
    });
}
