//! Starts, children, and handles of processes.

use crate::row::End::{All, Exhausted, Limit, Told};
use crate::row::{Row, row};
use crate::setting::folder;

const INVALID: &str = "InvalidArgument";
/// Both functions that start a process.
const STARTS: &[&str] = &["process#process.start", "process#process.start-within"];
const START: &[&str] = &["process#process.start"];

pub fn rows() -> Vec<Row> {
    let mut rows = starts();
    rows.extend(children());
    rows.extend(watched());
    rows
}

fn starts() -> Vec<Row> {
    vec![
        row("start-names", STARTS)
            .number(&[Told(INVALID)])
            .size(&[Told(INVALID)])
            .both(&[Told(INVALID)]),
        row("start-components", STARTS)
            .number(&[Told("NotFound")])
            .size(&[Told("NotFound")])
            .both(&[Told("NotFound")]),
        row("start-entry-points", STARTS)
            .number(&[Told("NotFound")])
            .size(&[Told("NotFound")])
            .both(&[Told("NotFound")]),
        row("start-arguments", STARTS)
            .number(&[Told(INVALID)])
            .size(&[Told(INVALID)])
            .both(&[Told(INVALID)]),
        row("start-bytes", STARTS)
            .number(&[All])
            .size(&[Told(INVALID)])
            .both(&[Exhausted("host-bytes")]),
        row("start-wave", STARTS)
            .number(&[Told(INVALID)])
            .size(&[Told(INVALID)])
            .both(&[Told(INVALID)]),
        row("start-capabilities", STARTS)
            .number(&[Told(INVALID)])
            .size(&[Told(INVALID)])
            .both(&[Told(INVALID)]),
        row("start-variables", STARTS)
            .number(&[Told("PermissionDenied"), Told(INVALID)])
            .size(&[Told("PermissionDenied"), Told(INVALID)])
            .both(&[Told("PermissionDenied"), Told(INVALID)]),
        row("start-folders", STARTS)
            .number(&[Told(INVALID)])
            .size(&[Told(INVALID), Told("PermissionDenied")])
            .both(&[Told(INVALID), Told("PermissionDenied")])
            .with(folder),
    ]
}

fn children() -> Vec<Row> {
    vec![
        row("live-children", START)
            .number(&[Exhausted("children")])
            .both(&[Exhausted("children")]),
        row(
            "ended-children",
            &[
                "process#process.wait",
                "process#process.id",
                "process#process.name",
                "process#process.status",
            ],
        )
        .number(&[Exhausted("host-bytes")])
        .both(&[Exhausted("host-bytes")]),
        row("generations", START).number(&[Exhausted("spawn-depth")]),
        row("process-handles", &["process#children"]).number(&[Exhausted("handles")]),
        row(
            "listed-children",
            &[
                "process#children",
                "process#current",
                "process#stop-requested",
            ],
        )
        .number(&[All]),
        row("log-channels", &["process#process.log-channel"]).number(&[Exhausted("handles")]),
        row("handed-processes", START).number(&[Told(INVALID)]),
    ]
}

fn watched() -> Vec<Row> {
    vec![
        row("monitors", &["process#monitor.create"]).number(&[Exhausted("handles")]),
        row(
            "watches",
            &[
                "process#monitor.watch",
                "process#monitor.unwatch",
                "process#monitor.trap-exits",
                "process#monitor.try-next",
            ],
        )
        .number(&[Exhausted("handles")]),
        row("watched-children", &["process#monitor.watch"]).number(&[Exhausted("host-bytes")]),
        row("links", &["process#process.link", "process#process.unlink"])
            .number(&[All, Exhausted("handles")]),
        row("kills", &["process#process.kill", "process#process.stop"]).number(&[All]),
        row("waits-on-the-stack", &["process#wait-stop"])
            .number(&[Limit("wall-time")])
            .with(|setting| {
                setting.attacker.limits.wall_time = Some(std::time::Duration::from_millis(300));
            }),
    ]
}
