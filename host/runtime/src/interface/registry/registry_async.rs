//! `weft:fabric/registry-async`: the wait for a name, beside the guest.

use crate::hostcalls::Call;
use crate::interface::generated::weft::fabric::registry_async as wit;
use crate::interface::generated::weft::fabric::types::Error;
use crate::interface::waiting::paid;
use crate::interface::{ChannelHandle, Fabric};
use crate::process::ProcessState;
use wasmtime::Result;
use wasmtime::component::{Accessor, Resource};

impl wit::Host for ProcessState {}

impl wit::HostWithStore<ProcessState> for Fabric {
    async fn await_name(
        store: &Accessor<ProcessState, Self>,
        name: String,
    ) -> Result<std::result::Result<Resource<ChannelHandle>, Error>> {
        let _timed = store.with(|mut access| access.get().timed(Call::RegistryAsyncAwaitName));
        let (registry, account) = store.with(|mut access| {
            let state = access.get();
            (
                state.lookup_in(&name, Call::RegistryAsyncAwaitName),
                state.account.clone(),
            )
        });
        let registry = match registry {
            Ok(registry) => registry,
            Err(denied) => return Ok(Err(denied)),
        };
        let published = paid(&account, registry.await_name(&name)).await?;
        Ok(store.with(|mut access| access.get().hold(published)))
    }
}
