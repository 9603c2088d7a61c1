//! What a listener lets its clients do.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Bytes that the bound of a head may have: hyper takes no smaller one, and each connection may keep as much.
pub const HEAD_BYTES: RangeInclusive<usize> = 8 << 10..=1 << 20;

/// What clients may make the host keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bounds {
    /// Connections open at once. Default: 256, each with a descriptor and some kilobytes.
    pub connections: usize,
    /// Bytes of a request's body. Default: 1 MiB. As many bodies are read at once as there may be connections, and for guests a piece of each.
    pub body_bytes: usize,
    /// Bytes of a request's head, within [`HEAD_BYTES`]. Default: 16 KiB, twice what browsers send.
    pub head_bytes: usize,
    /// Time for a head, and for which a connection may be idle before. Default: 30 s.
    pub head_time: Duration,
    /// Time for a body. If a guest reads it, only the time in which the guest waits for the client counts. Default: 30 s.
    pub body_time: Duration,
    /// Time that a request waits for room in its channel. Default: 30 s, as long as many clients wait.
    pub room_time: Duration,
    /// Time in which TLS is agreed on. Default: 10 s, some round trips of a slow network.
    pub tls_time: Duration,
    /// Requests at once on a connection of HTTP/2. Default: 100, the fewest that its standard advises.
    pub streams: u32,
    /// Time for which a client of HTTP/2 or of a WebSocket may leave pings without an answer. Default: 60 s.
    pub silence: Duration,
    /// How long a client may take none of what is sent to it. It would hold whatever makes its answer, such as an instance of a guest.
    /// Default: 60 s.
    pub stall_time: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 256,
            body_bytes: 1 << 20,
            head_bytes: 16 << 10,
            head_time: Duration::from_secs(30),
            body_time: Duration::from_secs(30),
            room_time: Duration::from_secs(30),
            tls_time: Duration::from_secs(10),
            streams: 100,
            silence: Duration::from_secs(60),
            stall_time: Duration::from_secs(60),
        }
    }
}
