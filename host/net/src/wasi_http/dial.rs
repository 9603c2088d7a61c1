//! The connections behind requests: looks names up, checks addresses, connects, and speaks TLS.
//!
//! Invariants:
//! - The address that was checked is the one that is dialled.
//! - A connection has a place, like a socket, until it is closed.

use super::wrong::Unreachable;
use crate::pattern::{Name, Scheme, TargetHost};
use crate::sockets::{OfProcess, Place, SOCKET_BYTES, look_up};
use crate::tls::TLS_BYTES;
use crate::wire::Wire;
use hyper::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tower_service::Service;
use weft_host::extension::OnBehalf;

/// What is spoken over TLS, the better first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Who a request goes to.
#[derive(Clone, Debug)]
pub(super) enum Host {
    Name(Name),
    Address(IpAddr),
}

impl Host {
    pub(super) fn target(&self) -> TargetHost<'_> {
        match self {
            Host::Name(name) => TargetHost::Name(name),
            Host::Address(address) => TargetHost::Address(*address),
        }
    }
}

/// The scheme, host and port of an address; none if it has none that can be dialled.
pub(super) fn parts(uri: &Uri) -> Option<(Scheme, Host, u16)> {
    let scheme = Scheme::named(uri.scheme_str()?)?;
    let port = uri.port_u16().or(scheme.port())?;
    let host = uri.host()?;
    let bare = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let host = match bare.unwrap_or(host).parse::<IpAddr>() {
        Ok(address) => Host::Address(crate::address::canonical(address)),
        Err(_) => Host::Name(Name::read(host).ok()?),
    };
    scheme.has_paths().then_some((scheme, host, port))
}

/// Makes connections for a process.
#[derive(Clone)]
pub(super) struct Connector {
    of: OfProcess,
    on_behalf: OnBehalf,
    /// Made when it is first needed: few guests speak TLS.
    tls: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl Connector {
    pub(super) fn new(of: OfProcess, on_behalf: OnBehalf) -> Self {
        Self {
            of,
            on_behalf,
            tls: Arc::default(),
        }
    }

    async fn connect(self, uri: Uri) -> Result<Link, Unreachable> {
        let (scheme, host, port) = parts(&uri).ok_or(Unreachable::NoAddress)?;
        let connecting = self.reach(scheme, &host, port);
        match timeout(self.of.config.connect_time, connecting).await {
            Ok(reached) => reached,
            Err(_) => Err(Unreachable::TooLate),
        }
    }

    /// The settings of TLS.
    async fn tls(&self) -> Result<Arc<ClientConfig>, Unreachable> {
        if let Some(known) = self.tls.get() {
            return Ok(known.clone());
        }
        let roots = self.of.config.trust.roots().await;
        let roots = roots.map_err(|error| {
            // The interface has no words for it.
            self.on_behalf.note_refusal("authorities", &error);
            Unreachable::NoTrust
        })?;
        Ok(self.tls.get_or_init(|| roots.client(&PROTOCOLS)).clone())
    }

    async fn reach(&self, scheme: Scheme, host: &Host, port: u16) -> Result<Link, Unreachable> {
        let addresses = match host {
            // The request was checked for it.
            Host::Address(address) => vec![SocketAddr::new(*address, port)],
            Host::Name(name) => {
                let found = look_up(&self.of, name).await?;
                let guard = &self.of.guard;
                guard
                    .dialled_for(scheme, name, &found, port)
                    .ok_or(Unreachable::Prohibited)?
            }
        };
        let is_tls = scheme == Scheme::Https;
        let besides = if is_tls { TLS_BYTES } else { 0 };
        let place = self.of.places.take_with(SOCKET_BYTES + besides);
        let place = place.map_err(|_| Unreachable::NoPlace)?;
        let connected = self.of.connect(&addresses).await;
        let (stream, _) = connected.map_err(|failure| match failure {
            Some((error, _)) => Unreachable::Connect(error),
            None => Unreachable::NoAddress,
        })?;
        if !is_tls {
            return Ok(Link::new(stream, false, place));
        }
        let server = match host {
            Host::Address(address) => ServerName::from(*address),
            Host::Name(name) => {
                let name = ServerName::try_from(name.as_str().to_owned());
                name.map_err(|_| Unreachable::NoAddress)?
            }
        };
        let tls = self.tls().await?;
        let connected = TlsConnector::from(tls).connect(server, stream);
        let stream = connected.await.map_err(Unreachable::Tls)?;
        let is_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok(Link::new(stream, is_h2, place))
    }
}

impl Service<Uri> for Connector {
    type Response = Link;
    type Error = Unreachable;
    type Future = Pin<Box<dyn Future<Output = Result<Link, Unreachable>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Unreachable>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.clone().connect(uri);
        // Most of it is waiting; a handshake of TLS is not.
        Box::pin(self.on_behalf.measured(connecting))
    }
}

/// A connection, in the clear or over TLS.
pub(super) struct Link {
    io: TokioIo<Box<dyn Wire>>,
    is_h2: bool,
    /// Given back after it is closed: fields are dropped in their order.
    _place: Place,
}

impl Link {
    fn new(io: impl Wire + 'static, is_h2: bool, place: Place) -> Self {
        Self {
            io: TokioIo::new(Box::new(io)),
            is_h2,
            _place: place,
        }
    }
}

impl Connection for Link {
    fn connected(&self) -> Connected {
        match self.is_h2 {
            true => Connected::new().negotiated_h2(),
            false => Connected::new(),
        }
    }
}

impl Read for Link {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl Write for Link {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, slices)
    }
}
