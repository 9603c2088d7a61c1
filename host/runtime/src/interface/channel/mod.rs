//! Channels: `weft:fabric/channel` and `channel-async`.
//!
//! Here is the `channel` resource. Its ends are in `writer` and `reader`, the handles that travel with frames in `attached`; `channel_async` is the calls that
//! wait beside the guest, `bytes` its streams, `frames` the records with payloads apart. What channels are is in the crate `weft-channel`.

mod attached;
mod bytes;
mod calls;
mod channel_async;
pub mod frames;
mod reader;
mod writer;

pub(crate) use calls::channel_calls;

use super::generated::weft::fabric::channel::{self as wit, Backpressure, Options, Stats};
use super::generated::weft::fabric::types::Error;
use super::{ChannelHandle, Fabric, ReaderHandle, WriterHandle, generated};
use crate::access::Access;
use crate::engine::EngineKind;
use crate::extension::{Extension, ExtensionRight, Import};
use crate::hostcalls::{Call, imports_of};
use crate::process::ProcessState;
use wasmtime::Result;
use wasmtime::component::{Linker, Resource};
use weft_channel::{Channel, Strength};

/// To make channels, and to end those that are held.
pub(crate) const CHANNELS: &ExtensionRight = &ExtensionRight {
    name: "channel-lifecycle",
    value: None,
    help: "create channels, and drain or terminate those it holds",
};

/// To read.
pub(crate) const READER: &ExtensionRight = &ExtensionRight {
    name: "channel-reader",
    value: None,
    help: "make readers of channels it holds, and read",
};

/// To write.
pub(crate) const WRITER: &ExtensionRight = &ExtensionRight {
    name: "channel-writer",
    value: None,
    help: "make writers of channels it holds, and write",
};

/// The folder. What a process has of it, its handles, is in the table of its store, which every call reaches without a search.
pub(super) struct Unit;

impl Extension for Unit {
    fn name(&self) -> &'static str {
        "channel"
    }

    fn rights(&self) -> &'static [&'static ExtensionRight] {
        &[CHANNELS, READER, WRITER]
    }

    fn imports(&self) -> &'static [Import] {
        channel_calls!(imports_of [])
    }

    fn link(&self, linker: &mut Linker<ProcessState>, engine: EngineKind) -> Result<()> {
        wit::add_to_linker::<_, Fabric>(linker, |state| state)?;
        frames::add_to_linker::<_, Fabric>(linker, |state| state)?;
        if engine == EngineKind::Concurrent {
            use generated::weft::fabric::channel_async;
            channel_async::add_to_linker::<_, Fabric>(linker, |state| state)?;
        }
        Ok(())
    }
}

type Answer<T> = Result<std::result::Result<T, Error>>;

impl ProcessState {
    async fn open_writer(
        &mut self,
        handle: &Resource<ChannelHandle>,
        call: Call,
        strength: Strength,
    ) -> Answer<Resource<WriterHandle>> {
        let held = self.table.get(handle)?;
        let allowed = self.allow(call);
        let opened = match allowed.and_then(|()| check(held, Access::WRITERS)) {
            Ok(()) => held.channel.open_writer(strength).await,
            Err(denied) => return Ok(Err(denied)),
        };
        Ok((|| Ok(self.table.push(WriterHandle::from(opened?))?))())
    }

    async fn open_reader(
        &mut self,
        handle: &Resource<ChannelHandle>,
        call: Call,
        strength: Strength,
    ) -> Answer<Resource<ReaderHandle>> {
        let held = self.table.get(handle)?;
        let needed = match strength {
            Strength::Strong => Access::STRONG_READERS,
            Strength::Weak => Access::WEAK_READERS,
        };
        let opened = match self.allow(call).and_then(|()| check(held, needed)) {
            Ok(()) => held.channel.open_reader(strength).await,
            Err(denied) => return Ok(Err(denied)),
        };
        Ok((|| Ok(self.table.push(ReaderHandle::from(opened?))?))())
    }

    /// The channel of a handle that may end it.
    fn to_end(&self, handle: &Resource<ChannelHandle>, call: Call) -> Answer<&Channel> {
        let held = self.table.get(handle)?;
        let allowed = self.allow(call);
        Ok(allowed
            .and_then(|()| check(held, Access::LIFECYCLE))
            .map(|()| &held.channel))
    }
}

/// Checks what a handle may be used for.
fn check(held: &ChannelHandle, needed: Access) -> std::result::Result<(), Error> {
    held.access.require(needed).map_err(Error::PermissionDenied)
}

impl wit::Host for ProcessState {}

impl wit::HostChannel for ProcessState {
    fn create(&mut self, options: Options) -> Answer<Resource<ChannelHandle>> {
        let _timed = self.timed(Call::ChannelChannelCreate);
        Ok((|| {
            self.allow(Call::ChannelChannelCreate)?;
            let host = self.live_host()?;
            let backpressure = match options.backpressure {
                Backpressure::Block => weft_channel::Backpressure::Block,
                Backpressure::Drop => weft_channel::Backpressure::Drop,
            };
            let options = weft_channel::Options::new(options.capacity).backpressure(backpressure);
            let maker = (self.shared.id, self.shared.name.as_str());
            let channel = host.channels.make(maker, &self.account, options)?;
            Ok(self.table.push(ChannelHandle::from(channel))?)
        })())
    }

