//! What children use counts against their parents, and what a parent cannot give.

use crate::support::{block_on, config, host, host_with, options, outcome, text};
use std::time::Duration;
use weft_host::{Capabilities, ExitStatus, Host, Limits, capability::Right, limits::LimitRequest};

async fn returned(host: &Host, what: &str, arg: &str, limits: LimitRequest) -> String {
    let options = options("limits", vec![text(what), text(arg)])
        .limits(limits)
        .capabilities(Capabilities::none().with([Right::ProcessLifecycle]));
    let status = outcome(host, options).await;
    // Children that sleep.
    for process in host.processes() {
        process.stop(Duration::ZERO).await;
    }
    let ExitStatus::Returned(text) = status else {
        panic!("{what}: {status}")
    };
    text.replace("\\\"", "\"")
}

#[test]
fn children_are_counted_with_their_own() {
    block_on(async {
        let host = host(&["limits"]).await;
        let children = |most| LimitRequest::default().children(most);
        let refused = returned(&host, "children", "10", children(3)).await;
        let wanted = "3 children, then Exhausted(\"the limit `children` of 3 is reached\")";
        assert!(refused.contains(wanted), "{refused}");
        assert!(
            returned(&host, "children", "3", children(3))
                .await
                .contains("3 children")
        );
        let families = returned(&host, "families", "", children(3)).await;
        assert!(families.contains("failed: Exhausted"), "{families}");
        let none = returned(&host, "children", "1", children(0)).await;
        assert!(none.contains("0 children, then Exhausted"), "{none}");
    });
}

#[test]
fn generations_are_bounded() {
    block_on(async {
        let host = host(&["limits"]).await;
        let limits = LimitRequest::default().spawn_depth(4);
        let refused = returned(&host, "depth", "0", limits).await;
        let wanted = "4 generations, then Exhausted";
        assert!(
            refused.contains(wanted) && refused.contains("spawn-depth"),
            "{refused}"
        );
    });
}

#[test]
fn memory_of_children_is_their_parent_s_and_comes_back() {
    block_on(async {
        let host = host(&["limits"]).await;
        let limits = LimitRequest::default().memory(40 << 20);
        let text = returned(&host, "share-memory", "24", limits).await;
        let (alone, beside) = text.split_once("then").unwrap();
        assert_eq!(alone.matches("25165824").count(), 3, "{text}");
        assert!(beside.contains("reached its limit `memory`"), "{text}");
    });
}

#[test]
fn fuel_is_given_out_of_what_is_left() {
    block_on(async {
        let config = config().count_fuel(true);
        let host = host_with(config, &["limits"]).await;
        let limits = LimitRequest::default().fuel(100_000_000);
        let text = returned(&host, "give-fuel", "", limits).await;
        for wanted in [
            "InvalidArgument(\\\"a process with a limit `fuel`",
            "Exhausted(\\\"limit `fuel`: 18446744073709551615 was asked for",
            "reached its limit `fuel`",
        ] {
            assert!(
                text.replace("\\\\\"", "\\\"").contains(wanted)
                    || text.contains(&wanted.replace('\\', "")),
                "{text}"
            );
        }
    });
}

#[test]
fn no_limit_can_be_given_beyond_the_parent_s_own() {
    block_on(async {
        let host = host(&["limits"]).await;
        let limits = LimitRequest::default()
            .cpu_time(Duration::from_secs(1))
            .wall_time(Duration::from_secs(100))
            .disk_bytes(1 << 20);
        let text = returned(&host, "ask-for-more", "", limits).await;
        let lines: Vec<&str> = text.split("\\n").collect();
        let named = Limits::NAMES.iter().filter(|name| **name != "fuel");
        assert_eq!(lines.len(), named.clone().count(), "{text}");
        for (name, line) in named.zip(lines) {
            assert!(
                line.contains(&format!("Exhausted(\"limit `{name}`: ")),
                "{line}"
            );
        }
    });
}
