//! Access: what a channel handle may be used for, on top of its process's capabilities.
//!
//! Invariant: a handle made from another has no more access than that.

use crate::capability::{Capability, Right};

bitflags::bitflags! {
    /// The uses of a channel handle.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Access: u32 {
        /// Make weak readers.
        const WEAK_READERS = 1;
        /// Make strong readers.
        const STRONG_READERS = 1 << 1;
        /// Make writers.
        const WRITERS = 1 << 2;
        /// Drain, terminate, share and revoke.
        const LIFECYCLE = 1 << 3;
    }
}

impl Access {
    /// How a process's log is handed out: a reader can neither hold it back nor forge it.
    pub(crate) const LOG: Self = Self::WEAK_READERS;

    /// Checks that this access is there; if not, what the denial names: the capability that the handle does not give, and that it is
    /// the handle which does not.
    pub(crate) fn require(self, needed: Self) -> Result<(), String> {
        if self.contains(needed) {
            return Ok(());
        }
        let right = match needed {
            Self::WEAK_READERS | Self::STRONG_READERS => Right::ChannelReader,
            Self::WRITERS => Right::ChannelWriter,
            _ => Right::ChannelLifecycle,
        };
        Err(Capability::Right(right).of("handle"))
    }
}
