//! Blocks of addresses: an address and how many of its first bits all members share. A single address is a block too.
//!
//! Invariant: the bits behind the length are zero, and no block lies in the IPv6 form of IPv4: what is written so is the IPv4 block.

use super::{SPECIAL, canonical};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Block {
    is_v6: bool,
    /// The first address; one of IPv4 in the last 32 bits.
    first: u128,
    /// Bits that all members share.
    length: u8,
}

/// What is wrong with a block that somebody has written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// More bits than an address has.
    #[error("a block of this family has at most {0} bits")]
    TooLong(u8),
    /// Bits are set behind the length.
    #[error("the address has bits behind the length; write {0}")]
    BitsBehind(Block),
}

/// Bits of an IPv6 address before the IPv4 address that it stands for, if it stands for one as itself.
const MAPPED: u8 = 96;

impl Block {
    /// A block of IPv4.
    pub const fn v4(first: [u8; 4], length: u8) -> Self {
        Self {
            is_v6: false,
            first: u32::from_be_bytes(first) as u128,
            length,
        }
    }

    /// A block of IPv6.
    pub(crate) const fn v6(first: [u16; 8], length: u8) -> Self {
        let [a, b, c, d, e, f, g, h] = first;
        Self {
            is_v6: true,
            first: Ipv6Addr::new(a, b, c, d, e, f, g, h).to_bits(),
            length,
        }
    }

    /// The block of one address.
    pub fn of(address: IpAddr) -> Self {
        let address = canonical(address);
        Self {
            is_v6: address.is_ipv6(),
            first: bits(address),
            length: if address.is_ipv6() { 128 } else { 32 },
        }
    }

    /// The block of this length that begins with an address.
    ///
    /// # Errors
    /// [`BlockError`] for a length that the family does not have, and for bits behind it.
    pub fn new(first: IpAddr, length: u8) -> Result<Self, BlockError> {
        let bits_there = if first.is_ipv6() { 128 } else { 32 };
        if length > bits_there {
            return Err(BlockError::TooLong(bits_there));
        }
        let mapped = first.is_ipv6() && canonical(first).is_ipv4() && length >= MAPPED;
        let length = if mapped { length - MAPPED } else { length };
        let first = if mapped { canonical(first) } else { first };
        let mut block = Self {
            is_v6: first.is_ipv6(),
            first: bits(first),
            length,
        };
        let masked = block.first & !block.behind();
        if masked != block.first {
            block.first = masked;
            return Err(BlockError::BitsBehind(block));
        }
        Ok(block)
    }

    /// The first address.
    pub fn first(&self) -> IpAddr {
        of_bits(self.is_v6, self.first)
    }

    /// The last address.
    pub fn last(&self) -> IpAddr {
        of_bits(self.is_v6, self.ends().1)
    }

    /// Bits that all members share.
    pub fn length(&self) -> u8 {
        self.length
    }

    /// The bits in which members differ.
    fn behind(&self) -> u128 {
        let family: u32 = if self.is_v6 { 128 } else { 32 };
        let free = family.saturating_sub(self.length.into());
        match 1_u128.checked_shl(free) {
            Some(next) => next - 1,
            None => u128::MAX,
        }
    }

    /// The first and the last address as numbers.
    pub(crate) fn ends(&self) -> (u128, u128) {
        (self.first, self.first | self.behind())
    }

    /// Whether it is of IPv6.
    pub(crate) fn is_v6(&self) -> bool {
        self.is_v6
    }

    /// Whether the address, which is canonical, is in it.
    pub fn has(&self, address: IpAddr) -> bool {
        self.is_v6 == address.is_ipv6() && bits(address) & !self.behind() == self.first
    }

    /// Whether all of `other` is in it.
    pub fn has_block(&self, other: &Block) -> bool {
        self.is_v6 == other.is_v6
            && self.length <= other.length
            && other.first & !self.behind() == self.first
    }

