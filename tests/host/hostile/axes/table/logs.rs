//! Log entries, a guest's own logs, spans.

use crate::row::End::{All, Exhausted, Refused, Told};
use crate::row::{Row, row};

pub fn rows() -> Vec<Row> {
    vec![
        row("entries", &["log#write"])
            .number(&[All])
            .size(&[All])
            .both(&[All]),
        row("entries-to-escape", &["log#write"])
            .number(&[All])
            .size(&[All])
            .both(&[All]),
        row("entry-targets", &["log#write"])
            .number(&[All])
            .size(&[All])
            .both(&[All]),
        row("entry-fields", &["log#write"])
            .number(&[All])
            .size(&[All])
            .both(&[All]),
        row("log-levels", &["log#enabled"])
            .number(&[All])
            .size(&[All])
            .both(&[All]),
        row("lost-entries", &["log#write", "log#register"])
            .number(&[Refused("log-rate", "entries were lost: true")]),
        row("own-logs", &["log#register"])
            .number(&[Exhausted("channels")])
            .size(&[Exhausted("channel-bytes")])
            .both(&[Exhausted("channel-bytes")]),
        row("spans", &["log#span.begin", "log#span.context"])
            .number(&[Told("no more spans")])
            .size(&[All])
            .both(&[Told("no more spans")]),
        row("span-fields", &["log#span.begin", "log#span.record"])
            .number(&[Told("no more spans")])
            .size(&[All])
            .both(&[Told("no more spans")]),
    ]
}
