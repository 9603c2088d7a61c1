//! The declaration of every limit, once: its field, default, name and unit, how children count, and the types made from that.
//!
//! To add a limit: a row here; the field in `wit/` with its line in `interface/process` and the SDK; the code that enforces it; and its
//! entry in the book. The compiler and the tests report anything that is missing.
//!
//! Invariant: limits are listed nowhere else. Code that needs all of them uses [`Limit::ALL`].

use super::amount::{Field, LimitAmount, LimitAmountError, LimitUnit};
use super::{LimitError, bounded, optional};
use crate::naming::named;
use crate::setters::setters;
use std::str::FromStr;
use std::time::Duration;

/// Bytes of linear memory by default: ample for a Rust guest with real data, and 64 such processes fit an
/// ordinary machine.
const DEFAULT_MEMORY: u64 = 256 << 20;

/// Table elements by default: the indirect functions of the largest guests, eight bytes each.
const DEFAULT_TABLE_ELEMENTS: u64 = 200_000;

/// Core instances by default, as many as the engine has room for. A std Rust guest has three.
const DEFAULT_INSTANCES: u32 = 128;

/// Handles by default, including WASI's streams and files.
const DEFAULT_HANDLES: u32 = 10_000;

/// Channels by default: one for each of a thousand clients.
const DEFAULT_CHANNELS: u32 = 1_024;

/// Bytes of channels by default: as much as memory.
const DEFAULT_CHANNEL_BYTES: u64 = 256 << 20;

/// Bytes of one frame by default: half of what one call may pass.
const DEFAULT_FRAME_BYTES: u32 = 64 << 20;

/// Handles in one frame by default: a request seldom carries more than one or two.
const DEFAULT_HANDLES_PER_FRAME: u32 = 16;

/// Bytes that one host call may lift from a guest by default: the largest frame, and as much again.
const DEFAULT_HOSTCALL_BYTES: u64 = 128 << 20;

/// Bytes of log entries per second by default: over ten thousand lines, more than anybody reads.
const DEFAULT_LOG_RATE: u64 = 4 << 20;

/// Live descendants by default: a pool of workers for every core of a large machine.
const DEFAULT_CHILDREN: u32 = 256;

/// Generations of children by default: a tree of supervisors is seldom deeper than five.
const DEFAULT_SPAWN_DEPTH: u32 = 16;

/// Bytes that the host keeps for a process by default: its log, the records of a hundred ended children, and
/// open spans, with room to spare.
const DEFAULT_HOST_BYTES: u64 = 64 << 20;

/// Open files and folders by default: what programs expect of a system. A host with few descriptors gives
/// fewer, see `files`.
const DEFAULT_OPEN_FILES: u32 = 256;

/// How the use of children counts against a limit of their parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfChildren {
    /// It counts as the parent's own.
    Counted,
    /// Each process has its own bound.
    Own,
    /// Each generation has one less than its parent.
    Fewer,
    /// The parent gives each child a part of its own, and must say how much.
    Given,
}

/// The declaration of a limit, apart from its field.
struct Row {
    /// The name in manifests, options, errors and exit statuses.
    name: &'static str,
    unit: LimitUnit,
    /// The lowest value that people may set: 1 if nothing could run with 0.
    least: u64,
    children: OfChildren,
    /// An example value for help texts, as people write it.
    example: &'static str,
}

