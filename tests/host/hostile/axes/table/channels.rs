//! Channels, their ends, tokens and names; frames and the handles in them.

use crate::row::End::{All, Exhausted, Limit, Refused, Told};
use crate::row::{Row, row};

const NOT_FOUND: &str = "NotFound";
const INVALID: &str = "InvalidArgument";

pub fn rows() -> Vec<Row> {
    let mut rows = handles();
    rows.extend(frames());
    rows.extend(names());
    rows
}

fn handles() -> Vec<Row> {
    vec![
        row("channels", &["channel#channel.create"])
            .number(&[Exhausted("channels")])
            .size(&[Exhausted("channel-bytes")])
            .both(&[Exhausted("channel-bytes")]),
        row("narrowed-channels", &["channel#channel.narrow"]).number(&[Exhausted("handles")]),
        row(
            "ends",
            &[
                "channel#channel.strong-reader",
                "channel#channel.weak-reader",
                "channel#channel.strong-writer",
                "channel#channel.weak-writer",
                "channel#reader.downgrade",
                "channel#writer.downgrade",
            ],
        )
        .number(&[Exhausted("handles")]),
        row(
            "tokens",
            &["channel#channel.attach", "channel#channel.share"],
        )
        .number(&[Exhausted("handles")])
        .size(&[Told(NOT_FOUND)])
        .both(&[Exhausted("channels")]),
        row(
            "let-go",
            &[
                "channel#channel.create",
                "channel#channel.share",
                "channel#channel.revoke",
                "channel#channel.drain",
                "channel#channel.terminate",
                "channel#channel.stats",
                "channel#channel.access",
                "channel#writer.id",
            ],
        )
        .number(&[All]),
    ]
}

fn frames() -> Vec<Row> {
    vec![
        row("frames", &["channel#writer.try-write"])
            .number(&[Told("WouldBlock")])
            .size(&[Refused("frame-bytes", "TooLarge(8388608)")])
            .both(&[Told("WouldBlock")]),
        row("frames-of-dropping", &["channel#writer.try-write"])
            .number(&[All])
            .size(&[Refused("frame-bytes", "TooLarge(8388608)")])
            .both(&[All]),
        row("packed-frames", &["channel#writer.try-write-packed"])
            .number(&[Told("WouldBlock")])
            .size(&[Told("WouldBlock")])
            .both(&[Refused("frame-bytes", "TooLarge(8388608)")]),
        row(
            "packed-frames-of-dropping",
            &["channel#writer.try-write-packed"],
        )
        .number(&[All])
        .size(&[All])
        .both(&[Refused("frame-bytes", "TooLarge(8388608)")]),
        row("small-frames", &["channel#writer.try-write"])
            .number(&[Told("WouldBlock")])
            .both(&[Exhausted("channels")]),
        row("frames-of-many-channels", &["channel#writer.try-write"])
            .number(&[Exhausted("channels"), Exhausted("channel-bytes")])
            .both(&[Exhausted("channels"), Exhausted("channel-bytes")]),
        row(
            "sent-frames",
            &[
                "channel#writer.write",
                "channel#writer.write-packed",
                "channel#writer.write-with",
            ],
        )
        .number(&[All]),
        row(
            "read-frames",
            &[
                "channel#reader.read",
                "channel#reader.try-read",
                "channel#reader.read-within",
                "channel#reader.read-packed",
                "channel#reader.try-read-packed",
            ],
        )
        .number(&[All])
        .size(&[Limit("memory")])
        .both(&[Limit("memory")]),
        row("carried-handles", &["channel#writer.write-with"])
            .number(&[Exhausted("handles")])
            .size(&[Refused("handles-per-frame", "TooManyHandles(16)")])
            .both(&[Told("full")]),
        row("tried-handles", &["channel#writer.try-write-with"]).number(&[Exhausted("handles")]),
        row("returned-frames", &["channel#reader.put-back"])
            .number(&[Exhausted("host-bytes")])
            .size(&[Exhausted("host-bytes")])
            .both(&[Exhausted("host-bytes")]),
        row("returned-handles", &["channel#reader.put-back"]).number(&[Exhausted("handles")]),
        row("nested-channels", &["channel#writer.write-with"]).number(&[Exhausted("channels")]),
        row("cyclic-channels", &["channel#writer.write-with"]).number(&[All]),
        row("hung-channels", &["channel#writer.write-with"]).number(&[All]),
    ]
}

fn names() -> Vec<Row> {
    vec![
        row(
            "published-names",
            &["registry#publish", "registry#registration.name"],
        )
        .number(&[Exhausted("handles")])
        .size(&[Told(INVALID)])
        .both(&[Exhausted("handles")]),
        row("looked-up-names", &["registry#lookup"])
            .number(&[Exhausted("handles")])
            .size(&[Told(INVALID)]),
    ]
}
