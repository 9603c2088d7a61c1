//! Limits: how much a process may use.
//!
//! [`Limits`] are the bounds one process runs under; a [`LimitRequest`] is what
//! its starter asks for. `growth` enforces those of memories, tables and instances, `cpu` that
//! of time on a processor; what a process and its children hold of the host together is counted in
//! its `account`. The depth of the stack is one bound for all processes of a host:
//! [`HostConfig::stack`](crate::HostConfig::stack).
//!
//! What a call can answer for is answered with a value, `exhausted` or `too-large`; what no call can
//! answer for ends the process as [`ExitStatus::Limit`](crate::ExitStatus::Limit). Each limit says which.
//!
//! Invariant: a child's bound is never above its parent's.

mod cpu;
mod growth;

pub(crate) use cpu::CpuTime;
pub(crate) use growth::Growth;

use std::fmt::{Debug, Display};
use std::time::Duration;

/// Bytes of linear memory a process may hold by default: ample for a Rust
/// guest with real data, and 64 such processes still fit an ordinary machine.
const DEFAULT_MEMORY: u64 = 256 << 20;

/// Elements of tables by default: the indirect functions of the largest guests; eight bytes each.
const DEFAULT_TABLE_ELEMENTS: u64 = 200_000;

/// Core instances by default, as many as the engine has room for: a std Rust guest has three.
const DEFAULT_INSTANCES: u32 = 128;

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

/// Bytes that one host call may lift out of a guest by default: room for the largest frame and as much beside it.
const DEFAULT_HOSTCALL_BYTES: u64 = 128 << 20;

/// Bytes of log entries in a second by default: over ten thousand lines, more than anybody reads.
const DEFAULT_LOG_RATE: u64 = 4 << 20;

/// Live processes that one may have started by default, and those have: a pool of workers for
/// every core of a large machine.
const DEFAULT_CHILDREN: u32 = 256;

/// Generations of children by default: a tree of supervisors is seldom deeper than five.
const DEFAULT_SPAWN_DEPTH: u32 = 16;

/// Bytes that the host keeps for a process by default: its log, what a hundred ended children left, and open
/// spans, with room to spare.
const DEFAULT_HOST_BYTES: u64 = 64 << 20;

/// Files and folders that a process may have open by default: what programs expect of a system. A host with few
/// descriptors gives less, see `files`.
const DEFAULT_OPEN_FILES: u32 = 256;

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

