//! Limits: how much a process may use.
//!
//! [`Limits`] are the bounds one process runs under; a [`LimitRequest`] is what
//! its starter asks for; `table` declares each limit once, `amount` what it counts. `growth` enforces those of memories, tables and instances, `cpu` that
//! of time on a processor; what a process and its children hold of the host together is counted in
//! its `account`. The depth of the stack is one bound for all processes of a host:
//! [`HostConfig::stack`](crate::HostConfig::stack).
//!
//! What a call can answer for is answered with a value, `exhausted` or `too-large`; what no call can
//! answer for ends the process as [`ExitStatus::Limit`](crate::ExitStatus::Limit). Each limit says which.
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

/// Bytes of text and bytes that the arguments of one start may have together. A list
/// passed this way takes tens of bytes of the host for each of its own; what is larger
/// goes through a channel.
pub(crate) const ARGUMENT_BYTES: usize = 1 << 20;

/// Bytes of what an entry point returns, as text: whoever waits for a process gets a copy. What is larger
/// goes through a channel.
pub(crate) const RESULT_BYTES: usize = 1 << 20;

/// Bytes of the friendly name of a process, which stands in each of its log entries.
pub(crate) const NAME_BYTES: usize = 255;

/// Capabilities of a process, whatever they are: more than anybody writes down. It bounds the work of a start.
pub(crate) const CAPABILITIES: usize = 1_024;

/// Bytes of text of the capabilities of a process: it keeps them as long as it lives.
pub(crate) const CAPABILITY_BYTES: usize = 64 << 10;

/// Folders mounted for one process: each is an open file of the host, of which it may have a thousand or so.
pub(crate) const MOUNTS: usize = 16;

/// A limit asked for that the granter's own bound does not allow.
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
    /// What a process under these limits can give its children at the most.
    ///
    /// # Errors
    /// [`LimitError`] when it may have none.
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

/// What was asked for, or the granter's own where nothing was.
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

/// The same for a limit that need not be set.
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
