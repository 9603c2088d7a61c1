//! Limits: how much a process may use.
//!
//! [`Limits`] are the bounds one process runs under; a [`LimitRequest`] is what
//! its starter asks for. `MemoryMeter` enforces the memory bound; what a process holds
//! of the host through channels is counted in its `account`.
//!
//! Invariant: a child's bound is never above its parent's.

use std::fmt::Display;
use std::time::Duration;

/// Bytes of linear memory a process may hold by default: ample for a Rust
/// guest with real data, and 64 such processes still fit an ordinary machine.
const DEFAULT_MEMORY: u64 = 256 << 20;

/// Handles a process may hold by default, streams and files of WASI included.
const DEFAULT_HANDLES: u32 = 10_000;

/// Channels a process may have made by default: one for each of a thousand clients.
const DEFAULT_CHANNELS: u32 = 1_024;

/// Bytes of the channels of a process by default: as much as its memory.
const DEFAULT_CHANNEL_BYTES: u64 = 256 << 20;

/// Bytes of one frame by default: half of what one call may hand over.
const DEFAULT_FRAME_BYTES: u32 = 64 << 20;

/// Handles sent with one frame by default: a request seldom brings more than one or two.
const DEFAULT_HANDLES_PER_FRAME: u32 = 16;

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
    /// Handles it holds at once; as many again may be in frames it sent that nobody has
    /// read.
    pub handles: u32,
    /// Channels it has made, and its children have, of which somebody still holds a part.
    pub channels: u32,
    /// Bytes of the capacities of those channels and of the frames that wait to be written.
    pub channel_bytes: u64,
    /// Bytes of one frame it writes.
    pub frame_bytes: u32,
    /// Handles it sends with one frame.
    pub handles_per_frame: u32,
    /// Time from its start to its end, however it spends it; none is unbounded.
    pub wall_time: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: DEFAULT_MEMORY,
            handles: DEFAULT_HANDLES,
            channels: DEFAULT_CHANNELS,
            channel_bytes: DEFAULT_CHANNEL_BYTES,
            frame_bytes: DEFAULT_FRAME_BYTES,
            handles_per_frame: DEFAULT_HANDLES_PER_FRAME,
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
    /// Channels it has made.
    pub channels: Option<u32>,
    /// Bytes of those channels.
    pub channel_bytes: Option<u64>,
    /// Bytes of one frame it writes.
    pub frame_bytes: Option<u32>,
    /// Handles it sends with one frame.
    pub handles_per_frame: Option<u32>,
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
        let wall_time = request.wall_time.or(self.wall_time);
        if let (Some(asked), Some(own)) = (wall_time, self.wall_time)
            && asked > own
        {
            return Err(above("wall-time", format!("{asked:?}"), format!("{own:?}")));
        }
        Ok(Limits {
            memory: count("memory", request.memory, self.memory, " bytes")?,
            handles: count("handles", request.handles, self.handles, "")?,
            channels: count("channels", request.channels, self.channels, "")?,
            channel_bytes: count(
                "channel-bytes",
                request.channel_bytes,
                self.channel_bytes,
                " bytes",
            )?,
            frame_bytes: count(
                "frame-bytes",
                request.frame_bytes,
                self.frame_bytes,
                " bytes",
            )?,
            handles_per_frame: count(
                "handles-per-frame",
                request.handles_per_frame,
                self.handles_per_frame,
                "",
            )?,
            wall_time,
        })
    }
}

/// What was asked for, or the granter's own where nothing was.
fn count<T: Copy + PartialOrd + Display>(
    limit: &'static str,
    asked: Option<T>,
    own: T,
    unit: &str,
) -> Result<T, LimitError> {
    match asked {
        Some(asked) if asked > own => Err(above(
            limit,
            format!("{asked}{unit}"),
            format!("{own}{unit}"),
        )),
        asked => Ok(asked.unwrap_or(own)),
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
            ..Limits::default()
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
                    channels: Some(u32::MAX),
                    ..Default::default()
                },
                "channels",
            ),
            (
                LimitRequest {
                    channel_bytes: Some(u64::MAX),
                    ..Default::default()
                },
                "channel-bytes",
            ),
            (
                LimitRequest {
                    frame_bytes: Some(u32::MAX),
                    ..Default::default()
                },
                "frame-bytes",
            ),
            (
                LimitRequest {
                    handles_per_frame: Some(17),
                    ..Default::default()
                },
                "handles-per-frame",
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
