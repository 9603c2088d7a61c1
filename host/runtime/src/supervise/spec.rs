//! The settings of a supervisor: its children, and what to do when one of them ends.

use crate::process::StartOptions;
use crate::setters::setters;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// Default number of restarts in the window: enough for a transient fault, and few enough that a permanent one
/// shows quickly.
const DEFAULT_MAX_RESTARTS: u32 = 5;

/// Default window.
const DEFAULT_WITHIN: Duration = Duration::from_secs(10);

/// Default first back-off: too short for a person to notice, long enough that a restart loop is no load.
const DEFAULT_FIRST: Duration = Duration::from_millis(100);

/// Default longest back-off.
const DEFAULT_MOST: Duration = Duration::from_secs(10);

/// Default grace period: what a user gives a program after Ctrl-C.
const DEFAULT_GRACE: Duration = Duration::from_secs(5);

/// A child of a [`Supervisor`](super::Supervisor).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ChildSpec {
    /// Its name, unique among its siblings.
    pub name: String,
    /// How it is started, the first time and every other time.
    pub start: StartOptions,
    /// When it is restarted.
    pub restart: Restart,
    /// How a reload starts it once it has failed for good and its handles are gone. The supervisor then waits for that reload,
    /// even if nothing else runs. None: a reload cannot start it.
    pub anew: Option<Anew>,
    /// Its place in the order in which children are stopped, before their order of start counts. Default: 0.
    pub stop_rank: u32,
}

setters! { ChildSpec {
    restart: Restart,
    anew: impl Into<Option<Anew>>,
    stop_rank: u32,
} }

impl ChildSpec {
    /// A child that is restarted when it [fails](Restart::OnFailure).
    pub fn new(name: impl Into<String>, start: StartOptions) -> Self {
        Self {
            name: name.into(),
            start,
            restart: Restart::default(),
            anew: None,
            stop_rank: 0,
        }
    }
}

/// Makes new start options, with new ends of channels. An error says why they cannot be made.
#[derive(Clone)]
pub struct Anew(Arc<Make>);

type Make = dyn Fn() -> Making + Send + Sync;

type Making = Pin<Box<dyn Future<Output = Result<StartOptions, String>> + Send>>;

impl Anew {
    /// From a closure that makes the options.
    ///
    /// The supervisor does nothing else meanwhile, so it must not wait for what its children do.
    pub fn new<F>(make: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<StartOptions, String>> + Send + 'static,
    {
        Self(Arc::new(move || Box::pin(make())))
    }

    pub(super) async fn make(&self) -> Result<StartOptions, String> {
        (self.0)().await
    }
}

impl fmt::Debug for Anew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Anew")
    }
}

/// Whether a child that has ended is restarted. The default is the same as in the guest SDK.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Restart {
    /// Never, however it ended.
    Never,
    /// When it ended without success; see [`ExitStatus::is_success`](crate::ExitStatus::is_success).
    #[default]
    OnFailure,
    /// However it ended.
    Always,
}

/// Which children are restarted together. Siblings that have ended for good stay ended. Siblings that are
/// restarted [`Never`](Restart::Never) are stopped with the others and not started again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// Only the child.
    #[default]
    OneForOne,
    /// The child and all its siblings: they are stopped, then all are started in order.
    OneForAll,
    /// The child and the siblings that were started after it.
    RestForOne,
}

/// The order in which children are stopped, one after the other: by their [rank](ChildSpec::stop_rank), and among equals by their
/// start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StopOrder {
    /// In reverse order of rank and start: a child stops before those it depends on.
    #[default]
    LastFirst,
    /// In order of rank and start: each child of a pipeline can finish what those before it have sent.
    FirstFirst,
}

/// The wait before a restart. It doubles with each restart of a child, and is reset once the child has run as
/// long as the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backoff {
    /// Before the first restart.
    pub first: Duration,
    /// The longest.
    pub most: Duration,
}

/// How a supervisor handles ends and stops.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Supervision {
    /// Which children are restarted together.
    pub strategy: Strategy,
    /// Most restarts [`within`](Self::within) the window, of all children together. Restarting several children
    /// together counts once. One more, and the supervisor gives up.
    pub max_restarts: u32,
    /// The window. With a window of zero no restart is counted, and the supervisor never gives up.
    pub within: Duration,
    /// The wait before a restart.
    pub backoff: Backoff,
    /// Grace period before children are killed. Children that are stopped for one reason share it.
    pub grace: Duration,
    /// The order in which they are stopped.
    pub stop_order: StopOrder,
}

setters! { Supervision {
    strategy: Strategy,
    max_restarts: u32,
    within: Duration,
    backoff: Backoff,
    grace: Duration,
    stop_order: StopOrder,
} }

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: DEFAULT_FIRST,
            most: DEFAULT_MOST,
        }
    }
}

impl Default for Supervision {
    fn default() -> Self {
        Self {
            strategy: Strategy::default(),
            max_restarts: DEFAULT_MAX_RESTARTS,
            within: DEFAULT_WITHIN,
            backoff: Backoff::default(),
            grace: DEFAULT_GRACE,
            stop_order: StopOrder::default(),
        }
    }
}

impl Restart {
    /// Whether a child with such an end is restarted.
    pub(super) fn applies(self, success: bool) -> bool {
        match self {
            Restart::Never => false,
            Restart::OnFailure => !success,
            Restart::Always => true,
        }
    }
}

impl Backoff {
    /// A wait of `first` before the first restart, and of `most` at the longest.
    pub fn new(first: Duration, most: Duration) -> Self {
        Self { first, most }
    }

    /// The wait before the next restart, after this many restarts in a row.
    pub(super) fn after(self, restarts: u32) -> Duration {
        let factor = 2u32.checked_pow(restarts).unwrap_or(u32::MAX);
        self.first.saturating_mul(factor).min(self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_the_longest() {
        let backoff = Backoff {
            first: Duration::from_millis(100),
            most: Duration::from_secs(1),
        };
        let waits: Vec<u128> = [0, 1, 2, 3, 4, 31, 32, u32::MAX]
            .map(|restarts| backoff.after(restarts).as_millis())
            .into();
        assert_eq!(waits, [100, 200, 400, 800, 1000, 1000, 1000, 1000]);
    }

    #[test]
    fn a_policy_looks_at_how_the_child_ended() {
        let applies = |restart: Restart| [true, false].map(|success| restart.applies(success));
        assert_eq!(applies(Restart::Never), [false, false]);
        assert_eq!(applies(Restart::OnFailure), [false, true]);
        assert_eq!(applies(Restart::Always), [true, true]);
    }
}
