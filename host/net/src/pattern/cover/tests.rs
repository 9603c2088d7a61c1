#![allow(clippy::unwrap_used)]
use super::*;
use crate::pattern::{Host, Name, Prefix, Scheme, Target, TargetHost};
use proptest::prelude::*;
use std::net::IpAddr;

fn read(text: &str) -> Pattern {
    text.parse().unwrap()
}

/// Held patterns, an asked one, and whether they have all of it.
const SETS: &[(&[&str], &str, bool)] = &[
    (&["tcp://example.com:443"], "tcp://example.com:443", true),
    (&["tcp://example.com:*"], "tcp://example.com:443", true),
    (&["tcp://example.com:443"], "tcp://example.com:*", false),
    (&["tcp://example.com:443"], "udp://example.com:443", false),
    (&["tcp://example.com:443"], "https://example.com", false),
    (
        &["tcp://*.example.com:443"],
        "tcp://a.b.example.com:443",
        true,
    ),
    (&["tcp://*.example.com:443"], "tcp://example.com:443", false),
    (
        &["tcp://*.example.com:443"],
        "tcp://badexample.com:443",
        false,
    ),
    (
        &["tcp://*.example.com:443"],
        "tcp://*.a.example.com:443",
        true,
    ),
    (
        &["tcp://*.a.example.com:443"],
        "tcp://*.example.com:443",
        false,
    ),
    (&["tcp://db:1-10", "tcp://db:11-20"], "tcp://db:5-15", true),
    (&["tcp://db:1-10", "tcp://db:12-20"], "tcp://db:5-15", false),
    (&["tcp://db:0-9", "tcp://db:10-65535"], "tcp://db:*", true),
    (
        &["tcp://db:1-10", "tcp://*.db:11-20"],
        "tcp://db:5-15",
        false,
    ),
    (
        &["tcp://10.0.0.0/9:80", "tcp://10.128.0.0/9:80"],
        "tcp://10.0.0.0/8:80",
        true,
    ),
    (
        &["tcp://10.0.0.0/9:80", "tcp://10.128.0.0/9:81"],
        "tcp://10.0.0.0/8:80",
        false,
    ),
    (
        &[
            "tcp://10.0.0.0/9:1-9",
            "tcp://10.128.0.0/9:3-5",
            "tcp://10.128.0.0/10:1-4",
            "tcp://10.192.0.0/10:1-2",
        ],
        "tcp://10.0.0.0/8:2-4",
        true,
    ),
    (
        &[
            "tcp://10.0.0.0/9:1-9",
            "tcp://10.128.0.0/9:3-5",
            "tcp://10.128.0.0/10:1-4",
            "tcp://10.192.0.0/10:1-1",
        ],
        "tcp://10.0.0.0/8:1-4",
        false,
    ),
    (&["tcp://0.0.0.0/0:80"], "tcp://1.1.1.1:80", true),
    (&["tcp://0.0.0.0/0:80"], "tcp://127.0.0.1:80", false),
    (&["tcp://0.0.0.0/0:80"], "tcp://10.0.0.0/8:80", false),
    (&["tcp://0.0.0.0/0:80"], "tcp://8.0.0.0/6:80", true),
    (
        &["tcp://0.0.0.0/1:80", "tcp://128.0.0.0/1:80"],
        "tcp://0.0.0.0/0:80",
        true,
    ),
    (
        &["tcp://169.254.0.0/16:80"],
        "tcp://169.254.169.254:80",
        false,
    ),
    (&["tcp://[::/0]:80"], "tcp://[2606:4700::/32]:80", true),
    (&["tcp://[::/0]:80"], "tcp://1.1.1.1:80", false),
    (&["tcp://localhost:80"], "tcp://127.0.0.1:80", true),
    (&["tcp://localhost:80"], "tcp://[::1]:80", true),
    (
        &["tcp://127.0.0.0/8:80", "tcp://[::1]:80"],
        "tcp://localhost:80",
        false,
    ),
    (
        &["tcp://localhost:1-5", "tcp://localhost:6-9"],
        "tcp://localhost:2-8",
        true,
    ),
    (
        &["https://example.com/api"],
        "https://example.com/api/v1",
        true,
    ),
    (
        &["https://example.com/api"],
        "https://example.com/apidocs",
        false,
    ),
    (&["https://example.com/api"], "https://example.com", false),
    (&["https://example.com"], "https://example.com/api", true),
    (
        &["http://a:1-5/x", "http://a:6-9"],
        "http://a:2-8/x/y",
        true,
    ),
    (
        &["http://a:1-5/x/y/z", "http://a:6-9"],
        "http://a:2-8/x/y",
        false,
    ),
    (&[], "tcp://example.com:1", false),
];

#[test]
fn a_set_of_patterns_has_what_its_members_have_together() {
    for (held, asked, covered) in SETS {
        let held: Vec<_> = held.iter().map(|text| read(text)).collect();
        assert_eq!(covers(&held, &read(asked)), *covered, "{held:?} {asked}");
    }
}

