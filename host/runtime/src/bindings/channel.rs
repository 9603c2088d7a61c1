//! `weft:fabric/channel`: the `channel` resource. Its ends are in `writer` and `reader`.

use super::generated::weft::fabric::channel::{self as wit, Backpressure, Options, Stats};
use super::generated::weft::fabric::types::Error;
use super::{ChannelHandle, ReaderHandle, WriterHandle};
use crate::access::Access;
use crate::account::Good;
use crate::hostcalls::Call;
use crate::process::ProcessState;
use std::sync::Arc;
use wasmtime::Result;
use wasmtime::component::Resource;
use weft_channel::{Channel, OpenError, Writer};

type Answer<T> = Result<std::result::Result<T, Error>>;

impl ProcessState {
    fn open_writer(
        &mut self,
        handle: &Resource<ChannelHandle>,
        call: Call,
        open: fn(&Channel) -> std::result::Result<Writer, OpenError>,
    ) -> Answer<Resource<WriterHandle>> {
        let held = self.table.get(handle)?.clone();
        Ok((|| {
            self.allow(call)?;
            check(&held, Access::WRITERS)?;
            Ok(self.table.push(WriterHandle::from(open(&held.channel)?))?)
        })())
    }

    fn open_reader(
        &mut self,
        handle: &Resource<ChannelHandle>,
        call: Call,
        strong: bool,
    ) -> Answer<Resource<ReaderHandle>> {
        let held = self.table.get(handle)?.clone();
        Ok((|| {
            self.allow(call)?;
            let reader = if strong {
                check(&held, Access::STRONG_READERS)?;
                held.channel.strong_reader()
            } else {
                check(&held, Access::WEAK_READERS)?;
                held.channel.weak_reader()
            };
            Ok(self.table.push(ReaderHandle::from(reader))?)
        })())
    }

    fn end_channel(
        &mut self,
        handle: &Resource<ChannelHandle>,
        call: Call,
        end: fn(&Channel),
    ) -> Answer<()> {
        let held = self.table.get(handle)?.clone();
        Ok((|| {
            self.allow(call)?;
            check(&held, Access::LIFECYCLE)?;
            end(&held.channel);
            Ok(())
        })())
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
            let most = host.config.max_channel_capacity;
            if options.capacity > most {
                let capacity = options.capacity;
                return Err(Error::InvalidArgument(format!(
                    "capacity: {capacity} bytes given, this host allows 1 to {most}"
                )));
            }
            let backpressure = match options.backpressure {
                Backpressure::Block => weft_channel::Backpressure::Block,
                Backpressure::Drop => weft_channel::Backpressure::Drop,
            };
            let options = weft_channel::Options {
                capacity: options.capacity,
                backpressure,
            };
            let charge = self.account.charge(Good::ChannelBytes, options.capacity);
            let charge = (self.account.charge(Good::Channels, 1)?, charge?);
            let listed = host.channels.list(&self.shared);
            let id = listed.id();
            let channel = Channel::with_charge(options, Arc::new((charge, listed)))
                .map_err(|error| Error::InvalidArgument(format!("capacity: {error}")))?;
            host.channels.made(id, channel.observer());
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

    fn strong_writer(&mut self, this: Resource<ChannelHandle>) -> Answer<Resource<WriterHandle>> {
        let _timed = self.timed(Call::ChannelChannelStrongWriter);
        self.open_writer(
            &this,
            Call::ChannelChannelStrongWriter,
            Channel::strong_writer,
        )
    }

    fn weak_writer(&mut self, this: Resource<ChannelHandle>) -> Answer<Resource<WriterHandle>> {
        let _timed = self.timed(Call::ChannelChannelWeakWriter);
        self.open_writer(&this, Call::ChannelChannelWeakWriter, Channel::weak_writer)
    }

    fn strong_reader(&mut self, this: Resource<ChannelHandle>) -> Answer<Resource<ReaderHandle>> {
        let _timed = self.timed(Call::ChannelChannelStrongReader);
        self.open_reader(&this, Call::ChannelChannelStrongReader, true)
    }

    fn weak_reader(&mut self, this: Resource<ChannelHandle>) -> Answer<Resource<ReaderHandle>> {
        let _timed = self.timed(Call::ChannelChannelWeakReader);
        self.open_reader(&this, Call::ChannelChannelWeakReader, false)
    }

    fn drain(&mut self, this: Resource<ChannelHandle>) -> Answer<()> {
        let _timed = self.timed(Call::ChannelChannelDrain);
        self.end_channel(&this, Call::ChannelChannelDrain, Channel::drain)
    }

    fn terminate(&mut self, this: Resource<ChannelHandle>) -> Answer<()> {
        let _timed = self.timed(Call::ChannelChannelTerminate);
        self.end_channel(&this, Call::ChannelChannelTerminate, Channel::terminate)
    }

    fn stats(&mut self, this: Resource<ChannelHandle>) -> Result<Stats> {
        let _timed = self.timed(Call::ChannelChannelStats);
        let stats = self.table.get(&this)?.channel.stats();
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
