//! WASI's own waits, its monotonic clock, its sockets and its look-up of names, within the bounds of the process: what wasmtime-wasi does, and before
//! it what a guest may ask for.
//!
//! Invariant: a wait costs the host no more than the process has paid for, however long its lists.

use super::waiting::paid;
use crate::capability::Right;
use crate::process::{NoPlace, ProcessState};
use std::sync::Arc;
use wasmtime::Result;
use wasmtime::component::{Accessor, HasData, HasSelf, Linker, Resource};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::p2::DynPollable;
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock as ticks;
use wasmtime_wasi::p2::bindings::{self as p2, io::poll};
use wasmtime_wasi::p3::bindings::{self as p3, clocks::monotonic_clock};
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsCtxView, WasiSocketsView};

/// Puts the waits in the place of those that are linked.
pub(super) fn link_p2(linker: &mut Linker<ProcessState>) -> Result<()> {
    poll::add_to_linker::<_, HasSelf<ProcessState>>(linker, |state| state)?;
    ticks::add_to_linker::<_, HasSelf<ProcessState>>(linker, |state| state)?;
    p2::sockets::tcp_create_socket::add_to_linker::<_, WasiSockets>(linker, network)?;
    p2::sockets::udp_create_socket::add_to_linker::<_, WasiSockets>(linker, network)?;
    p2::sockets::ip_name_lookup::add_to_linker::<_, WasiSockets>(linker, network)
}

/// The same for WASI 0.3.
pub(super) fn link_p3(linker: &mut Linker<ProcessState>) -> Result<()> {
    monotonic_clock::add_to_linker::<_, Clocks>(linker, |state| state)?;
    p3::sockets::types::add_to_linker::<_, WasiSockets>(linker, network)?;
    p3::sockets::ip_name_lookup::add_to_linker::<_, WasiSockets>(linker, network)
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

impl ProcessState {
    /// Notes that the guest reads a clock, if it may not. The host itself reads it for waits, which is no sign of a guest's wish.
    fn clock_is_read(&self) {
        if !self.capabilities.holds(Right::Clocks) {
            self.log.note_denial(Right::Clocks.into());
        }
    }
}

impl ticks::Host for ProcessState {
    fn now(&mut self) -> Result<ticks::Instant> {
        self.clock_is_read();
        ticks::Host::now(&mut self.clocks())
    }

    fn resolution(&mut self) -> Result<ticks::Duration> {
        ticks::Host::resolution(&mut self.clocks())
    }

    fn subscribe_instant(&mut self, when: ticks::Instant) -> Result<Resource<DynPollable>> {
        ticks::Host::subscribe_instant(&mut self.clocks(), when)
    }

    fn subscribe_duration(&mut self, time: ticks::Duration) -> Result<Resource<DynPollable>> {
        ticks::Host::subscribe_duration(&mut self.clocks(), time)
    }
}

/// The clocks of WASI 0.3.
struct Clocks;

impl HasData for Clocks {
    type Data<'a> = &'a mut ProcessState;
}

impl monotonic_clock::Host for ProcessState {
    fn now(&mut self) -> Result<monotonic_clock::Mark> {
        self.clock_is_read();
        monotonic_clock::Host::now(&mut self.clocks())
    }

    fn get_resolution(&mut self) -> Result<wasmtime_wasi::p3::bindings::clocks::types::Duration> {
        monotonic_clock::Host::get_resolution(&mut self.clocks())
    }
}

impl monotonic_clock::HostWithStore<ProcessState> for Clocks {
    async fn wait_until(
        store: &Accessor<ProcessState, Self>,
        when: monotonic_clock::Mark,
    ) -> Result<()> {
        let account = store.with(|mut access| Arc::clone(&access.get().account));
        let store = store.with_getter::<WasiClocks>(ProcessState::clocks);
        let wait = <WasiClocks as monotonic_clock::HostWithStore<_>>::wait_until(&store, when);
        paid(&account, wait).await?
    }

    async fn wait_for(
        store: &Accessor<ProcessState, Self>,
        duration: wasmtime_wasi::p3::bindings::clocks::types::Duration,
    ) -> Result<()> {
        let account = store.with(|mut access| Arc::clone(&access.get().account));
        let store = store.with_getter::<WasiClocks>(ProcessState::clocks);
        let wait = <WasiClocks as monotonic_clock::HostWithStore<_>>::wait_for(&store, duration);
        paid(&account, wait).await?
    }
}
