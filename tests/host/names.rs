//! Channels under names: granted by prefix, taken once, narrowed, waited for.

use crate::support::{assert_empty, block_on, channel, end, host, outcome, scenario};
use weft_host::{Capabilities, ExitStatus};

fn named(publish: &[&str], lookup: &[&str]) -> Capabilities {
    let mut set = Capabilities::channels();
    set.publish = publish.iter().map(ToString::to_string).collect();
    set.lookup = lookup.iter().map(ToString::to_string).collect();
    set
}

#[test]
fn names_need_a_grant_of_their_prefix() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        for (granted, name, denied) in [
            (named(&[], &[]), "a/b", "registry-publish(a/b)"),
            (named(&["b/"], &["a/"]), "a/b", "registry-publish(a/b)"),
        ] {
            let status = outcome(&host, scenario("publish", name, granted)).await;
            let text = format!("PermissionDenied({denied:?})");
            assert_eq!(status, ExitStatus::Failed(text));
        }
        let granted = named(&["a/"], &["b/"]);
        let status = outcome(&host, scenario("await-named", "a/b", granted)).await;
        let text = "PermissionDenied(\"registry-lookup(a/b)\")";
        assert_eq!(status, ExitStatus::Failed(text.into()));
    });
}

#[test]
fn a_name_is_taken_once_and_given_free() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let granted = named(&["a/"], &["a/"]);
        let ExitStatus::Returned(text) = outcome(&host, scenario("publish", "a/b", granted)).await
        else {
            panic!("it publishes")
        };
        for part in [
            "AlreadyExists",
            "the name `a/b` is taken",
            "Ok(())",
            "NotFound",
        ] {
            assert!(text.contains(part), "{text}");
        }
    });
}

#[test]
fn one_process_waits_for_what_another_publishes_and_gets_no_more_than_it_gave() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let waits = scenario("await-named", "jobs/1", named(&[], &["jobs/"]));
        let waits = host.start(waits).unwrap();
        let publishes = scenario("publish-and-stay", "jobs/1", named(&["jobs/"], &[]));
        let publishes = host.start(publishes).unwrap();
        let ExitStatus::Returned(text) = end(&waits).await else {
            panic!("it reads: {:?}", waits.status())
        };
        assert!(text.contains("news: Err(PermissionDenied("), "{text}");
        assert_eq!(text.matches("PermissionDenied").count(), 5, "{text}");
        for name in ["channel-reader", "channel-writer", "channel-lifecycle"] {
            assert!(text.contains(&format!("{name}(handle)")), "{text}");
        }
        // A name ends with its process, however that ends.
        assert!(host.lookup("jobs/1").is_some());
        publishes.kill();
        end(&publishes).await;
        while host.lookup("jobs/1").is_some() {
            tokio::task::yield_now().await;
        }
        assert_empty(&host);
    });
}

#[test]
fn an_embedder_publishes_too() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let channel = channel(64);
        let held = host.publish("x", &channel.clone().into()).unwrap();
        assert!(host.publish("x", &channel.clone().into()).is_err());
        channel
            .strong_writer()
            .unwrap()
            .try_write("hello".into())
            .unwrap();
        let reads = || scenario("read-named", "x", named(&[], &["x"]));
        let status = outcome(&host, reads()).await;
        assert_eq!(status, ExitStatus::Returned("\"hello []\"".into()));
        drop(held);
        let status = outcome(&host, reads()).await;
        let text = "NotFound(\"nothing is published as `x`\")";
        assert_eq!(status, ExitStatus::Failed(text.into()));
    });
}
