//! Monitors: the ends of processes as messages.

use crate::bindings::unshare_monitor;
use crate::bindings::weft::fabric::{process as raw, process_async};
use crate::error::CallError;
use crate::process::{ExitStatus, Process};
use crate::task::{Call, Pending};
use futures::future::LocalBoxFuture;
use futures::stream::{self, FusedStream};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;

/// The end of a process, as a [`Monitor`] reports it.
///
/// ```no_run
/// # async fn f(monitor: weft_guest::Monitor) -> weft_guest::Result {
/// if let Some(exit) = monitor.next().await {
///     println!("{} (process {}): {}", exit.name, exit.process, exit.status);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The id of the process; see [`Process::id`].
    pub process: u64,
    /// Its friendly name.
    pub name: String,
    /// The tag given to [`Monitor::watch`]; 0 for a process that was only linked.
    pub tag: u64,
    /// How it ended.
    pub status: ExitStatus,
}

/// A queue of the ends of processes, in the order in which they happened, each
/// once.
///
/// ```no_run
/// # async fn f() -> weft_guest::Result {
/// use weft_guest::{Monitor, Process, StartOptions};
/// let monitor = Monitor::new()?;
/// for job in 0..4u32 {
///     let worker = Process::start(StartOptions::new("worker").arg(job))?;
///     monitor.watch(&worker, u64::from(job))?;
/// }
/// while let Some(exit) = monitor.next().await {
///     println!("job {} {}", exit.tag, exit.status);
/// }
/// # Ok(()) }
/// ```
pub struct Monitor {
    raw: Rc<raw::Monitor>,
    /// Ends that were taken on the guest's own stack for a wait that was dropped.
    kept: RefCell<VecDeque<Exit>>,
}

impl Monitor {
    /// A monitor that watches nothing yet.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// let monitor = weft_guest::Monitor::new()?;
    /// assert_eq!(monitor.try_next(), None);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Without room for its handle.
    pub fn new() -> Result<Self, CallError> {
        Ok(Self::from_raw(raw::Monitor::create()?))
    }

    /// Watches a process: its end is queued here, at once if it has ended. Watching it again changes its tag,
    /// even for an end that is queued already.
    ///
    /// ```no_run
    /// # async fn f(child: weft_guest::Process) -> weft_guest::Result {
    /// let monitor = weft_guest::Monitor::new()?;
    /// monitor.watch(&child, 7)?;
    /// let exit = monitor.next().await; // its tag is 7
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// With as many links and watches as the limit `handles` allows; ends that
    /// nobody has taken count too.
    pub fn watch(&self, process: &Process, tag: u64) -> Result<(), CallError> {
        Ok(self.raw.watch(process.raw(), tag)?)
    }

    /// Stops watching a process. An end that is queued stays queued.
    ///
    /// ```no_run
    /// # fn f(monitor: weft_guest::Monitor, child: weft_guest::Process) -> weft_guest::Result {
    /// monitor.unwatch(&child);
    /// # Ok(()) }
    /// ```
    pub fn unwatch(&self, process: &Process) {
        self.raw.unwatch(process.raw());
    }

    /// From now on the ends of all processes linked with this one are queued here, successful ends too, and no
    /// longer end it.
    ///
    /// ```no_run
    /// # async fn f(monitor: weft_guest::Monitor, child: weft_guest::Process) -> weft_guest::Result {
    /// monitor.trap_exits();
    /// child.link()?;
    /// let exit = monitor.next().await; // and this process goes on
    /// # Ok(()) }
    /// ```
    pub fn trap_exits(&self) {
        self.raw.trap_exits();
    }

    /// What [`Monitor::trap_exits`] was called before 0.2.
    #[doc(hidden)]
    #[deprecated(note = "this is `trap_exits` now")]
    pub fn take_links(&self) {
        self.trap_exits();
    }

