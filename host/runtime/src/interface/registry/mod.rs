//! `weft:fabric/registry`: channels under names. `names` holds them; `registry_async` waits for one beside the guest.

mod calls;
mod names;
mod registry_async;

pub(crate) use calls::registry_calls;
pub use names::{PublishError, Registration};
pub(crate) use names::{Published, Registry};

use super::generated::weft::fabric::registry as wit;
use super::generated::weft::fabric::types::Error;
use super::{ChannelHandle, Fabric, Unit, generated};
use crate::engine::EngineKind;
use crate::hostcalls::Call;
use crate::process::ProcessState;
use names::check_name;
use std::sync::Arc;
use wasmtime::Result;
use wasmtime::component::{Linker, Resource};

/// The folder.
pub(super) const UNIT: Unit = Unit { needs: &[], link };

fn link(linker: &mut Linker<ProcessState>, kind: EngineKind) -> Result<()> {
    wit::add_to_linker::<_, Fabric>(linker, |state| state)?;
    if kind == EngineKind::Concurrent {
        generated::weft::fabric::registry_async::add_to_linker::<_, Fabric>(linker, |state| state)?;
    }
    Ok(())
}

type Answer<T> = Result<std::result::Result<T, Error>>;

impl ProcessState {
    /// The registry, if the process may look this name up.
    pub(super) fn lookup_in(
        &self,
        name: &str,
        call: Call,
    ) -> std::result::Result<Arc<Registry>, Error> {
        check_name(name)?;
        self.permit_name(call, name)
            .map_err(Error::PermissionDenied)?;
        Ok(self.live_host()?.registry.clone())
    }

    /// Puts what was looked up into the table.
    pub(super) fn hold(
        &mut self,
        published: Published,
    ) -> std::result::Result<Resource<ChannelHandle>, Error> {
        let handle = ChannelHandle::new(published.channel, published.access);
        Ok(self.table.push(handle)?)
    }
}

impl wit::Host for ProcessState {
    fn publish(
        &mut self,
        name: String,
        channel: Resource<ChannelHandle>,
    ) -> Answer<Resource<Registration>> {
        let _timed = self.timed(Call::RegistryPublish);
        let held = self.table.get(&channel)?.clone();
        Ok((|| {
            // Before all else: who waits for a name keeps it, and a denial repeats it.
            check_name(&name)?;
            self.permit_name(Call::RegistryPublish, &name)
                .map_err(Error::PermissionDenied)?;
            let published = Published {
                channel: held.channel,
                access: held.access,
            };
            let registration = self.live_host()?.registry.publish(&name, published)?;
            Ok(self.table.push(registration)?)
        })())
    }

    fn lookup(&mut self, name: String) -> Answer<Resource<ChannelHandle>> {
        let _timed = self.timed(Call::RegistryLookup);
        Ok((|| {
            let found = self.lookup_in(&name, Call::RegistryLookup)?.lookup(&name);
            let published = found
                .ok_or_else(|| Error::NotFound(format!("nothing is published as `{name}`")))?;
            self.hold(published)
        })())
    }
}

impl wit::HostRegistration for ProcessState {
    fn name(&mut self, this: Resource<Registration>) -> Result<String> {
        let _timed = self.timed(Call::RegistryRegistrationName);
        Ok(self.table.get(&this)?.name.clone())
    }

    fn drop(&mut self, this: Resource<Registration>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}
