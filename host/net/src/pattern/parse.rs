//! Reads patterns. Every error says what to write.

use super::{Host, Name, NameError, Pattern, Ports, Prefix, Scheme};
use crate::address::{Block, BlockError};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// Bytes of the text of a pattern: a name, a port and a long prefix.
pub const TEXT_BYTES: usize = 1_024;

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It is longer than [`TEXT_BYTES`].
    #[error("a pattern has at most {TEXT_BYTES} bytes")]
    TooLong,
    /// It has no scheme.
    #[error("write a scheme in front, such as `tcp://example.com:443`")]
    NoScheme,
    /// Its scheme is none of ours.
    #[error("there is no scheme `{0}`; write tcp, udp, tls, quic, http or https")]
    Scheme(String),
    /// Nothing stands for the host.
    #[error(
        "write a host behind `://`: a name, `*.example.com`, an address, or a block such as `10.0.0.0/8`"
    )]
    NoHost,
    /// A star that stands for more than the first labels of a name.
    #[error(
        "a star stands for the first labels of a name, as in `*.example.com`; every IPv4 address is `0.0.0.0/0`, every IPv6 address `[::/0]`"
    )]
    Star,
    /// The name is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The block is none.
    #[error(transparent)]
    Block(#[from] BlockError),
    /// What stands in brackets is no IPv6 address.
    #[error("write an IPv6 address in brackets as `[2001:db8::1]`, a block as `[2001:db8::/32]`")]
    Brackets,
    /// An IPv6 address stands without brackets.
    #[error("write an IPv6 address in brackets: `[{0}]`")]
    NoBrackets(Ipv6Addr),
    /// What stands behind the colon are no ports.
    #[error("`{0}` is no port; write a number, a range such as `1000-2000`, or `*`")]
    Ports(String),
    /// The scheme has no port of its own, and none is written.
    #[error(
        "write a port, as `{0}` has none of its own: `{1}:443`, a range such as `{1}:1000-2000`, or `{1}:*` for every port"
    )]
    NoPorts(Scheme, String),
    /// A path, which the scheme does not have.
    #[error("`{0}` has no paths; leave out `{1}`")]
    NoPaths(Scheme, String),
    /// The prefix is none.
    #[error("{0}")]
    Prefix(String),
    /// Text stands behind the host that is neither a port nor a prefix, such as a user's name.
    #[error("`{0}` is neither a port nor a path; write `scheme://host:port/prefix`")]
    Behind(String),
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        if text.len() > TEXT_BYTES {
            return Err(PatternError::TooLong);
        }
        let (scheme, rest) = text.split_once("://").ok_or(PatternError::NoScheme)?;
        let scheme =
            Scheme::named(scheme).ok_or_else(|| PatternError::Scheme(scheme.to_owned()))?;
        let (host, behind) = host(rest)?;
        let (ports, path) = match behind.strip_prefix(':') {
            Some(behind) => {
                let end = behind.find('/').unwrap_or(behind.len());
                let (text, path) = behind.split_at(end);
                (Some(ports(text)?), path)
            }
            None => (
                scheme.port().and_then(|port| Ports::new(port, port)),
                behind,
            ),
        };
        let Some(ports) = ports else {
            let before = text.len() - behind.len();
            let before = text.get(..before).unwrap_or(text).to_owned();
            return Err(PatternError::NoPorts(scheme, before));
        };
        if !path.is_empty() && !path.starts_with('/') {
            return Err(PatternError::Behind(path.to_owned()));
        }
        let prefix = match scheme.has_paths() {
            true => Prefix::read(path).map_err(PatternError::Prefix)?,
            false if path.is_empty() => Prefix::default(),
            false => return Err(PatternError::NoPaths(scheme, path.to_owned())),
        };
        Ok(Pattern {
            scheme,
            host,
            ports,
            prefix,
        })
    }
}

/// The host at the beginning of a text, and what stands behind it.
fn host(text: &str) -> Result<(Host, &str), PatternError> {
    if let Some(inside) = text.strip_prefix('[') {
        let (inside, behind) = inside.split_once(']').ok_or(PatternError::Brackets)?;
        let (address, length) = match inside.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (inside, None),
        };
        let address: Ipv6Addr = address.parse().map_err(|_| PatternError::Brackets)?;
        return Ok((Host::Block(block(address.into(), length)?), behind));
    }
    if let Ok(address) = text.parse::<Ipv6Addr>() {
        return Err(PatternError::NoBrackets(address));
    }
    let end = text.find([':', '/']).unwrap_or(text.len());
    let (host, behind) = text.split_at(end);
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        // Digits behind an address are its block's length. Behind a port they are a path.
        let digits = behind.strip_prefix('/').map(|behind| {
            let end = behind.find(|c: char| !c.is_ascii_digit());
            behind.split_at(end.unwrap_or(behind.len()))
        });
        return match digits {
            Some((length, behind)) if !length.is_empty() => {
                Ok((Host::Block(block(address.into(), Some(length))?), behind))
            }
            _ => Ok((Host::Block(Block::of(address.into())), behind)),
        };
    }
    let host = match host.strip_prefix("*.") {
        Some(name) if name.contains('*') => return Err(PatternError::Star),
        Some(name) => Host::Under(Name::read(name)?),
        None if host.contains('*') => return Err(PatternError::Star),
        None if host.is_empty() => return Err(PatternError::NoHost),
        None => match Name::read(host)? {
            name if name.is_localhost() => Host::Localhost,
            name => Host::Name(name),
        },
    };
    Ok((host, behind))
}

