//! Tests of handing threads over, with futures in place of guests.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
use super::*;
use std::future::poll_fn;
use std::sync::mpsc;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::{Notify, oneshot};

fn one_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn two_threads() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).build().unwrap()
}

/// Spawns one that waits for the notification, and then calls this.
fn notified(runtime: &Runtime, on: &Arc<Notify>, then: impl FnOnce() + Send + 'static) {
    let on = on.clone();
    spawn(runtime.handle(), async move {
        on.notified().await;
        then();
    });
}

/// Two that wake each other, as long as there is anybody who listens.
fn play(runtime: &Runtime, held_each: Duration) -> oneshot::Receiver<()> {
    let (over, told) = oneshot::channel();
    let balls = [Arc::new(Notify::new()), Arc::new(Notify::new())];
    let [there, back] = balls.clone();
    spawn(runtime.handle(), async move {
        while !over.is_closed() {
            held(held_each);
            there.notify_one();
            back.notified().await;
        }
    });
    let [there, back] = balls;
    spawn(runtime.handle(), async move {
        loop {
            there.notified().await;
            held(held_each);
            back.notify_one();
        }
    });
    told
}

/// What has had its turn after a process has woken another, while a task of tokio's was ready before.
fn order_after(turn: Duration) -> Vec<&'static str> {
    let runtime = one_thread();
    let (order, turns) = mpsc::channel();
    let wake = Arc::new(Notify::new());
    let said = order.clone();
    notified(&runtime, &wake, move || said.send("woken").unwrap());
    runtime.block_on(tokio::task::yield_now());
    spawn(runtime.handle(), async move {
        let said = order.clone();
        tokio::spawn(async move { said.send("other").unwrap() });
        held(turn);
        wake.notify_one();
        tokio::task::yield_now().await;
        drop(order);
    });
    runtime.block_on(async {
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
    });
    turns.try_iter().collect()
}

#[test]
fn a_process_that_was_woken_by_another_runs_before_other_tasks() {
    assert_eq!(order_after(Duration::ZERO), ["woken", "other"]);
}

#[test]
fn a_process_that_was_woken_in_a_long_turn_is_left_to_tokio() {
    assert_eq!(order_after(SHORT * 2), ["other", "woken"]);
}

#[test]
fn two_that_wake_each_other_without_end_let_other_tasks_run() {
    for held_each in [Duration::ZERO, SHORT / 2] {
        let runtime = one_thread();
        let playing = play(&runtime, held_each);
        runtime.block_on(async {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
        });
        drop(playing);
    }
}

#[test]
fn a_process_runs_on_while_its_home_polls_another() {
    let runtime = two_threads();
    let (wake, back) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (first_runs, until_first_runs) = mpsc::channel();
    let (second_runs, until_second_runs) = mpsc::channel();
    let (done, ended) = mpsc::channel();
    let outside = back.clone();
    notified(&runtime, &wake, move || {
        second_runs.send(()).unwrap();
        // It holds the thread, and with it the home of the first, until the first has run again.
        until_first_runs.recv().unwrap();
        done.send(()).unwrap();
    });
    spawn(runtime.handle(), async move {
        // The other waits by now.
        tokio::task::yield_now().await;
        wake.notify_one();
        back.notified().await;
        first_runs.send(()).unwrap();
    });
    until_second_runs.recv().unwrap();
    outside.notify_one();
    ended.recv_timeout(Duration::from_secs(60)).unwrap();
}

#[test]
fn a_process_that_goes_on_leaves_the_one_that_it_has_woken_to_another_worker() {
    let runtime = two_threads();
    let wake = Arc::new(Notify::new());
    let (runs, until_it_runs) = mpsc::channel();
    let (done, ended) = mpsc::channel();
    notified(&runtime, &wake, move || runs.send(()).unwrap());
    spawn(runtime.handle(), async move {
        // The other waits by now.
        tokio::task::yield_now().await;
        wake.notify_one();
        // It holds its thread, and calls, until the other has run.
        while until_it_runs.try_recv().is_err() {
            called();
        }
        done.send(()).unwrap();
    });
    ended.recv_timeout(Duration::from_secs(60)).unwrap();
}

#[test]
fn a_panic_ends_only_the_process_that_panicked() {
    let runtime = one_thread();
    let wake = Arc::new(Notify::new());
    notified(&runtime, &wake, || panic!("of the one that was woken"));
    runtime.block_on(tokio::task::yield_now());
    let (goes_on, went_on) = oneshot::channel();
    spawn(runtime.handle(), async move {
        wake.notify_one();
        tokio::task::yield_now().await;
        goes_on.send(()).unwrap();
    });
    runtime.block_on(went_on).unwrap();
}

#[test]
fn a_runtime_that_shuts_down_drops_processes_whose_wakers_are_kept() {
    let runtime = one_thread();
    let held = Arc::new(());
    let (keep, kept) = mpsc::channel();
    let inside = held.clone();
    spawn(runtime.handle(), async move {
        let _inside = inside;
        poll_fn(|cx| {
            keep.send(cx.waker().clone()).unwrap();
            Poll::<()>::Pending
        })
        .await;
    });
    runtime.block_on(tokio::task::yield_now());
    let waker = kept.recv().unwrap();
    drop(runtime);
    assert_eq!(Arc::strong_count(&held), 1);
    waker.wake();
}

#[test]
fn every_wake_up_is_answered_whichever_thread_it_comes_from() {
    const SENT: usize = 5_000;
    const HOPS: usize = 8;
    let runtime = two_threads();
    let (senders, receivers): (Vec<_>, Vec<_>) =
        (0..HOPS).map(|_| unbounded_channel::<usize>()).unzip();
    let (done, ended) = mpsc::channel();
    for (at, mut own) in receivers.into_iter().enumerate() {
        let (next, done) = (senders[(at + 1) % HOPS].clone(), done.clone());
        spawn(runtime.handle(), async move {
            while let Some(hops) = own.recv().await {
                // Long turns go by way of tokio.
                if hops == at {
                    held(SHORT * 2);
                }
                match hops {
                    HOPS => done.send(()).unwrap(),
                    _ => next.send(hops + 1).unwrap(),
                }
            }
        });
    }
    for at in 0..SENT {
        senders[at % HOPS].send(1).unwrap();
    }
    for _ in 0..SENT {
        ended.recv_timeout(Duration::from_secs(60)).unwrap();
    }
}
