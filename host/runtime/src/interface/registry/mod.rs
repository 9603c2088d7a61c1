//! `weft:fabric/registry`: channels under names, and the rights to them. `names` holds them; `registry_async` waits for one beside the guest.

mod calls;
mod names;
mod registry_async;

pub(crate) use calls::registry_calls;
pub use names::{PublishError, Registration};
pub(crate) use names::{Published, Registry};

use super::generated::weft::fabric::registry as wit;
use super::generated::weft::fabric::types::Error;
use super::{ChannelHandle, Fabric, generated};
use crate::engine::EngineKind;
use crate::extension::{Extension, ExtensionRight, Import, RightValue};
use crate::hostcalls::{Call, imports_of};
use crate::limits::CAPABILITIES;
use crate::process::ProcessState;
use names::check_name;
use std::sync::Arc;
use wasmtime::Result;
use wasmtime::component::{Linker, Resource};

/// To publish channels under names that begin with a prefix.
pub(crate) const PUBLISH: &ExtensionRight = &ExtensionRight {
    name: "registry-publish",
    value: Some(PREFIX),
    help: "publish channels under names that begin with PREFIX",
};

/// To look channels up by names that begin with a prefix.
pub(crate) const LOOKUP: &ExtensionRight = &ExtensionRight {
    name: "registry-lookup",
    value: Some(PREFIX),
    help: "look channels up by names that begin with PREFIX",
};

/// The value of either.
const PREFIX: RightValue = RightValue {
    placeholder: "PREFIX",
    example: "jobs/",
    read: |text| Ok(text.to_owned()),
    covers: |held, asked| begins(asked, held.iter().copied()),
    most: CAPABILITIES,
};

/// Whether a name, or all names with a longer prefix, begin with one of these.
pub(crate) fn begins<'a>(name: &str, prefixes: impl IntoIterator<Item = &'a str>) -> bool {
    let mut prefixes = prefixes.into_iter();
    prefixes.any(|prefix| name.starts_with(prefix))
}

/// The folder.
pub(super) struct Unit;

impl Extension for Unit {
    fn name(&self) -> &'static str {
        "registry"
    }

    fn rights(&self) -> &'static [&'static ExtensionRight] {
        &[PUBLISH, LOOKUP]
    }

    fn imports(&self) -> &'static [Import] {
        registry_calls!(imports_of [])
    }

    fn link(&self, linker: &mut Linker<ProcessState>, engine: EngineKind) -> Result<()> {
        wit::add_to_linker::<_, Fabric>(linker, |state| state)?;
        if engine == EngineKind::Concurrent {
            use generated::weft::fabric::registry_async;
            registry_async::add_to_linker::<_, Fabric>(linker, |state| state)?;
        }
        Ok(())
    }
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
