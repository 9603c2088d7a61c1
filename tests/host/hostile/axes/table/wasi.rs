//! WASI without files: clocks, streams, random bytes, environment, sockets.

use crate::row::End::{All, Exhausted, Limit, Refused, Told};
use crate::row::{Row, row};
use crate::setting::network;

pub fn rows() -> Vec<Row> {
    let mut rows = waits();
    rows.extend(streams());
    rows.extend(surroundings());
    rows.extend(sockets());
    rows
}

fn waits() -> Vec<Row> {
    vec![
        row(
            "pollables",
            &[
                "clocks/monotonic-clock@0.2#subscribe-duration",
                "clocks/monotonic-clock@0.2#subscribe-instant",
            ],
        )
        .number(&[Limit("handles")]),
        row(
            "polled-lists",
            &[
                "io/poll@0.2#poll",
                "io/poll@0.2#pollable.block",
                "io/poll@0.2#pollable.ready",
            ],
        )
        .number(&[Limit("handles")])
        .both(&[All]),
        row(
            "sleeps-03",
            &[
                "clocks/monotonic-clock@0.3#wait-for",
                "clocks/monotonic-clock@0.3#wait-until",
            ],
        )
        .number(&[Limit("host-bytes")]),
    ]
}

fn streams() -> Vec<Row> {
    vec![
        row(
            "standard-streams",
            &[
                "cli/stdin@0.2#get-stdin",
                "cli/stdout@0.2#get-stdout",
                "cli/stderr@0.2#get-stderr",
                "io/streams@0.2#input-stream.subscribe",
                "io/streams@0.2#output-stream.subscribe",
            ],
        )
        .number(&[Limit("handles")])
        .both(&[Limit("handles")]),
        row(
            "output",
            &[
                "io/streams@0.2#output-stream.check-write",
                "io/streams@0.2#output-stream.write",
                "io/streams@0.2#output-stream.write-zeroes",
                "io/streams@0.2#output-stream.blocking-write-and-flush",
                "io/streams@0.2#output-stream.blocking-splice",
                "io/streams@0.2#output-stream.flush",
                "io/streams@0.2#output-stream.blocking-flush",
            ],
        )
        .number(&[All])
        .size(&[All])
        .both(&[All]),
        row(
            "input",
            &[
                "io/streams@0.2#input-stream.read",
                "io/streams@0.2#input-stream.blocking-read",
                "io/streams@0.2#input-stream.skip",
                "io/streams@0.2#input-stream.blocking-skip",
            ],
        )
        .number(&[Told("Closed")])
        .size(&[Told("Closed")]),
        row(
            "standard-streams-03",
            &[
                "cli/stdin@0.3#read-via-stream",
                "cli/stdout@0.3#write-via-stream",
                "cli/stderr@0.3#write-via-stream",
            ],
        )
        .number(&[Limit("handles"), Limit("host-bytes")])
        .size(&[All])
        .both(&[All]),
    ]
}

fn surroundings() -> Vec<Row> {
    vec![
        row(
            "random-bytes",
            &[
                "random/random@0.2#get-random-bytes",
                "random/random@0.2#get-random-u64",
                "random/insecure@0.2#get-insecure-random-bytes",
                "random/insecure@0.2#get-insecure-random-u64",
                "random/insecure-seed@0.2#insecure-seed",
            ],
        )
        .number(&[All])
        .size(&[All])
        .both(&[Limit("memory")]),
        row(
            "random-bytes-03",
            &[
                "random/random@0.3#get-random-bytes",
                "random/insecure@0.3#get-insecure-random-bytes",
            ],
        )
        .number(&[All])
        .size(&[All])
        .both(&[Limit("memory")]),
        row(
            "surroundings",
            &[
                "cli/environment@0.2#get-environment",
                "cli/environment@0.2#get-arguments",
                "cli/environment@0.2#initial-cwd",
                "cli/terminal-stdin@0.2#get-terminal-stdin",
                "cli/terminal-stdout@0.2#get-terminal-stdout",
                "cli/terminal-stderr@0.2#get-terminal-stderr",
            ],
        )
        .number(&[All]),
    ]
}

/// Without the right to them, and with it.
fn sockets() -> Vec<Row> {
    vec![
        row(
            "sockets",
            &[
                "sockets/tcp-create-socket@0.2#create-tcp-socket",
                "sockets/udp-create-socket@0.2#create-udp-socket",
                "sockets/instance-network@0.2#instance-network",
                "sockets/ip-name-lookup@0.2#resolve-addresses",
            ],
        )
        .number(&[Told("access-denied")])
        .size(&[Told("permanent-resolver-failure")])
        .both(&[Limit("handles")]),
        row(
            "sockets-03",
            &[
                "sockets/types@0.3#tcp-socket.create",
                "sockets/types@0.3#udp-socket.create",
            ],
        )
        .number(&[Told("AccessDenied")]),
        row(
            "open-sockets",
            &[
                "sockets/tcp-create-socket@0.2#create-tcp-socket",
                "sockets/udp-create-socket@0.2#create-udp-socket",
            ],
        )
        .number(&[Refused("open-files", "new-socket-limit")])
        .with(network),
        row(
            "open-sockets-03",
            &[
                "sockets/types@0.3#tcp-socket.create",
                "sockets/types@0.3#udp-socket.create",
            ],
        )
        .number(&[Exhausted("open-files")])
        .with(network),
        row(
            "look-ups",
            &["sockets/ip-name-lookup@0.2#resolve-addresses"],
        )
        .number(&[Limit("handles")])
        .with(network),
        row(
            "datagrams-03",
            &[
                "sockets/types@0.3#udp-socket.bind",
                "sockets/types@0.3#udp-socket.receive",
            ],
        )
        .number(&[Exhausted("host-bytes")])
        .with(network),
    ]
}
