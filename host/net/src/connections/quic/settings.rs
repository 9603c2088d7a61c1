//! The bounds of what quinn keeps, and TLS as it wants it.

use crate::connections::Error;
use crate::connections::ends::Room;
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{ClientConfig, IdleTimeout, ServerConfig, TransportConfig, VarInt};
use std::sync::Arc;
use std::time::Duration;

/// Streams that the other side may have open at once: as browsers are usually given.
const STREAMS: u32 = 100;

/// Bytes in flight of all streams together, as a multiple of those of one.
const STREAMS_IN_FLIGHT: u64 = 2;

/// Bytes of datagrams that are kept in either direction: forty of the usual size.
const DATAGRAM_BYTES: usize = 64 << 10;

/// Bytes of packets for which there is no connection yet, of all clients together.
const WAITING_BYTES: u64 = 1 << 20;

/// The same, of one client.
const CLIENT_BYTES: u64 = 16 << 10;

/// After how long the other side counts as gone, when nothing is heard of it.
const GONE: Duration = Duration::from_secs(30);

/// How often it is asked whether it is there: twice before it counts as gone.
const ASK: Duration = Duration::from_secs(10);

/// Bytes that quinn keeps for a session at most, beside what its streams pay for themselves.
pub(super) fn session_bytes(room: &Room) -> u64 {
    let windows = room.capacity.saturating_mul(2 * STREAMS_IN_FLIGHT);
    windows.saturating_add(2 * DATAGRAM_BYTES as u64)
}

fn transport(room: &Room) -> Arc<TransportConfig> {
    let window = |bytes: u64| VarInt::from_u64(bytes).unwrap_or(VarInt::MAX);
    let all = room.capacity.saturating_mul(STREAMS_IN_FLIGHT);
    let mut transport = TransportConfig::default();
    transport
        .max_concurrent_bidi_streams(STREAMS.into())
        // They are not for `net`: a stream is a pair of ends.
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .stream_receive_window(window(room.capacity))
        .receive_window(window(all))
        .send_window(all)
        .datagram_receive_buffer_size(Some(DATAGRAM_BYTES))
        .datagram_send_buffer_size(DATAGRAM_BYTES)
        .max_idle_timeout(IdleTimeout::try_from(GONE).ok())
        .keep_alive_interval(Some(ASK));
    Arc::new(transport)
}

/// The settings of an endpoint that is connected to, with so many connections that are not made yet.
pub(super) fn server(
    room: &Room,
    tls: Arc<rustls::ServerConfig>,
    ahead: usize,
) -> Result<ServerConfig, Error> {
    let tls = QuicServerConfig::try_from(tls).map_err(|error| Error::Tls(error.to_string()))?;
    let mut config = ServerConfig::with_crypto(Arc::new(tls));
    config
        .transport_config(transport(room))
        .max_incoming(ahead)
        .incoming_buffer_size(CLIENT_BYTES)
        .incoming_buffer_size_total(WAITING_BYTES);
    Ok(config)
}

/// The settings of one that connects.
pub(super) fn client(room: &Room, tls: Arc<rustls::ClientConfig>) -> Result<ClientConfig, Error> {
    let tls = QuicClientConfig::try_from(tls).map_err(|error| Error::Tls(error.to_string()))?;
    let mut config = ClientConfig::new(Arc::new(tls));
    config.transport_config(transport(room));
    Ok(config)
}
