//! How an export runs: its task, its callback, and the memory of its result.
//!
//! On the target of guests only; elsewhere there is no host to call it.
#![allow(unsafe_code)]

use super::flat::Lowered;
use std::cell::RefCell;
use wit_bindgen::rt::async_support::{TaskCancelOnDrop, callback as resume, start_task};

thread_local! {
    /// The result that the host has not taken yet.
    static RESULT: RefCell<Lowered> = RefCell::default();
}

/// Runs before anything else in an export.
pub fn begin() {
    wit_bindgen::rt::run_ctors_once();
    // The host allocates with it, so it has to be linked.
    wit_bindgen::rt::maybe_link_cabi_realloc();
}

/// Starts the task of an async export. `end` hands its result to the host.
pub fn run_task(
    task: impl Future<Output = Lowered> + 'static,
    end: impl FnOnce(&[u64]) + 'static,
) -> i32 {
    start_task(async move {
        let cancel = TaskCancelOnDrop::new();
        let lowered = task.await;
        cancel.forget();
        end(lowered.values());
    })
}

/// Goes on with a task.
///
/// # Safety
/// Called by the host alone.
pub unsafe fn callback(event: u32, waitable: u32, code: u32) -> u32 {
    // SAFETY: the caller's.
    unsafe { resume(event, waitable, code) }
}

/// Keeps the result of a sync export until the host has taken it, and gives its core values.
pub fn keep_result(lowered: Lowered) -> Vec<u64> {
    let values = lowered.values().to_vec();
    RESULT.set(lowered);
    values
}

/// The host has taken it.
pub fn free_result() {
    RESULT.take();
}
