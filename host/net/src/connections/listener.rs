//! Accepts TCP and TLS, for guests that take what has arrived.
//!
//! A task accepts ahead of the guest, a few connections at most: the others wait in the system's queue. Handshakes run beside each other, each within the time
//! for it, so that one that is slow holds up no other.
//!
//! Invariants:
//! - A connection is paid for before the guest hears of it. One that cannot be paid for is closed.
//! - Nothing that a client does ends the listener.

use super::arrivals::{Arrivals, Bringer, Place as Ahead};
use super::ends::{Connection, Far, Peer, Room};
use super::pump::{Broken, Times, carry};
use super::secure;
use super::target::Target;
use super::{Error, failed, in_time, wit};
use crate::bind::bind;
use crate::keep_alive::keep_alive;
use crate::pattern::Scheme;
use crate::sockets::{OfProcess, Place};
use crate::tls::TLS_BYTES;
use rustls::ServerConfig;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Connections that are accepted ahead of the guest.
const AHEAD: usize = 8;

/// The same with TLS, handshakes included: clients that never finish theirs are not to keep out the others soon.
const HANDSHAKES: usize = 64;

/// The pause after a failed accept, such as when no descriptors are left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A place where others connect.
pub struct Listener {
    pub(super) address: String,
    pub(super) arrivals: Arrivals<Connection>,
}

/// What is done with each connection.
#[derive(Clone)]
struct Welcome {
    room: Room,
    scheme: Scheme,
    tls: Option<Arc<ServerConfig>>,
    bringer: Bringer<Connection>,
}

impl Listener {
    /// Begins to listen.
    pub(super) fn listen(
        of: OfProcess,
        address: &str,
        options: &wit::ListenOptions,
    ) -> Result<Self, Error> {
        let target = Target::read(address, &[Scheme::Tcp, Scheme::Tls])?;
        let own = target.own()?;
        let allowed = of.guard.may_listen(target.scheme, own);
        allowed.map_err(Error::PermissionDenied)?;
        let tls = match target.scheme {
            Scheme::Tls => {
                let certificate = options.certificate.as_deref();
                Some(secure::server(&of, certificate, &options.protocols)?)
            }
            _ => {
                without_tls(&options.protocols, options.certificate.is_some())?;
                None
            }
        };
        let room = Room::new(of, options.capacity)?;
        // What it has in hand, each connection pays for itself.
        let place = room.of.places.take_with(0).map_err(Error::Exhausted)?;
        let listener = bind(own).map_err(|error| failed(&error, own))?;
        let bound = listener.local_addr().map_err(|error| failed(&error, own))?;
        let ahead = if tls.is_some() { HANDSHAKES } else { AHEAD };
        let scheme = target.scheme;
        Ok(Self {
            address: format!("{scheme}://{bound}"),
            arrivals: Arrivals::begin(ahead, |bringer| {
                let welcome = Welcome {
                    room,
                    scheme,
                    tls,
                    bringer,
                };
                accept(listener, welcome, place)
            }),
        })
    }
}

/// Refuses what only TLS has.
pub(super) fn without_tls(protocols: &[String], certificate: bool) -> Result<(), Error> {
    match (protocols.is_empty(), certificate) {
        (true, false) => Ok(()),
        (_, true) => Err(Error::InvalidArgument(
            "certificate: `tcp` shows none; listen on `tls`".to_owned(),
        )),
        (false, _) => Err(Error::InvalidArgument(
            "protocols: `tcp` offers none; use `tls`".to_owned(),
        )),
    }
}

/// Accepts until the listener is dropped.
async fn accept(listener: TcpListener, welcome: Welcome, place: Place) {
    // Dropped with this future.
    let mut handshakes = JoinSet::new();
    loop {
        let Some(ahead) = welcome.bringer.place().await else {
            break;
        };
        while handshakes.try_join_next().is_some() {}
        let (stream, from) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::debug!("a connection failed: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let besides = if welcome.tls.is_some() { TLS_BYTES } else { 0 };
        let place = match welcome.room.place(besides) {
            Ok(place) => place,
            Err(limit) => {
                welcome.room.note_turned_away("connection", &limit);
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        keep_alive(&stream);
        match welcome.tls.clone() {
            None => welcome.plain(stream, from, place, ahead),
            Some(tls) => {
                let welcome = welcome.clone();
                let payer = welcome.room.of.places.on_behalf().clone();
                handshakes.spawn(payer.measured(async move {
                    welcome.secure(tls, stream, from, place, ahead).await;
                }));
            }
        }
    }
    drop(listener);
    drop(place);
}

impl Welcome {
    fn plain(&self, stream: TcpStream, from: SocketAddr, place: Place, ahead: Ahead) {
        let peer = Peer {
            remote: format!("{}://{from}", self.scheme),
            ..Peer::default()
        };
        let (read, write) = stream.into_split();
        self.bring(peer, (read, write), place, ahead);
    }

    async fn secure(
        &self,
        tls: Arc<ServerConfig>,
        stream: TcpStream,
        from: SocketAddr,
        place: Place,
        ahead: Ahead,
    ) {
        let time = self.room.of.config.connect_time;
        match in_time(time, secure::accept(tls, stream)).await {
            Ok(stream) => {
                let peer = secure::peer(stream.get_ref().1, self.scheme.name(), from);
                self.bring(peer, tokio::io::split(stream), place, ahead);
            }
            Err(error) => {
                let why = match error {
                    Error::Tls(text) => text,
                    Error::Timeout => "its handshake took too long".to_owned(),
                    other => format!("{other:?}"),
                };
                tracing::debug!("{from} was turned away: {why}");
                self.room.note_turned_away("tls", &format!("{from}: {why}"));
            }
        }
    }

    fn bring<R, W>(&self, peer: Peer, (read, write): (R, W), place: Place, ahead: Ahead)
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        match self.room.ends(peer) {
            Ok((near, far)) => {
                begin((read, write), far, &self.room.of, place);
                self.bringer.bring(near, ahead);
            }
            Err(limit) => self.room.note_turned_away("connection", &limit),
        }
    }
}

/// Begins to carry a connection's bytes. Its place is held until the stream is closed.
pub(super) fn begin<R, W, P>((read, write): (R, W), far: Far, of: &OfProcess, place: P)
where
    P: Send + 'static,
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let times = Times {
        idle: of.config.idle_time,
        close: of.config.close_time,
    };
    let on_behalf = of.places.on_behalf().clone();
    let payer = on_behalf.clone();
    let note = move |broken: &Broken| match broken.what() {
        Some(what) => on_behalf.note_refusal(what, &broken.to_string()),
        None => tracing::debug!("a connection broke: {broken}"),
    };
    // TLS is work, which its process is charged for.
    tokio::spawn(payer.measured(async move {
        carry(read, write, far, times, note).await;
        drop(place);
    }));
}
