//! Addresses: the one form in which they are compared, and the ranges that are not simply a host somewhere on the internet.
//!
//! Not who may reach them; that is for [`pattern`](crate::pattern).
//!
//! Invariant: two addresses that reach the same host by definition have one form by [`canonical`], or are special.

mod block;

pub(crate) use block::of_bits;
pub use block::{Block, BlockError};

use std::fmt;
use std::net::IpAddr;

/// Why an address is special.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// `0.0.0.0/8` and `::`: this host, or any of its addresses.
    Unspecified,
    /// `127.0.0.0/8` and `::1`: the host itself.
    Loopback,
    /// `169.254.0.0/16` and `fe80::/10`: what is on the same wire.
    LinkLocal,
    /// A service of a cloud that gives the machine's credentials to whoever asks, such as `169.254.169.254`.
    Metadata,
    /// RFC 1918, `fc00::/7` and the older `fec0::/10`: networks of an organization.
    Private,
    /// `100.64.0.0/10`: behind the translation of a provider.
    Shared,
    /// Groups of hosts.
    Multicast,
    /// `255.255.255.255`: all on the same wire.
    Broadcast,
    /// For examples, benchmarks and nothing else.
    Documentation,
    /// IPv6 that stands for IPv4: 6to4, NAT64, Teredo and the form that is called compatible. Which host it reaches is for others to say.
    Translated,
    /// Kept for protocols and for later.
    Reserved,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Class::Unspecified => "an unspecified address",
            Class::Loopback => "a loopback address",
            Class::LinkLocal => "a link-local address",
            Class::Metadata => "a metadata address",
            Class::Private => "a private address",
            Class::Shared => "an address behind a provider's translation",
            Class::Multicast => "a multicast address",
            Class::Broadcast => "the broadcast address",
            Class::Documentation => "an address for documentation",
            Class::Translated => "an IPv6 address that stands for an IPv4 one",
            Class::Reserved => "a reserved address",
        })
    }
}

/// The special ranges. They may lie within each other.
pub(crate) const SPECIAL: [(Block, Class); 38] = [
    (Block::v4([0, 0, 0, 0], 8), Class::Unspecified),
    (Block::v4([10, 0, 0, 0], 8), Class::Private),
    (Block::v4([100, 64, 0, 0], 10), Class::Shared),
    (Block::v4([100, 100, 100, 200], 32), Class::Metadata),
    (Block::v4([127, 0, 0, 0], 8), Class::Loopback),
    (Block::v4([168, 63, 129, 16], 32), Class::Metadata),
    (Block::v4([169, 254, 0, 0], 16), Class::LinkLocal),
    (Block::v4([169, 254, 169, 254], 32), Class::Metadata),
    (Block::v4([169, 254, 170, 2], 32), Class::Metadata),
    (Block::v4([172, 16, 0, 0], 12), Class::Private),
    (Block::v4([192, 0, 0, 0], 24), Class::Reserved),
    (Block::v4([192, 0, 0, 192], 32), Class::Metadata),
    (Block::v4([192, 0, 2, 0], 24), Class::Documentation),
    (Block::v4([192, 88, 99, 0], 24), Class::Reserved),
    (Block::v4([192, 168, 0, 0], 16), Class::Private),
    (Block::v4([198, 18, 0, 0], 15), Class::Documentation),
    (Block::v4([198, 51, 100, 0], 24), Class::Documentation),
    (Block::v4([203, 0, 113, 0], 24), Class::Documentation),
    (Block::v4([224, 0, 0, 0], 4), Class::Multicast),
    (Block::v4([240, 0, 0, 0], 4), Class::Reserved),
    (Block::v4([255, 255, 255, 255], 32), Class::Broadcast),
    (Block::v6([0, 0, 0, 0, 0, 0, 0, 0], 96), Class::Translated),
    (Block::v6([0, 0, 0, 0, 0, 0, 0, 0], 128), Class::Unspecified),
    (Block::v6([0, 0, 0, 0, 0, 0, 0, 1], 128), Class::Loopback),
    (
        Block::v6([0, 0, 0, 0, 0xffff, 0, 0, 0], 96),
        Class::Translated,
    ),
    (
        Block::v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96),
        Class::Translated,
    ),
    (
        Block::v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48),
        Class::Translated,
    ),
    (Block::v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64), Class::Reserved),
    (
        Block::v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
        Class::Reserved,
    ),
    (
        Block::v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
        Class::Documentation,
    ),
    (
        Block::v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
        Class::Translated,
    ),
    (
        Block::v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
        Class::Documentation,
    ),
    (
        Block::v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16),
        Class::Reserved,
    ),
    (Block::v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), Class::Private),
    (
        Block::v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128),
        Class::Metadata,
    ),
    (
        Block::v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10),
        Class::LinkLocal,
    ),
    (Block::v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), Class::Private),
    (
        Block::v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8),
        Class::Multicast,
    ),
];

/// The one form of an address: what IPv6 has of an IPv4 address as itself (`::ffff:127.0.0.1`) is that IPv4 address.
///
/// Other forms that hold an IPv4 address stay, and are special: [`Class::Translated`].
pub fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// Why the address is special, by the smallest of the ranges that it lies in. None for one that is not.
pub fn class(address: IpAddr) -> Option<Class> {
    let address = canonical(address);
    let within = SPECIAL.iter().filter(|(range, _)| range.has(address));
    let smallest = within.max_by_key(|(range, _)| range.length());
    smallest.map(|(_, class)| *class)
}

/// The first and the last address of each special range, for tests of what is true of all addresses.
pub fn edges() -> impl Iterator<Item = IpAddr> {
    let ends = SPECIAL
        .iter()
        .flat_map(|(range, _)| [range.first(), range.last()]);
    ends.map(canonical)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Addresses of each class.
    const ADDRESSES: &[(Class, &[&str])] = &[
        (
            Class::Unspecified,
            &["0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0"],
        ),
        (
            Class::Loopback,
            &["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"],
        ),
        (Class::LinkLocal, &["169.254.1.1", "fe80::1", "febf::1"]),
        (
            Class::Metadata,
            &[
                "169.254.169.254",
                "::ffff:169.254.169.254",
                "fd00:ec2::254",
                "168.63.129.16",
            ],
        ),
        (
            Class::Private,
            &[
                "10.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "fc00::1",
                "fdff::1",
                "fec0::1",
            ],
        ),
        (Class::Shared, &["100.64.0.1", "100.127.255.255"]),
        (
            Class::Multicast,
            &["224.0.0.1", "239.255.255.255", "ff02::1"],
        ),
        (Class::Broadcast, &["255.255.255.255"]),
        (
            Class::Documentation,
            &[
                "192.0.2.1",
                "198.51.100.1",
                "203.0.113.1",
                "2001:db8::1",
                "198.19.0.1",
            ],
        ),
        (
            Class::Translated,
            &[
                "2002:7f00:1::",
                "64:ff9b::7f00:1",
                "64:ff9b:1::1",
                "::127.0.0.1",
                "::2",
            ],
        ),
        (
            Class::Reserved,
            &["240.0.0.1", "192.0.0.1", "2001::1", "100::1"],
        ),
    ];

    #[test]
    fn special_addresses_have_their_class_in_every_form() {
        for (class_of, addresses) in ADDRESSES {
            for text in *addresses {
                assert_eq!(class(text.parse().unwrap()), Some(*class_of), "{text}");
            }
        }
        for text in [
            "1.1.1.1",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "2606:4700::1",
            "2001:4860::8888",
        ] {
            assert_eq!(class(text.parse().unwrap()), None, "{text}");
        }
    }
}
