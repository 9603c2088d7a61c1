//! Patterns: what the rights on addresses say. A pattern is `scheme://host[:port][/prefix]`, and means a set of targets.
//!
//! `host` is the part that names hosts, `path` the prefix of HTTP, `parse` reads the text, `cover` compares sets of patterns.
//!
//! What is left out is never more than what could be written: `http` and `https` have their own port, the other schemes have none and
//! must say one, or `*`. A pattern of one scheme means nothing to another: `tcp` gives no `https`.
//!
//! Invariants:
//! - Equal sets of single patterns have one text, the canonical one, which reads back as the same pattern.
//! - [`covers`] says of patterns exactly what is true of all targets: it is tested against targets one by one.

mod cover;
mod host;
mod parse;
mod path;

pub use cover::covers;
pub(crate) use host::localhost;
pub use host::{Host, Name, NameError};
pub use parse::{PatternError, TEXT_BYTES};
pub use path::Prefix;

use std::fmt;
use std::net::IpAddr;

/// What is spoken to whom is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Bytes over TCP.
    Tcp,
    /// Datagrams over UDP.
    Udp,
    /// Bytes over TLS, which the host speaks.
    Tls,
    /// QUIC, which the host speaks.
    Quic,
    /// HTTP in the clear.
    Http,
    /// HTTP over TLS.
    Https,
}

impl Scheme {
    /// Every scheme.
    pub const ALL: [Scheme; 6] = [
        Scheme::Tcp,
        Scheme::Udp,
        Scheme::Tls,
        Scheme::Quic,
        Scheme::Http,
        Scheme::Https,
    ];

    /// As patterns have it.
    pub fn name(self) -> &'static str {
        match self {
            Scheme::Tcp => "tcp",
            Scheme::Udp => "udp",
            Scheme::Tls => "tls",
            Scheme::Quic => "quic",
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    /// The scheme of this name.
    pub fn named(name: &str) -> Option<Scheme> {
        let mut all = Self::ALL.into_iter();
        all.find(|scheme| scheme.name().eq_ignore_ascii_case(name))
    }

    /// The port that is meant if none is written.
    pub fn port(self) -> Option<u16> {
        match self {
            Scheme::Http => Some(80),
            Scheme::Https => Some(443),
            _ => None,
        }
    }

    /// Whether its targets have paths.
    pub fn has_paths(self) -> bool {
        matches!(self, Scheme::Http | Scheme::Https)
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Ports, from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ports {
    first: u16,
    last: u16,
}

impl Ports {
    /// Every port, and 0, by which a listener asks for any that is free.
    pub const ALL: Ports = Ports {
        first: 0,
        last: u16::MAX,
    };

    /// These ports; none if the last is before the first.
    pub fn new(first: u16, last: u16) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The first and the last of them.
    pub fn ends(self) -> (u16, u16) {
        (self.first, self.last)
    }

    /// Whether the port is one of them.
    pub fn has(&self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first, self.last) {
            (0, u16::MAX) => f.write_str("*"),
            (first, last) if first == last => write!(f, "{first}"),
            (first, last) => write!(f, "{first}-{last}"),
        }
    }
}

/// A set of targets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern {
    /// What is spoken.
    pub scheme: Scheme,
    /// With whom.
    pub host: Host,
    /// On which ports.
    pub ports: Ports,
    /// Beneath which path; the empty one for all, and for schemes without paths.
    pub prefix: Prefix,
}

/// The host of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetHost<'a> {
    /// A name, whatever its addresses are.
    Name(&'a Name),
    /// An address, which nobody looked up.
    Address(IpAddr),
}

/// What somebody wants to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// What is spoken.
    pub scheme: Scheme,
    /// With whom.
    pub host: TargetHost<'a>,
    /// On which port.
    pub port: u16,
    /// The path of an HTTP request; empty for others.
    pub path: &'a str,
}

impl Pattern {
    /// Whether the target is in the set.
    pub fn matches(&self, target: &Target<'_>) -> bool {
        let Target {
            scheme, host, port, ..
        } = *target;
        self.is_for(scheme, host, port) && self.prefix.has(target.path)
    }

    /// Whether a target with this scheme, host and port is in the set, beneath the prefix at least.
    pub(crate) fn is_for(&self, scheme: Scheme, host: TargetHost<'_>, port: u16) -> bool {
        let on_host = match host {
            TargetHost::Name(name) => self.host.has_name(name),
            TargetHost::Address(address) => self.host.names(address),
        };
        self.scheme == scheme && on_host && self.ports.has(port)
    }

    /// Whether all targets of the other are in the set. For several at once, ask [`covers`].
    pub fn contains(&self, other: &Pattern) -> bool {
        covers(std::slice::from_ref(self), other)
    }
}

/// The canonical text.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            scheme,
            host,
            ports,
            prefix,
        } = self;
        write!(f, "{scheme}://{host}:{ports}{prefix}")
    }
}
