//! A connection: opens streams and accepts them.

use super::datagrams::carry_datagrams;
use super::settings::{client, session_bytes};
use super::stream::Sending;
use super::{Socket, failed, not_begun};
use crate::connections::arrivals::{Arrivals, Bringer};
use crate::connections::ends::{Connection, Peer, Room};
use crate::connections::listener::begin;
use crate::connections::target::Target;
use crate::connections::{Error, dial, in_time, secure, wit};
use crate::pattern::Scheme;
use crate::sockets::{OfProcess, Place};
use quinn::crypto::rustls::HandshakeData;
use quinn::{RecvStream, SendStream, VarInt};
use rustls::pki_types::CertificateDer;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Streams that are accepted ahead of the guest.
const AHEAD: usize = 8;

/// Bytes of the text with which a connection is closed.
const REASON_BYTES: usize = 1 << 10;

/// The code with which a stream is refused for which there is no room.
const NO_ROOM: u32 = 1;

/// A connection as a guest holds it.
pub struct Session {
    link: Link,
    peer: Peer,
    streams: Arrivals<Connection>,
    /// Whether its datagrams were taken.
    taken: AtomicBool,
}

/// What its streams have of it. The connection goes first: the socket waits for that.
#[derive(Clone)]
struct Link {
    connection: quinn::Connection,
    room: Room,
    held: Arc<Held>,
}

/// What it is paid for with, until its last stream is done. The place is the socket's, if the socket is for nothing else.
struct Held {
    _socket: Arc<Socket>,
    _place: Option<Place>,
}

impl Session {
    /// Connects within the time for it.
    pub(in super::super) async fn connect(
        of: OfProcess,
        address: &str,
        options: &wit::ConnectOptions,
    ) -> Result<Self, Error> {
        in_time(
            of.config.connect_time,
            Self::connect_to(of, address, options),
        )
        .await
    }

    async fn connect_to(
        of: OfProcess,
        address: &str,
        options: &wit::ConnectOptions,
    ) -> Result<Self, Error> {
        let target = Target::read(address, &[Scheme::Quic])?;
        let protocols = secure::protocols(&options.protocols)?;
        let room = Room::new(of, options.capacity)?;
        let addresses = dial::addresses(&room.of, &target).await?;
        let roots = room.of.config.trust.roots().await.map_err(Error::Tls)?;
        let config = client(&room, roots.client(&protocols))?;
        let mut last = Error::Timeout;
        let time = room.of.share(addresses.len());
        for address in addresses {
            let place = room.place(session_bytes(&room));
            let place = place.map_err(Error::Exhausted)?;
            let own: SocketAddr = match address {
                SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
                SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
            };
            let endpoint = quinn::Endpoint::client(own);
            let endpoint = endpoint.map_err(|error| super::super::failed(&error, own))?;
            let socket = Arc::new(Socket {
                endpoint: endpoint.clone(),
                place: Some(place),
            });
            let connecting = endpoint.connect_with(config.clone(), address, &target.host_name());
            let connecting = connecting.map_err(|error| not_begun(&error, address))?;
            match tokio::time::timeout(time, connecting).await {
                Ok(Ok(connection)) => return Ok(Self::new(connection, room, socket, None)),
                Ok(Err(error)) => last = failed(&error, address),
                Err(_) => last = Error::Timeout,
            }
            // Who has answered is not asked at another address.
            if matches!(last, Error::Tls(_) | Error::Refused(_)) {
                break;
            }
        }
        Err(last)
    }

    /// A session of a connection that there is.
    pub(super) fn new(
        connection: quinn::Connection,
        room: Room,
        socket: Arc<Socket>,
        place: Option<Place>,
    ) -> Self {
        let peer = peer(&connection);
        let link = Link {
            connection,
            room,
            held: Arc::new(Held {
                _socket: socket,
                _place: place,
            }),
        };
        let accepting = link.clone();
        let of = peer.clone();
        Self {
            peer,
            streams: Arrivals::begin(AHEAD, |bringer| accept(accepting, of, bringer)),
            link,
            taken: AtomicBool::new(false),
        }
    }

