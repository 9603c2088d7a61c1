//! Progress: lines that move on a terminal, plain lines elsewhere.

use crate::support::{guest, repository, target};
use crate::weft::weft;
use std::process::Command;

/// Clears the line of a terminal: how a moving line moves.
const CLEAR: &str = "\u{1b}[2K";

#[test]
fn compiling_and_channels_move_on_a_terminal() {
    let manifest = repository().join("examples/flights/weft.toml");
    let command = format!(
        "'{}' up '{}'",
        env!("CARGO_BIN_EXE_weft"),
        manifest.display()
    );
    // `script` gives the command a terminal of its own.
    let output = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .env("WEFT_CACHE", "")
        .env("TERM", "xterm")
        .output()
        .expect("script runs");
    assert!(output.status.success());
    let shown = String::from_utf8_lossy(&output.stdout);
    for wanted in [
        CLEAR,
        "compiling parse",
        "flights ",
        "channel joined: 20000 frames",
    ] {
        assert!(shown.contains(wanted), "{wanted:?} is not in: {shown}");
    }
}

#[test]
fn nothing_moves_without_a_terminal() {
    let output = weft()
        .env("WEFT_CACHE", target().join("tmp/cache"))
        .arg("run")
        .arg(guest("wasi-command.wasm"))
        .assert()
        .success();
    let stderr = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(!stderr.contains('\u{1b}'), "{stderr:?}");
}

#[test]
fn long_runs_tell_of_their_channels_in_plain_lines() {
    let folder = tempfile::tempdir().unwrap();
    // Longer than the period of the plain lines.
    let text = format!(
        "[components]\nsource = {:?}\nsleeper = {:?}\n\
         [channels.lines]\ncapacity = 64\n\
         [processes.sleeper]\ncomponent = \"sleeper\"\n\
         args = {{ scenario = \"sleep\", arg = \"6000\" }}\n\
         [processes.source]\ncomponent = \"source\"\ncapabilities = [\"channel-writer\"]\n\
         args = {{ path = \"/d/lines\", lines = {{ writer = \"lines\" }} }}\n\
         mounts = [{{ host = \".\", guest = \"/d\" }}]\n",
        guest("flights_source.wasm").display().to_string(),
        guest("scenarios.wasm").display().to_string(),
    );
    std::fs::write(folder.path().join("lines"), "a\nb\n").unwrap();
    std::fs::write(folder.path().join("weft.toml"), text).unwrap();
    let output = weft()
        .current_dir(folder.path())
        .args(["up", "weft.toml"])
        .assert()
        .success();
    let stderr = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    for wanted in [
        "started 2 processes",
        "lines:          2 frames",
        "source returned 2",
    ] {
        assert!(stderr.contains(wanted), "{wanted:?} is not in: {stderr}");
    }
}
