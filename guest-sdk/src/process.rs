//! Processes: running guests, each with rights and limits of its own.
//!
//! A process gets exactly what its start options list, and a parent can list
//! only what it holds itself.

mod monitor;
mod options;
mod status;
mod value;

pub use monitor::{Exit, Monitor};
pub use options::{Capability, Limits, Ownership, StartOptions};

/// What [`Ownership`] was called before 0.2.
#[doc(hidden)]
#[deprecated(note = "this is `Ownership` now")]
pub type Bond = Ownership;
pub use status::{ExitStatus, Trap};
pub use value::Value;

use crate::bindings::unshare_process;
use crate::bindings::weft::fabric::{process as raw, process_async};
use crate::channel::Channel;
use crate::error::CallError;
use crate::task::{Call, Pending};
use futures::future::LocalBoxFuture;
use std::future::poll_fn;
use std::rc::Rc;
use std::time::Duration;

/// A process held by the one who started it. Dropping the handle does not end
/// the process, unless it was started as [`Ownership::Linked`].
///
/// ```no_run
/// # async fn f() -> weft_guest::Result {
/// use weft_guest::{Process, StartOptions};
/// let child = Process::start(StartOptions::new("hello").arg("Ada"))?;
/// println!("{}", child.wait().await);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Process {
    raw: Rc<raw::Process>,
}

impl Process {
    /// Starts a process. Everything is checked before any code of it runs.
    /// Handles among the arguments are consumed even when it fails.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// use weft_guest::{Process, StartOptions};
    /// let child = Process::start(StartOptions::new("hello").arg("Ada"))?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Without the capability `process-lifecycle`; when the component or its
    /// entry point is not found, an argument does not fit, a capability or a
    /// limit goes beyond the caller's own.
    pub fn start(options: StartOptions) -> Result<Self, CallError> {
        let (options, limits) = options.into_raw();
        let raw = raw::Process::start_within(options, limits)?;
        Ok(Self::from_raw(raw))
    }

    /// Its id, unique in the host's lifetime. For display: no call takes an id.
    ///
    /// ```no_run
    /// # fn f(child: weft_guest::Process) -> weft_guest::Result {
    /// println!("process {}", child.id());
    /// # Ok(()) }
    /// ```
    pub fn id(&self) -> u64 {
        self.raw.id()
    }

    /// The friendly name.
    ///
    /// ```no_run
    /// # fn f(child: weft_guest::Process) -> weft_guest::Result {
    /// println!("{} is running", child.name());
    /// # Ok(()) }
    /// ```
    pub fn name(&self) -> String {
        self.raw.name()
    }

    /// How it ended, or `None` while it runs.
    ///
    /// ```no_run
    /// # fn f(child: weft_guest::Process) -> weft_guest::Result {
    /// match child.status() {
    ///     None => println!("it runs"),
    ///     Some(status) => println!("it {status}"),
    /// }
    /// # Ok(()) }
    /// ```
    pub fn status(&self) -> Option<ExitStatus> {
        self.raw.status().map(ExitStatus::from)
    }

    /// Waits for the end. All waiters get the same status.
    ///
    /// ```no_run
    /// # async fn f(child: weft_guest::Process) -> weft_guest::Result {
    /// let status = child.wait().await;
    /// println!("{status}");
    /// # Ok(()) }
    /// ```
    pub async fn wait(&self) -> ExitStatus {
        if let Some(status) = self.status() {
            return status;
        }
        let mut pending = Pending::new(WaitCall(Rc::clone(&self.raw)));
        poll_fn(|cx| pending.poll(cx)).await.into()
    }

    /// Asks the process to stop, waits for its end and has it killed when
    /// `grace` has passed (counted in whole milliseconds). Returns how it ended, also if it had ended before.
    ///
    /// ```no_run
    /// # async fn f(child: weft_guest::Process) -> weft_guest::Result {
    /// use std::time::Duration;
    /// let status = child.stop(Duration::from_secs(5)).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Without the capability `process-lifecycle`.
    pub async fn stop(&self, grace: Duration) -> Result<ExitStatus, CallError> {
        Ok(process_async::stop(&self.raw, millis(grace)).await?.into())
    }

    /// Ends the process without asking, and does not wait for it.
    ///
    /// ```no_run
    /// # async fn f(child: weft_guest::Process) -> weft_guest::Result {
    /// child.kill()?;
    /// assert_eq!(child.wait().await, weft_guest::ExitStatus::Killed);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Without the capability `process-lifecycle`.
    pub fn kill(&self) -> Result<(), CallError> {
        Ok(self.raw.kill()?)
    }

