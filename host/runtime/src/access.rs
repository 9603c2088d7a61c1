//! Access: what a channel handle allows, in addition to its process's capabilities.
//!
//! Invariant: a handle made from another never has more access.

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
    /// The access to a process's log: a reader can neither hold the log back nor forge it.
    pub(crate) const LOG: Self = Self::WEAK_READERS;

    /// Checks for this access. The error is the text for the denial: the capability, and that this handle does not give it.
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
