//! `weft:fabric/net` and `quic`: the calls that wait on the guest's stack, and those that do not wait.

use super::ends::{Connection, Peer, Room};
use super::listener::{begin, without_tls};
use super::secure;
use super::target::Target;
use super::{
    Endpoint, Error, Listener, Listening, Open, Session, Waiting, dial, in_time, wit, wit_quic,
};
use crate::pattern::Scheme;
use crate::sockets::{LISTEN, OfProcess, View};
use crate::tls::TLS_BYTES;
use std::sync::Arc;
use weft_host::extension::{ReaderHandle, WriterHandle};
use weft_host::wasmtime::Result as Called;
use weft_host::wasmtime::component::Resource;

type Answer<T> = Called<Result<T, Error>>;

/// The interfaces, as the times of calls name them.
const NET: &str = "weft:fabric/net";
const QUIC: &str = "weft:fabric/quic";

/// Connects over TCP or TLS.
pub(super) async fn connect(
    of: OfProcess,
    address: &str,
    options: &wit::ConnectOptions,
) -> Result<Connection, Error> {
    in_time(of.config.connect_time, connect_to(of, address, options)).await
}

async fn connect_to(
    of: OfProcess,
    address: &str,
    options: &wit::ConnectOptions,
) -> Result<Connection, Error> {
    let target = Target::read(address, &[Scheme::Tcp, Scheme::Tls])?;
    let tls = target.scheme == Scheme::Tls;
    if !tls {
        without_tls(&options.protocols, false)?;
    }
    let room = Room::new(of, options.capacity)?;
    let place = room.place(if tls { TLS_BYTES } else { 0 });
    let place = place.map_err(Error::Exhausted)?;
    let (stream, at) = dial::dial(&room.of, &target).await?;
    let scheme = target.scheme.name();
    if tls {
        let stream = secure::connect(&room.of, stream, &target, &options.protocols).await?;
        let peer = secure::peer(stream.get_ref().1, scheme, at);
        let (near, far) = room.ends(peer).map_err(Error::Exhausted)?;
        begin(tokio::io::split(stream), far, &room.of, place);
        return Ok(near);
    }
    let peer = Peer {
        remote: format!("{scheme}://{at}"),
        ..Peer::default()
    };
    let (near, far) = room.ends(peer).map_err(Error::Exhausted)?;
    begin(stream.into_split(), far, &room.of, place);
    Ok(near)
}

impl View<'_> {
    /// Puts a resource into the guest's table.
    pub(super) fn put<T: Send + 'static>(&mut self, value: T) -> Result<Resource<T>, Error> {
        self.0.keep_handle(value).map_err(Error::Exhausted)
    }
}

impl wit::Host for View<'_> {
    async fn connect(
        &mut self,
        address: String,
        options: wit::ConnectOptions,
    ) -> Answer<wit::Connection> {
        let _timed = self.0.time_call(NET, "connect");
        let connection = match self.connecting(&address) {
            Ok(of) => connect(of, &address, &options).await,
            Err(denied) => Err(denied),
        };
        Ok(connection.and_then(|connection| self.give(connection)))
    }
}

impl wit::HostListener for View<'_> {
    async fn listen(
        &mut self,
        address: String,
        options: wit::ListenOptions,
    ) -> Answer<Resource<Listening>> {
        let _timed = self.0.time_call(NET, "listener.listen");
        let of = self.admitted(LISTEN, &address);
        let listener = of.and_then(|of| Listener::listen(of, &address, &options));
        Ok(listener.and_then(|listener| self.put(Arc::new(listener))))
    }

    fn address(&mut self, this: Resource<Listening>) -> Called<String> {
        let _timed = self.0.time_call(NET, "listener.address");
        Ok(self.0.handle(&this)?.address.clone())
    }

    async fn accept(&mut self, this: Resource<Listening>) -> Answer<wit::Connection> {
        let _timed = self.0.time_call(NET, "listener.accept");
        let listener = self.0.handle(&this)?.clone();
        let taken = listener.arrivals.take().await;
        Ok(taken.and_then(|connection| self.give(connection)))
    }

    fn try_accept(&mut self, this: Resource<Listening>) -> Answer<wit::Connection> {
        let _timed = self.0.time_call(NET, "listener.try-accept");
        let taken = self.0.handle(&this)?.arrivals.try_take();
        Ok(taken.and_then(|connection| self.give(connection)))
    }

    fn drop(&mut self, this: Resource<Listening>) -> Called<()> {
        self.0.release_handle(this)?;
        Ok(())
    }
}