    /// Waits for the next end. `None` when nothing is watched and no exits are trapped.
    ///
    /// A call that is dropped before it is ready has taken no end.
    ///
    /// ```no_run
    /// # async fn f(monitor: weft_guest::Monitor) -> weft_guest::Result {
    /// while let Some(exit) = monitor.next().await {
    ///     println!("{}", exit.status);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn next(&self) -> Option<Exit> {
        loop {
            if let Some(exit) = self.try_next() {
                return Some(exit);
            }
            let call = NextCall(Rc::clone(&self.raw));
            let mut waiting = Waiting {
                monitor: self,
                pending: Pending::new(call),
            };
            match poll_fn(|cx| waiting.pending.poll(cx)).await {
                Waited::Took(exit) => return exit.map(Exit::from),
                Waited::Nothing => return None,
                Waited::Arrived => {}
            }
        }
    }

    /// The ends as a stream, which ends when nothing is watched and no exits are trapped. A stream that is dropped loses no end.
    ///
    /// ```no_run
    /// # async fn f(monitor: weft_guest::Monitor) -> weft_guest::Result {
    /// use weft_guest::futures::StreamExt;
    /// let failed = monitor.stream().filter(|exit| std::future::ready(!exit.status.is_success()));
    /// println!("{} have failed", failed.count().await);
    /// # Ok(()) }
    /// ```
    pub fn stream(&self) -> Pin<Box<dyn FusedStream<Item = Exit> + '_>> {
        Box::pin(stream::unfold(self, async |monitor| {
            Some((monitor.next().await?, monitor))
        }))
    }

    /// The next end, or `None` if none is there now.
    ///
    /// ```no_run
    /// # fn f(monitor: weft_guest::Monitor) -> weft_guest::Result {
    /// while let Some(exit) = monitor.try_next() {
    ///     println!("{}", exit.status);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn try_next(&self) -> Option<Exit> {
        let kept = self.kept.borrow_mut().pop_front();
        kept.or_else(|| self.raw.try_next().map(Exit::from))
    }

    /// Takes a handle of the raw bindings.
    ///
    /// ```no_run
    /// # fn f(raw: weft_guest::bindings::weft::fabric::process::Monitor) -> weft_guest::Result {
    /// let monitor = weft_guest::Monitor::from_raw(raw);
    /// # Ok(()) }
    /// ```
    pub fn from_raw(raw: raw::Monitor) -> Self {
        Monitor {
            raw: Rc::new(raw),
            kept: RefCell::default(),
        }
    }

    /// Gives the handle of the raw bindings.
    ///
    /// ```no_run
    /// # fn f(monitor: weft_guest::Monitor) -> weft_guest::Result {
    /// let raw = monitor.into_raw();
    /// # Ok(()) }
    /// ```
    pub fn into_raw(self) -> raw::Monitor {
        unshare_monitor(self.raw)
    }

    /// The handle of the raw bindings.
    pub(crate) fn raw(&self) -> &raw::Monitor {
        &self.raw
    }
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor")
            .field("raw", &self.raw)
            .finish_non_exhaustive()
    }
}

impl From<raw::Exit> for Exit {
    fn from(exit: raw::Exit) -> Self {
        Exit {
            process: exit.process,
            name: exit.name,
            tag: exit.tag,
            status: exit.status.into(),
        }
    }
}

/// A wait for the next end. On the guest's own stack it takes the end. Where other futures run too it only waits: if the
/// call is given up after it was done, its result is lost in Rust's bindings.
struct NextCall(Rc<raw::Monitor>);

/// Its result.
enum Waited {
    Took(Option<raw::Exit>),
    /// There is an end to be taken.
    Arrived,
    /// Nothing is watched.
    Nothing,
}

impl Call for NextCall {
    type Output = Waited;

    fn wait(self) -> Waited {
        Waited::Took(self.0.next())
    }

    fn start(self) -> LocalBoxFuture<'static, Waited> {
        Box::pin(async move {
            match process_async::await_exit(&self.0).await {
                true => Waited::Arrived,
                false => Waited::Nothing,
            }
        })
    }
}

/// A waiter for the next end. If it is dropped, an end that was taken for it is kept for the next waiter.
struct Waiting<'a> {
    monitor: &'a Monitor,
    pending: Pending<NextCall>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(Waited::Took(Some(exit))) = self.pending.take_done() {
            self.monitor.kept.borrow_mut().push_back(exit.into());
        }
    }
}
