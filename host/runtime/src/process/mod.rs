//! Processes: running guests.
//!
//! `start` makes the checks and lays out a process, `refusal` is which of them failed, `driver` runs it in one task
//! with one store, `exit` says how it ended, `handle` is what its starter holds,
//! `coredump` a file about a trap.
//! `control` is how it is ended from outside, `family` who ends with it and who is told,
//! `monitor` ends as messages, `observers` who is told of starts.
//! `surroundings` are the texts it starts with, `stdio` is what its standard streams are connected to, `backlog` what of them is still to be written.
//! `argument` fits values to entry points (`scalar` those without parts, `wave` those in text), `invocation` reads calls from text,
//! `state` is what the host keeps in a process's store, `handles` its table, `gauges` what is measured of it, `places` its turns to write, `table` who is alive, `transform` a process that is a pure stage; `work` is which of the two it does.

mod argument;
mod backlog;
mod control;
mod coredump;
mod driver;
mod exit;
mod family;
mod gauges;
mod handle;
mod handles;
mod invocation;
mod monitor;
mod observers;
mod places;
mod refusal;
mod scalar;
mod start;
mod state;
mod stdio;
mod surroundings;
mod table;
mod transform;
mod wave;
mod work;

pub use argument::{Argument, ArgumentError, Arguments};
pub use backlog::Room;
pub use exit::{ExitKind, ExitStatus, Trap};
pub use family::Ownership;
pub use gauges::ProcessUsage;
pub use handle::Process;
pub use invocation::{InvocationError, parse_invocation};
pub use monitor::{Exit, Monitor};
pub use observers::StartObserver;
pub use refusal::{StartError, StartErrorKind};
pub use scalar::Scalar;
pub use start::{Prepared, StartOptions};
pub use stdio::{InputSource, OutputSink, Stdin, Stdio};
pub use surroundings::{SurroundingsError, check_surroundings};

pub(crate) use backlog::{Backlog, PERMIT, Waiting};
pub(crate) use coredump::CoreDumps;
pub use coredump::{CORE_DUMP, CORE_DUMP_MISSING};
pub(crate) use handle::Shared;
pub(crate) use handles::NoPlace;
pub(crate) use observers::Observers;
pub(crate) use start::{FilesOfParent, Granter, component, prepare, prepare_of};
pub(crate) use state::ProcessState;
pub(crate) use table::ProcessTable;