    /// Links this process and that one: when one of them ends without success
    /// the other ends as [`ExitStatus::Linked`] at once, unless a [`Monitor`]
    /// traps its exits. If it has ended already, this happens now. If this process stops or kills the other
    /// one, it ignores that end.
    ///
    /// ```no_run
    /// # fn f(child: weft_guest::Process) -> weft_guest::Result {
    /// child.link()?; // when it fails, this process ends too
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Without the capability `process-lifecycle`, or with as many links and
    /// watches as the limit `handles` allows.
    pub fn link(&self) -> Result<(), CallError> {
        Ok(self.raw.link()?)
    }

    /// Undoes a link.
    ///
    /// ```no_run
    /// # fn f(child: weft_guest::Process) -> weft_guest::Result {
    /// child.link()?;
    /// child.unlink(); // and now it does not
    /// # Ok(()) }
    /// ```
    pub fn unlink(&self) {
        self.raw.unlink();
    }

    /// The log channel of the process, also after its end.
    ///
    /// ```no_run
    /// # async fn f(child: weft_guest::Process) -> weft_guest::Result {
    /// let mut entries = child.log_channel()?.weak_reader()?;
    /// while let Some(entry) = entries.read().await? {
    ///     println!("{}", String::from_utf8_lossy(&entry.payload));
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Without the capability `log-reader`.
    pub fn log_channel(&self) -> Result<Channel, CallError> {
        Ok(Channel::from_raw(self.raw.log_channel()?))
    }

    /// Takes a handle of the raw bindings.
    ///
    /// ```no_run
    /// # fn f(raw: weft_guest::bindings::weft::fabric::process::Process) -> weft_guest::Result {
    /// let child = weft_guest::Process::from_raw(raw);
    /// # Ok(()) }
    /// ```
    pub fn from_raw(raw: raw::Process) -> Self {
        Process { raw: Rc::new(raw) }
    }

    /// Gives the handle of the raw bindings.
    ///
    /// ```no_run
    /// # fn f(child: weft_guest::Process) -> weft_guest::Result {
    /// let raw = child.into_raw();
    /// # Ok(()) }
    /// ```
    pub fn into_raw(self) -> raw::Process {
        unshare_process(self.raw)
    }

    /// The handle of the raw bindings.
    pub(crate) fn raw(&self) -> &raw::Process {
        &self.raw
    }
}

/// A wait for the end of a process that still runs.
struct WaitCall(Rc<raw::Process>);

impl Call for WaitCall {
    type Output = raw::ExitStatus;

    fn wait(self) -> Self::Output {
        self.0.wait()
    }

    fn start(self) -> LocalBoxFuture<'static, Self::Output> {
        Box::pin(async move { process_async::wait(&self.0).await })
    }
}

/// The processes that this one has started and that live, oldest first.
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// for child in weft_guest::process::children()? {
///     println!("{} {}", child.id(), child.name());
/// }
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// Without the capability `process-lifecycle`, or without room for so many
/// handles.
pub fn children() -> Result<Vec<Process>, CallError> {
    Ok(raw::children()?
        .into_iter()
        .map(Process::from_raw)
        .collect())
}

/// This process's own id.
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// println!("I am process {}", weft_guest::process::current_id());
/// # Ok(()) }
/// ```
pub fn current_id() -> u64 {
    raw::current()
}

/// Whether this process has been asked to stop.
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// while !weft_guest::process::stop_requested() {
///     // A piece of work that never waits.
/// }
/// # Ok(()) }
/// ```
pub fn stop_requested() -> bool {
    raw::stop_requested()
}

/// Returns when this process is asked to stop.
///
/// ```no_run
/// # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
/// use weft_guest::futures::{FutureExt, select};
/// loop {
///     select! {
///         _ = weft_guest::process::stop_request().fuse() => break,
///         frame = input.read().fuse() => if frame?.is_none() { break },
///     }
/// }
/// # Ok(()) }
/// ```
pub async fn stop_request() {
    if !stop_requested() {
        let mut pending = Pending::new(StopCall);
        poll_fn(|cx| pending.poll(cx)).await;
    }
}

/// A wait for the request to stop.
struct StopCall;

impl Call for StopCall {
    type Output = ();

    fn wait(self) {
        raw::wait_stop();
    }

    fn start(self) -> LocalBoxFuture<'static, ()> {
        Box::pin(process_async::stop_request())
    }
}

/// Whole milliseconds, rounded up so that a short wait does not become 0; at most 49 days.
pub(crate) fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_round_up_and_stop_at_the_top() {
        assert_eq!(millis(Duration::ZERO), 0);
        assert_eq!(millis(Duration::from_nanos(1)), 1);
        assert_eq!(millis(Duration::from_secs(2)), 2000);
        assert_eq!(millis(Duration::MAX), u32::MAX);
    }
}
