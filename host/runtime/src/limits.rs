//! Limits: how much a process may use.
//!
//! [`Limits`] are the bounds one process runs under; a [`LimitRequest`] is what
//! its starter asks for. `MemoryMeter` enforces the memory bound.
//!
//! Invariant: a child's bound is never above its parent's.

use std::time::Duration;

/// Bytes of linear memory a process may hold by default: ample for a Rust
/// guest with real data, and 64 such processes still fit an ordinary machine.
const DEFAULT_MEMORY: u64 = 256 << 20;

/// Handles a process may hold by default, streams and files of WASI included.
const DEFAULT_HANDLES: u32 = 10_000;

/// Bytes that one host call may lift out of a guest, so that no single list
/// can make the host allocate more. The largest frame a guest can write is below this.
pub(crate) const HOSTCALL_BYTES: usize = 128 << 20;

/// Bounds that a process runs under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all its linear memories together.
    pub memory: u64,
    /// Handles it holds at once.
    pub handles: u32,
    /// Time from its start to its end, however it spends it; none is unbounded.
    pub wall_time: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: DEFAULT_MEMORY,
            handles: DEFAULT_HANDLES,
            wall_time: None,
        }
    }
}

/// Bounds asked for at a start; what is left out is inherited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LimitRequest {
    /// Bytes of all its linear memories together.
    pub memory: Option<u64>,
    /// Handles it holds at once.
    pub handles: Option<u32>,
    /// Time from its start to its end.
    pub wall_time: Option<Duration>,
}

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
    /// The bounds of a child that asks for `request`.
    ///
    /// # Errors
    /// [`LimitError`] names the limit that is above this process's own.
    pub fn narrow(&self, request: &LimitRequest) -> Result<Limits, LimitError> {
        let memory = request.memory.unwrap_or(self.memory);
        if memory > self.memory {
            return Err(above(
                "memory",
                format!("{memory} bytes"),
                format!("{} bytes", self.memory),
            ));
        }
        let handles = request.handles.unwrap_or(self.handles);
        if handles > self.handles {
            return Err(above(
                "handles",
                handles.to_string(),
                self.handles.to_string(),
            ));
        }
        let wall_time = request.wall_time.or(self.wall_time);
        if let (Some(asked), Some(own)) = (wall_time, self.wall_time)
            && asked > own
        {
            return Err(above("wall-time", format!("{asked:?}"), format!("{own:?}")));
        }
        Ok(Limits {
            memory,
            handles,
            wall_time,
        })
    }
}

fn above(limit: &'static str, asked: String, most: String) -> LimitError {
    LimitError { limit, asked, most }
}

/// Adds up all linear memories of a store; wasmtime's stock limiter counts each alone.
#[derive(Debug)]
pub(crate) struct MemoryMeter {
    used: u64,
    most: u64,
    /// Whether a growth was refused: a trap after that is the limit's doing.
    pub(crate) refused: bool,
}

impl MemoryMeter {
    pub(crate) fn new(most: u64) -> Self {
        Self {
            used: 0,
            most,
            refused: false,
        }
    }
}

impl wasmtime::ResourceLimiter for MemoryMeter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let used = self.used + desired.saturating_sub(current) as u64;
        if used > self.most {
            self.refused = true;
            return Ok(false);
        }
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.used = used;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(maximum.is_none_or(|maximum| desired <= maximum))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_child_inherits_and_only_shrinks() {
        let parent = Limits {
            memory: 100,
            handles: 10,
            wall_time: Some(Duration::from_secs(5)),
        };
        assert_eq!(parent.narrow(&LimitRequest::default()).unwrap(), parent);
        let asked = LimitRequest {
            memory: Some(50),
            ..Default::default()
        };
        assert_eq!(parent.narrow(&asked).unwrap().memory, 50);
        for (asked, name) in [
            (
                LimitRequest {
                    memory: Some(101),
                    ..Default::default()
                },
                "memory",
            ),
            (
                LimitRequest {
                    handles: Some(11),
                    ..Default::default()
                },
                "handles",
            ),
            (
                LimitRequest {
                    wall_time: Some(Duration::from_secs(6)),
                    ..Default::default()
                },
                "wall-time",
            ),
        ] {
            assert_eq!(parent.narrow(&asked).unwrap_err().limit, name);
        }
    }
}
