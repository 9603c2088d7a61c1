//! TCP sockets of 0.2: wasmtime-wasi's, each with its place, and given up when it does not connect in time.
//!
//! wasmtime-wasi offers no way to wait for a socket and something else, so its socket is kept in a table of its own within ours, and
//! what the guest polls is ours.
//!
//! Invariant: an accepted connection has a place before the guest has its socket.

use super::guard::Guard;
use super::place::Accepted;
use super::{Net, Place, View, checked};
use crate::keep_alive::keep_alive_of_guest;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use wasmtime_wasi::p2::bindings::sockets::network::{
    ErrorCode, IpAddressFamily, IpSocketAddress, Network,
};
use wasmtime_wasi::p2::bindings::sockets::tcp::{Host, HostTcpSocket, ShutdownType};
use wasmtime_wasi::p2::bindings::sockets::{instance_network, tcp_create_socket};
use wasmtime_wasi::p2::{
    DynInputStream, DynOutputStream, DynPollable, Pollable, SocketResult, TcpSocket, subscribe,
};
use wasmtime_wasi::sockets::{WasiSocketsCtx, WasiSocketsCtxView};
use weft_host::wasmtime::Result as Called;
use weft_host::wasmtime::component::{Resource, ResourceTable};

/// A socket of a guest.
pub(super) struct Socket {
    table: ResourceTable,
    sockets: WasiSocketsCtx,
    /// Their numbers in `table`. No socket once it was given up.
    socket: Option<u32>,
    network: u32,
    /// Until when it may be connecting, while it is.
    until: Option<Instant>,
    /// The places of connections that it has accepted and its guest has not.
    accepted: Arc<Accepted>,
    _place: Place,
}

impl Socket {
    /// Makes a socket that asks `guard`.
    pub(super) fn new(
        guard: &Arc<Guard>,
        family: IpAddressFamily,
        place: Place,
    ) -> SocketResult<Self> {
        let accepted = Arc::new(Accepted::default());
        let mut sockets = checked(guard, &accepted);
        let mut table = ResourceTable::new();
        let mut view = WasiSocketsCtxView {
            ctx: &mut sockets,
            table: &mut table,
        };
        let socket = tcp_create_socket::Host::create_tcp_socket(&mut view, family)?;
        keep_alive_of_guest!(HostTcpSocket, &mut view, socket.rep());
        let socket = table.delete(socket)?;
        Self::of(socket, sockets, accepted, place)
    }

    /// Takes a socket that there is already.
    fn of(
        socket: TcpSocket,
        mut sockets: WasiSocketsCtx,
        accepted: Arc<Accepted>,
        place: Place,
    ) -> SocketResult<Self> {
        let mut table = ResourceTable::new();
        let socket = table.push(socket)?.rep();
        let mut view = WasiSocketsCtxView {
            ctx: &mut sockets,
            table: &mut table,
        };
        let network = instance_network::Host::instance_network(&mut view);
        let network = network.map_err(wasmtime_wasi::p2::SocketError::trap)?.rep();
        Ok(Self {
            table,
            sockets,
            socket: Some(socket),
            network,
            until: None,
            accepted,
            _place: place,
        })
    }

    fn own(&self) -> Result<Resource<TcpSocket>, ErrorCode> {
        let number = self.socket.ok_or(ErrorCode::InvalidState)?;
        Ok(Resource::new_borrow(number))
    }

    fn network(&self) -> Resource<Network> {
        Resource::new_borrow(self.network)
    }

    fn view(&mut self) -> WasiSocketsCtxView<'_> {
        WasiSocketsCtxView {
            ctx: &mut self.sockets,
            table: &mut self.table,
        }
    }

    /// Gives up a connection that takes too long: closes the socket.
    fn give_up(&mut self) -> SocketResult<()> {
        self.until = None;
        if let Some(number) = self.socket.take() {
            self.table.delete(Resource::<TcpSocket>::new_own(number))?;
        }
        Ok(())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Socket {
    async fn ready(&mut self) {
        let until = self.until;
        let socket = self
            .own()
            .ok()
            .and_then(|own| self.table.get_mut(&own).ok());
        match (socket, until) {
            (Some(socket), Some(until)) => {
                // Late is an event too: what is asked next says so.
                drop(tokio::time::timeout_at(until, socket.ready()).await);
            }
            (Some(socket), None) => socket.ready().await,
            (None, _) => {}
        }
    }
}

/// The socket behind the guest's handle.
fn behind(this: &Resource<TcpSocket>) -> Resource<Socket> {
    Resource::new_borrow(this.rep())
}

impl View<'_> {
    fn socket(&mut self, this: &Resource<TcpSocket>) -> SocketResult<&mut Socket> {
        Ok(self.0.resources().get_mut(&behind(this))?)
    }

    fn connect_time(&mut self) -> Duration {
        let of = &self.0.own::<Net>().of;
        of.as_ref()
            .map_or(Duration::ZERO, |of| of.config.connect_time)
    }
}

/// Passes calls on to the socket of wasmtime-wasi.
macro_rules! passed_on {
    ($($name:ident($($argument:ident: $type:ty),*) -> $value:ty;)*) => {$(
        fn $name(&mut self, this: Resource<TcpSocket> $(, $argument: $type)*) -> SocketResult<$value> {
            let socket = self.socket(&this)?;
            let own = socket.own()?;
            HostTcpSocket::$name(&mut socket.view(), own $(, $argument)*)
        }
    )*};
}

