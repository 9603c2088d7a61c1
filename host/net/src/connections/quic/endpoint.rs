//! A socket that others connect to.
//!
//! Handshakes run beside each other, each within the time for it. When many are under way, clients have to show first that they are where they say.

use super::Socket;
use super::session::Session;
use super::settings::{server, session_bytes};
use crate::connections::arrivals::{Arrivals, Bringer, Place as Ahead};
use crate::connections::ends::Room;
use crate::connections::target::Target;
use crate::connections::{Error, secure, wit};
use crate::pattern::Scheme;
use crate::sockets::{OfProcess, Place};
use quinn::{EndpointConfig, Incoming, TokioRuntime};
use std::net::UdpSocket;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Connections that are accepted ahead of the guest, handshakes included.
const AHEAD: usize = 64;

/// Handshakes under way from which on clients have to show where they are: it costs them a round trip, and a flood most of its force.
const MANY: usize = 16;

/// A place where others connect.
pub struct Endpoint {
    pub(in super::super) address: String,
    pub(in super::super) arrivals: Arrivals<Session>,
}

impl Endpoint {
    /// Begins to listen.
    pub(in super::super) fn listen(
        of: OfProcess,
        address: &str,
        options: &wit::ListenOptions,
    ) -> Result<Self, Error> {
        let target = Target::read(address, &[Scheme::Quic])?;
        let own = target.own()?;
        let allowed = of.guard.may_listen(Scheme::Quic, own);
        allowed.map_err(Error::PermissionDenied)?;
        let tls = secure::server(&of, options.certificate.as_deref(), &options.protocols)?;
        let room = Room::new(of, options.capacity)?;
        let config = server(&room, tls, AHEAD)?;
        let place = room.of.places.take_with(0).map_err(Error::Exhausted)?;
        let failed = |error: std::io::Error| super::super::failed(&error, own);
        let socket = UdpSocket::bind(own).map_err(failed)?;
        let settings = EndpointConfig::default();
        let endpoint = quinn::Endpoint::new(settings, Some(config), socket, Arc::new(TokioRuntime));
        let endpoint = endpoint.map_err(failed)?;
        let bound = endpoint.local_addr().map_err(failed)?;
        let socket = Arc::new(Socket {
            endpoint,
            place: Some(place),
        });
        Ok(Self {
            address: format!("quic://{bound}"),
            arrivals: Arrivals::begin(AHEAD, |bringer| {
                let welcome = Welcome {
                    room,
                    socket,
                    bringer,
                };
                accept(welcome)
            }),
        })
    }
}

/// What is done with each connection.
#[derive(Clone)]
struct Welcome {
    room: Room,
    socket: Arc<Socket>,
    bringer: Bringer<Session>,
}

/// Turns others away from when nobody accepts any more.
struct Closes(Arc<Socket>);

impl Drop for Closes {
    fn drop(&mut self) {
        self.0.endpoint.set_server_config(None);
    }
}

/// Accepts until the endpoint is dropped.
async fn accept(welcome: Welcome) {
    let _closes = Closes(welcome.socket.clone());
    // Dropped with this future.
    let mut handshakes = JoinSet::new();
    loop {
        let Some(ahead) = welcome.bringer.place().await else {
            break;
        };
        let Some(incoming) = welcome.socket.endpoint.accept().await else {
            break;
        };
        while handshakes.try_join_next().is_some() {}
        if handshakes.len() >= MANY && !incoming.remote_address_validated() && incoming.may_retry()
        {
            // It comes again with a token.
            let _ = incoming.retry();
            continue;
        }
        match welcome.room.place(session_bytes(&welcome.room)) {
            Ok(place) => {
                let welcome = welcome.clone();
                let payer = welcome.room.of.places.on_behalf().clone();
                handshakes.spawn(payer.measured(async move {
                    welcome.meet(incoming, place, ahead).await;
                }));
            }
            Err(limit) => {
                incoming.refuse();
                welcome.room.note_turned_away("connection", &limit);
            }
        }
    }
}

impl Welcome {
    async fn meet(&self, incoming: Incoming, place: Place, ahead: Ahead) {
        let from = incoming.remote_address();
        let time = self.room.of.config.connect_time;
        let meeting = async { incoming.accept()?.await };
        let why = match tokio::time::timeout(time, meeting).await {
            Ok(Ok(connection)) => {
                let (room, socket) = (self.room.clone(), self.socket.clone());
                let session = Session::new(connection, room, socket, Some(place));
                self.bringer.bring(session, ahead);
                return;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "its handshake took too long".to_owned(),
        };
        tracing::debug!("{from} was turned away: {why}");
        self.room.note_turned_away("tls", &format!("{from}: {why}"));
    }
}
