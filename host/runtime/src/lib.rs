//! The Weft host: runs WebAssembly components as processes.
//!
//! ```text
//! Host ── engine/     wasmtime configured for many small stores; the epoch ticker
//!      ── component/  named components: loaded, checked, introspected and compiled once
//!      ── process/    one store and one driver task per process; how it starts and ends
//!      ── supervise/  processes that are restarted when they end, and reloaded
//!      ── capability/ what a process may do; limits/: how much
//!      ── kept        what the host keeps for a process, and what it weighs
//!      ── share       channels by token
//!      ── metrics/   what it has done and what goes on in it, as one snapshot
//!      ── log/        every process's log channel; stdout and stderr lines feed it
//!      ── extension/  what a program around the host adds to that: imports and rights of its own
//!      ── interface/  what guests can import: a folder for each capability, of thin adapters over the above
//! ```
//!
//! The crate takes configuration structs and never reads the terminal, the
//! environment or the home folder; an embedder such as the `weft` command owns those.
//!
//! Invariants:
//! - No guest code runs before every check of a start has passed.
//! - Whatever a process held is released before its exit can be observed.
//! - A denial is a typed value in the guest, never a trap.
#![deny(missing_docs)]

mod access;
mod account;
mod capability;
mod changes;
mod channels;
mod component;
mod config;
mod engine;
mod extension;
mod host;
mod hostcalls;
mod interface;
mod kept;
mod limits;
mod log;
mod metrics;
mod named;
mod naming;
mod process;
mod share;
mod supervise;
mod usage;
mod wasi;

pub use capability::{
    Capabilities, Capability, CapabilityError, GrantError, GrantForm, Mount, Right, UnknownRight,
};
pub use changes::HostChanges;
pub use channels::ChannelUsage;
pub use component::{
    ComponentInfo, ComponentReader, ComponentStore, EntryPoint, ImportInfo, LoadError,
    LoadErrorKind, LoadedComponent, OFF_FEATURES, OffFeature, Parameter, TRANSFORM,
    UnknownEntryPoint, component_weight, verify_component,
};
pub use config::{HostConfig, Profile};
pub use engine::{CacheRisk, EngineError, EngineKind, Shortage};
pub use extension::{
    Extension, ExtensionRight, Extensions, HostBytes, Import, NewProcess, OtherRight, Refused,
    RightValue,
};
pub use host::Host;
pub use hostcalls::{HOST_CALLS, HostCall};
pub use interface::registry::{PublishError, Registration};
pub use interface::{ChannelHandle, ProcessHandle, ReaderHandle, WriterHandle};
pub use limits::{
    HostBound, Limit, LimitAmount, LimitAmountError, LimitError, LimitRequest, LimitUnit, Limits,
    OfChildren, UnknownLimit,
};
pub use log::{
    DROPPED, DROPPED_COPIES, LogEntry, LogLevels, LogLevelsError, LogPiece, LogResource, LogScope,
    LogStream, SPAN_EVENT, Severity,
};
pub use metrics::{HostcallTimes, Metrics, PhaseTime, ProcessMetrics, SERIES, Times};
pub use named::NamedChannel;
pub use process::{
    Argument, ArgumentError, Arguments, CORE_DUMP, CORE_DUMP_MISSING, Exit, ExitKind, ExitStatus,
    InputSource, InvocationError, Monitor, OutputSink, Ownership, Prepared, Process, ProcessState,
    ProcessUsage, Room, Scalar, StartError, StartErrorKind, StartObserver, StartOptions, Stdin,
    Stdio, SurroundingsError, Trap, check_surroundings, parse_invocation,
};
pub use supervise::{
    Anew, Backoff, Cause, ChildEnd, ChildSpec, Event, Next, Outcome, PreparedSupervisor,
    ReloadError, Restart, StopOrder, Strategy, SuperviseError, Supervision, Supervisor,
};
pub use usage::{Counted, Usage};
/// The wasmtime that guests run in, whose `bindgen!` makes the adapters of an [`Extension`] (`wasmtime_crate: weft_host::wasmtime`).
pub use wasmtime;
