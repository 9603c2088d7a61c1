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
/// As wasmtime counts it: each element of a list that an entry point returns costs what
/// the host's form of it takes, so such lists end at about 3 MB.
pub(crate) const HOSTCALL_BYTES: usize = 128 << 20;

/// Bytes of text and bytes that the arguments of one start may have together. A list
/// passed this way takes tens of bytes of the host for each of its own; what is larger
/// goes through a channel.
pub(crate) const ARGUMENT_BYTES: usize = 1 << 20;

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
    /// The growth allowed last, which the system may still refuse.
    last: u64,
    /// Whether a growth was refused: a trap after that is the limit's doing.
    pub(crate) refused: bool,
}

impl MemoryMeter {
    pub(crate) fn new(most: u64) -> Self {
        Self {
            used: 0,
            most,
            last: 0,
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
        let growth = desired.saturating_sub(current) as u64;
        // A 64-bit memory may ask for nearly all addresses there are.
        let used = self.used.saturating_add(growth);
        if used > self.most {
            self.refused = true;
            return Ok(false);
        }
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.used = used;
        self.last = growth;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.used = self.used.saturating_sub(std::mem::take(&mut self.last));
        Ok(())
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
    fn memory_is_counted_without_overflow_and_failed_growth_is_given_back() {
        use wasmtime::ResourceLimiter;
        let mut meter = MemoryMeter::new(100);
        assert!(meter.memory_growing(0, 60, None).unwrap());
        assert!(!meter.memory_growing(0, usize::MAX, None).unwrap());
        assert!(meter.memory_growing(60, 100, None).unwrap());
        meter
            .memory_grow_failed(wasmtime::format_err!("no"))
            .unwrap();
        assert_eq!(meter.used, 60);
    }

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
