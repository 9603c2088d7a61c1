//! `weft check` and `weft up --dry-run`: everything is checked, nothing is started.

use crate::support::guest_of;
use crate::weft::{up, weft};
use snapbox::{IntoData, str};
use std::path::Path;

/// Writes a manifest with these guests as components.
fn manifest(folder: &Path, components: &[&str], text: &str) {
    drop(up(folder, components, text));
}

/// A manifest, and what `weft check` prints about it. `weft up --dry-run` prints the same.
fn check(components: &[&str], text: &str, stdout: impl IntoData, stderr: impl IntoData) {
    let folder = tempfile::tempdir().unwrap();
    manifest(folder.path(), components, text);
    let (stdout, stderr) = (stdout.into_data(), stderr.into_data());
    // It depends on the machine whether something took so long to compile that it is said first.
    for args in [
        &["check", "weft.toml"][..],
        &["up", "weft.toml", "--dry-run"],
    ] {
        let assert = weft().current_dir(folder.path()).args(args).assert();
        let assert = assert.success().stdout_eq(stdout.clone());
        snapbox::assert_data_eq!(warned(&assert.get_output().stderr), stderr.clone());
    }
}

/// What was written to stderr, without what took long.
fn warned(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines = text.split_inclusive('\n');
    lines
        .filter(|line| !line.starts_with("compiled ") && !line.contains(" came from the cache "))
        .collect()
}

/// A source that would read `lines` in its folder if it ran.
const SOURCE: &str = r#"
    [processes.source]
    component = "flights-source"
    args = { path = "/data/lines", lines = { writer = "there" } }
    capabilities = ["channel-writer"]
    mounts = [{ host = ".", guest = "/data" }]
"#;

#[test]
fn a_manifest_that_is_right_is_not_started() {
    let reader = r#"
        [processes.sink]
        component = "parked"
        args = { input = { reader = "there" } }
        capabilities = ["channel-reader"]
        [channels.there]
    "#;
    check(
        &["flights-source", "parked"],
        &format!("{SOURCE}{reader}"),
        str![[r#"
manifest `weft.toml` is right: 2 components, 1 channel, 2 processes

"#]],
        "",
    );
}

#[test]
fn channels_that_lack_an_end_are_told_by_check_and_by_up() {
    let text = format!("{SOURCE}[channels]\nthere = {{ backpressure = \"drop\" }}\nidle = {{}}\n");
    check(
        &["flights-source"],
        &text,
        str![[r#"
manifest `weft.toml` is right: 1 component, 2 channels, 1 process

"#]],
        str![[r#"
warning: channel `there` has no reader: nobody reads what is written to it
warning: channel `idle` has no reader and no writer

"#]],
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lines"), "a line\n").unwrap();
    up(folder.path(), &["flights-source"], &text)
        .assert()
        .success()
        .stderr_eq(str![[r#"
...
warning: channel `there` has no reader: nobody reads what is written to it
warning: channel `idle` has no reader and no writer
started 1 process
...
"#]]);
}

#[test]
fn rights_that_no_import_needs_and_limits_below_what_is_declared() {
    let text = r#"
        [processes.p]
        component = "hello"
        args = { name = "x" }
        capabilities = ["clocks", "channel-writer", "registry-lookup=a/"]
        limits = { memory = "64KiB", table-elements = 1 }
    "#;
    check(
        &["hello"],
        text,
        str![[r#"
manifest `weft.toml` is right: 1 component, 0 channels, 1 process

"#]],
        str![[r#"
warning: process `p`: the capability clocks is of no use, as no import of `hello` needs it
warning: process `p`: the capability registry-lookup is of no use, as no import of `hello` needs it
warning: process `p`: its limit memory is 64.0 KiB, and `hello` begins with [..]: it will end there at once
warning: process `p`: its limit table-elements is 1, and `hello` begins with [..]: it will end there at once

"#]],
    );
    // It is so.
    let folder = tempfile::tempdir().unwrap();
    up(folder.path(), &["hello"], text).assert().code(124);
}

#[test]
fn a_process_that_starts_others_may_hold_rights_for_them() {
    let text = r#"
        [processes.p]
        component = "orchestrator"
        args = { path = "/data/flights.ndjson", batch = 50 }
        capabilities = ["process-lifecycle", "log-reader", "clocks"]
        mounts = [{ host = ".", guest = "/data" }]
    "#;
    check(&["orchestrator"], text, "...\n", "");
}

#[test]
fn what_was_found_is_an_object_for_programs() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{SOURCE}[channels]\nthere = {{}}\n");
    manifest(folder.path(), &["flights-source"], &text);
    let assert = weft()
        .current_dir(folder.path())
        .args(["check", "weft.toml", "--json"])
        .assert()
        .success();
    let told: serde_json::Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    let wanted = serde_json::json!({
        "manifest": "weft.toml",
        "components": ["flights-source"],
        "channels": ["there"],
        "processes": ["source"],
        "sources": [],
        "http": [],
        "sinks": [],
        "warnings": [{
            "kind": "unread-channel",
            "channel": "there",
            "text": "channel `there` has no reader: nobody reads what is written to it",
        }],
    });
    assert_eq!(told, wanted);
}

#[test]
fn what_up_refuses_check_refuses_in_the_same_words() {
    let missing = "[processes.p]\ncomponent = \"hello\"\n";
    let wrong = "[processes.p]\ncomponent = \"hello\"\nargs = { name = 3 }\n";
    for text in [missing, wrong, "[processes.p]\ncolour = 1\n", "x"] {
        let folder = tempfile::tempdir().unwrap();
        let run = up(folder.path(), &["hello"], text).assert().code(2);
        let told = warned(&run.get_output().stderr);
        let check = weft()
            .current_dir(folder.path())
            .args(["check", "weft.toml"])
            .assert();
        let check = check.code(2).stdout_eq("");
        assert_eq!(warned(&check.get_output().stderr), told);
    }
    let folder = tempfile::tempdir().unwrap();
    let text = format!("[components]\nx = {:?}\n", guest_of("hello").join("gone"));
    std::fs::write(
        folder.path().join("weft.toml"),
        format!("{text}[processes.x]\ncomponent = \"x\"\n"),
    )
    .unwrap();
    weft()
        .current_dir(folder.path())
        .args(["check", "weft.toml"])
        .assert()
        .code(2)
        .stderr_eq(str![[r#"
error: manifest `weft.toml`: cannot read component `x` from [..]

"#]]);
}