    pub(in super::super) fn peer(&self) -> &Peer {
        &self.peer
    }

    pub(in super::super) fn streams(&self) -> &Arrivals<Connection> {
        &self.streams
    }

    /// Opens a stream.
    pub(in super::super) async fn open(&self) -> Result<Connection, Error> {
        let opened = self.link.connection.open_bi().await;
        let (send, receive) = opened.map_err(|_| Error::Closed)?;
        let carried = self.link.carry(send, receive, self.peer.clone());
        carried.map_err(Error::Exhausted)
    }

    /// The datagrams, once.
    pub(in super::super) fn datagrams(&self) -> Result<Connection, Error> {
        let connection = &self.link.connection;
        if connection.close_reason().is_some() || self.taken.swap(true, Ordering::Relaxed) {
            return Err(Error::Closed);
        }
        if connection.max_datagram_size().is_none() {
            return Err(Error::Failed(
                "the other side takes no datagrams".to_owned(),
            ));
        }
        let ends = self.link.room.ends(self.peer.clone());
        let (near, far) = ends.map_err(|limit| {
            self.taken.store(false, Ordering::Relaxed);
            Error::Exhausted(limit)
        })?;
        let (connection, held) = (connection.clone(), self.link.held.clone());
        let on_behalf = self.link.room.of.places.on_behalf().clone();
        let carrying = on_behalf.clone().measured(async move {
            carry_datagrams(&connection, far, &on_behalf).await;
            drop(connection);
            drop(held);
        });
        tokio::spawn(carrying);
        Ok(near)
    }

    /// Closes the connection at once.
    pub(in super::super) fn close(&self, code: u32, reason: &str) {
        let end = reason.floor_char_boundary(REASON_BYTES);
        let reason = reason.get(..end).unwrap_or_default();
        self.link
            .connection
            .close(VarInt::from_u32(code), reason.as_bytes());
    }
}

impl Link {
    /// Makes a connection of ends of a stream, or refuses the stream.
    fn carry(
        &self,
        mut send: SendStream,
        mut receive: RecvStream,
        peer: Peer,
    ) -> Result<Connection, String> {
        let paid = self.room.in_hand();
        let made = paid.and_then(|paid| Ok((paid, self.room.ends(peer)?)));
        let (paid, (near, far)) = made.inspect_err(|_| {
            // What is closed already needs no word.
            let _ = (send.reset(NO_ROOM.into()), receive.stop(NO_ROOM.into()));
        })?;
        let held = (self.held.clone(), paid);
        begin((receive, Sending::new(send)), far, &self.room.of, held);
        Ok(near)
    }
}

/// Accepts streams until the connection is closed.
async fn accept(link: Link, peer: Peer, bringer: Bringer<Connection>) {
    while let Some(turn) = bringer.place().await {
        let Ok((send, receive)) = link.connection.accept_bi().await else {
            break;
        };
        match link.carry(send, receive, peer.clone()) {
            Ok(near) => bringer.bring(near, turn),
            Err(limit) => link.room.note_turned_away("stream", &limit),
        }
    }
}

/// The other side, as it showed itself in the handshake.
fn peer(connection: &quinn::Connection) -> Peer {
    let shown = connection.peer_identity();
    let shown = shown.and_then(|shown| shown.downcast::<Vec<CertificateDer<'static>>>().ok());
    let first = shown.and_then(|shown| shown.into_iter().next());
    let agreed = connection.handshake_data();
    let agreed = agreed.and_then(|agreed| agreed.downcast::<HandshakeData>().ok());
    let protocol = agreed.and_then(|agreed| agreed.protocol);
    Peer {
        remote: format!("quic://{}", connection.remote_address()),
        names: first.map(|first| secure::names(&first)).unwrap_or_default(),
        protocol: protocol.map(|name| String::from_utf8_lossy(&name).into_owned()),
    }
}
