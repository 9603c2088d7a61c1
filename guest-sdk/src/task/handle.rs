//! Tasks of a guest, and the handles of them.
//!
//! Invariant: a task runs on when its handle is dropped.

use super::{Root, spawn_local};
use futures::future::{AbortHandle, AbortRegistration, Abortable};
use std::cell::RefCell;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Runs a future beside the entry point, on the same thread.
///
/// The task goes on after the entry point has returned; the process returns the entry point's result when all tasks have ended. If the entry point
/// returns an error, or the process is asked to stop, the tasks end too. The handle can be awaited for the task's result, and ends it if asked to;
/// dropping it changes nothing. Only for `async fn main`.
///
/// ```no_run
/// weft_guest::spawn(async {
///     weft_guest::time::sleep(std::time::Duration::from_secs(1)).await;
///     weft_guest::log::info!("a second later");
/// });
/// ```
pub fn spawn<T: 'static>(future: impl Future<Output = T> + 'static) -> Task<T> {
    let (abort, registration) = AbortHandle::new_pair();
    let shared = Rc::new(RefCell::new(TaskState {
        ended: None,
        waker: None,
    }));
    spawn_local(Root::new(run(future, registration, Rc::clone(&shared))));
    Task { shared, abort }
}

async fn run<T>(
    future: impl Future<Output = T>,
    registration: AbortRegistration,
    shared: Rc<RefCell<TaskState<T>>>,
) {
    let ended = Abortable::new(future, registration).await;
    let waker = {
        let mut shared = shared.borrow_mut();
        shared.ended = Some(ended.map_err(|_| Aborted));
        shared.waker.take()
    };
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// A task that was started by [`spawn`]. As a future it is ready when the task has ended, and gives its result once.
///
/// ```no_run
/// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
/// let first = weft_guest::spawn(async move { input.read().await });
/// // Other work.
/// let frame = first.await??;
/// # Ok(()) }
/// ```
pub struct Task<T> {
    shared: Rc<RefCell<TaskState<T>>>,
    abort: AbortHandle,
}

struct TaskState<T> {
    ended: Option<Result<T, Aborted>>,
    waker: Option<Waker>,
}

/// A task was ended by [`Task::abort`].
///
/// ```no_run
/// # async fn f() {
/// let task = weft_guest::spawn(std::future::pending::<()>());
/// task.abort();
/// assert_eq!(task.await, Err(weft_guest::Aborted));
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the task was aborted")]
pub struct Aborted;

impl<T> Task<T> {
    /// Ends the task where it waits, if it has not ended. What it holds is dropped.
    ///
    /// ```no_run
    /// # async fn f(task: weft_guest::Task<()>) {
    /// task.abort();
    /// assert_eq!(task.await, Err(weft_guest::Aborted));
    /// # }
    /// ```
    pub fn abort(&self) {
        self.abort.abort();
    }

    /// Whether it has ended.
    ///
    /// ```no_run
    /// # fn f(task: weft_guest::Task<()>) {
    /// if !task.is_finished() {
    ///     println!("still at work");
    /// }
    /// # }
    /// ```
    pub fn is_finished(&self) -> bool {
        self.shared.borrow().ended.is_some()
    }
}

impl<T> Future for Task<T> {
    type Output = Result<T, Aborted>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut shared = self.shared.borrow_mut();
        match shared.ended.take() {
            Some(ended) => Poll::Ready(ended),
            None => {
                shared.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}
