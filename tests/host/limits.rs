//! Every limit is reached by a guest that goes beyond it.

use crate::support::{block_on, config, end, host, host_with, options, outcome, scenario, text};
use std::time::Duration;
use weft_host::{
    Capabilities, ExitStatus, Limits, StartOptions,
    capability::{Mount, Right},
    limits::LimitRequest,
    process::StartError,
};

fn limited(name: &str, argument: &str, limits: LimitRequest) -> StartOptions {
    scenario(name, argument, Capabilities::none()).limits(limits)
}

#[test]
fn memory_is_bounded() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let limits = LimitRequest::default().memory(16 << 20);
        let fits = outcome(&host, limited("allocate", "4", limits)).await;
        assert!(matches!(fits, ExitStatus::Returned(_)), "{fits:?}");
        // A guest that asks politely gets a polite no, and goes on.
        let refused = outcome(&host, limited("allocate", "64", limits)).await;
        assert!(matches!(refused, ExitStatus::Failed(_)), "{refused:?}");
        let ExitStatus::Returned(held) =
            outcome(&host, limited("grow-one-by-one", "64", limits)).await
        else {
            panic!("it was ended")
        };
        let held: u64 = held
            .trim_matches('"')
            .trim_end_matches(" MiB")
            .parse()
            .unwrap();
        assert!((8..16).contains(&held), "{held}");
        // One that does not ask ends at the limit.
        let beyond = outcome(&host, limited("allocate-or-abort", "64", limits)).await;
        assert_eq!(beyond, ExitStatus::Limit("memory".into()));
    });
}

#[test]
fn wall_time_is_bounded_for_spinners_and_for_sleepers() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let limits = LimitRequest::default().wall_time(Duration::from_millis(50));
        for name in ["spin", "wait-stop"] {
            let status = outcome(&host, limited(name, "", limits)).await;
            assert_eq!(status, ExitStatus::Limit("wall-time".into()), "{name}");
        }
    });
}

#[test]
fn handles_are_bounded_with_a_typed_error() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let limits = LimitRequest::default().handles(50);
        let options = scenario(
            "hold-handles",
            "1000",
            Capabilities::none().with([Right::ChannelLifecycle]),
        )
        .limits(limits);
        let ExitStatus::Failed(text) = outcome(&host, options).await else {
            panic!()
        };
        assert!(
            text.contains("Exhausted") && text.contains("handles"),
            "{text}"
        );
    });
}

#[test]
fn a_channel_beyond_the_host_s_bound_is_refused() {
    block_on(async {
        let config = config().max_channel_capacity(1000);
        let host = host_with(config, &["scenarios"]).await;
        let run = |capacity| scenario("create-channel", capacity, Capabilities::channels());
        let fits = outcome(&host, run("1000")).await;
        assert!(matches!(fits, ExitStatus::Returned(_)), "{fits:?}");
        for capacity in ["0", "1001", "18446744073709551615"] {
            let status = outcome(&host, run(capacity)).await;
            let ExitStatus::Failed(text) = status else {
                panic!("{status:?}")
            };
            assert!(
                text.contains("InvalidArgument(\"capacity"),
                "{capacity}: {text}"
            );
        }
    });
}

#[test]
fn the_embedder_may_give_more_than_its_defaults() {
    block_on(async {
        let limits = Limits::default().memory(4 << 20);
        let host = host_with(config().limits(limits), &["scenarios"]).await;
        let usual = LimitRequest::default();
        let refused = outcome(&host, limited("allocate", "8", usual)).await;
        assert!(matches!(refused, ExitStatus::Failed(_)), "{refused:?}");
        let fits = outcome(&host, limited("allocate", "8", usual.memory(16 << 20))).await;
        assert!(matches!(fits, ExitStatus::Returned(_)), "{fits:?}");
    });
}

#[test]
fn processes_beyond_the_host_s_room_are_refused() {
    block_on(async {
        let host = host_with(config().max_processes(2), &["scenarios"]).await;
        let wait = || scenario("wait-stop", "", Capabilities::none());
        let first = host.start(wait()).unwrap();
        let _second = host.start(wait()).unwrap();
        let error = host.start(wait()).unwrap_err();
        assert!(
            matches!(error, StartError::Exhausted { most: 2 }),
            "{error}"
        );
        first.kill();
        end(&first).await;
        host.start(wait()).expect("a place is free again");
        host.shutdown(Duration::ZERO).await;
    });
}

