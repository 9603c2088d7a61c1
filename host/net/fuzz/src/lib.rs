//! Patterns of addresses: whatever the text, it is read or refused, and whether some of them have all of another is what their targets say.
//!
//! The property test `host/net/tests/random.rs` draws text at random, the fuzz target `pattern` (`just fuzz`) searches for text that
//! reaches new code.
//!
//! This crate is not: part of what ships. It says no by panicking, as tests do.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use weft_host_fuzz::words;
use weft_net::pattern::{Host, Name, Pattern, Target, TargetHost, covers};

/// What patterns are made of. A line is a pattern.
const WORDS: &[&str] = &[
    "tcp://",
    "udp://",
    "http://",
    "https://",
    "\n",
    ":",
    "*",
    "*.",
    ".",
    "/",
    "[",
    "]",
    "-",
    "a",
    "b",
    "a.b",
    "localhost",
    "10.0.0.0",
    "10.0.0.1",
    "10.128.0.0",
    "0.0.0.0",
    "128.0.0.0",
    "127.0.0.1",
    "169.254.169.254",
    "169.254.0.0",
    "::",
    "::1",
    "::ffff:10.0.0.0",
    "fd00:ec2::254",
    "2001:db8::",
    "/0",
    "/1",
    "/8",
    "/9",
    "/16",
    "/32",
    "/104",
    "/128",
    ":80\n",
    ":81\n",
    ":80-81\n",
    ":*\n",
    ":0-80\n",
    "/x",
    "/x/y",
    "0",
    "1",
    "80",
    "443",
    "65535",
];

/// Patterns that are compared at once.
const MOST: usize = 6;

/// Reads the lines that bytes are, and compares the first pattern with the others.
pub fn run(bytes: &[u8]) {
    let text = words::text(bytes, WORDS);
    let mut read = Vec::new();
    for line in text.lines() {
        match line.parse::<Pattern>() {
            Ok(pattern) => {
                let again = pattern.to_string().parse();
                assert_eq!(again.as_ref(), Ok(&pattern), "{line:?}");
                read.push(pattern);
            }
            Err(error) => assert!(!error.to_string().trim().is_empty(), "{line:?}"),
        }
    }
    read.truncate(MOST);
    let Some((asked, held)) = read.split_first() else {
        return;
    };
    let all = targets(&read);
    let has = |pattern: &Pattern, target: &Own| pattern.matches(&target.seen(asked));
    let missed = all
        .iter()
        .find(|target| has(asked, target) && !held.iter().any(|held| has(held, target)));
    assert_eq!(
        covers(held, asked),
        missed.is_none(),
        "{held:?} {asked}: {missed:?}"
    );
}

/// A target that owns what it is made of.
#[derive(Debug)]
struct Own {
    name: Option<Name>,
    address: IpAddr,
    port: u16,
    path: String,
}

impl Own {
    fn seen(&self, asked: &Pattern) -> Target<'_> {
        Target {
            scheme: asked.scheme,
            host: self
                .name
                .as_ref()
                .map_or(TargetHost::Address(self.address), TargetHost::Name),
            port: self.port,
            path: &self.path,
        }
    }
}

/// Targets on both sides of every edge that these patterns and the special ranges have.
fn targets(patterns: &[Pattern]) -> Vec<Own> {
    let (mut hosts, mut ports, mut paths) = (Vec::new(), vec![0, u16::MAX], vec!["/".to_owned()]);
    for edge in weft_net::address::edges() {
        hosts.extend(around(edge, edge).map(|address| (None, address)));
    }
    for pattern in patterns {
        match &pattern.host {
            Host::Localhost => hosts.extend(
                Name::read("localhost")
                    .ok()
                    .map(|name| (Some(name), IpAddr::V4(Ipv4Addr::UNSPECIFIED))),
            ),
            Host::Name(name) | Host::Under(name) => {
                // A label that no pattern has: what is true of it is true of nearly all names.
                let names = [name.to_string(), format!("elsewhere.{name}")];
                let names = names.iter().filter_map(|name| Name::read(name).ok());
                hosts.extend(names.map(|name| (Some(name), IpAddr::V4(Ipv4Addr::UNSPECIFIED))));
            }
            Host::Block(block) => {
                hosts.extend(around(block.first(), block.last()).map(|address| (None, address)))
            }
        }
        let (first, last) = pattern.ports.ends();
        ports.extend([first.saturating_sub(1), first, last, last.saturating_add(1)]);
        paths.extend([
            format!("{}/", pattern.prefix),
            format!("{}/elsewhere", pattern.prefix),
        ]);
    }
    let mut all = Vec::new();
    for (name, address) in hosts {
        for port in &ports {
            all.extend(paths.iter().map(|path| Own {
                name: name.clone(),
                address,
                port: *port,
                path: path.clone(),
            }));
        }
    }
    all
}

/// The ends of a block, and what is beside them.
fn around(first: IpAddr, last: IpAddr) -> impl Iterator<Item = IpAddr> {
    let beside = |address: IpAddr, more: bool| match address {
        IpAddr::V4(it) if more => Ipv4Addr::from_bits(it.to_bits().saturating_add(1)).into(),
        IpAddr::V4(it) => Ipv4Addr::from_bits(it.to_bits().saturating_sub(1)).into(),
        IpAddr::V6(it) if more => Ipv6Addr::from_bits(it.to_bits().saturating_add(1)).into(),
        IpAddr::V6(it) => Ipv6Addr::from_bits(it.to_bits().saturating_sub(1)).into(),
    };
    [beside(first, false), first, last, beside(last, true)].into_iter()
}
