//! Connections as ends of channels: `weft:fabric/net` and `quic`, on the loopback.

use crate::row::End::{Exhausted, Limit, Refused};
use crate::row::{Row, row};
use crate::setting::connections as with_connections;

pub fn rows() -> Vec<Row> {
    let rows = connections().into_iter().chain(sessions());
    rows.map(|row| row.with(with_connections)).collect()
}

fn connections() -> Vec<Row> {
    vec![
        row("listeners", &["net#listener.listen"]).number(&[Exhausted("open-files")]),
        row(
            "connections",
            &[
                "net#connect",
                "net#listener.address",
                "net#listener.accept",
                "net#listener.try-accept",
            ],
        )
        .number(&[Exhausted("open-files")])
        .size(&[Exhausted("host-bytes"), Exhausted("channel-bytes")])
        .both(&[Exhausted("host-bytes"), Exhausted("channel-bytes")]),
        row("fed-connections", &["net#connect"]).both(&[Exhausted("open-files")]),
        row("waits-to-connect", &["net-async#connect"])
            .number(&[Exhausted("open-files"), Exhausted("host-bytes")]),
        row("waits-for-clients", &["net-async#await-connection"]).number(&[Limit("host-bytes")]),
    ]
}

fn sessions() -> Vec<Row> {
    vec![
        row("endpoints", &["quic#endpoint.listen"]).number(&[Exhausted("open-files")]),
        row(
            "sessions",
            &[
                "quic#session.connect",
                "quic#session.remote",
                "quic#session.names",
                "quic#session.protocol",
                "quic#session.datagrams",
                "quic#endpoint.address",
                "quic#endpoint.accept",
                "quic#endpoint.try-accept",
            ],
        )
        // The server or the client is the first for which there is no room.
        .number(&[
            Exhausted("host-bytes"),
            Refused("host-bytes", "refused to accept"),
        ]),
        row(
            "quic-streams",
            &[
                "quic#session.open",
                "quic#session.accept",
                "quic#session.try-accept",
                "quic#session.close",
            ],
        )
        .number(&[Exhausted("host-bytes"), Exhausted("channel-bytes")]),
        row("waits-for-sessions", &["quic-async#await-session"]).number(&[Limit("host-bytes")]),
        row("waits-for-streams", &["quic-async#await-stream"]).number(&[Limit("host-bytes")]),
        row("waits-for-handshakes", &["quic-async#connect"]).number(&[
            Exhausted("host-bytes"),
            Limit("host-bytes"),
            Refused("host-bytes", "refused to accept"),
        ]),
        row("waits-to-open", &["quic-async#open"]).number(&[Exhausted("host-bytes")]),
    ]
}
