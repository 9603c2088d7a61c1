//! The words of supervision, the same as the host's: when a child is started
//! again, who with it, and after how long.

use std::ops::Range;
use std::time::Duration;

/// Whether a child that has ended is restarted.
///
/// ```
/// use weft_guest::supervisor::Restart;
/// assert_eq!(Restart::default(), Restart::OnFailure);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Restart {
    /// Never, however it ended.
    Never,
    /// When it ended without success; see
    /// [`ExitStatus::is_success`](crate::ExitStatus::is_success).
    #[default]
    OnFailure,
    /// Always, however it ended.
    Always,
}

/// Which children are restarted together. Siblings that have ended for good stay ended. Siblings that are
/// restarted [`Never`](Restart::Never) are stopped with the others and not started again.
///
/// ```
/// use weft_guest::supervisor::Strategy;
/// assert_eq!(Strategy::default(), Strategy::OneForOne);
/// ```
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

/// The wait before a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Backoff {
    pub(super) first: Duration,
    pub(super) most: Duration,
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

impl Strategy {
    /// The children that are restarted together with a child, itself included.
    pub(super) fn group(self, child: usize, children: usize) -> Range<usize> {
        match self {
            Strategy::OneForOne => child..child + 1,
            Strategy::OneForAll => 0..children,
            Strategy::RestForOne => child..children,
        }
    }
}

impl Backoff {
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
    fn a_policy_looks_at_how_the_child_ended() {
        let applies = |restart: Restart| [true, false].map(|success| restart.applies(success));
        assert_eq!(applies(Restart::Never), [false, false]);
        assert_eq!(applies(Restart::OnFailure), [false, true]);
        assert_eq!(applies(Restart::Always), [true, true]);
    }

    #[test]
    fn a_strategy_says_who_is_concerned() {
        assert_eq!(Strategy::OneForOne.group(1, 3), 1..2);
        assert_eq!(Strategy::OneForAll.group(1, 3), 0..3);
        assert_eq!(Strategy::RestForOne.group(1, 3), 1..3);
    }

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
}
