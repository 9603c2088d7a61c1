//! The WIT interfaces, implemented as thin adapters over channels, processes and logs.
//!
//! One file per interface; `handle` holds what stands behind the resources and
//! `convert` maps errors. The calls of `channel` and `process` that wait suspend the
//! guest's fiber; those of `channel-async` and `process-async` run beside the guest.
//!
//! Invariants:
//! - Every call checks its capability, and answers a denial with a value.
//! - A call borrows the store only between waits, never across one.
//! - What may have to ask another engine is async here: opening, weakening and ending, and the counters. Channels of the native
//!   engine answer at once.
//! - `Err` from a host function traps the guest, so it is kept for guests that
//!   broke the component model, such as by a handle that is not theirs.

mod attached;
mod bytes;
mod channel;
mod channel_async;
mod convert;
pub mod frames;
mod grants;
mod handle;
mod log;
mod monitor;
mod process;
mod process_async;
mod reader;
mod registry;
mod registry_async;
mod waiting;
mod wasi;
mod writer;

pub use handle::{ChannelHandle, ProcessHandle, ReaderHandle, WriterHandle};

use crate::engine::EngineKind;
use crate::files;
use crate::host::HostInner;
use crate::hostcalls::Call;
use crate::process::ProcessState;
use generated::weft::fabric::types::Error;
use std::sync::Arc;
use wasmtime::component::{HasSelf, Linker};

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
            "weft:fabric/process.process": super::ProcessHandle,
            "weft:fabric/process.monitor": crate::process::Monitor,
            "weft:fabric/registry.registration": crate::registry::Registration,
            "weft:fabric/frames": super::frames,
        },
    });
}

/// Interfaces that have types alone. They need nothing to be linked, but are there.
const TYPES_ALONE: [&str; 4] = [
    "weft:fabric/types@0.2.0",
    "weft:fabric/frames@0.2.0",
    "wasi:cli/types@0.3.0",
    "wasi:clocks/types@0.3.0",
];

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

/// Links everything a component may import: the fabric, and WASI 0.2 and 0.3; in a plain engine
/// what has no async functions.
pub(crate) fn link(linker: &mut Linker<ProcessState>, kind: EngineKind) -> wasmtime::Result<()> {
    // What is ours of WASI takes the place of what is wasmtime's.
    linker.allow_shadowing(true);
    for name in TYPES_ALONE {
        linker.instance(name)?;
    }
    match kind {
        EngineKind::Concurrent => {
            generated::FabricAsync::add_to_linker::<_, Fabric>(linker, |state| state)?;
            wasmtime_wasi::p3::add_to_linker(linker)?;
            wasi::link_p3(linker)?;
        }
        EngineKind::Plain => {
            use generated::weft::fabric::{channel, log, process, registry};
            channel::add_to_linker::<_, Fabric>(linker, |state| state)?;
            log::add_to_linker::<_, Fabric>(linker, |state| state)?;
            process::add_to_linker::<_, Fabric>(linker, |state| state)?;
            registry::add_to_linker::<_, Fabric>(linker, |state| state)?;
        }
    }
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    wasi::link_p2(linker)?;
    files::link(linker, kind)
}
