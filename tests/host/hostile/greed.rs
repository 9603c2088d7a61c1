//! Guests that try to use everything.

use super::{Neighbours, alone, attack, besieged, host, hostile, limit};
use crate::support::{block_on, config, end, log};
use std::time::Duration;
use weft_host::{ExitStatus, StartOptions, limits::LimitRequest};

fn limited(attack: &str, limits: LimitRequest) -> StartOptions {
    hostile(attack, "").limits(limits)
}

fn briefly() -> LimitRequest {
    LimitRequest::default().cpu_time(Duration::from_millis(200))
}

/// Two more spinners than workers.
const SPINNERS: usize = 4;

#[test]
fn spinners_hold_nobody_up_and_can_be_killed() {
    block_on(async {
        let host = host().await;
        let spin = || host.start(hostile("spin", "")).unwrap();
        let spinners: Vec<_> = (0..SPINNERS).map(|_| spin()).collect();
        Neighbours::start(&host).finish().await;
        for spinner in &spinners {
            assert_eq!(spinner.status(), None);
            spinner.kill();
            assert_eq!(end(spinner).await, ExitStatus::Killed);
        }
    });
}

#[test]
fn a_spinner_ends_with_its_time() {
    assert_eq!(alone(limited("spin", briefly())), limit("cpu-time"));
}

#[test]
fn a_memory_bomb_ends_at_its_limit() {
    let limits = LimitRequest::default().memory(32 << 20);
    assert_eq!(alone(limited("memory-bomb", limits)), limit("memory"));
}

#[test]
fn a_handle_bomb_is_told_that_there_are_no_more() {
    let limits = LimitRequest::default().handles(500);
    let ExitStatus::Failed(text) = alone(limited("handle-bomb", limits)) else {
        panic!("it made all it wanted")
    };
    assert!(
        text.contains("Exhausted") && text.contains("handles"),
        "{text}"
    );
}

#[test]
fn a_fork_bomb_ends_with_the_time_of_all_its_children() {
    block_on(async {
        let host = host().await;
        let limits = briefly().children(20).spawn_depth(3);
        let status = attack(&host, limited("fork-bomb", limits)).await;
        assert_eq!(status, limit("cpu-time"));
        // The children were started detached, so only the limit ends them. A child that was not checked yet may start
        // one more of the next generation; there are three generations.
        while let Some(child) = host.processes().first() {
            assert_eq!(end(child).await, limit("cpu-time"));
        }
    });
}

#[test]
fn a_fork_bomb_without_bounds_of_its_own_leaves_the_host_s_room_to_others_once_it_is_killed() {
    block_on(async {
        let config = config().max_processes(12);
        let host = besieged(config).await;
        let neighbours = Neighbours::start(&host);
        let bomb = host.start(hostile("fork-bomb", "")).unwrap();
        neighbours.finish().await;
        assert_eq!(bomb.status(), None);
        while !host.processes().is_empty() {
            host.processes().iter().for_each(weft_host::Process::kill);
            tokio::task::yield_now().await;
        }
        Neighbours::start(&host).finish().await;
    });
}

#[test]
fn deep_recursion_ends_at_the_stack() {
    assert_eq!(alone(hostile("recurse", "")), limit("stack"));
}

#[test]
fn a_log_flood_ends_with_its_time_and_keeps_no_more_than_a_log_may() {
    block_on(async {
        let host = host().await;
        let flood = host.start(limited("log-flood", briefly())).unwrap();
        Neighbours::start(&host).finish().await;
        assert_eq!(end(&flood).await, limit("cpu-time"));
        let kept = flood.log_channel().stats();
        assert!(kept.bytes_held <= host.config().log_capacity, "{kept:?}");
        let entries = log(&flood).await;
        assert!(!entries.is_empty());
    });
}
