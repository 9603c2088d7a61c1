//! Sources and sinks of a manifest: `weft up` as a filter, files, ticks and HTTP.

mod again;
mod asking;
mod bounds;
mod browser;
mod certificates;
mod clients;
mod counted;
mod example;
mod files;
mod filter;
mod follow;
mod handlers;
mod hostile;
mod http;
mod https;
mod live_page;
mod lost;
mod nats;
mod neighbours;
mod net;
mod network;
mod origins;
mod refused;
mod rotated;
mod served;
mod serving;
mod shown;
mod socat;
mod tail;
mod ticks;
mod traces;
mod websocket;

use crate::support::guest_of;
use crate::weft::weft;
use snapbox::cmd::{Command, OutputAssert};
use std::path::Path;

/// The guests that manifests name in capitals. `transform` writes each frame in capitals, the others answer requests.
const GUESTS: [(&str, &str); 3] = [
    ("TRANSFORM", "transform"),
    ("HTTP02", "http-02"),
    ("HTTP03", "http-03"),
];

/// Writes a manifest, with the files of its guests.
pub fn manifest(folder: &Path, text: &str) {
    let mut text = text.to_owned();
    for (name, guest) in GUESTS {
        let file = guest_of(guest).display().to_string();
        text = text.replace(name, &format!("{file:?}"));
    }
    std::fs::write(folder.join("weft.toml"), text).unwrap();
}

/// A `weft up` of this manifest, whose state is in its folder.
pub fn command(folder: &Path, text: &str) -> Command {
    manifest(folder, text);
    weft()
        .current_dir(folder)
        .env("XDG_STATE_HOME", folder.join("state"))
        .args(["up", "weft.toml"])
}

/// Runs a manifest with this stdin.
pub fn filter(text: &str, stdin: impl Into<Vec<u8>>) -> OutputAssert {
    let folder = tempfile::tempdir().unwrap();
    command(folder.path(), text).stdin(stdin.into()).assert()
}

/// What a command has said.
pub fn stderr(assert: &OutputAssert) -> String {
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

/// Stdin, in capitals, to stdout.
pub const CAPITALS: &str = r#"
    [components]
    stage = TRANSFORM
    [channels]
    raw = { from = "stdin" }
    out = { to = "stdout" }
    [processes.stage]
    transform = "stage"
    input = "raw"
    output = "out"
"#;

/// Stdin to stdout.
pub const COPY: &str = "[channels]\nc = { from = \"stdin\", to = \"stdout\" }\n";
