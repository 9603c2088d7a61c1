//! The rights `connect=PATTERN`, `listen=PATTERN` and `certificate=NAME`, and which functions need them.

use crate::pattern::{Host, Pattern, covers};
use weft_host::extension::{ExtensionRight, Import, RightValue};

/// How many patterns of a right a process may hold: more than anybody writes. Bounds the work of comparing them.
const MOST: usize = 64;

/// To open connections to what a pattern means, and to exchange datagrams with it.
pub const CONNECT: &ExtensionRight = &ExtensionRight {
    name: "connect",
    value: Some(RightValue {
        placeholder: "PATTERN",
        example: "tcp://example.com:443",
        read: |text| Ok(pattern(text)?.to_string()),
        covers: cover,
        most: MOST,
    }),
    help: "connect to what PATTERN means: scheme://host:port, as tcp://example.com:443, udp://10.0.0.0/8:53 or tcp://*.example.com:*",
};

/// To listen on the addresses of this machine that a pattern means.
pub const LISTEN: &ExtensionRight = &ExtensionRight {
    name: "listen",
    value: Some(RightValue {
        placeholder: "PATTERN",
        example: "tcp://127.0.0.1:8080",
        read: |text| Ok(listened(text)?.to_string()),
        covers: cover,
        most: MOST,
    }),
    help: "listen on this machine's addresses that PATTERN means, as tcp://127.0.0.1:8080 or tcp://0.0.0.0:8080",
};

/// To show a certificate of the host's to those who connect.
pub const CERTIFICATE: &ExtensionRight = &ExtensionRight {
    name: "certificate",
    value: Some(RightValue {
        placeholder: "NAME",
        example: "www",
        read: certificate,
        covers: |held, asked| held.contains(&asked),
        most: MOST,
    }),
    help: "show the certificate NAME to clients, where it may listen on tls:// or quic://",
};

/// Bytes of a certificate's name.
const NAME_BYTES: usize = 64;

/// Reads the name of a certificate, as the right and tables of certificates have it.
///
/// # Errors
/// What a name may be.
pub fn certificate(text: &str) -> Result<String, String> {
    let of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    match (1..=NAME_BYTES).contains(&text.len()) && text.bytes().all(of_name) {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "the name of a certificate has 1 to {NAME_BYTES} letters, digits, dashes, dots and underscores"
        )),
    }
}

fn pattern(text: &str) -> Result<Pattern, String> {
    text.parse::<Pattern>().map_err(|error| error.to_string())
}

/// A pattern of addresses: a listener has no name.
fn listened(text: &str) -> Result<Pattern, String> {
    let pattern = pattern(text)?;
    match pattern.host {
        Host::Localhost | Host::Block(_) => Ok(pattern),
        Host::Name(_) | Host::Under(_) => Err(
            "a listener has an address and no name; write `127.0.0.1`, `0.0.0.0` for every address, or `localhost`".to_owned(),
        ),
    }
}

/// Whether these patterns have all of another together. All were read before; what was not has nothing.
fn cover(held: &[&str], asked: &str) -> bool {
    let held: Vec<Pattern> = held.iter().filter_map(|text| text.parse().ok()).collect();
    asked.parse().is_ok_and(|asked| covers(&held, &asked))
}

/// The interfaces, with the functions that need a right for most that they are asked for. A socket can be made with either right.
pub(super) const IMPORTS: &[Import] = &[
    Import {
        interface: "wasi:sockets/network@0.2.12",
        needs: &[],
    },
    Import {
        interface: "wasi:sockets/instance-network@0.2.12",
        needs: &[],
    },
    Import {
        interface: "wasi:sockets/tcp-create-socket@0.2.12",
        needs: &[],
    },
    Import {
        interface: "wasi:sockets/tcp@0.2.12",
        needs: &[
            ("tcp-socket.start-connect", CONNECT),
            ("tcp-socket.start-listen", LISTEN),
        ],
    },
    Import {
        interface: "wasi:sockets/udp-create-socket@0.2.12",
        needs: &[],
    },
    Import {
        interface: "wasi:sockets/udp@0.2.12",
        needs: &[
            ("udp-socket.start-bind", LISTEN),
            ("udp-socket.stream", CONNECT),
            ("outgoing-datagram-stream.send", CONNECT),
        ],
    },
    Import {
        interface: "wasi:sockets/ip-name-lookup@0.2.12",
        needs: &[("resolve-addresses", CONNECT)],
    },
    Import {
        interface: "wasi:sockets/types@0.3.0",
        needs: &[
            ("tcp-socket.connect", CONNECT),
            ("tcp-socket.listen", LISTEN),
            ("udp-socket.bind", LISTEN),
            ("udp-socket.connect", CONNECT),
            ("udp-socket.send", CONNECT),
        ],
    },
    Import {
        interface: "wasi:sockets/ip-name-lookup@0.3.0",
        needs: &[("resolve-addresses", CONNECT)],
    },
    Import {
        interface: "wasi:http/types@0.2.12",
        needs: &[],
    },
    Import {
        interface: "wasi:http/outgoing-handler@0.2.12",
        needs: &[("handle", CONNECT)],
    },
    Import {
        interface: "wasi:http/types@0.3.0",
        needs: &[],
    },
    Import {
        interface: "wasi:http/client@0.3.0",
        needs: &[("send", CONNECT)],
    },
    Import {
        interface: "weft:fabric/net@0.2.0",
        needs: &[("connect", CONNECT), ("listener.listen", LISTEN)],
    },
    Import {
        interface: "weft:fabric/net-async@0.2.0",
        needs: &[("connect", CONNECT)],
    },
    Import {
        interface: "weft:fabric/quic@0.2.0",
        needs: &[("session.connect", CONNECT), ("endpoint.listen", LISTEN)],
    },
    Import {
        interface: "weft:fabric/quic-async@0.2.0",
        needs: &[("connect", CONNECT)],
    },
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_examples_are_patterns_in_their_one_form() {
        for right in [CONNECT, LISTEN, CERTIFICATE] {
            let value = right.value.as_ref().unwrap();
            assert_eq!((value.read)(value.example).unwrap(), value.example);
        }
    }

    #[test]
    fn a_certificate_is_handed_on_by_its_own_name_alone() {
        let value = CERTIFICATE.value.as_ref().unwrap();
        assert!((value.covers)(&["mail", "www"], "www"));
        assert!(!(value.covers)(&["www.example"], "www"));
        assert!(!(value.covers)(&["www"], "www.example"));
        for name in ["", "w w", "a/b", &"x".repeat(65)] {
            assert!((value.read)(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_listener_has_no_name() {
        let read = LISTEN.value.as_ref().unwrap().read;
        for text in ["tcp://example.com:80", "tcp://*.example.com:80"] {
            assert!(read(text).unwrap_err().contains("`localhost`"), "{text}");
        }
        assert!(read("tcp://localhost:80").is_ok());
    }
}