    /// Whether the block names the address, which is canonical: it has it, and lies within every special range that has it. So
    /// `0.0.0.0/0` names no special address, `10.1.0.0/16` names private ones, and `169.254.0.0/16` does not name the metadata address in it.
    pub fn names(&self, address: IpAddr) -> bool {
        let special = || SPECIAL.iter().filter(|(range, _)| range.has(address));
        self.has(address) && special().all(|(range, _)| range.has_block(self))
    }
}

/// An address as a number.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The address of a number.
pub(crate) fn of_bits(is_v6: bool, bits: u128) -> IpAddr {
    match (is_v6, u32::try_from(bits)) {
        (false, Ok(bits)) => Ipv4Addr::from_bits(bits).into(),
        _ => Ipv6Addr::from_bits(bits).into(),
    }
}

/// As in a pattern: IPv6 in brackets, and no length if it is one address.
impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = of_bits(self.is_v6, self.first);
        match (self.is_v6, self.length) {
            (false, 32) => write!(f, "{first}"),
            (false, length) => write!(f, "{first}/{length}"),
            (true, 128) => write!(f, "[{first}]"),
            (true, length) => write!(f, "[{first}/{length}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn block(text: &str, length: u8) -> Result<Block, BlockError> {
        Block::new(text.parse().unwrap(), length)
    }

    #[test]
    fn a_block_has_what_begins_as_it_does() {
        let ten = block("10.0.0.0", 8).unwrap();
        for (text, has) in [
            ("10.0.0.0", true),
            ("10.255.255.255", true),
            ("11.0.0.0", false),
            ("::a00:0", false),
        ] {
            assert_eq!(ten.has(text.parse().unwrap()), has, "{text}");
        }
        let all = block("::", 0).unwrap();
        assert!(all.has("2001:db8::1".parse().unwrap()));
        assert!(!all.has("1.2.3.4".parse().unwrap()));
        assert!(block("0.0.0.0", 0).unwrap().has_block(&ten));
        assert!(!ten.has_block(&block("0.0.0.0", 0).unwrap()));
    }

    #[test]
    fn bits_behind_the_length_are_refused_with_what_to_write() {
        let error = block("10.1.2.3", 8).unwrap_err();
        assert!(error.to_string().ends_with("write 10.0.0.0/8"), "{error}");
        assert_eq!(block("10.0.0.0", 33), Err(BlockError::TooLong(32)));
        assert_eq!(block("::", 129), Err(BlockError::TooLong(128)));
    }

    #[test]
    fn the_ipv6_form_of_an_ipv4_block_is_the_ipv4_block() {
        assert_eq!(block("::ffff:10.0.0.0", 104), block("10.0.0.0", 8));
        assert_eq!(
            Block::of("::ffff:1.2.3.4".parse().unwrap()),
            block("1.2.3.4", 32).unwrap()
        );
    }

    #[test]
    fn a_block_names_special_addresses_only_from_within_their_range() {
        for (first, length, address, names) in [
            ("0.0.0.0", 0, "1.1.1.1", true),
            ("0.0.0.0", 0, "127.0.0.1", false),
            ("0.0.0.0", 0, "10.0.0.1", false),
            ("8.0.0.0", 6, "10.0.0.1", false),
            ("10.0.0.0", 8, "10.0.0.1", true),
            ("10.1.0.0", 16, "10.1.0.1", true),
            ("127.0.0.1", 32, "127.0.0.1", true),
            ("169.254.0.0", 16, "169.254.1.1", true),
            ("169.254.0.0", 16, "169.254.169.254", false),
            ("169.254.169.254", 32, "169.254.169.254", true),
            ("::", 0, "::1", false),
            ("::1", 128, "::1", true),
            ("fc00::", 7, "fd00:ec2::254", false),
        ] {
            let block = block(first, length).unwrap();
            assert_eq!(
                block.names(address.parse().unwrap()),
                names,
                "{block} {address}"
            );
        }
    }
}
