//! `wasi:sockets` 0.3: what is ours of it. The rest is linked by the runtime, on sockets that are made here.
//!
//! Invariant: a socket's place is held as long as the socket is open, also by a stream that the guest keeps after it has dropped the socket.

use super::place::Place;
use super::{NoSocket, Sockets, View, own_sockets, view};
use crate::keep_alive::keep_alive_of_guest;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::oneshot;
use wasmtime_wasi::p3::bindings::sockets::types::{
    ErrorCode, HostTcpSocket, HostTcpSocketWithStore, HostUdpSocket, HostUdpSocketWithStore,
    IpAddressFamily, IpSocketAddress,
};
use wasmtime_wasi::p3::bindings::sockets::{ip_name_lookup, types};
use wasmtime_wasi::p3::sockets::SocketResult;
use wasmtime_wasi::sockets::{TcpSocket, UdpSocket, WasiSockets, WasiSocketsCtxView};
use weft_host::extension::HostBytes;
use weft_host::process::ProcessState;
use weft_host::wasmtime::component::{
    Access, Accessor, FutureConsumer, FutureReader, Linker, LinkerInstance, Resource, ResourceType,
    Source, StreamReader,
};
use weft_host::wasmtime::{AsContextMut, Result as Called, StoreContextMut};

/// Bytes of a datagram under way, in either direction.
const DATAGRAM_BYTES: u64 = 64 << 10;

/// What a call gives back to its guest.
type Told<T> = Called<(Result<T, ErrorCode>,)>;

/// Links 0.3, in the place of what the runtime has linked.
pub(super) fn link(linker: &mut Linker<ProcessState>) -> Called<()> {
    ip_name_lookup::add_to_linker::<_, Sockets>(linker, view)?;
    types::add_to_linker::<_, WasiSockets>(linker, own_sockets)?;
    let mut types = linker.instance("wasi:sockets/types@0.3.0")?;
    tcp(&mut types)?;
    udp(&mut types)
}

fn tcp(types: &mut LinkerInstance<'_, ProcessState>) -> Called<()> {
    let socket = ResourceType::host::<TcpSocket>();
    types.resource("tcp-socket", socket, |mut store, number| {
        let state = store.data_mut();
        HostTcpSocket::drop(&mut own_sockets(state), Resource::new_own(number))?;
        View(state).give_back(number);
        Ok(())
    })?;
    types.func_wrap("[static]tcp-socket.create", |mut store, (family,)| {
        told(View(store.data_mut()).create_tcp(family))
    })?;
    types.func_wrap_concurrent("[method]tcp-socket.connect", |store, (socket, address)| {
        Box::pin(connect(store, socket, address))
    })?;
    types.func_wrap("[method]tcp-socket.send", |mut store, (socket, data)| {
        let place = View(store.data_mut()).place(&socket);
        let access = Access::<_, WasiSockets>::new(store.as_context_mut(), own_sockets);
        let sent =
            <WasiSockets as HostTcpSocketWithStore<ProcessState>>::send(access, socket, data)?;
        Ok((held(store, sent, place)?,))
    })?;
    types.func_wrap("[method]tcp-socket.receive", |mut store, (socket,)| {
        let place = View(store.data_mut()).place(&socket);
        let access = Access::<_, WasiSockets>::new(store.as_context_mut(), own_sockets);
        let received =
            <WasiSockets as HostTcpSocketWithStore<ProcessState>>::receive(access, socket);
        let (data, received): (StreamReader<u8>, _) = received?;
        Ok(((data, held(store, received, place)?),))
    })
}

fn udp(types: &mut LinkerInstance<'_, ProcessState>) -> Called<()> {
    let socket = ResourceType::host::<UdpSocket>();
    types.resource("udp-socket", socket, |mut store, number| {
        let state = store.data_mut();
        HostUdpSocket::drop(&mut own_sockets(state), Resource::new_own(number))?;
        View(state).give_back(number);
        Ok(())
    })?;
    types.func_wrap_async("[static]udp-socket.create", |mut store, (family,)| {
        Box::new(async move { told(View(store.data_mut()).create_udp(family).await) })
    })?;
    types.func_wrap_concurrent("[method]udp-socket.send", |store, (socket, data, to)| {
        Box::pin(send(store, socket, data, to))
    })?;
    types.func_wrap_concurrent("[method]udp-socket.receive", |store, (socket,)| {
        Box::pin(receive(store, socket))
    })
}

/// An error as the value that the guest gets, unless it is to end the guest.
fn told<T>(result: SocketResult<T>) -> Told<T> {
    Ok((match result {
        Ok(value) => Ok(value),
        Err(error) => Err(error.downcast()?),
    },))
}

impl From<NoSocket> for ErrorCode {
    fn from(why: NoSocket) -> Self {
        match why {
            NoSocket::Denied => Self::AccessDenied,
            NoSocket::Full(limit) => reached(limit),
        }
    }
}

