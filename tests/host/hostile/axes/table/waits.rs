//! Calls that wait while their guest goes on, and streams over channels.

use crate::row::End::{All, Exhausted, Limit, Told};
use crate::row::{Row, row};

pub fn rows() -> Vec<Row> {
    let mut rows = writes();
    rows.extend(streams());
    rows.extend(waits());
    rows
}

fn writes() -> Vec<Row> {
    vec![
        row("waiting-writes", &["channel-async#write"])
            .number(&[Exhausted("host-bytes"), Limit("host-bytes")])
            .size(&[Exhausted("channel-bytes")])
            .both(&[Exhausted("host-bytes"), Limit("host-bytes")]),
        row("waiting-packed-writes", &["channel-async#write-packed"])
            .number(&[Exhausted("host-bytes"), Limit("host-bytes")])
            .size(&[Exhausted("channel-bytes")])
            .both(&[
                Exhausted("host-bytes"),
                Exhausted("channel-bytes"),
                Limit("host-bytes"),
            ]),
        row("waiting-carrying-writes", &["channel-async#write-with"])
            .number(&[
                Exhausted("handles"),
                Exhausted("host-bytes"),
                Limit("host-bytes"),
            ])
            .size(&[Exhausted("channel-bytes")])
            .both(&[
                Exhausted("handles"),
                Exhausted("host-bytes"),
                Limit("host-bytes"),
            ]),
    ]
}

fn streams() -> Vec<Row> {
    vec![
        row("read-streams", &["channel-async#read-bytes"])
            .number(&[Exhausted("handles"), Limit("handles"), Limit("host-bytes")])
            .size(&[Limit("host-bytes")])
            // Only the unread part of a small frame is kept, and not its whole batch.
            .both(&[All]),
        row("write-streams", &["channel-async#write-bytes"])
            .number(&[Limit("handles"), Limit("host-bytes")])
            .size(&[All])
            .both(&[All, Exhausted("host-bytes"), Limit("host-bytes")]),
    ]
}

fn waits() -> Vec<Row> {
    vec![
        row("waiting-reads", &["channel-async#read"]).number(&[Limit("host-bytes")]),
        row("waiting-packed-reads", &["channel-async#read-packed"]).number(&[Limit("host-bytes")]),
        row("waits-for-frames", &["channel-async#await-frame"]).number(&[Limit("host-bytes")]),
        row("waits-for-room", &["channel-async#await-room"]).number(&[Limit("host-bytes")]),
        row(
            "waits-for-nobody",
            &["channel-async#await-unread", "channel#writer.is-unread"],
        )
        .number(&[Limit("host-bytes")]),
        row("waits-for-arrivals", &["process-async#await-exit"]).number(&[Limit("host-bytes")]),
        row("woken-reads", &["channel-async#read"]).number(&[All]),
        row("awaited-names", &["registry-async#await-name"])
            .number(&[Limit("host-bytes")])
            .size(&[Told("InvalidArgument")])
            .both(&[Limit("host-bytes")]),
        row("waits-for-children", &["process-async#wait"]).number(&[Limit("host-bytes")]),
        row("stops-of-children", &["process-async#stop"]).number(&[Limit("host-bytes")]),
        row(
            "waits-for-exits",
            &["process-async#next-exit", "process#monitor.next"],
        )
        .number(&[Limit("host-bytes")]),
        row("stop-requests", &["process-async#stop-request"]).number(&[Limit("host-bytes")]),
    ]
}
