//! Access: what a channel handle may be used for, on top of its process's capabilities.
//!
//! Invariant: a handle made from another has no more access than that.

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

    /// Checks that this access is there; if not, the text for the denial.
    pub(crate) fn require(self, needed: Self) -> Result<(), String> {
        if self.contains(needed) {
            return Ok(());
        }
        let name = match needed {
            Self::WEAK_READERS => "weak-readers",
            Self::STRONG_READERS => "strong-readers",
            Self::WRITERS => "writers",
            _ => "lifecycle",
        };
        Err(format!("{name} access of this channel handle"))
    }
}
