//! Which HTTP a client speaks.

use std::time::Duration;
use tokio::net::TcpStream;

/// How HTTP/2 begins without TLS (RFC 9113, section 3.4).
const H2_PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The pause until it is looked at again what a client has sent of that. Clients send it at once.
const PREFACE_PAUSE: Duration = Duration::from_millis(20);

/// What a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    H1,
    H2,
}

impl Version {
    /// That of a client without TLS: what begins as HTTP/2 is taken for it. None if the client goes. Nothing is taken from the stream.
    pub(super) async fn of(stream: &TcpStream) -> Option<Self> {
        let mut first = [0; H2_PREFACE.len()];
        loop {
            let read = match stream.peek(&mut first).await {
                Ok(0) | Err(_) => return None,
                Ok(read) => read,
            };
            let seen = first.get(..read)?;
            if !H2_PREFACE.starts_with(seen) {
                return Some(Self::H1);
            }
            if read == H2_PREFACE.len() {
                return Some(Self::H2);
            }
            // The system says at once again that these are there.
            tokio::time::sleep(PREFACE_PAUSE).await;
        }
    }
}
