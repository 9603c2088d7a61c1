//! The hosts that a pattern means: a name, the names beneath one, addresses, or this machine.
//!
//! Invariant: names are lower case, in the ASCII form of IDNA, without the dot at the end, and none reads as an address.

use crate::address::{Block, canonical};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The name of the machine itself, which is never looked up (RFC 6761).
const LOCALHOST: &str = "localhost";

/// The addresses of `localhost`.
const LOOPBACK: [Block; 2] = [
    Block::v4([127, 0, 0, 0], 8),
    Block::v6([0, 0, 0, 0, 0, 0, 0, 1], 128),
];

/// Bytes of a name in the domain name system.
const NAME_BYTES: usize = 253;

/// Bytes of one of its labels.
const LABEL_BYTES: usize = 63;

/// A name of the domain name system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// It is empty, too long, or has something that no name has.
    #[error("a name has labels of letters, digits and dashes with dots between, as `example.com`")]
    Malformed,
    /// Old systems would read it as an address.
    #[error("a name does not end in a number; write an address as `10.0.0.1`")]
    Numeric,
}

impl Name {
    /// Reads a name, in whatever script and case.
    ///
    /// # Errors
    /// [`NameError`] for what no look-up would find, and for what it would take for an address.
    pub fn read(text: &str) -> Result<Self, NameError> {
        let text = text.strip_suffix('.').unwrap_or(text);
        // Longer in any script than what fits.
        if text.is_empty() || text.len() > 4 * NAME_BYTES {
            return Err(NameError::Malformed);
        }
        let name = idna::domain_to_ascii(text).map_err(|_| NameError::Malformed)?;
        let of_name =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        let is_label =
            |label: &str| (1..=LABEL_BYTES).contains(&label.len()) && label.bytes().all(of_name);
        if name.len() > NAME_BYTES || !name.split('.').all(is_label) {
            return Err(NameError::Malformed);
        }
        let last = name.rsplit('.').next().unwrap_or_default();
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let hexadecimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if digits(last) || last.strip_prefix("0x").is_some_and(hexadecimal) {
            return Err(NameError::Numeric);
        }
        Ok(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the name of the machine itself.
    pub fn is_localhost(&self) -> bool {
        self.0 == LOCALHOST
    }

    /// Whether it ends in the other, with something before it.
    fn is_under(&self, other: &Name) -> bool {
        let before = self.0.strip_suffix(other.as_str());
        before.is_some_and(|before| before.ends_with('.'))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The addresses that are meant by the name `localhost`.
pub(crate) fn localhost() -> [IpAddr; 2] {
    [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
}

/// The hosts of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// `localhost`: that name, and the loopback addresses.
    Localhost,
    /// A name.
    Name(Name),
    /// `*.example.com`: every name that ends so, however many labels stand before. Not the name itself.
    Under(Name),
    /// Addresses, without any name.
    Block(Block),
}

impl Host {
    /// Whether it means a host by this name.
    pub fn has_name(&self, name: &Name) -> bool {
        match self {
            Host::Localhost => name.is_localhost(),
            Host::Name(own) => own == name,
            Host::Under(own) => name.is_under(own),
            Host::Block(_) => false,
        }
    }

    /// Whether it means this address by itself.
    pub fn names(&self, address: IpAddr) -> bool {
        let address = canonical(address);
        self.blocks().iter().any(|block| block.names(address))
    }

    /// The addresses that are meant by themselves.
    pub(super) fn blocks(&self) -> &[Block] {
        match self {
            Host::Localhost => &LOOPBACK,
            Host::Block(block) => std::slice::from_ref(block),
            Host::Name(_) | Host::Under(_) => &[],
        }
    }

    /// Whether every name of the other is a name of this. True if the other has none.
    pub(super) fn has_names_of(&self, other: &Host) -> bool {
        match other {
            Host::Localhost => matches!(self, Host::Localhost),
            Host::Name(name) => self.has_name(name),
            Host::Under(name) => {
                matches!(self, Host::Under(own) if own == name || name.is_under(own))
            }
            Host::Block(_) => true,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Localhost => f.write_str(LOCALHOST),
            Host::Name(name) => write!(f, "{name}"),
            Host::Under(name) => write!(f, "*.{name}"),
            Host::Block(block) => write!(f, "{block}"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_have_one_form() {
        for (text, name) in [
            ("Example.COM", "example.com"),
            ("example.com.", "example.com"),
            ("Bücher.example", "xn--bcher-kva.example"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("_dns.example", "_dns.example"),
            ("db", "db"),
        ] {
            assert_eq!(Name::read(text).unwrap().as_str(), name, "{text}");
        }
        let long = format!("{}.example", "a".repeat(64));
        for text in [
            "",
            ".",
            "a..b",
            "a b",
            "a/b",
            "a%b",
            "*.a",
            "a:1",
            &long,
            &"a.".repeat(200),
        ] {
            assert_eq!(Name::read(text), Err(NameError::Malformed), "{text}");
        }
        for text in [
            "127.1",
            "2130706433",
            "0x7f000001",
            "a.0x",
            "1.2.3.4",
            "example.1",
        ] {
            assert_eq!(Name::read(text), Err(NameError::Numeric), "{text}");
        }
    }
}
