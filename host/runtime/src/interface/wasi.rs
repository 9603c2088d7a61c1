//! WASI as a whole, and its own waits, its sockets and its look-up of names, within the bounds of the process: what wasmtime-wasi does, and before
//! it what a guest may ask for.
//!
//! Invariant: a wait costs the host no more than the process has paid for, however long its lists.

use crate::engine::EngineKind;
use crate::extension::{Extension, Import};
use crate::process::{NoPlace, ProcessState};
use wasmtime::Result;
use wasmtime::component::{HasSelf, Linker, Resource};
use wasmtime_wasi::p2::DynPollable;
use wasmtime_wasi::p2::bindings::{self as p2, io::poll};
use wasmtime_wasi::p3::bindings as p3;
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsCtxView, WasiSocketsView};

/// The versions of WASI that wasmtime-wasi has, all interfaces of each alike. A test holds them against what is linked.
pub(crate) const VERSIONS: [&str; 2] = ["0.2.12", "0.3.0"];

/// Interfaces of WASI that have types alone. They need nothing to be linked, but are there.
const TYPES_ALONE: [&str; 2] = ["wasi:cli/types@0.3.0", "wasi:clocks/types@0.3.0"];

/// All of WASI, with what of it is ours and needs no right. Folders that have a right of their own link their part of it after this.
pub(super) struct Wasi;

impl Extension for Wasi {
    fn name(&self) -> &'static str {
        "wasi"
    }

    /// None by name: [`VERSIONS`] says what there is.
    fn imports(&self) -> &'static [Import] {
        &[]
    }

    fn link(&self, linker: &mut Linker<ProcessState>, engine: EngineKind) -> Result<()> {
        for name in TYPES_ALONE {
            linker.instance(name)?;
        }
        link(linker, engine)
    }
}

/// Links all of WASI, and puts the waits in the place of those that are linked.
fn link(linker: &mut Linker<ProcessState>, engine: EngineKind) -> Result<()> {
    if engine == EngineKind::Concurrent {
        wasmtime_wasi::p3::add_to_linker(linker)?;
        p3::sockets::types::add_to_linker::<_, WasiSockets>(linker, network)?;
        p3::sockets::ip_name_lookup::add_to_linker::<_, WasiSockets>(linker, network)?;
    }
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    poll::add_to_linker::<_, HasSelf<ProcessState>>(linker, |state| state)?;
    p2::sockets::tcp_create_socket::add_to_linker::<_, WasiSockets>(linker, network)?;
    p2::sockets::udp_create_socket::add_to_linker::<_, WasiSockets>(linker, network)?;
    p2::sockets::ip_name_lookup::add_to_linker::<_, WasiSockets>(linker, network)
}

/// The sockets of a guest that makes one or looks up a name, which is refused to everybody: only those who want that come here.
fn network(state: &mut ProcessState) -> WasiSocketsCtxView<'_> {
    state.log.note_no_network();
    state.sockets()
}

impl poll::Host for ProcessState {
    async fn poll(&mut self, pollables: Vec<Resource<DynPollable>>) -> Result<Vec<u32>> {
        // More than it holds: some are there many times, which takes work and room for nothing.
        if pollables.len() > self.limits.handles as usize {
            return Err(NoPlace::Handles.into());
        }
        poll::Host::poll(self.table.of_wasi(), pollables).await
    }
}

impl poll::HostPollable for ProcessState {
    async fn block(&mut self, pollable: Resource<DynPollable>) -> Result<()> {
        poll::HostPollable::block(self.table.of_wasi(), pollable).await
    }

    async fn ready(&mut self, pollable: Resource<DynPollable>) -> Result<bool> {
        poll::HostPollable::ready(self.table.of_wasi(), pollable).await
    }

    fn drop(&mut self, pollable: Resource<DynPollable>) -> Result<()> {
        poll::HostPollable::drop(self.table.of_wasi(), pollable)
    }
}