impl wit_quic::Host for View<'_> {}

impl wit_quic::HostSession for View<'_> {
    async fn connect(
        &mut self,
        address: String,
        options: wit::ConnectOptions,
    ) -> Answer<Resource<Open>> {
        let _timed = self.0.time_call(QUIC, "session.connect");
        let session = match self.connecting(&address) {
            Ok(of) => Session::connect(of, &address, &options).await,
            Err(denied) => Err(denied),
        };
        Ok(session.and_then(|session| self.put(Arc::new(session))))
    }

    fn remote(&mut self, this: Resource<Open>) -> Called<String> {
        let _timed = self.0.time_call(QUIC, "session.remote");
        Ok(self.0.handle(&this)?.peer().remote.clone())
    }

    fn names(&mut self, this: Resource<Open>) -> Called<Vec<String>> {
        let _timed = self.0.time_call(QUIC, "session.names");
        Ok(self.0.handle(&this)?.peer().names.clone())
    }

    fn protocol(&mut self, this: Resource<Open>) -> Called<Option<String>> {
        let _timed = self.0.time_call(QUIC, "session.protocol");
        Ok(self.0.handle(&this)?.peer().protocol.clone())
    }

    async fn open(&mut self, this: Resource<Open>) -> Answer<wit::Connection> {
        let _timed = self.0.time_call(QUIC, "session.open");
        let session = self.0.handle(&this)?.clone();
        let opened = session.open().await;
        Ok(opened.and_then(|stream| self.give(stream)))
    }

    async fn accept(&mut self, this: Resource<Open>) -> Answer<wit::Connection> {
        let _timed = self.0.time_call(QUIC, "session.accept");
        let session = self.0.handle(&this)?.clone();
        let taken = session.streams().take().await;
        Ok(taken.and_then(|stream| self.give(stream)))
    }

    fn try_accept(&mut self, this: Resource<Open>) -> Answer<wit::Connection> {
        let _timed = self.0.time_call(QUIC, "session.try-accept");
        let taken = self.0.handle(&this)?.streams().try_take();
        Ok(taken.and_then(|stream| self.give(stream)))
    }

    fn datagrams(
        &mut self,
        this: Resource<Open>,
    ) -> Answer<(Resource<ReaderHandle>, Resource<WriterHandle>)> {
        let _timed = self.0.time_call(QUIC, "session.datagrams");
        let taken = self.0.handle(&this)?.datagrams();
        let given = taken.and_then(|datagrams| self.give(datagrams));
        Ok(given.map(|given| (given.input, given.output)))
    }

    fn close(&mut self, this: Resource<Open>, code: u32, reason: String) -> Called<()> {
        let _timed = self.0.time_call(QUIC, "session.close");
        self.0.handle(&this)?.close(code, &reason);
        Ok(())
    }

    fn drop(&mut self, this: Resource<Open>) -> Called<()> {
        self.0.release_handle(this)?;
        Ok(())
    }
}

impl wit_quic::HostEndpoint for View<'_> {
    async fn listen(
        &mut self,
        address: String,
        options: wit::ListenOptions,
    ) -> Answer<Resource<Waiting>> {
        let _timed = self.0.time_call(QUIC, "endpoint.listen");
        let of = self.admitted(LISTEN, &address);
        let endpoint = of.and_then(|of| Endpoint::listen(of, &address, &options));
        Ok(endpoint.and_then(|endpoint| self.put(Arc::new(endpoint))))
    }

    fn address(&mut self, this: Resource<Waiting>) -> Called<String> {
        let _timed = self.0.time_call(QUIC, "endpoint.address");
        Ok(self.0.handle(&this)?.address.clone())
    }

    async fn accept(&mut self, this: Resource<Waiting>) -> Answer<Resource<Open>> {
        let _timed = self.0.time_call(QUIC, "endpoint.accept");
        let endpoint = self.0.handle(&this)?.clone();
        let taken = endpoint.arrivals.take().await;
        Ok(taken.and_then(|session| self.put(Arc::new(session))))
    }

    fn try_accept(&mut self, this: Resource<Waiting>) -> Answer<Resource<Open>> {
        let _timed = self.0.time_call(QUIC, "endpoint.try-accept");
        let taken = self.0.handle(&this)?.arrivals.try_take();
        Ok(taken.and_then(|session| self.put(Arc::new(session))))
    }

    fn drop(&mut self, this: Resource<Waiting>) -> Called<()> {
        self.0.release_handle(this)?;
        Ok(())
    }
}
