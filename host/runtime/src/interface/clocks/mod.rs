//! Clocks: the wall clock and the monotonic clock of WASI 0.2 and 0.3, and the waits on the latter.
//!
//! WASI's calls cannot fail, so without the right `clocks` both stand at zero, which the log says once; waits need no right. The
//! clocks themselves are wasmtime-wasi's.
//!
//! Invariant: a wait costs the host no more than the process has paid for.

use super::waiting::paid;
use crate::capability::Right;
use crate::engine::EngineKind;
use crate::extension::{Extension, ExtensionRight, Import, NewProcess, Refused};
use crate::log::ProcessLog;
use crate::process::ProcessState;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::Result;
use wasmtime::component::{Accessor, HasData, HasSelf, Linker, Resource};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::p2::DynPollable;
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock as ticks;
use wasmtime_wasi::p3::bindings::clocks::monotonic_clock;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock};

/// To read the clocks.
pub(crate) const CLOCKS: &ExtensionRight = &ExtensionRight {
    name: "clocks",
    value: None,
    help: "read the wall clock and the monotonic clock",
};

/// The folder.
pub(super) struct Unit;

/// What gives nothing without the right.
const NEEDS: &[(&str, &ExtensionRight)] = &[("now", CLOCKS)];

impl Extension for Unit {
    fn name(&self) -> &'static str {
        "clocks"
    }

    fn rights(&self) -> &'static [&'static ExtensionRight] {
        &[CLOCKS]
    }

    fn imports(&self) -> &'static [Import] {
        &[
            Import {
                interface: "wasi:clocks/wall-clock@0.2.12",
                needs: NEEDS,
            },
            Import {
                interface: "wasi:clocks/monotonic-clock@0.2.12",
                needs: NEEDS,
            },
            Import {
                interface: "wasi:clocks/system-clock@0.3.0",
                needs: NEEDS,
            },
            Import {
                interface: "wasi:clocks/monotonic-clock@0.3.0",
                needs: NEEDS,
            },
        ]
    }

    /// The wall clock's is wasmtime-wasi's, which is linked already.
    fn link(&self, linker: &mut Linker<ProcessState>, engine: EngineKind) -> Result<()> {
        ticks::add_to_linker::<_, HasSelf<ProcessState>>(linker, |state| state)?;
        if engine == EngineKind::Concurrent {
            monotonic_clock::add_to_linker::<_, Clocks>(linker, |state| state)?;
        }
        Ok(())
    }

    /// Stops the clocks of a process that may not read them.
    fn start(&self, process: &mut NewProcess<'_>) -> std::result::Result<(), Refused> {
        if !process.capabilities.holds(Right::Clocks) {
            let stopped = StoppedClock {
                log: process.log.clone(),
            };
            process.wasi.wall_clock(stopped.clone());
            process.wasi.monotonic_clock(stopped);
        }
        Ok(())
    }
}

/// A clock that stands at zero. The log says so once: of the monotonic clock by the calls of the guest, which are
/// told from the host's own there.
#[derive(Clone)]
struct StoppedClock {
    log: Arc<ProcessLog>,
}

impl HostWallClock for StoppedClock {
    fn resolution(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn now(&self) -> Duration {
        self.log.note_denial(Right::Clocks.into());
        Duration::ZERO
    }
}

impl HostMonotonicClock for StoppedClock {
    fn resolution(&self) -> u64 {
        Duration::from_secs(1).as_nanos() as u64
    }

    fn now(&self) -> u64 {
        0
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