#[test]
fn a_start_that_fails_leaves_no_place_taken() {
    block_on(async {
        let host = host_with(config().max_processes(1), &["scenarios"]).await;
        for _ in 0..5 {
            host.start(options("scenarios", vec![])).unwrap_err();
        }
        let status = outcome(&host, scenario("echo", "x", Capabilities::none())).await;
        assert_eq!(status, ExitStatus::Returned("\"x\"".into()));
    });
}

#[test]
fn what_one_call_hands_to_the_host_is_bounded() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let huge = |mib| scenario("write-huge", mib, Capabilities::channels());
        let fits = outcome(&host, huge("100")).await;
        let ExitStatus::Returned(text) = fits else {
            panic!("{fits:?}")
        };
        assert!(text.contains("TooLarge"), "{text}");
        let beyond = outcome(&host, huge("130")).await;
        assert_eq!(beyond, ExitStatus::Limit("hostcall-bytes".into()));
    });
}

#[test]
fn arguments_beyond_a_mebibyte_go_through_a_channel() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let huge = |bytes| scenario("echo", &"x".repeat(bytes), Capabilities::none());
        let fits = outcome(&host, huge((1 << 20) - 100)).await;
        assert!(matches!(fits, ExitStatus::Returned(_)));
        let error = host.start(huge(1 << 20)).unwrap_err().to_string();
        assert!(error.contains("send more through a channel"), "{error}");
    });
}

#[test]
fn a_component_of_many_memories_takes_the_room_of_several() {
    block_on(async {
        let config = config().max_processes(8);
        let host = host_with(config, &["scenarios"]).await;
        let memories = "(memory 1)".repeat(8);
        let wat = format!(
            r#"(component
                (core module $m {memories} (func (export "run") (loop $l (br $l))))
                (core instance $i (instantiate $m))
                (func (export "run") (canon lift (core func $i "run"))))"#
        );
        let bytes = wat::parse_str(wat).unwrap();
        host.components().load("wide", bytes).await.unwrap();
        let wide = host.start(options("wide", vec![])).unwrap();
        let error = host
            .start(scenario("echo", "", Capabilities::none()))
            .unwrap_err();
        assert!(
            matches!(error, StartError::Exhausted { most: 8 }),
            "{error}"
        );
        wide.kill();
        end(&wide).await;
        let status = outcome(&host, scenario("echo", "x", Capabilities::none())).await;
        assert_eq!(status, ExitStatus::Returned("\"x\"".into()));
    });
}

#[test]
fn a_result_beyond_a_mebibyte_goes_through_a_channel() {
    block_on(async {
        let host = host(&["limits"]).await;
        let run = |bytes: usize| {
            options(
                "limits",
                vec![text("return-bytes"), text(&bytes.to_string())],
            )
        };
        // Two bytes are the quotes.
        let fits = outcome(&host, run((1 << 20) - 2)).await;
        assert!(matches!(fits, ExitStatus::Returned(_)));
        let beyond = outcome(&host, run((1 << 20) - 1)).await;
        assert_eq!(beyond, ExitStatus::Limit("result-bytes".into()));
    });
}

#[test]
fn what_a_process_keeps_of_its_start_is_bounded() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let start = |change: &dyn Fn(&mut StartOptions)| {
            let mut options = scenario("echo", "x", Capabilities::none());
            change(&mut options);
            host.start(options).map_err(|error| error.to_string())
        };
        let named = |bytes| move |options: &mut StartOptions| options.name = "n".repeat(bytes);
        end(&start(&named(255)).unwrap()).await;
        let error = start(&named(256)).unwrap_err();
        assert_eq!(
            error,
            "the name of a process has at most 255 bytes, 256 given"
        );

        let prefixed = |bytes| {
            move |options: &mut StartOptions| {
                options.capabilities.lookup.insert("p".repeat(bytes));
            }
        };
        end(&start(&prefixed(64 << 10)).unwrap()).await;
        let error = start(&prefixed((64 << 10) + 1)).unwrap_err();
        assert!(error.contains("65537 given, 65536 is the most"), "{error}");

        let folder = tempfile::tempdir().unwrap();
        let mounted = |count| {
            let folder = folder.path().to_owned();
            move |options: &mut StartOptions| {
                options.capabilities.mounts = (0..count)
                    .map(|at| Mount::new(folder.clone(), format!("/{at}")))
                    .collect();
            }
        };
        end(&start(&mounted(16)).unwrap()).await;
        let error = start(&mounted(17)).unwrap_err();
        assert!(error.contains("17 given, 16 is the most"), "{error}");
    });
}
