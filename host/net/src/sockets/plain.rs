//! `wasi:sockets` 0.2: makes sockets, and lets them go. TCP is in `tcp`, look-ups are in `lookup`; the rest is linked by the runtime.

use super::tcp::Socket;
use super::{NoSocket, Sockets, View, own_sockets, view};
use std::sync::Arc;
use wasmtime_wasi::p2::bindings::sockets::network::{self, ErrorCode, IpAddressFamily, Network};
use wasmtime_wasi::p2::bindings::sockets::udp::HostUdpSocket;
use wasmtime_wasi::p2::bindings::sockets::{
    ip_name_lookup, tcp, tcp_create_socket, udp_create_socket,
};
use wasmtime_wasi::p2::{SocketError, SocketResult, TcpSocket, UdpSocket};
use wasmtime_wasi::sockets::WasiSocketsCtxView;
use weft_host::process::ProcessState;
use weft_host::wasmtime::component::{Linker, Resource, ResourceType};
use weft_host::wasmtime::{Error, Result as Called};

/// Links 0.2, in the place of what the runtime has linked.
pub(super) fn link(linker: &mut Linker<ProcessState>) -> Called<()> {
    tcp_create_socket::add_to_linker::<_, Sockets>(linker, view)?;
    udp_create_socket::add_to_linker::<_, Sockets>(linker, view)?;
    tcp::add_to_linker::<_, Sockets>(linker, view)?;
    ip_name_lookup::add_to_linker::<_, Sockets>(linker, view)?;
    let mut udp = linker.instance("wasi:sockets/udp@0.2.12")?;
    let socket = ResourceType::host::<UdpSocket>();
    udp.resource("udp-socket", socket, |mut store, number| {
        let state = store.data_mut();
        HostUdpSocket::drop(&mut own_sockets(state), Resource::new_own(number))?;
        View(state).give_back(number);
        Ok(())
    })
}

impl View<'_> {
    /// Gives the place of a socket back that wasmtime-wasi kept and has closed.
    pub(super) fn give_back(&mut self, number: u32) {
        let net = self.net();
        if net.places.remove(&number).is_none()
            && let Some(of) = &net.of
        {
            drop(of.accepted.take());
        }
    }

    /// Keeps the place of a socket that wasmtime-wasi keeps.
    pub(super) fn keep(&mut self, number: u32, place: super::Place) {
        self.net().places.insert(number, Arc::new(place));
    }
}

impl network::Host for View<'_> {
    fn convert_error_code(&mut self, error: SocketError) -> Called<ErrorCode> {
        error.downcast()
    }

    fn network_error_code(&mut self, error: Resource<Error>) -> Called<Option<ErrorCode>> {
        network::Host::network_error_code(&mut own_sockets(self.0), error)
    }
}

impl network::HostNetwork for View<'_> {
    fn drop(&mut self, this: Resource<Network>) -> Called<()> {
        network::HostNetwork::drop(&mut own_sockets(self.0), this)
    }
}

impl From<NoSocket> for ErrorCode {
    fn from(why: NoSocket) -> Self {
        match why {
            NoSocket::Denied => Self::AccessDenied,
            NoSocket::Full(_) => Self::NewSocketLimit,
        }
    }
}

impl tcp_create_socket::Host for View<'_> {
    fn create_tcp_socket(&mut self, family: IpAddressFamily) -> SocketResult<Resource<TcpSocket>> {
        let (of, place) = self.admit().map_err(ErrorCode::from)?;
        let socket = Socket::new(&of.guard, family, place)?;
        let socket = self.0.resources().push(socket)?;
        Ok(Resource::new_own(socket.rep()))
    }
}

impl udp_create_socket::Host for View<'_> {
    async fn create_udp_socket(
        &mut self,
        family: IpAddressFamily,
    ) -> SocketResult<Resource<UdpSocket>> {
        let (mut of, place) = self.admit().map_err(ErrorCode::from)?;
        let mut sockets = WasiSocketsCtxView {
            ctx: &mut of.sockets,
            table: self.0.resources(),
        };
        let socket = udp_create_socket::Host::create_udp_socket(&mut sockets, family).await?;
        self.keep(socket.rep(), place);
        Ok(socket)
    }
}
