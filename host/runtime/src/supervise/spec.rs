//! What a supervisor is told: its children, and what to do when one of them ends.

use crate::process::StartOptions;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Restarts within the window unless told otherwise: enough for a fault that passes, few
/// enough that one that stays is seen at once.
const DEFAULT_MAX_RESTARTS: u32 = 5;

/// The window unless told otherwise.
const DEFAULT_WITHIN: Duration = Duration::from_secs(10);

/// The first back-off unless told otherwise: a person sees no delay, a loop is no load.
const DEFAULT_FIRST: Duration = Duration::from_millis(100);

/// The longest back-off unless told otherwise.
const DEFAULT_MOST: Duration = Duration::from_secs(10);

/// Time that children have to stop unless told otherwise: what a user gives a program after
/// Ctrl-C.
const DEFAULT_GRACE: Duration = Duration::from_secs(5);

/// A child of a [`Supervisor`](super::Supervisor).
#[derive(Clone, Debug)]
pub struct ChildSpec {
    /// Its name, unique among its siblings.
    pub name: String,
    /// How it is started, the first time and every other.
    pub start: StartOptions,
    /// Whether it is started again.
    pub restart: Restart,
    /// How it is started by a reload once it has failed for good, when what it held is gone. The supervisor waits for that reload,
    /// also when nothing else runs. None: it is not.
    pub anew: Option<Anew>,
}

/// Makes the options of a start anew, with ends of channels of their own; an error says why there are none any more.
#[derive(Clone)]
pub struct Anew(Arc<Make>);

type Make = dyn Fn() -> Result<StartOptions, String> + Send + Sync;

impl Anew {
    /// Made by this.
    pub fn new(make: impl Fn() -> Result<StartOptions, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(make))
    }

    pub(super) fn make(&self) -> Result<StartOptions, String> {
        (self.0)()
    }
}

impl fmt::Debug for Anew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Anew")
    }
}

/// Whether a child that has ended is started again. The default is that of the guest SDK's supervisor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Restart {
    /// It is not, however it ended.
    Never,
    /// When it ended without success; see [`ExitStatus::is_success`](crate::ExitStatus::is_success).
    #[default]
    OnFailure,
    /// However it ended.
    Always,
}

/// Who is restarted with a child. Those that ended for good before stay ended, and those that
/// are to be restarted [`Never`](Restart::Never) are stopped with the others and stay so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// Nobody.
    #[default]
    OneForOne,
    /// All its siblings: they are stopped, then all are started in order.
    OneForAll,
    /// The siblings started after it.
    RestForOne,
}

/// The order in which children are stopped, one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StopOrder {
    /// In reverse order of start: whoever uses another stops before it.
    #[default]
    LastFirst,
    /// In order of start: in a pipeline each child can finish what those before it have sent.
    FirstFirst,
}

/// The wait before a restart. It doubles from restart to restart of a child, and begins anew
/// once the child has run as long as the window of the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Before the first.
    pub first: Duration,
    /// The longest.
    pub most: Duration,
}

/// How a supervisor goes about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supervision {
    /// Who is restarted with a child.
    pub strategy: Strategy,
    /// Restarts there may be [`within`](Self::within) the window, of all children together; a
    /// restart of several at once is one. At one more the supervisor gives up.
    pub max_restarts: u32,
    /// The window. Within none at all no restart is counted, and it never gives up.
    pub within: Duration,
    /// The wait before a restart.
    pub backoff: Backoff,
    /// Time that children have to stop, all that are stopped for one reason together, before
    /// they are killed.
    pub grace: Duration,
    /// The order in which they are stopped.
    pub stop_order: StopOrder,
}

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
    /// Whether a child that ended like this is started again.
    pub(super) fn applies(self, success: bool) -> bool {
        match self {
            Restart::Never => false,
            Restart::OnFailure => !success,
            Restart::Always => true,
        }
    }
}

impl Backoff {
    /// The wait before a restart that comes after so many others without a pause.
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