/// A limit of which the interface has no error.
fn reached(text: String) -> ErrorCode {
    ErrorCode::Other(Some(text))
}

impl View<'_> {
    fn create_tcp(&mut self, family: IpAddressFamily) -> SocketResult<Resource<TcpSocket>> {
        let (mut of, place) = self.admit().map_err(ErrorCode::from)?;
        let mut sockets = WasiSocketsCtxView {
            ctx: &mut of.sockets,
            table: self.0.resources(),
        };
        let socket = HostTcpSocket::create(&mut sockets, family)?;
        keep_alive_of_guest!(HostTcpSocket, &mut sockets, socket.rep());
        self.keep(socket.rep(), place);
        Ok(socket)
    }

    async fn create_udp(&mut self, family: IpAddressFamily) -> SocketResult<Resource<UdpSocket>> {
        let (mut of, place) = self.admit().map_err(ErrorCode::from)?;
        let mut sockets = WasiSocketsCtxView {
            ctx: &mut of.sockets,
            table: self.0.resources(),
        };
        let socket = HostUdpSocket::create(&mut sockets, family).await?;
        self.keep(socket.rep(), place);
        Ok(socket)
    }

    /// The place of a socket. One without was accepted, and takes the place of one that was.
    fn place(&mut self, socket: &Resource<TcpSocket>) -> Option<Arc<Place>> {
        let net = self.net();
        if let Some(place) = net.places.get(&socket.rep()) {
            return Some(place.clone());
        }
        let place = Arc::new(net.of.as_ref()?.accepted.take()?);
        net.places.insert(socket.rep(), place.clone());
        Some(place)
    }
}

async fn connect(
    store: &Accessor<ProcessState>,
    socket: Resource<TcpSocket>,
    address: IpSocketAddress,
) -> Told<()> {
    let of = store.with(|mut access| View(access.data_mut()).of());
    let Some(of) = of else {
        return Ok((Err(ErrorCode::AccessDenied),));
    };
    let sockets = store.with_getter::<WasiSockets>(own_sockets);
    let connecting =
        <WasiSockets as HostTcpSocketWithStore<ProcessState>>::connect(&sockets, socket, address);
    match tokio::time::timeout(of.config.connect_time, connecting).await {
        Ok(connected) => told(connected),
        Err(_) => Ok((Err(ErrorCode::Timeout),)),
    }
}

/// Pays for a datagram under way.
fn paid(store: &Accessor<ProcessState>) -> Result<HostBytes, ErrorCode> {
    let paid = store.with(|mut access| access.data_mut().pay_host_bytes(DATAGRAM_BYTES));
    paid.map_err(reached)
}

async fn send(
    store: &Accessor<ProcessState>,
    socket: Resource<UdpSocket>,
    data: Vec<u8>,
    to: Option<IpSocketAddress>,
) -> Told<()> {
    let _paid = match paid(store) {
        Ok(paid) => paid,
        Err(limit) => return Ok((Err(limit),)),
    };
    let sockets = store.with_getter::<WasiSockets>(own_sockets);
    told(
        <WasiSockets as HostUdpSocketWithStore<ProcessState>>::send(&sockets, socket, data, to)
            .await,
    )
}

async fn receive(
    store: &Accessor<ProcessState>,
    socket: Resource<UdpSocket>,
) -> Told<(Vec<u8>, IpSocketAddress)> {
    let _paid = match paid(store) {
        Ok(paid) => paid,
        Err(limit) => return Ok((Err(limit),)),
    };
    let sockets = store.with_getter::<WasiSockets>(own_sockets);
    told(<WasiSockets as HostUdpSocketWithStore<ProcessState>>::receive(&sockets, socket).await)
}

/// The end of a stream, with the place of its socket until then.
fn held(
    mut store: StoreContextMut<'_, ProcessState>,
    end: FutureReader<Result<(), ErrorCode>>,
    place: Option<Arc<Place>>,
) -> Called<FutureReader<Result<(), ErrorCode>>> {
    let (tell, told) = oneshot::channel();
    end.pipe(
        &mut store,
        Holds {
            tell: Some(tell),
            place,
        },
    )?;
    FutureReader::new(&mut store, told)
}

struct Holds {
    tell: Option<oneshot::Sender<Result<(), ErrorCode>>>,
    place: Option<Arc<Place>>,
}

impl FutureConsumer<ProcessState> for Holds {
    type Item = Result<(), ErrorCode>;

    fn poll_consume(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        store: StoreContextMut<'_, ProcessState>,
        mut source: Source<'_, Self::Item>,
        _: bool,
    ) -> Poll<Called<()>> {
        let mut end = None;
        source.read(store, &mut end)?;
        self.place = None;
        if let (Some(end), Some(tell)) = (end, self.tell.take()) {
            // The guest may not want to know.
            drop(tell.send(end));
        }
        Poll::Ready(Ok(()))
    }
}
