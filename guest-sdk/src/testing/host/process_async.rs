//! `process-async`.

use super::process::{monitor, process};
use crate::bindings::weft::fabric::process::{Exit, ExitStatus, Monitor, Process};
use crate::bindings::weft::fabric::types::Error;
use crate::testing::world::world;
use std::future::poll_fn;
use std::task::Poll;

pub(crate) async fn wait(on: &Process) -> ExitStatus {
    process::ended(&process::held(on)).await
}

pub(crate) async fn stop(which: &Process, grace_ms: u32) -> Result<ExitStatus, Error> {
    Ok(process::stopped(process::held(which), grace_ms).await)
}

pub(crate) async fn next_exit(of: &Monitor) -> Option<Exit> {
    await_exit(of)
        .await
        .then(|| monitor::try_next(of))
        .flatten()
}

pub(crate) async fn await_exit(of: &Monitor) -> bool {
    let _note = world().note("for the end of a process");
    let queue = monitor::held(of);
    poll_fn(|cx| match queue.look(cx.waker()) {
        Some(there) => Poll::Ready(there),
        None => Poll::Pending,
    })
    .await
}

pub(crate) async fn stop_request() {
    let _note = world().note("to be asked to stop");
    let current = world().process();
    poll_fn(|cx| match &current {
        Some(process) if !process.stop_requested() => {
            process.wait(cx.waker());
            Poll::Pending
        }
        _ => Poll::Ready(()),
    })
    .await;
}
