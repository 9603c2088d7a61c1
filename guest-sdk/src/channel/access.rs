//! What a handle of a channel may be used for.

use crate::bindings::weft::fabric::channel as raw;
use std::ops::BitOr;

/// What a holder of a [`Channel`](crate::Channel) may do with it, on top of the
/// capabilities of its process. A channel just made gives all of it.
///
/// ```
/// use weft_guest::channel::Access;
/// let access = Access::WEAK_READERS | Access::WRITERS;
/// assert!(access.contains(Access::WRITERS) && !access.contains(Access::ALL));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access(u8);

impl Access {
    /// Nothing but reading its counters.
    pub const NONE: Access = Access(0);
    /// Make weak readers.
    pub const WEAK_READERS: Access = Access(1);
    /// Make strong readers, which hold writers back.
    pub const STRONG_READERS: Access = Access(2);
    /// Make writers.
    pub const WRITERS: Access = Access(4);
    /// Drain, terminate, share and revoke.
    pub const LIFECYCLE: Access = Access(8);
    /// Everything.
    pub const ALL: Access = Access(15);

    /// Whether all of `other` is in it.
    ///
    /// ```
    /// use weft_guest::channel::Access;
    /// assert!(Access::ALL.contains(Access::LIFECYCLE));
    /// assert!(!Access::NONE.contains(Access::LIFECYCLE));
    /// ```
    pub fn contains(self, other: Access) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Access {
    type Output = Access;

    fn bitor(self, other: Access) -> Access {
        Access(self.0 | other.0)
    }
}

/// Both sides of each right, once.
const PAIRS: [(Access, raw::Access); 4] = [
    (Access::WEAK_READERS, raw::Access::WEAK_READERS),
    (Access::STRONG_READERS, raw::Access::STRONG_READERS),
    (Access::WRITERS, raw::Access::WRITERS),
    (Access::LIFECYCLE, raw::Access::LIFECYCLE),
];

impl From<Access> for raw::Access {
    fn from(access: Access) -> Self {
        let held = PAIRS.into_iter().filter(|(ours, _)| access.contains(*ours));
        held.fold(raw::Access::empty(), |all, (_, raw)| all | raw)
    }
}

impl From<raw::Access> for Access {
    fn from(access: raw::Access) -> Self {
        let held = PAIRS.into_iter().filter(|(_, raw)| access.contains(*raw));
        held.fold(Access::NONE, |all, (ours, _)| all | ours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_right_goes_both_ways() {
        for access in [
            Access::NONE,
            Access::ALL,
            Access::WRITERS | Access::LIFECYCLE,
        ] {
            assert_eq!(Access::from(raw::Access::from(access)), access);
        }
    }
}
