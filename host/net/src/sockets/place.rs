//! What a socket takes of its process: a descriptor, and the bytes that may be in flight in it.
//!
//! Invariant: a place is taken before its socket is opened, and given back after it is closed.

use std::sync::{Mutex, PoisonError};
use weft_host::extension::{Descriptor, HostBytes, OnBehalf};
use weft_host::usage::Counted;

/// Bytes that the host holds for one socket at most: what was written and is not sent, and a datagram that was received and not taken,
/// 64 KiB each. What else is in flight the system holds, within its own bounds.
const SOCKET_BYTES: u64 = 128 << 10;

/// The name under which the log tells that sockets cost too much.
const HOST_BYTES: &str = "host-bytes";

/// The place of a socket.
#[derive(Debug)]
#[expect(dead_code, reason = "it is there to be dropped")]
pub(super) struct Place {
    descriptor: Descriptor,
    bytes: HostBytes,
    counted: Counted,
}

/// Gives places out.
#[derive(Debug)]
pub(super) struct Places {
    on_behalf: OnBehalf,
    /// Those of connections that were accepted and whose sockets nobody has asked about yet.
    accepted: Mutex<Vec<Place>>,
}

impl Places {
    pub(super) fn new(on_behalf: OnBehalf) -> Self {
        Self {
            on_behalf,
            accepted: Mutex::default(),
        }
    }

    /// A place; none if a limit is reached, of which the log tells once. The text names the limit.
    pub(super) fn take(&self) -> Result<Place, String> {
        let descriptor = self.on_behalf.descriptor()?;
        let bytes = self.on_behalf.pay_host_bytes(SOCKET_BYTES);
        let bytes = bytes.inspect_err(|text| self.on_behalf.note_limit(HOST_BYTES, text))?;
        Ok(Place {
            descriptor,
            bytes,
            counted: self.on_behalf.count_one(),
        })
    }

    /// Takes a place for a connection that is being accepted.
    pub(super) fn accept(&self) -> bool {
        let place = self.take();
        let accepted = place.map(|place| self.lock().push(place));
        accepted.is_ok()
    }

    /// The place of one of the accepted connections. All cost the same, so it may be any.
    pub(super) fn accepted(&self) -> Option<Place> {
        self.lock().pop()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Place>> {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