impl Host for View<'_> {}

impl HostTcpSocket for View<'_> {
    passed_on! {
        finish_bind() -> ();
        finish_listen() -> ();
        local_address() -> IpSocketAddress;
        remote_address() -> IpSocketAddress;
        set_listen_backlog_size(value: u64) -> ();
        keep_alive_enabled() -> bool;
        set_keep_alive_enabled(value: bool) -> ();
        keep_alive_idle_time() -> u64;
        set_keep_alive_idle_time(value: u64) -> ();
        keep_alive_interval() -> u64;
        set_keep_alive_interval(value: u64) -> ();
        keep_alive_count() -> u32;
        set_keep_alive_count(value: u32) -> ();
        hop_limit() -> u8;
        set_hop_limit(value: u8) -> ();
        receive_buffer_size() -> u64;
        set_receive_buffer_size(value: u64) -> ();
        send_buffer_size() -> u64;
        set_send_buffer_size(value: u64) -> ();
        shutdown(how: ShutdownType) -> ();
    }

    async fn start_bind(
        &mut self,
        this: Resource<TcpSocket>,
        network: Resource<Network>,
        address: IpSocketAddress,
    ) -> SocketResult<()> {
        self.0.resources().get(&network)?;
        let socket = self.socket(&this)?;
        let (own, network) = (socket.own()?, socket.network());
        HostTcpSocket::start_bind(&mut socket.view(), own, network, address).await
    }

    async fn start_listen(&mut self, this: Resource<TcpSocket>) -> SocketResult<()> {
        let socket = self.socket(&this)?;
        let own = socket.own()?;
        HostTcpSocket::start_listen(&mut socket.view(), own).await
    }

    fn start_connect(
        &mut self,
        this: Resource<TcpSocket>,
        network: Resource<Network>,
        address: IpSocketAddress,
    ) -> SocketResult<()> {
        self.0.resources().get(&network)?;
        let until = Instant::now() + self.connect_time();
        let socket = self.socket(&this)?;
        let (own, network) = (socket.own()?, socket.network());
        HostTcpSocket::start_connect(&mut socket.view(), own, network, address)?;
        socket.until = Some(until);
        Ok(())
    }

    fn finish_connect(
        &mut self,
        this: Resource<TcpSocket>,
    ) -> SocketResult<(Resource<DynInputStream>, Resource<DynOutputStream>)> {
        let socket = self.socket(&this)?;
        let own = socket.own()?;
        let finished = HostTcpSocket::finish_connect(&mut socket.view(), own);
        let (input, output) = match finished {
            Ok(streams) => streams,
            Err(error) => {
                let waits = matches!(error.downcast_ref(), Some(ErrorCode::WouldBlock));
                if waits && socket.until.is_some_and(|until| Instant::now() >= until) {
                    socket.give_up()?;
                    return Err(ErrorCode::Timeout.into());
                }
                return Err(error);
            }
        };
        socket.until = None;
        let (input, output) = (socket.table.delete(input)?, socket.table.delete(output)?);
        let this = behind(&this);
        let table = self.0.resources();
        Ok((
            table.push_child(input, &this)?,
            table.push_child(output, &this)?,
        ))
    }

    fn accept(
        &mut self,
        this: Resource<TcpSocket>,
    ) -> SocketResult<(
        Resource<TcpSocket>,
        Resource<DynInputStream>,
        Resource<DynOutputStream>,
    )> {
        let socket = self.socket(&this)?;
        let own = socket.own()?;
        let (accepted, input, output) = HostTcpSocket::accept(&mut socket.view(), own)?;
        let (input, output) = (socket.table.delete(input)?, socket.table.delete(output)?);
        let accepted = socket.table.delete(accepted)?;
        let sockets = socket.sockets.clone();
        // The check of the connection has taken it.
        let place = socket.accepted.take().ok_or(ErrorCode::NewSocketLimit)?;
        let accepted = Socket::of(accepted, sockets, Arc::default(), place)?;
        let accepted = self.0.resources().push(accepted)?;
        let table = self.0.resources();
        let input = table.push_child(input, &accepted)?;
        let output = table.push_child(output, &accepted)?;
        Ok((Resource::new_own(accepted.rep()), input, output))
    }

    fn is_listening(&mut self, this: Resource<TcpSocket>) -> Called<bool> {
        let socket = self.0.resources().get_mut(&behind(&this))?;
        match socket.own() {
            Ok(own) => HostTcpSocket::is_listening(&mut socket.view(), own),
            Err(_) => Ok(false),
        }
    }

    fn address_family(&mut self, this: Resource<TcpSocket>) -> Called<IpAddressFamily> {
        let socket = self.0.resources().get_mut(&behind(&this))?;
        match socket.own() {
            Ok(own) => HostTcpSocket::address_family(&mut socket.view(), own),
            Err(_) => Ok(IpAddressFamily::Ipv4),
        }
    }

    fn subscribe(&mut self, this: Resource<TcpSocket>) -> Called<Resource<DynPollable>> {
        subscribe(self.0.resources(), behind(&this))
    }

    fn drop(&mut self, this: Resource<TcpSocket>) -> Called<()> {
        let this: Resource<Socket> = Resource::new_own(this.rep());
        self.0.resources().delete(this)?;
        Ok(())
    }
}
