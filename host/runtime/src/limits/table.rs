//! The declaration of every limit, once: its field, its default, its name, what it counts, whether children count, and what is
//! made of that.
//!
//! To add a limit: a row here, the field in `wit/` with its line in `bindings/process.rs` and the SDK, what enforces it, and its entry in
//! the book. The compiler and the tests ask for the others.
//!
//! Invariant: nothing else lists the limits; who needs all of them goes through [`Limit::ALL`].

use super::amount::{Field, LimitAmount, LimitAmountError, LimitUnit};
use super::{LimitError, bounded, optional};
use crate::naming::named;
use std::str::FromStr;
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

/// How what children use counts for a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfChildren {
    /// It counts as the process's own.
    Counted,
    /// Each process has a bound of its own.
    Own,
    /// Each generation has one less.
    Fewer,
    /// A process gives them a part of its own, and has to say how much.
    Given,
}

/// What is declared of a limit, besides its field.
struct Row {
    /// As manifests, options, errors and exit statuses have it.
    name: &'static str,
    unit: LimitUnit,
    /// The least it can be set to where people set it: 1 where with 0 nothing could run.
    least: u64,
    children: OfChildren,
    /// A value of it for help, as it is written.
    example: &'static str,
}

/// Makes of the rows the types [`Limit`], [`Limits`] and [`LimitRequest`], and what is the same for each field.
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

        /// Bounds that a process runs under.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($(#[$doc])* pub $field: $ty,)*
            $($(#[$optional_doc])* pub $optional: Option<$optional_ty>,)*
        }

        /// Bounds asked for at a start; what is left out is inherited.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct LimitRequest {
            $($(#[$doc])* pub $field: Option<$ty>,)*
            $($(#[$optional_doc])* pub $optional: Option<$optional_ty>,)*
        }

        impl Limit {
            /// Every limit there is, in the order of the fields of [`Limits`].
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
            /// The names of all limits, as manifests and exit statuses have them.
            pub const NAMES: &[&str] = &[$(Limit::$limit.name(),)* $(Limit::$optional_limit.name(),)*];

            /// The bound of this limit, if there is one.
            pub fn get(&self, limit: Limit) -> Option<LimitAmount> {
                match limit {
                    $(Limit::$limit => Some(self.$field.into()),)*
                    $(Limit::$optional_limit => self.$optional.map(Into::into),)*
                }
            }

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
                    $($field: bounded(Limit::$limit, request.$field, self.$field)?,)*
                    $($optional: optional(Limit::$optional_limit, request.$optional, self.$optional)?,)*
                })
            }
        }

        impl LimitRequest {
            /// Asks for this bound.
            ///
            /// # Errors
            /// What the limit cannot be set to.
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
        /// Bytes of all its linear memories together, and of those of its children. A guest that asks for
        /// more is refused; one that cannot go on then ends with this limit.
        memory: u64 = DEFAULT_MEMORY, Memory {
            name: "memory", unit: LimitUnit::Memory, least: 1, children: OfChildren::Counted, example: "64MiB"
        };
        /// Elements of all its tables together, and of those of its children. A guest that asks for more is
        /// refused; one that needs more from the beginning ends with this limit.
        table_elements: u64 = DEFAULT_TABLE_ELEMENTS, TableElements {
            name: "table-elements", unit: LimitUnit::Count("elements"), least: 0, children: OfChildren::Counted, example: "10000"
        };
        /// Core instances of its component. It ends with this limit.
        instances: u32 = DEFAULT_INSTANCES, Instances {
            name: "instances", unit: LimitUnit::Count("instances"), least: 1, children: OfChildren::Own, example: "8"
        };
        /// Handles it holds at once; as many again may be in frames it sent that nobody has
        /// read. `exhausted`; it ends with this limit where the handles are not the host's.
        handles: u32 = DEFAULT_HANDLES, Handles {
            name: "handles", unit: LimitUnit::Count("handles"), least: 1, children: OfChildren::Own, example: "100"
        };
        /// Channels it has made, and its children have, of which somebody still holds a part.
        /// `exhausted`.
        channels: u32 = DEFAULT_CHANNELS, Channels {
            name: "channels", unit: LimitUnit::Count("channels"), least: 0, children: OfChildren::Counted, example: "10"
        };
        /// Bytes of the capacities of those channels and of the frames that wait to be written.
        /// `exhausted`.
        channel_bytes: u64 = DEFAULT_CHANNEL_BYTES, ChannelBytes {
            name: "channel-bytes", unit: LimitUnit::Memory, least: 0, children: OfChildren::Counted, example: "16MiB"
        };
        /// Bytes of one frame it writes. `too-large`.
        frame_bytes: u32 = DEFAULT_FRAME_BYTES, FrameBytes {
            name: "frame-bytes", unit: LimitUnit::Bytes, least: 0, children: OfChildren::Own, example: "1MiB"
        };
        /// Handles it sends with one frame. `too-many-handles`.
        handles_per_frame: u32 = DEFAULT_HANDLES_PER_FRAME, HandlesPerFrame {
            name: "handles-per-frame", unit: LimitUnit::Count("handles"), least: 0, children: OfChildren::Own, example: "4"
        };
        /// Bytes that one host call may lift out of it, as wasmtime counts: an element of a list
        /// costs what the host's form of it takes. It ends with this limit.
        hostcall_bytes: u64 = DEFAULT_HOSTCALL_BYTES, HostcallBytes {
            name: "hostcall-bytes", unit: LimitUnit::Bytes, least: 1, children: OfChildren::Own, example: "8MiB"
        };
        /// Bytes of log entries in a second; it may save up one second's. What is beyond is
        /// dropped, and the next entry says how many were.
        log_rate: u64 = DEFAULT_LOG_RATE, LogRate {
            name: "log-rate", unit: LimitUnit::BytesPerSecond, least: 0, children: OfChildren::Own, example: "64KiB"
        };
        /// Live processes that it has started, and those have. `exhausted`.
        children: u32 = DEFAULT_CHILDREN, Children {
            name: "children", unit: LimitUnit::Count("processes"), least: 0, children: OfChildren::Counted, example: "10"
        };
        /// Generations of children it may have; 0 for none. `exhausted`.
        spawn_depth: u32 = DEFAULT_SPAWN_DEPTH, SpawnDepth {
            name: "spawn-depth", unit: LimitUnit::Count("generations"), least: 0, children: OfChildren::Fewer, example: "2"
        };
        /// Bytes that the host keeps for it and its children outside of their memories and channels: logs, arguments,
        /// what ended children left, open spans, listings of folders, frames that are read in parts.
        /// `exhausted`; it ends with this limit where no call can answer.
        host_bytes: u64 = DEFAULT_HOST_BYTES, HostBytes {
            name: "host-bytes", unit: LimitUnit::Memory, least: 1, children: OfChildren::Counted, example: "4MiB"
        };
        /// Files and folders it has open, mounts included, and its children have. Opening one more fails with the error that
        /// systems have for it; a start that mounts one more is `exhausted`.
        open_files: u32 = DEFAULT_OPEN_FILES, OpenFiles {
            name: "open-files", unit: LimitUnit::Count("files and folders"), least: 0, children: OfChildren::Counted, example: "16"
        };
    }
    optional {
        /// Time it, and its children, hold a processor: waits do not count, the work of the host for its
        /// calls does. Looked at when it waits and at every epoch tick, 10 ms. It ends with this limit.
        cpu_time: Duration, CpuTime {
            name: "cpu-time", unit: LimitUnit::Time, least: 1, children: OfChildren::Counted, example: "2s"
        };
        /// Time from its start to its end, however it spends it. It ends with this limit.
        wall_time: Duration, WallTime {
            name: "wall-time", unit: LimitUnit::Time, least: 1, children: OfChildren::Own, example: "10s"
        };
        /// Instructions it executes, about: the same program with the same input always ends at the
        /// same place. Only in a host that [counts them](crate::HostConfig::count_fuel). It ends with this
        /// limit; what it gives its children is taken from its own.
        fuel: u64, Fuel {
            name: "fuel", unit: LimitUnit::Count("instructions"), least: 1, children: OfChildren::Given, example: "1000000"
        };
        /// Bytes it and its children write to files, all together: what is deleted does not come back, and what a file grows by
        /// without being written counts too. A write beyond it fails with the error for a full disk.
        disk_bytes: u64, DiskBytes {
            name: "disk-bytes", unit: LimitUnit::Bytes, least: 0, children: OfChildren::Counted, example: "1GiB"
        };
    }
}

impl Limit {
    /// The name, as manifests, options, errors and exit statuses have it.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// What it counts.
    pub fn unit(self) -> LimitUnit {
        self.row().unit
    }

    /// How its children count for a process.
    pub fn children(self) -> OfChildren {
        self.row().children
    }

    /// A value of it, as manifests and options have it.
    pub fn example(self) -> &'static str {
        self.row().example
    }

    /// Whether a process could run with so much.
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

/// A name that is none of [`Limit::ALL`].
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
    /// A bound that no process has for itself, and that ends one as a limit does.
    pub enum HostBound {
        /// The depth of the calls of a guest: [`HostConfig::stack`](crate::HostConfig::stack).
        Stack = "stack",
        /// Bytes of what an entry point returns, as text.
        ResultBytes = "result-bytes",
        /// Stacks of the engine, of which parts of a component that wait at once need one each.
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
