//! How many processes there is room for: in either profile the host refuses a start before the engine
//! or the machine runs out of anything.

use crate::support::{
    HUNG, assert_empty, block_on, channel, config, end, host_with, options, outcome, scenario,
    with_channels,
};
use std::time::Duration;
use weft_host::{
    Argument, Capabilities, ExitStatus, Host, HostConfig, Profile, StartOptions,
    process::StartError,
};

/// Both profiles, with room for so many.
fn profiles(max_processes: u32) -> [HostConfig; 2] {
    [Profile::Ordinary, Profile::Dense]
        .map(|profile| config().profile(profile).max_processes(max_processes))
}

#[test]
fn a_dense_host_holds_processes_that_wait_and_wakes_them() {
    block_on(async {
        let config = HostConfig::dense().cache_directory(config().cache_directory);
        let host = host_with(config, &["parked"]).await;
        let channel = channel(1024);
        let writer = channel.strong_writer().unwrap();
        let processes: Vec<_> = (0..500)
            .map(|_| {
                let reader = Argument::Reader(channel.strong_reader().into());
                let options = with_channels(options("parked", vec![reader]));
                host.start(options).unwrap()
            })
            .collect();
        writer.write("one".into()).await.unwrap();
        drop(writer);
        for process in &processes {
            assert_eq!(end(process).await, ExitStatus::Returned("1".into()));
        }
        assert_empty(&host);
    });
}

#[test]
fn a_guest_in_a_dense_host_can_grow_and_cannot_overflow() {
    block_on(async {
        let dense = HostConfig::dense()
            .cache_directory(config().cache_directory)
            .max_processes(4);
        let host = host_with(dense, &["scenarios"]).await;
        let run = |name, argument| outcome(&host, scenario(name, argument, Capabilities::none()));
        // More than it can grow into without moving.
        let status = run("allocate", "64").await;
        assert!(matches!(status, ExitStatus::Returned(_)), "{status:?}");
        let status = run("stack-overflow", "").await;
        assert_eq!(status, ExitStatus::Limit("stack".into()));
        assert_empty(&host);
    });
}

#[test]
fn a_host_takes_no_more_than_the_machine_has_and_says_which_bound_it_is() {
    block_on(async {
        let [_, dense] = profiles(u32::MAX);
        let host = Host::new(dense).unwrap();
        let shortage = host.shortage().expect("no machine has so much");
        assert_eq!(shortage.asked, u32::MAX);
        assert_eq!(shortage.given, host.max_processes());
        // What is usual fits everywhere, or is said not to.
        let host = Host::new(config()).unwrap();
        let all = host.max_processes() == config().max_processes;
        assert_eq!(host.shortage().is_none(), all);
    });
}

/// Starts from many tasks at once until all were refused, and returns how many live.
async fn fill(host: &Host, start: impl Fn() -> StartOptions + Clone + Send + 'static) -> usize {
    let tasks = (0..8).map(|_| {
        let (host, start) = (host.clone(), start.clone());
        tokio::spawn(async move {
            loop {
                match host.start(start()) {
                    Ok(_) => tokio::task::yield_now().await,
                    Err(StartError::Exhausted { .. }) => return,
                    Err(error) => panic!("{error}"),
                }
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        tokio::time::timeout(HUNG, task).await.unwrap().unwrap();
    }
    host.processes().len()
}

#[test]
fn a_host_can_be_filled_to_its_last_place_again_and_again() {
    block_on(async {
        for config in profiles(50) {
            let host = host_with(config, &["scenarios"]).await;
            for _ in 0..3 {
                let wait = || scenario("wait-stop", "", Capabilities::none());
                assert_eq!(fill(&host, wait).await, 50);
                let processes = host.processes();
                for process in &processes {
                    process.request_stop();
                }
                // Each had all that it needed: none ended for want of a slot.
                for process in &processes {
                    assert_eq!(end(process).await, ExitStatus::Stopped);
                }
                assert_empty(&host);
            }
        }
    });
}

#[test]
fn components_of_many_parts_fill_a_host_and_no_more() {
    // What each may have the most of: memories, tables, core instances.
    let memories = format!("(core module $m {})", "(memory 1)".repeat(5));
    let tables = format!("(core module $m {})", "(table 10 funcref)".repeat(16));
    let nothing = "(core module $m)".to_owned();
    block_on(async {
        for (parts, instances, room) in [(memories, 1, 3), (tables, 1, 4), (nothing, 127, 16)] {
            let instances = "(core instance (instantiate $m))".repeat(instances);
            let wat = format!(
                r#"(component
                    {parts} {instances}
                    (core module $l (func (export "run") (loop $l (br $l))))
                    (core instance $i (instantiate $l))
                    (func (export "run") (canon lift (core func $i "run"))))"#
            );
            let bytes = wat::parse_str(wat).unwrap();
            for config in profiles(16) {
                let host = host_with(config, &[]).await;
                let loaded = host.components().load("many", bytes.clone()).await;
                loaded.unwrap();
                assert_eq!(fill(&host, || options("many", vec![])).await, room);
                // They spin: nothing has ended, so each had all that it needed.
                tokio::time::sleep(Duration::from_millis(100)).await;
                assert_eq!(host.processes().len(), room);
                host.shutdown(Duration::ZERO).await;
                assert_empty(&host);
            }
        }
    });
}

#[test]
fn a_process_whose_slot_others_have_taken_ends_at_a_limit() {
    let wat = r#"(component
        (core module $m (memory 1) (func (export "run")))
        (core instance $i (instantiate $m))
        (func (export "run") (canon lift (core func $i "run"))))"#;
    block_on(async {
        let [pooled, _] = profiles(1);
        let host = host_with(pooled, &[]).await;
        let bytes = wat::parse_str(wat).unwrap();
        let loaded = host.components().load("small", bytes).await.unwrap();
        // A store that the host knows nothing of has the engine's only memory.
        let component = loaded.compiled();
        let mut store = wasmtime::Store::new(component.engine(), ());
        store.set_epoch_deadline(u64::MAX / 2);
        let linker = wasmtime::component::Linker::new(component.engine());
        linker
            .instantiate_async(&mut store, component)
            .await
            .unwrap();
        let status = outcome(&host, options("small", vec![])).await;
        assert_eq!(status, ExitStatus::Limit("host-capacity".into()));
        drop(store);
        let status = outcome(&host, options("small", vec![])).await;
        assert_eq!(status, ExitStatus::Returned(String::new()));
    });
}