/// Hosts that meet each other often: names beneath two, and blocks of a few addresses around a special range.
fn host() -> impl Strategy<Value = Host> {
    let name = prop::sample::select(&["a", "b.a", "c.b.a", "b"][..]);
    let name = name.prop_map(|text| Name::read(text).unwrap());
    let around = prop::sample::select(
        &[
            (9_u8, 255_u8, 255_u8, 248_u8),
            (10, 0, 0, 0),
            (126, 255, 255, 252),
            (127, 0, 0, 0),
            (169, 254, 169, 252),
        ][..],
    );
    let v4 = (around, 0_u8..8, 28_u8..=32).prop_map(|((a, b, c, d), more, length)| {
        let bits = u32::from_be_bytes([a, b, c, d]) + u32::from(more);
        let first = bits & (u32::MAX << (32 - length));
        Host::Block(Block::new(std::net::Ipv4Addr::from_bits(first).into(), length).unwrap())
    });
    let wide = prop::sample::select(
        &[
            "0.0.0.0/0",
            "8.0.0.0/6",
            "126.0.0.0/7",
            "[::/0]",
            "[::/126]",
            "[::1]",
            "169.254.0.0/16",
        ][..],
    );
    let wide = wide.prop_map(|text| read(&format!("tcp://{text}:1")).host);
    prop_oneof![
        3 => name.clone().prop_map(Host::Name),
        3 => name.prop_map(Host::Under),
        6 => v4,
        3 => wide,
        1 => Just(Host::Localhost),
    ]
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let prefix = prop::sample::select(&["", "/x", "/x/y", "/z"][..]);
    let ports =
        (0_u16..6, 0_u16..4).prop_map(|(first, more)| Ports::new(first, first + more).unwrap());
    let ports = prop_oneof![5 => ports, 1 => Just(Ports::ALL)];
    (host(), ports, prefix, any::<bool>()).prop_map(|(host, ports, prefix, http)| Pattern {
        scheme: if http { Scheme::Http } else { Scheme::Tcp },
        host,
        ports,
        prefix: Prefix::read(if http { prefix } else { "" }).unwrap(),
    })
}

/// Every target that the patterns above can tell from others: at least one in each of their differences.
fn targets() -> Vec<(Option<Name>, Option<IpAddr>, u16, &'static str)> {
    let names = [
        "a",
        "x.a",
        "b.a",
        "x.b.a",
        "c.b.a",
        "x.c.b.a",
        "b",
        "x.b",
        "localhost",
        "c",
    ];
    let mut hosts: Vec<(Option<Name>, Option<IpAddr>)> = names
        .iter()
        .map(|name| (Some(Name::read(name).unwrap()), None))
        .collect();
    let starts = [
        [9_u8, 255, 255, 240],
        [10, 0, 0, 0],
        [126, 255, 255, 240],
        [127, 0, 0, 0],
        [169, 254, 169, 240],
    ];
    for start in starts {
        let all = (0..32)
            .map(|more| std::net::Ipv4Addr::from_bits(u32::from_be_bytes(start) + more).into());
        hosts.extend(all.map(|address: IpAddr| (None, Some(address))));
    }
    let others = [
        "1.1.1.1",
        "8.8.8.8",
        "126.1.1.1",
        "127.9.9.9",
        "169.254.1.1",
        "0.0.0.0",
        "255.255.255.255",
        "::",
        "::1",
        "::2",
        "::3",
        "::4",
        "2606::1",
        "fd00::1",
    ];
    hosts.extend(
        others
            .iter()
            .map(|text| (None, Some(text.parse().unwrap()))),
    );
    let ports = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 65_535];
    let paths = ["/", "/x", "/x/y", "/x/q", "/x/y/q", "/z", "/z/q", "/q"];
    let mut all = Vec::new();
    for (name, address) in hosts {
        for port in ports {
            all.extend(
                paths
                    .iter()
                    .map(|path| (name.clone(), address, port, *path)),
            );
        }
    }
    all
}

fn brute(
    held: &[Pattern],
    asked: &Pattern,
    targets: &[(Option<Name>, Option<IpAddr>, u16, &'static str)],
) -> bool {
    targets.iter().all(|(name, address, port, path)| {
        let host = match (name, address) {
            (Some(name), _) => TargetHost::Name(name),
            (None, Some(address)) => TargetHost::Address(*address),
            (None, None) => unreachable!(),
        };
        let target = Target {
            scheme: asked.scheme,
            host,
            port: *port,
            path,
        };
        !asked.matches(&target) || held.iter().any(|held| held.matches(&target))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_subset_is_what_membership_says(held in prop::collection::vec(pattern(), 0..6), asked in pattern()) {
        let targets = targets();
        prop_assert_eq!(covers(&held, &asked), brute(&held, &asked, &targets), "{:?} {}", held, asked);
    }

    #[test]
    fn every_pattern_reads_back_as_itself(pattern in pattern()) {
        prop_assert_eq!(pattern.to_string().parse::<Pattern>().unwrap(), pattern);
    }

    #[test]
    fn no_text_breaks_the_reader(text in "(tcp|udp|http)?(://)?[\\[\\]a-z0-9.*:/%ü-]{0,40}") {
        if let Ok(pattern) = text.parse::<Pattern>() {
            prop_assert_eq!(pattern.to_string().parse::<Pattern>().unwrap(), pattern);
        }
    }
}