    fn attach(&mut self, token: String) -> Answer<Resource<ChannelHandle>> {
        let _timed = self.timed(Call::ChannelChannelAttach);
        Ok((|| {
            self.allow(Call::ChannelChannelAttach)?;
            let found = self.live_host()?.shares.find(&token);
            let handle = found
                .ok_or_else(|| Error::NotFound("no channel is shared by this token".into()))?;
            Ok(self.table.push(handle)?)
        })())
    }

    fn share(&mut self, this: Resource<ChannelHandle>) -> Answer<String> {
        let _timed = self.timed(Call::ChannelChannelShare);
        let held = self.table.get(&this)?.clone();
        Ok((|| {
            self.allow(Call::ChannelChannelShare)?;
            check(&held, Access::LIFECYCLE)?;
            let host = self.live_host()?;
            host.shares
                .share(&held.channel, held.access, &held.share)
                .map_err(|error| Error::Failed(error.to_string()))
        })())
    }

    fn revoke(&mut self, this: Resource<ChannelHandle>) -> Answer<()> {
        let _timed = self.timed(Call::ChannelChannelRevoke);
        let held = self.table.get(&this)?.clone();
        Ok((|| {
            self.allow(Call::ChannelChannelRevoke)?;
            check(&held, Access::LIFECYCLE)?;
            held.share.revoke();
            Ok(())
        })())
    }

    fn narrow(
        &mut self,
        this: Resource<ChannelHandle>,
        access: wit::Access,
    ) -> Answer<Resource<ChannelHandle>> {
        let _timed = self.timed(Call::ChannelChannelNarrow);
        let held = self.table.get(&this)?;
        let access = held.access & Access::from(access);
        let handle = ChannelHandle::new(held.channel.clone(), access);
        Ok(self.table.push(handle).map_err(Into::into))
    }

    fn access(&mut self, this: Resource<ChannelHandle>) -> Result<wit::Access> {
        let _timed = self.timed(Call::ChannelChannelAccess);
        Ok(self.table.get(&this)?.access.into())
    }

    async fn strong_writer(
        &mut self,
        this: Resource<ChannelHandle>,
    ) -> Answer<Resource<WriterHandle>> {
        let call = Call::ChannelChannelStrongWriter;
        let _timed = self.timed(call);
        self.open_writer(&this, call, Strength::Strong).await
    }

    async fn weak_writer(
        &mut self,
        this: Resource<ChannelHandle>,
    ) -> Answer<Resource<WriterHandle>> {
        let call = Call::ChannelChannelWeakWriter;
        let _timed = self.timed(call);
        self.open_writer(&this, call, Strength::Weak).await
    }

    async fn strong_reader(
        &mut self,
        this: Resource<ChannelHandle>,
    ) -> Answer<Resource<ReaderHandle>> {
        let call = Call::ChannelChannelStrongReader;
        let _timed = self.timed(call);
        self.open_reader(&this, call, Strength::Strong).await
    }

    async fn weak_reader(
        &mut self,
        this: Resource<ChannelHandle>,
    ) -> Answer<Resource<ReaderHandle>> {
        let call = Call::ChannelChannelWeakReader;
        let _timed = self.timed(call);
        self.open_reader(&this, call, Strength::Weak).await
    }

    async fn drain(&mut self, this: Resource<ChannelHandle>) -> Answer<()> {
        let _timed = self.timed(Call::ChannelChannelDrain);
        Ok(match self.to_end(&this, Call::ChannelChannelDrain)? {
            Ok(channel) => channel.ask_drain().await.map_err(Into::into),
            Err(denied) => Err(denied),
        })
    }

    async fn terminate(&mut self, this: Resource<ChannelHandle>) -> Answer<()> {
        let _timed = self.timed(Call::ChannelChannelTerminate);
        Ok(match self.to_end(&this, Call::ChannelChannelTerminate)? {
            Ok(channel) => channel.ask_terminate().await.map_err(Into::into),
            Err(denied) => Err(denied),
        })
    }

    async fn stats(&mut self, this: Resource<ChannelHandle>) -> Result<Stats> {
        let _timed = self.timed(Call::ChannelChannelStats);
        let stats = self.table.get(&this)?.channel.ask_stats().await;
        Ok(Stats {
            frames_written: stats.frames_written,
            frames_dropped: stats.frames_dropped,
            frames_held: stats.frames_held,
            bytes_held: stats.bytes_held,
            capacity: stats.capacity,
            strong_writers: stats.strong_writers,
            weak_writers: stats.weak_writers,
            strong_readers: stats.strong_readers,
            weak_readers: stats.weak_readers,
        })
    }

    fn drop(&mut self, this: Resource<ChannelHandle>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}
