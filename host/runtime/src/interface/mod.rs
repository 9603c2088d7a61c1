//! What a guest can import of the runtime: a folder for each capability.
//!
//! A folder is an [`Extension`], its `Unit`, by the same trait as what others add from outside: its rights, its imports with the functions that
//! need one (made from `calls` for those of `weft:fabric`), how it is linked into either engine, and what a new process gets of it. Beside it
//! are the adapters of its interfaces, which are thin, over channels, processes, logs and WASI. [`BUILT_IN`] is the list of the folders; the
//! rest of the runtime knows them by that alone, but for what calls must reach without a search: handles, the account, open files and the
//! rights that have places of their own are fields of [`ProcessState`].
//!
//! Shared by all: `handle` holds what stands behind the resources, `convert` maps errors and has the types that the interfaces share, `waiting`
//! pays for waits, and `wasi` is what of WASI needs no capability. The calls of `channel` and `process` that wait suspend the
//! guest's fiber; those of `channel-async` and `process-async` run beside the guest.
//!
//! Invariants:
//! - Every call checks its capability, and answers a denial with a value.
//! - A call borrows the store only between waits, never across one.
//! - What may have to ask another engine is async here: opening, weakening and ending, and the counters. Channels of the native
//!   engine answer at once.
//! - `Err` from a host function traps the guest, so it is kept for guests that
//!   broke the component model, such as by a handle that is not theirs.

pub mod channel;
pub(crate) mod clocks;
mod convert;
pub(crate) mod environment;
pub(crate) mod filesystem;
mod handle;
mod log;
mod metrics;
pub(crate) mod process;
pub(crate) mod registry;
mod waiting;
mod wasi;

pub(crate) use channel::channel_calls;
pub use handle::{ChannelHandle, ProcessHandle, ReaderHandle, WriterHandle};
pub(crate) use log::log_calls;
pub(crate) use metrics::metrics_calls;
pub(crate) use process::process_calls;
pub(crate) use registry::registry_calls;

use crate::extension::Extension;
use crate::host::HostInner;
use crate::hostcalls::Call;
use crate::process::ProcessState;
use generated::weft::fabric::types::Error;
use std::sync::Arc;
pub(crate) use wasi::VERSIONS as WASI_VERSIONS;
use wasmtime::component::HasSelf;

/// What `bindgen!` makes of `wit/`.
pub(crate) mod generated {
    #![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "fabric-async",
        imports: {
            "weft:fabric/channel.[method]channel.strong-writer": async | trappable,
            "weft:fabric/channel.[method]channel.weak-writer": async | trappable,
            "weft:fabric/channel.[method]channel.strong-reader": async | trappable,
            "weft:fabric/channel.[method]channel.weak-reader": async | trappable,
            "weft:fabric/channel.[method]channel.drain": async | trappable,
            "weft:fabric/channel.[method]channel.terminate": async | trappable,
            "weft:fabric/channel.[method]channel.stats": async | trappable,
            "weft:fabric/channel.[static]writer.downgrade": async | trappable,
            "weft:fabric/channel.[static]reader.downgrade": async | trappable,
            "weft:fabric/channel.[method]writer.write": async | trappable,
            "weft:fabric/channel.[method]writer.write-packed": async | trappable,
            "weft:fabric/channel.[method]writer.write-with": async | trappable,
            "weft:fabric/channel.[method]reader.read": async | trappable,
            "weft:fabric/channel.[method]reader.read-within": async | trappable,
            "weft:fabric/channel.[method]reader.read-packed": async | trappable,
            "weft:fabric/channel-async.read-bytes": store | trappable,
            "weft:fabric/process.[static]process.start": store | trappable,
            "weft:fabric/process.[static]process.start-within": store | trappable,
            "weft:fabric/process.wait-stop": async | trappable,
            "weft:fabric/process.[method]process.wait": async | trappable,
            "weft:fabric/process.[method]process.stop": async | trappable,
            "weft:fabric/process.[method]monitor.next": async | trappable,
            default: trappable,
        },
        with: {
            "weft:fabric/channel.channel": super::ChannelHandle,
            "weft:fabric/channel.reader": super::ReaderHandle,
            "weft:fabric/channel.writer": super::WriterHandle,
            "weft:fabric/log.span": crate::log::Span,
            "weft:fabric/metrics.counter": super::metrics::Counter,
            "weft:fabric/metrics.gauge": super::metrics::Gauge,
            "weft:fabric/metrics.histogram": super::metrics::Histogram,
            "weft:fabric/process.process": super::ProcessHandle,
            "weft:fabric/process.monitor": crate::process::Monitor,
            "weft:fabric/registry.registration": crate::interface::registry::Registration,
            "weft:fabric/frames": super::channel::frames,
        },
    });
}

/// The store data that the adapters work on.
type Fabric = HasSelf<ProcessState>;

impl ProcessState {
    /// Denies the call unless the process holds the right that it needs.
    fn allow(&self, call: Call) -> Result<(), Error> {
        self.permit(call).map_err(Error::PermissionDenied)
    }

    /// The host, which may be gone while a process still runs.
    fn live_host(&self) -> Result<Arc<HostInner>, Error> {
        self.host
            .upgrade()
            .ok_or_else(|| Error::Failed("the host is gone".into()))
    }
}

/// Every folder, and what all of them need. They are linked in this order: what is ours of WASI takes the place of what is wasmtime's.
pub(crate) static BUILT_IN: &[&dyn Extension] = &[
    &convert::Types,
    &wasi::Wasi,
    &channel::Unit,
    &process::Unit,
    &registry::Unit,
    &log::Unit,
    &metrics::Unit,
    &clocks::Unit,
    &environment::Unit,
    &filesystem::Unit,
];
