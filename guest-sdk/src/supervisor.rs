//! Supervision: processes that are started again when they end, in Erlang's
//! sense.
//!
//! A supervisor is a future of the process that awaits it, no process of its
//! own; a guest that only supervises is a node of a supervision tree. `policy` holds the words, `plan` decides,
//! `team` starts, stops and waits, `outcome` is what comes of it.
//!
//! Invariants:
//! - No child outlives the process of its supervisor, nor the future.
//! - No clock is read, so that no supervisor needs the capability `clocks`:
//!   windows are timers.

mod outcome;
mod plan;
mod policy;
mod team;

pub use outcome::{ChildEnd, Ended, SupervisorError};
pub use policy::{Restart, Strategy};

use crate::error::Result;
use crate::process::{self, StartOptions};
use futures::FutureExt;
use futures::StreamExt;
use policy::Backoff;
use std::fmt;
use std::time::Duration;
use team::Team;

/// Default number of restarts in a window: enough for a transient fault, and few enough that a permanent one
/// shows soon.
const MAX_RESTARTS: u32 = 5;

/// Default window.
const WITHIN: Duration = Duration::from_secs(10);

/// Default first back-off: too short for a person to notice, long enough that a restart loop is no load.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);

/// Default longest back-off.
const MOST_BACKOFF: Duration = Duration::from_secs(10);

/// Default grace period of children: what a user gives a program after Ctrl-C.
const GRACE: Duration = Duration::from_secs(5);

/// A child of a [`Supervisor`]: its name, how it is started and whether it is
/// started again.
///
/// ```
/// use weft_guest::StartOptions;
/// use weft_guest::supervisor::{ChildSpec, Restart};
/// let worker = ChildSpec::new("worker", || Ok(StartOptions::new("worker").arg("/data")))
///     .restart(Restart::Always);
/// ```
pub struct ChildSpec {
    name: String,
    start: Box<dyn FnMut() -> Result<StartOptions>>,
    restart: Restart,
}

impl ChildSpec {
    /// A child that is started with what `start` makes, anew for each
    /// incarnation: it can make a new reader of a channel it holds, or new
    /// channels. The name and the ownership that the options have are not used.
    ///
    /// An incarnation starts reading at the oldest frame that its channel
    /// retains: keep a strong reader in the closure where none may be missed
    /// between two incarnations.
    ///
    /// ```
    /// use weft_guest::StartOptions;
    /// use weft_guest::supervisor::ChildSpec;
    /// let mut starts = 0;
    /// let worker = ChildSpec::new("worker", move || {
    ///     starts += 1;
    ///     Ok(StartOptions::new("worker").arg(starts))
    /// });
    /// ```
    pub fn new(
        name: impl Into<String>,
        start: impl FnMut() -> Result<StartOptions> + 'static,
    ) -> Self {
        ChildSpec {
            name: name.into(),
            start: Box::new(start),
            restart: Restart::default(),
        }
    }

    /// When it is restarted; by default after a failure.
    ///
    /// ```
    /// use weft_guest::StartOptions;
    /// use weft_guest::supervisor::{ChildSpec, Restart};
    /// let once = ChildSpec::new("setup", || Ok(StartOptions::new("setup"))).restart(Restart::Never);
    /// ```
    pub fn restart(mut self, restart: Restart) -> Self {
        self.restart = restart;
        self
    }
}

impl fmt::Debug for ChildSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildSpec")
            .field("name", &self.name)
            .field("restart", &self.restart)
            .finish_non_exhaustive()
    }
}

/// Starts children, and starts them again when they end.
///
/// Needs `process-lifecycle`, and what the children are granted. Events are written to the process log. Only
/// for `async fn main`.
///
/// ```no_run
/// use std::time::Duration;
/// use weft_guest::supervisor::{ChildSpec, Restart, Strategy, Supervisor};
/// use weft_guest::{Capability, Channel, StartOptions};
///
/// # async fn f() -> weft_guest::Result {
/// let jobs = Channel::bounded(64 * 1024)?;
/// let worker = ChildSpec::new("worker", move || {
///     Ok(StartOptions::new("worker")
///         .arg(jobs.strong_reader()?)
///         .capability(Capability::ChannelReader))
/// });
/// let ended = Supervisor::new()
///     .strategy(Strategy::OneForAll)
///     .max_restarts(3, Duration::from_secs(60))
///     .child(worker.restart(Restart::Always))
///     .child(ChildSpec::new("clock", || Ok(StartOptions::new("clock"))))
///     .run()
///     .await?;
/// for child in ended {
///     println!("{} {}", child.name, child.end);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Supervisor {
    children: Vec<ChildSpec>,
    strategy: Strategy,
    max_restarts: u32,
    within: Duration,
    backoff: Backoff,
    grace: Duration,
}

