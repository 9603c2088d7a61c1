//! Sources and sinks of a manifest: `weft up` as a filter, files, ticks and HTTP.

mod example;
mod files;
mod filter;
mod follow;
mod http;
mod net;
mod refused;
mod shown;
mod ticks;

use crate::support::guest_of;
use crate::weft::weft;
use snapbox::cmd::{Command, OutputAssert};
use std::path::Path;

/// Writes a manifest, and the component `stage`, which writes each frame in capitals.
pub fn manifest(folder: &Path, text: &str) {
    let stage = guest_of("stage").display().to_string();
    let text = text.replace("STAGE", &format!("{stage:?}"));
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
    stage = STAGE
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