/// Makes the types [`Limit`], [`Limits`] and [`LimitRequest`], and all code that is the same for each field,
/// from the rows.
macro_rules! limits {
    (
        bounded { $($(#[$doc:meta])* $field:ident: $ty:ty = $default:expr, $limit:ident $row:tt;)* }
        optional { $($(#[$optional_doc:meta])* $optional:ident: $optional_ty:ty, $optional_limit:ident $optional_row:tt;)* }
    ) => {
        /// A limit of a process.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Limit {
            $($(#[$doc])* $limit,)*
            $($(#[$optional_doc])* $optional_limit,)*
        }

        /// The bounds of a process.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Limits {
            $($(#[$doc])* pub $field: $ty,)*
            $($(#[$optional_doc])* pub $optional: Option<$optional_ty>,)*
        }

        /// The bounds asked for at a start. Limits that are left out are inherited.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct LimitRequest {
            $($(#[$doc])* pub $field: Option<$ty>,)*
            $($(#[$optional_doc])* pub $optional: Option<$optional_ty>,)*
        }

        setters! { Limits { $($field: $ty,)* $($optional: $optional_ty,)* } }

        setters! { LimitRequest { $($field: $ty,)* $($optional: $optional_ty,)* } }

        impl Limit {
            /// Every limit, in the order of the fields of [`Limits`].
            pub const ALL: &[Limit] = &[$(Limit::$limit,)* $(Limit::$optional_limit,)*];

            const fn row(self) -> &'static Row {
                match self {
                    $(Limit::$limit => &Row $row,)*
                    $(Limit::$optional_limit => &Row $optional_row,)*
                }
            }
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($field: $default,)* $($optional: None,)* }
            }
        }

        impl Limits {
            /// The names of all limits, as in manifests and exit statuses.
            pub const NAMES: &[&str] = &[$(Limit::$limit.name(),)* $(Limit::$optional_limit.name(),)*];

            /// The bound of this limit, if it is set.
            pub fn get(&self, limit: Limit) -> Option<LimitAmount> {
                match limit {
                    $(Limit::$limit => Some(self.$field.into()),)*
                    $(Limit::$optional_limit => self.$optional.map(Into::into),)*
                }
            }

            /// These bounds, replaced by those of `request` where it has any.
            pub fn with(&self, request: &LimitRequest) -> Limits {
                Limits {
                    $($field: request.$field.unwrap_or(self.$field),)*
                    $($optional: request.$optional.or(self.$optional),)*
                }
            }

            /// The bounds of a child that asks for `request`. These bounds are the most it can get.
            ///
            /// # Errors
            /// [`LimitError`] names a limit that is above this process's own.
            pub fn narrow(&self, request: &LimitRequest) -> Result<Limits, LimitError> {
                Ok(Limits {
                    $($field: bounded(Limit::$limit, request.$field, self.$field)?,)*
                    $($optional: optional(Limit::$optional_limit, request.$optional, self.$optional)?,)*
                })
            }
        }

        impl LimitRequest {
            /// Requests this bound.
            ///
            /// # Errors
            /// [`LimitAmountError`] when the limit cannot have this value.
            pub fn set(&mut self, limit: Limit, amount: LimitAmount) -> Result<(), LimitAmountError> {
                match limit {
                    $(Limit::$limit => self.$field = Some(Field::of(amount)?),)*
                    $(Limit::$optional_limit => self.$optional = Some(Field::of(amount)?),)*
                }
                Ok(())
            }
        }
    };
}

limits! {
    bounded {
        /// Bytes of all linear memories, its own and its children's. A guest that asks for more is refused; if
        /// it cannot go on, it ends with this limit.
        memory: u64 = DEFAULT_MEMORY, Memory {
            name: "memory", unit: LimitUnit::Memory, least: 1, children: OfChildren::Counted, example: "64MiB"
        };
        /// Elements of all tables, its own and its children's. A guest that asks for more is refused; a guest
        /// that needs more at its start ends with this limit.
        table_elements: u64 = DEFAULT_TABLE_ELEMENTS, TableElements {
            name: "table-elements", unit: LimitUnit::Count("elements"), least: 0, children: OfChildren::Counted, example: "10000"
        };
        /// Core instances of its component. A process with more ends with this limit.
        instances: u32 = DEFAULT_INSTANCES, Instances {
            name: "instances", unit: LimitUnit::Count("instances"), least: 1, children: OfChildren::Own, example: "8"
        };
        /// Handles it holds at once. As many again may be in frames that it sent and nobody has read. Beyond
        /// that: `exhausted`; or, for handles that are not the host's, it ends with this limit.
        handles: u32 = DEFAULT_HANDLES, Handles {
            name: "handles", unit: LimitUnit::Count("handles"), least: 1, children: OfChildren::Own, example: "100"
        };
        /// Channels that it and its children have made, while somebody holds a part of them. Beyond that:
        /// `exhausted`.
        channels: u32 = DEFAULT_CHANNELS, Channels {
            name: "channels", unit: LimitUnit::Count("channels"), least: 0, children: OfChildren::Counted, example: "10"
        };
        /// Bytes of the capacities of those channels, and of frames that wait to be written. Beyond that:
        /// `exhausted`.
        channel_bytes: u64 = DEFAULT_CHANNEL_BYTES, ChannelBytes {
            name: "channel-bytes", unit: LimitUnit::Memory, least: 0, children: OfChildren::Counted, example: "16MiB"
        };
        /// Bytes of one frame it writes. Beyond that: `too-large`.
        frame_bytes: u32 = DEFAULT_FRAME_BYTES, FrameBytes {
            name: "frame-bytes", unit: LimitUnit::Bytes, least: 0, children: OfChildren::Own, example: "1MiB"
        };
        /// Handles it sends with one frame. Beyond that: `too-many-handles`.
        handles_per_frame: u32 = DEFAULT_HANDLES_PER_FRAME, HandlesPerFrame {
            name: "handles-per-frame", unit: LimitUnit::Count("handles"), least: 0, children: OfChildren::Own, example: "4"
        };
        /// Bytes that one host call may lift from it, as wasmtime counts them: an element of a list costs the
        /// size of its host form. A call with more ends it with this limit.
        hostcall_bytes: u64 = DEFAULT_HOSTCALL_BYTES, HostcallBytes {
            name: "hostcall-bytes", unit: LimitUnit::Bytes, least: 1, children: OfChildren::Own, example: "8MiB"
        };
        /// Bytes of log entries per second; unused bytes of one second may be saved up. Entries beyond that are
        /// dropped, and the next entry says how many.
        log_rate: u64 = DEFAULT_LOG_RATE, LogRate {
            name: "log-rate", unit: LimitUnit::BytesPerSecond, least: 0, children: OfChildren::Own, example: "64KiB"
        };
        /// Live descendants: children, their children, and so on. Beyond that: `exhausted`.
        children: u32 = DEFAULT_CHILDREN, Children {
            name: "children", unit: LimitUnit::Count("processes"), least: 0, children: OfChildren::Counted, example: "10"
        };
        /// Generations of children it may have; 0 for none. Beyond that: `exhausted`.
        spawn_depth: u32 = DEFAULT_SPAWN_DEPTH, SpawnDepth {
            name: "spawn-depth", unit: LimitUnit::Count("generations"), least: 0, children: OfChildren::Fewer, example: "2"
        };
        /// Bytes that the host keeps for it and its children outside of memories and channels: logs, arguments,
        /// records of ended children, open spans, folder listings, frames that are read in parts. Beyond that:
        /// `exhausted`; or, where no call can report it, it ends with this limit.
        host_bytes: u64 = DEFAULT_HOST_BYTES, HostBytes {
            name: "host-bytes", unit: LimitUnit::Memory, least: 1, children: OfChildren::Counted, example: "4MiB"
        };
        /// Files, folders and sockets that it and its children have open, mounts included. Opening one more fails with the usual
        /// error of the system; a start that mounts one more gets `exhausted`.
        open_files: u32 = DEFAULT_OPEN_FILES, OpenFiles {
            name: "open-files", unit: LimitUnit::Count("files, folders and sockets"), least: 0, children: OfChildren::Counted, example: "16"
        };
    }
    optional {
        /// Time that it and its children hold a processor. Waits do not count; the host's work for its calls
        /// does. Checked when it waits and at every epoch tick of 10 ms. At the limit it ends.
        cpu_time: Duration, CpuTime {
            name: "cpu-time", unit: LimitUnit::Time, least: 1, children: OfChildren::Counted, example: "2s"
        };
        /// Time from its start to its end, running or waiting. At the limit it ends.
        wall_time: Duration, WallTime {
            name: "wall-time", unit: LimitUnit::Time, least: 1, children: OfChildren::Own, example: "10s"
        };
        /// Instructions it executes, approximately: the same program with the same input always ends at the
        /// same place. Only in a host that [counts them](crate::HostConfig::count_fuel). At the limit it ends.
        /// Fuel for its children is taken from its own.
        fuel: u64, Fuel {
            name: "fuel", unit: LimitUnit::Count("instructions"), least: 1, children: OfChildren::Given, example: "1000000"
        };
        /// Bytes that it and its children write to files, in all. Deleting a file gives nothing back; growing a file without
        /// writing counts too. A write beyond the limit fails with the error for a full disk.
        disk_bytes: u64, DiskBytes {
            name: "disk-bytes", unit: LimitUnit::Bytes, least: 0, children: OfChildren::Counted, example: "1GiB"
        };
    }
}

impl Limit {
    /// The name in manifests, options, errors and exit statuses.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Its unit.
    pub fn unit(self) -> LimitUnit {
        self.row().unit
    }

    /// How the use of children counts.
    pub fn children(self) -> OfChildren {
        self.row().children
    }

    /// An example value, as in manifests and options.
    pub fn example(self) -> &'static str {
        self.row().example
    }

    /// Whether a process can run with this value.
    pub fn allows_to_run(self, amount: LimitAmount) -> bool {
        let least = self.row().least;
        match amount {
            LimitAmount::Number(number) => number >= least,
            LimitAmount::Time(time) => time.as_nanos() >= least.into(),
        }
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is not one of [`Limit::ALL`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no limit `{0}`; there are: {all}", all = Limits::NAMES.join(", "))]
pub struct UnknownLimit(pub String);

impl FromStr for Limit {
    type Err = UnknownLimit;

    fn from_str(name: &str) -> Result<Self, UnknownLimit> {
        let found = Limit::ALL.iter().find(|limit| limit.name() == name);
        found.copied().ok_or_else(|| UnknownLimit(name.to_owned()))
    }
}

named! {
    /// A bound of the host, not of a single process. It ends a process as a limit does.
    pub enum HostBound {
        /// The depth of a guest's calls: [`HostConfig::stack`](crate::HostConfig::stack).
        Stack = "stack",
        /// Bytes of an entry point's result, as text.
        ResultBytes = "result-bytes",
        /// Stacks of the engine: parts of a component that wait at the same time need one each.
        HostCapacity = "host-capacity",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_limit_is_found_by_its_name_and_is_what_was_set() {
        for limit in Limit::ALL {
            assert_eq!(limit.name().parse::<Limit>().unwrap(), *limit);
            let amount = match limit.unit() {
                LimitUnit::Time => LimitAmount::Time(Duration::from_millis(7)),
                _ => LimitAmount::Number(7),
            };
            let mut request = LimitRequest::default();
            request.set(*limit, amount).unwrap();
            let limits = Limits::default().with(&request);
            assert_eq!(limits.get(*limit), Some(amount), "{limit}");
            let others = Limit::ALL.iter().filter(|other| *other != limit);
            for other in others {
                assert_eq!(limits.get(*other), Limits::default().get(*other), "{limit}");
            }
        }
        assert!("stack".parse::<Limit>().is_err());
    }

    #[test]
    fn an_amount_that_does_not_fit_is_refused() {
        let mut request = LimitRequest::default();
        let mut set = |limit, amount| request.set(limit, amount).unwrap_err();
        let large = set(Limit::FrameBytes, LimitAmount::Number(1 << 32));
        assert!(matches!(large, LimitAmountError::TooLarge(_)));
        let time = LimitAmount::Time(Duration::from_secs(1));
        assert_eq!(set(Limit::Memory, time), LimitAmountError::Unit);
        assert_eq!(
            set(Limit::CpuTime, LimitAmount::Number(1)),
            LimitAmountError::Unit
        );
    }
}