impl Default for Supervisor {
    fn default() -> Self {
        Self::new()
    }
}

impl Supervisor {
    /// A supervisor without children: one-for-one, at most 5 restarts within
    /// 10 seconds, a back-off of 100 ms that doubles up to 10 seconds, 5 seconds
    /// to stop.
    ///
    /// ```
    /// let supervisor = weft_guest::Supervisor::new();
    /// ```
    pub fn new() -> Self {
        Supervisor {
            children: Vec::new(),
            strategy: Strategy::default(),
            max_restarts: MAX_RESTARTS,
            within: WITHIN,
            backoff: Backoff {
                first: FIRST_BACKOFF,
                most: MOST_BACKOFF,
            },
            grace: GRACE,
        }
    }

    /// Adds a child. They are started in this order and stopped in reverse.
    ///
    /// ```
    /// use weft_guest::{StartOptions, Supervisor, supervisor::ChildSpec};
    /// let supervisor = Supervisor::new()
    ///     .child(ChildSpec::new("worker", || Ok(StartOptions::new("worker"))));
    /// ```
    pub fn child(mut self, child: ChildSpec) -> Self {
        self.children.push(child);
        self
    }

    /// Which children are restarted together.
    ///
    /// ```
    /// use weft_guest::{Supervisor, supervisor::Strategy};
    /// let supervisor = Supervisor::new().strategy(Strategy::RestForOne);
    /// ```
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// Gives up when more restarts than this are needed `within` a window, of all children together. Restarting
    /// several children together counts once. A restart counts until the window has passed since its back-off.
    ///
    /// ```
    /// use std::time::Duration;
    /// let supervisor = weft_guest::Supervisor::new().max_restarts(3, Duration::from_secs(60));
    /// ```
    pub fn max_restarts(mut self, most: u32, within: Duration) -> Self {
        self.max_restarts = most;
        self.within = within;
        self
    }

    /// Waits this long before a child's first restart, twice as long before each
    /// further one, and never longer than `most`. It is reset once a child has run as long as the window of
    /// [`Supervisor::max_restarts`].
    ///
    /// ```
    /// use std::time::Duration;
    /// let supervisor = weft_guest::Supervisor::new()
    ///     .backoff(Duration::from_millis(10), Duration::from_secs(1));
    /// ```
    pub fn backoff(mut self, first: Duration, most: Duration) -> Self {
        self.backoff = Backoff { first, most };
        self
    }

    /// Gives children this long to stop, all that are stopped for one reason
    /// together, before they are killed. In whole milliseconds, at most 49 days.
    ///
    /// ```
    /// use std::time::Duration;
    /// let supervisor = weft_guest::Supervisor::new().grace(Duration::from_secs(30));
    /// ```
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Starts the children and returns how each ended, in their order, once all
    /// have ended for good.
    ///
    /// When this process is asked to stop, the children are stopped, last first,
    /// and it returns too. Dropped before it returns, it kills the children.
    ///
    /// ```no_run
    /// # async fn f(supervisor: weft_guest::Supervisor) -> weft_guest::Result {
    /// for child in supervisor.run().await? {
    ///     println!("{} {}", child.name, child.end);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// When a child cannot be started the first time, or more restarts are needed
    /// than there may be; the other children have been stopped, last first.
    pub async fn run(self) -> Result<Vec<Ended>, SupervisorError> {
        let mut team = Team::start(self).await?;
        let mut stop = Box::pin(process::stop_request().fuse());
        while !team.is_over() {
            futures::select_biased! {
                () = stop => {
                    team.stop_all().await;
                    break;
                }
                event = team.events.select_next_some() => team.handle(event).await?,
            }
        }
        Ok(team.ended())
    }
}