/// A block, or one address.
fn block(first: IpAddr, length: Option<&str>) -> Result<Block, PatternError> {
    match length {
        None => Ok(Block::of(first)),
        // What is no number of this size is no length of any family.
        Some(length) => Ok(Block::new(first, length.parse().unwrap_or(u8::MAX))?),
    }
}

/// The ports that a text means; none is an error.
fn ports(text: &str) -> Result<Ports, PatternError> {
    let read = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits { text.parse().ok() } else { None }
    };
    let ports = match text.split_once('-') {
        _ if text == "*" => Some(Ports::ALL),
        Some((first, last)) => read(first)
            .zip(read(last))
            .and_then(|(first, last)| Ports::new(first, last)),
        None => read(text).and_then(|port| Ports::new(port, port)),
    };
    ports.ok_or_else(|| PatternError::Ports(text.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_pattern_has_one_text() {
        for (text, canonical) in [
            ("tcp://example.com:443", "tcp://example.com:443"),
            ("TCP://Example.COM.:443", "tcp://example.com:443"),
            ("tcp://*.example.com:*", "tcp://*.example.com:*"),
            ("tcp://db:0-65535", "tcp://db:*"),
            ("udp://10.0.0.0/8:1000-2000", "udp://10.0.0.0/8:1000-2000"),
            ("udp://10.0.0.1/32:53-53", "udp://10.0.0.1:53"),
            ("tcp://[2001:DB8::1]:22", "tcp://[2001:db8::1]:22"),
            ("tcp://[2001:db8::/32]:22", "tcp://[2001:db8::/32]:22"),
            ("tcp://[::ffff:127.0.0.1]:22", "tcp://127.0.0.1:22"),
            ("tcp://[::ffff:10.0.0.0/104]:22", "tcp://10.0.0.0/8:22"),
            ("tcp://localhost:8080", "tcp://localhost:8080"),
            ("http://example.com", "http://example.com:80"),
            ("https://example.com/", "https://example.com:443"),
            (
                "https://example.com/api/v1/",
                "https://example.com:443/api/v1",
            ),
            (
                "https://example.com:8443/api",
                "https://example.com:8443/api",
            ),
            ("http://10.0.0.0/8", "http://10.0.0.0/8:80"),
            ("http://10.0.0.0/8/api", "http://10.0.0.0/8:80/api"),
            ("http://10.0.0.0/api", "http://10.0.0.0:80/api"),
            ("http://10.0.0.0:80/8", "http://10.0.0.0:80/8"),
            (
                "tls://Bücher.example:443",
                "tls://xn--bcher-kva.example:443",
            ),
            ("quic://example.com:443", "quic://example.com:443"),
        ] {
            let pattern: Pattern = text.parse().unwrap();
            assert_eq!(pattern.to_string(), canonical, "{text}");
            assert_eq!(canonical.parse::<Pattern>().unwrap(), pattern, "{text}");
        }
    }

    #[test]
    fn what_is_no_pattern_says_what_to_write() {
        let long = format!("tcp://{}:1", "a".repeat(TEXT_BYTES));
        for (text, told) in [
            ("example.com:443", "write a scheme in front"),
            ("ftp://example.com", "no scheme `ftp`; write tcp, udp"),
            ("tcp://", "write a host behind `://`"),
            ("tcp://:80", "write a host behind `://`"),
            (
                "tcp://example.com",
                "`tcp://example.com:443`, a range such as `tcp://example.com:1000-2000`, or `tcp://example.com:*`",
            ),
            ("udp://10.0.0.0/8", "`udp://10.0.0.0/8:443`"),
            ("tcp://*:80", "every IPv4 address is `0.0.0.0/0`"),
            ("tcp://a.*.com:80", "a star stands for the first labels"),
            ("tcp://*.*.com:80", "a star stands for the first labels"),
            ("tcp://ex ample.com:80", "a name has labels"),
            ("tcp://user@example.com:80", "a name has labels"),
            ("tcp://127.1:80", "write an address as `10.0.0.1`"),
            ("tcp://10.0.0.1/8:80", "write 10.0.0.0/8"),
            ("tcp://10.0.0.0/33:80", "at most 32 bits"),
            ("tcp://10.0.0.0/999:80", "at most 32 bits"),
            ("tcp://[2001:db8::1:80", "in brackets as `[2001:db8::1]`"),
            ("tcp://[example.com]:80", "in brackets as `[2001:db8::1]`"),
            ("tcp://2001:db8::1", "`[2001:db8::1]`"),
            ("tcp://example.com:", "`` is no port"),
            ("tcp://example.com:http", "`http` is no port"),
            ("tcp://example.com:+80", "`+80` is no port"),
            ("tcp://example.com:65536", "`65536` is no port"),
            ("tcp://example.com:20-10", "`20-10` is no port"),
            (
                "tcp://example.com:80/path",
                "`tcp` has no paths; leave out `/path`",
            ),
            ("https://example.com/a/../b", "`..` is no segment"),
            ("http://[::1]x", "`x` is neither a port nor a path"),
            (&long, "at most 1024 bytes"),
        ] {
            let error = text.parse::<Pattern>().unwrap_err().to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
