//! Processes: running guests.
//!
//! ```text
//! start         lays out a process after every check; `check` has those that need none, `refusal` says which failed
//! driver        runs a process in one task with one store
//! native        processes that are programs of the embedder, without a store
//! prepared      a process that has passed every check
//! exit          how a process ended; `coredump` writes a file about a trap
//! handle        what the starter holds
//! control       stops and kills from outside
//! family        relations: who is told of an end, and who ends with it
//! monitor       ends of processes as messages
//! observers     callbacks for every start in a host
//! surroundings  variables, command line and folders of a process
//! stdio         what the standard streams are connected to; `backlog` counts output that is not written yet
//! argument      values for entry points: `scalar` numbers and the like, `wave` values in text; `fit` fits them
//! invocation    reads calls from text
//! work          what a process does: it calls an entry point, is a transform (`transform`), or is called by an extension (`serve`)
//! state         what the host keeps in the store of a process; `handles` is its table
//! permits       permits to write that a process holds
//! gauges        measurements of a process
//! table         the live processes of a host
//! ```

mod argument;
mod backlog;
mod check;
mod control;
mod coredump;
mod driver;
mod exit;
mod family;
mod fit;
mod gauges;
mod handle;
mod handles;
pub(crate) mod handoff;
mod invocation;
mod monitor;
mod native;
mod observers;
mod options;
mod permits;
mod prepared;
mod refusal;
mod scalar;
mod serve;
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
pub use native::{Context, Counter, Input, Program, Running};
pub use observers::StartObserver;
pub use options::StartOptions;
pub use prepared::Prepared;
pub use refusal::{StartError, StartErrorKind};
pub use scalar::Scalar;
pub use serve::{Serve, Serving};
pub use state::ProcessState;
pub use stdio::{InputSource, OutputSink, Stdin, Stdio};
pub(crate) use surroundings::shortest;
pub use surroundings::{SurroundingsError, check_surroundings};

pub(crate) use backlog::{Backlog, PERMIT, Waiting};
pub(crate) use check::image;
pub(crate) use coredump::CoreDumps;
pub use coredump::{CORE_DUMP, CORE_DUMP_MISSING};
pub(crate) use handle::ProcessShared;
pub(crate) use handles::NoPlace;
pub(crate) use observers::Observers;
pub(crate) use prepared::Image;
pub(crate) use start::{FilesOfParent, Granter, prepare, prepare_of};
pub(crate) use table::ProcessTable;
