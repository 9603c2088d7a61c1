//! What a socket takes of its process: a descriptor, and the bytes that may be in flight in it.
//!
//! Invariant: a place is taken before its socket is opened, and given back after it is closed.

use std::sync::{Mutex, MutexGuard, PoisonError};
use weft_host::extension::{Descriptor, HostBytes, OnBehalf};
use weft_host::usage::Counted;

/// Bytes that the host holds for one socket at most: what was written and is not sent, and a datagram that was received and not taken,
/// 64 KiB each. What else is in flight the system holds, within its own bounds.
pub(crate) const SOCKET_BYTES: u64 = 128 << 10;

/// The name under which the log tells that sockets cost too much.
const HOST_BYTES: &str = "host-bytes";

/// The place of a socket.
#[derive(Debug)]
#[expect(dead_code, reason = "it is there to be dropped")]
pub(crate) struct Place {
    descriptor: Descriptor,
    bytes: HostBytes,
    counted: Counted,
}

/// Gives places out.
#[derive(Debug)]
pub(crate) struct Places(OnBehalf);

/// The places of connections that were accepted and whose sockets nobody has asked about yet. It ends with whoever accepts them.
#[derive(Debug, Default)]
pub(super) struct Accepted(Mutex<Vec<Place>>);

impl Places {
    pub(super) fn new(on_behalf: OnBehalf) -> Self {
        Self(on_behalf)
    }

    /// The process.
    pub(crate) fn on_behalf(&self) -> &OnBehalf {
        &self.0
    }

    /// A place; none if a limit is reached, of which the log tells once. The text names the limit.
    pub(super) fn take(&self) -> Result<Place, String> {
        self.take_with(SOCKET_BYTES)
    }

    /// A place for a socket for which the host holds this many bytes at most.
    pub(crate) fn take_with(&self, bytes: u64) -> Result<Place, String> {
        let descriptor = self.0.descriptor()?;
        let bytes = self.0.pay_host_bytes(bytes);
        let bytes = bytes.inspect_err(|text| self.0.note_limit(HOST_BYTES, text))?;
        Ok(Place {
            descriptor,
            bytes,
            counted: self.0.count_one(),
        })
    }

    /// Takes a place for a connection that is being accepted.
    pub(super) fn accept(&self, accepted: &Accepted) -> bool {
        let place = self.take();
        place.map(|place| accepted.lock().push(place)).is_ok()
    }
}

impl Accepted {
    /// The place of one of them. All cost the same, so it may be any.
    pub(super) fn take(&self) -> Option<Place> {
        self.lock().pop()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Place>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
