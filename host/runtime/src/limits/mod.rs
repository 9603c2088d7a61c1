//! Limits: how much a process may use.
//!
//! [`Limits`] are the bounds of one process; a [`LimitRequest`] is what its starter asks for. `table` declares each limit once, `amount` the units.
//! `growth` enforces the limits on memories, tables and instances, `cpu` the limit on CPU time. What a process and its children hold of the host
//! together is counted in its `account`. The depth of the stack has one bound for all processes of a host:
//! [`HostConfig::stack`](crate::HostConfig::stack).
//!
//! If a call can report a limit, it returns a value: `exhausted` or `too-large`. If no call can, the process ends as
//! [`ExitStatus::Limit`](crate::ExitStatus::Limit). The text of each limit says which.
//!
//! Invariant: a child's bound is never above its parent's.

mod amount;
mod cpu;
mod growth;
mod table;

pub use amount::{LimitAmount, LimitAmountError, LimitUnit};
pub(crate) use cpu::CpuTime;
pub(crate) use growth::Growth;
pub use table::{HostBound, Limit, LimitRequest, Limits, OfChildren, UnknownLimit};

use std::fmt::{Debug, Display};

/// Most bytes of text and byte lists in the arguments of one start. A list passed this way takes tens of bytes
/// in the host for each of its bytes; larger data goes through a channel.
pub(crate) const ARGUMENT_BYTES: usize = 1 << 20;

/// Most bytes of an entry point's result, as text: everyone who waits for a process gets a copy. Larger results
/// go through a channel.
pub(crate) const RESULT_BYTES: usize = 1 << 20;

/// Most bytes of the friendly name of a process, which is part of each of its log entries.
pub(crate) const NAME_BYTES: usize = 255;

/// Most capabilities of a process, of all kinds: more than anybody writes down. Bounds the work of a start.
pub(crate) const CAPABILITIES: usize = 1_024;

/// Most bytes of text in the capabilities of a process, which it keeps as long as it lives.
pub(crate) const CAPABILITY_BYTES: usize = 64 << 10;

/// Most folders mounted for one process. Each is an open file of the host, which may have a thousand or so.
pub(crate) const MOUNTS: usize = 16;

/// A limit was asked for that is above the granter's own bound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("limit `{limit}`: {asked} was asked for, {most} is the most")]
pub struct LimitError {
    /// The limit's name.
    pub limit: &'static str,
    /// What was asked for.
    pub asked: String,
    /// The most that can be given.
    pub most: String,
}

impl Limits {
    /// The highest limits that a process under these limits can give its children.
    ///
    /// # Errors
    /// [`LimitError`] when it may not have children.
    pub(crate) fn for_children(self) -> Result<Limits, LimitError> {
        let spawn_depth = self.spawn_depth.checked_sub(1).ok_or_else(|| LimitError {
            limit: Limit::SpawnDepth.name(),
            asked: "another generation".into(),
            most: "0 below this process".into(),
        })?;
        Ok(Limits {
            spawn_depth,
            ..self
        })
    }
}

/// The requested bound, or the granter's own if none is requested.
fn bounded<T: Copy + PartialOrd + Display>(
    limit: Limit,
    asked: Option<T>,
    own: T,
) -> Result<T, LimitError> {
    let unit = limit.unit().suffix();
    match asked {
        Some(asked) if asked > own => Err(LimitError {
            limit: limit.name(),
            asked: format!("{asked}{unit}"),
            most: format!("{own}{unit}"),
        }),
        asked => Ok(asked.unwrap_or(own)),
    }
}

/// The same for an optional limit.
fn optional<T: Copy + PartialOrd + Debug>(
    limit: Limit,
    asked: Option<T>,
    own: Option<T>,
) -> Result<Option<T>, LimitError> {
    match (asked, own) {
        (Some(asked), Some(own)) if asked > own => Err(LimitError {
            limit: limit.name(),
            asked: format!("{asked:?}"),
            most: format!("{own:?}"),
        }),
        (asked, own) => Ok(asked.or(own)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_child_inherits_and_only_shrinks() {
        let second = Duration::from_secs(1);
        let parent = Limits {
            cpu_time: Some(second),
            wall_time: Some(second),
            fuel: Some(1),
            disk_bytes: Some(1),
            ..Limits::default()
        };
        assert_eq!(parent.narrow(&LimitRequest::default()).unwrap(), parent);
        let asked = LimitRequest {
            memory: Some(50),
            ..Default::default()
        };
        assert_eq!(parent.narrow(&asked).unwrap().memory, 50);
        for limit in Limit::ALL {
            let most = match limit.unit() {
                LimitUnit::Time => LimitAmount::Time(Duration::MAX),
                _ => LimitAmount::Number(u32::MAX.into()),
            };
            let mut asked = LimitRequest::default();
            asked.set(*limit, most).unwrap();
            assert_eq!(parent.narrow(&asked).unwrap_err().limit, limit.name());
        }
    }

    #[test]
    fn each_generation_may_have_one_less_below_it() {
        let mut limits = Limits {
            spawn_depth: 2,
            ..Limits::default()
        };
        for left in [1, 0] {
            limits = limits.for_children().unwrap();
            assert_eq!(limits.spawn_depth, left);
        }
        assert_eq!(limits.for_children().unwrap_err().limit, "spawn-depth");
    }
}
