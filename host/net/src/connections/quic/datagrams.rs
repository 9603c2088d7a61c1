//! The datagrams of a connection as frames, both ways.

use crate::connections::ends::Far;
use quinn::{Connection, SendDatagramError};
use weft_channel::{ReadError, Reader, Writer};
use weft_host::extension::OnBehalf;

/// Carries them until nobody holds the guest's ends any more, or the connection is closed.
pub(super) async fn carry_datagrams(connection: &Connection, far: Far, on_behalf: &OnBehalf) {
    let both = futures::future::join(
        incoming(connection, &far.input),
        outgoing(connection, &far.output, on_behalf),
    );
    tokio::select! {
        _ = both => {}
        _ = connection.closed() => {
            for end in &far.stop {
                end.terminate();
            }
        }
    }
}

/// What arrives while there is room.
async fn incoming(connection: &Connection, to: &Writer) {
    loop {
        tokio::select! {
            arrived = connection.read_datagram() => match arrived {
                // As any datagram, it is lost where there is no room.
                Ok(datagram) => drop(to.try_write(datagram)),
                // The end is seen by the caller.
                Err(_) => return std::future::pending().await,
            },
            () = to.unread() => return,
        }
    }
}

async fn outgoing(connection: &Connection, from: &Reader, on_behalf: &OnBehalf) {
    loop {
        let frame = match from.read().await {
            Ok(Some(frame)) => frame,
            Err(ReadError::Lagged(_)) => continue,
            Ok(None) | Err(_) => return,
        };
        let bytes = frame.payload.len();
        match connection.send_datagram_wait(frame.payload).await {
            Ok(()) => {}
            Err(SendDatagramError::TooLarge) => {
                let most = connection.max_datagram_size().unwrap_or_default();
                let text = format!(
                    "a frame of {bytes} bytes is no datagram, others may be none: {most} bytes are the most on this connection"
                );
                on_behalf.note_refusal("datagram", &text);
            }
            Err(SendDatagramError::ConnectionLost(_)) => return std::future::pending().await,
            Err(SendDatagramError::UnsupportedByPeer | SendDatagramError::Disabled) => return,
        }
    }
}
