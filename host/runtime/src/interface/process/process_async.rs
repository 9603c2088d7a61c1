//! `weft:fabric/process-async`: the waits of `process`, beside the guest.

use crate::hostcalls::Call;
use crate::interface::generated::weft::fabric::process::{Exit, ExitStatus};
use crate::interface::generated::weft::fabric::process_async as wit;
use crate::interface::generated::weft::fabric::types::Error;
use crate::interface::waiting::paid;
use crate::interface::{Fabric, ProcessHandle};
use crate::process::{Monitor, ProcessState};
use std::time::Duration;
use wasmtime::Result;
use wasmtime::component::{Accessor, Resource};

impl wit::Host for ProcessState {}

impl wit::HostWithStore<ProcessState> for Fabric {
    async fn wait(
        store: &Accessor<ProcessState, Self>,
        on: Resource<ProcessHandle>,
    ) -> Result<ExitStatus> {
        let _timed = store.with(|mut access| access.get().timed(Call::ProcessAsyncWait));
        let (process, account) = store.with(|mut access| {
            let state = access.get();
            wasmtime::error::Ok((state.process(&on)?, state.account.clone()))
        })?;
        Ok(paid(&account, process.wait()).await?.into())
    }

    async fn stop(
        store: &Accessor<ProcessState, Self>,
        which: Resource<ProcessHandle>,
        grace_ms: u32,
    ) -> Result<std::result::Result<ExitStatus, Error>> {
        let _timed = store.with(|mut access| access.get().timed(Call::ProcessAsyncStop));
        let (process, account) = store.with(|mut access| {
            let state = access.get();
            wasmtime::error::Ok((
                state.stoppable(&which, Call::ProcessAsyncStop)?,
                state.account.clone(),
            ))
        })?;
        Ok(match process {
            Ok(process) => {
                let stop = process.stop(Duration::from_millis(grace_ms.into()));
                Ok(paid(&account, stop).await?.into())
            }
            Err(denied) => Err(denied),
        })
    }

    async fn next_exit(
        store: &Accessor<ProcessState, Self>,
        of: Resource<Monitor>,
    ) -> Result<Option<Exit>> {
        let _timed = store.with(|mut access| access.get().timed(Call::ProcessAsyncNextExit));
        let (waiter, account) = store.with(|mut access| {
            let state = access.get();
            wasmtime::error::Ok((state.table.get(&of)?.waiter(), state.account.clone()))
        })?;
        Ok(paid(&account, waiter.next()).await?.map(Into::into))
    }

    async fn await_exit(
        store: &Accessor<ProcessState, Self>,
        of: Resource<Monitor>,
    ) -> Result<bool> {
        let _timed = store.with(|mut access| access.get().timed(Call::ProcessAsyncAwaitExit));
        let (waiter, account) = store.with(|mut access| {
            let state = access.get();
            wasmtime::error::Ok((state.table.get(&of)?.waiter(), state.account.clone()))
        })?;
        paid(&account, waiter.arrival()).await
    }

    async fn stop_request(store: &Accessor<ProcessState, Self>) -> Result<()> {
        let _timed = store.with(|mut access| access.get().timed(Call::ProcessAsyncStopRequest));
        let (shared, account) = store.with(|mut access| {
            let state = access.get();
            (state.shared.clone(), state.account.clone())
        });
        paid(&account, shared.stop_request()).await
    }
}