/// Declares every limit once: its field, type, name, default and unit.
macro_rules! limits {
    (
        bounded { $($(#[$doc:meta])* $field:ident: $ty:ty = $default:expr, $name:literal, $unit:literal;)* }
        optional { $($(#[$optional_doc:meta])* $optional:ident: $optional_ty:ty, $optional_name:literal;)* }
    ) => {
        /// Bounds that a process runs under.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($(#[$doc])* pub $field: $ty,)*
            $($(#[$optional_doc])* pub $optional: Option<$optional_ty>,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($field: $default,)* $($optional: None,)* }
            }
        }

        /// Bounds asked for at a start; what is left out is inherited.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct LimitRequest {
            $($(#[$doc])* pub $field: Option<$ty>,)*
            $($(#[$optional_doc])* pub $optional: Option<$optional_ty>,)*
        }

        impl Limits {
            /// The names of all limits, as manifests and exit statuses have them.
            pub const NAMES: &[&str] = &[$($name,)* $($optional_name,)*];

            /// These bounds where `request` asks for no others.
            pub fn with(&self, request: &LimitRequest) -> Limits {
                Limits {
                    $($field: request.$field.unwrap_or(self.$field),)*
                    $($optional: request.$optional.or(self.$optional),)*
                }
            }

            /// The bounds of a child that asks for `request`, where these are the most.
            ///
            /// # Errors
            /// [`LimitError`] names the limit that is above this process's own.
            pub fn narrow(&self, request: &LimitRequest) -> Result<Limits, LimitError> {
                Ok(Limits {
                    $($field: bounded($name, request.$field, self.$field, $unit)?,)*
                    $($optional: optional($optional_name, request.$optional, self.$optional)?,)*
                })
            }
        }
    };
}

limits! {
    bounded {
        /// Bytes of all its linear memories together, and of those of its children. A guest that asks for
        /// more is refused; one that cannot go on then ends with this limit.
        memory: u64 = DEFAULT_MEMORY, "memory", " bytes";
        /// Elements of all its tables together, and of those of its children. A guest that asks for more is
        /// refused; one that needs more from the beginning ends with this limit.
        table_elements: u64 = DEFAULT_TABLE_ELEMENTS, "table-elements", "";
        /// Core instances of its component. It ends with this limit.
        instances: u32 = DEFAULT_INSTANCES, "instances", "";
        /// Handles it holds at once; as many again may be in frames it sent that nobody has
        /// read. `exhausted`; it ends with this limit where the handles are not the host's.
        handles: u32 = DEFAULT_HANDLES, "handles", "";
        /// Channels it has made, and its children have, of which somebody still holds a part.
        /// `exhausted`.
        channels: u32 = DEFAULT_CHANNELS, "channels", "";
        /// Bytes of the capacities of those channels and of the frames that wait to be written.
        /// `exhausted`.
        channel_bytes: u64 = DEFAULT_CHANNEL_BYTES, "channel-bytes", " bytes";
        /// Bytes of one frame it writes. `too-large`.
        frame_bytes: u32 = DEFAULT_FRAME_BYTES, "frame-bytes", " bytes";
        /// Handles it sends with one frame. `too-many-handles`.
        handles_per_frame: u32 = DEFAULT_HANDLES_PER_FRAME, "handles-per-frame", "";
        /// Bytes that one host call may lift out of it, as wasmtime counts: an element of a list
        /// costs what the host's form of it takes. It ends with this limit.
        hostcall_bytes: u64 = DEFAULT_HOSTCALL_BYTES, "hostcall-bytes", " bytes";
        /// Bytes of log entries in a second; it may save up one second's. What is beyond is
        /// dropped, and the next entry says how many were.
        log_rate: u64 = DEFAULT_LOG_RATE, "log-rate", " bytes per second";
        /// Live processes that it has started, and those have. `exhausted`.
        children: u32 = DEFAULT_CHILDREN, "children", "";
        /// Generations of children it may have; 0 for none. `exhausted`.
        spawn_depth: u32 = DEFAULT_SPAWN_DEPTH, "spawn-depth", "";
        /// Bytes that the host keeps for it and its children outside of their memories and channels: logs, arguments,
        /// what ended children left, open spans, listings of folders, frames that are read in parts.
        /// `exhausted`; it ends with this limit where no call can answer.
        host_bytes: u64 = DEFAULT_HOST_BYTES, "host-bytes", " bytes";
        /// Files and folders it has open, mounts included, and its children have. Opening one more fails with the error that
        /// systems have for it; a start that mounts one more is `exhausted`.
        open_files: u32 = DEFAULT_OPEN_FILES, "open-files", "";
    }
    optional {
        /// Time it, and its children, hold a processor: waits do not count, the work of the host for its
        /// calls does. Looked at when it waits and at every epoch tick, 10 ms. It ends with this limit.
        cpu_time: Duration, "cpu-time";
        /// Time from its start to its end, however it spends it. It ends with this limit.
        wall_time: Duration, "wall-time";
        /// Instructions it executes, about: the same program with the same input always ends at the
        /// same place. Only in a host that [counts them](crate::HostConfig::count_fuel). It ends with this
        /// limit; what it gives its children is taken from its own.
        fuel: u64, "fuel";
        /// Bytes it and its children write to files, all together: what is deleted does not come back, and what a file grows by
        /// without being written counts too. A write beyond it fails with the error for a full disk.
        disk_bytes: u64, "disk-bytes";
    }
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
    /// What a process under these limits can give its children at the most.
    ///
    /// # Errors
    /// [`LimitError`] when it may have none.
    pub(crate) fn for_children(self) -> Result<Limits, LimitError> {
        let spawn_depth = self.spawn_depth.checked_sub(1).ok_or_else(|| LimitError {
            limit: "spawn-depth",
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
    limit: &'static str,
    asked: Option<T>,
    own: T,
    unit: &str,
) -> Result<T, LimitError> {
    match asked {
        Some(asked) if asked > own => Err(LimitError {
            limit,
            asked: format!("{asked}{unit}"),
            most: format!("{own}{unit}"),
        }),
        asked => Ok(asked.unwrap_or(own)),
    }
}

/// The same for a limit that need not be set.
fn optional<T: Copy + PartialOrd + Debug>(
    limit: &'static str,
    asked: Option<T>,
    own: Option<T>,
) -> Result<Option<T>, LimitError> {
    match (asked, own) {
        (Some(asked), Some(own)) if asked > own => Err(LimitError {
            limit,
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
        let more = |field: fn(&mut LimitRequest)| {
            let mut asked = LimitRequest::default();
            field(&mut asked);
            parent.narrow(&asked).unwrap_err().limit
        };
        let named = [
            more(|asked| asked.memory = Some(u64::MAX)),
            more(|asked| asked.table_elements = Some(u64::MAX)),
            more(|asked| asked.instances = Some(u32::MAX)),
            more(|asked| asked.handles = Some(u32::MAX)),
            more(|asked| asked.channels = Some(u32::MAX)),
            more(|asked| asked.channel_bytes = Some(u64::MAX)),
            more(|asked| asked.frame_bytes = Some(u32::MAX)),
            more(|asked| asked.handles_per_frame = Some(u32::MAX)),
            more(|asked| asked.hostcall_bytes = Some(u64::MAX)),
            more(|asked| asked.log_rate = Some(u64::MAX)),
            more(|asked| asked.children = Some(u32::MAX)),
            more(|asked| asked.spawn_depth = Some(u32::MAX)),
            more(|asked| asked.host_bytes = Some(u64::MAX)),
            more(|asked| asked.open_files = Some(u32::MAX)),
            more(|asked| asked.cpu_time = Some(Duration::MAX)),
            more(|asked| asked.wall_time = Some(Duration::MAX)),
            more(|asked| asked.fuel = Some(u64::MAX)),
            more(|asked| asked.disk_bytes = Some(u64::MAX)),
        ];
        assert_eq!(named, Limits::NAMES);
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
