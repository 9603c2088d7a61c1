//! Ticks, in time and by the clock on the wall.

use super::command;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// The first ticks of a source.
fn first(source: &str, count: usize) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let text =
        format!("[channels.c]\nto = \"stdout\"\n[sources.tick]\nchannel = \"c\"\n{source}\n");
    super::manifest(folder.path(), &text);
    let mut child = Command::new(env!("CARGO_BIN_EXE_weft"))
        .current_dir(folder.path())
        .args(["up", "weft.toml"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ticks = lines
        .take(count)
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap());
    let ticks = ticks.collect();
    // Nobody reads stdout any more.
    assert_eq!(child.wait().unwrap().code(), Some(141));
    ticks
}

#[test]
fn ticks_are_numbered_and_have_the_time_when_they_were_due() {
    let ticks = first("every = \"20ms\"", 3);
    let mut last = String::new();
    for tick in ticks {
        let time = tick["time"].as_str().unwrap();
        assert!(time > last.as_str() && time.ends_with('Z'), "{tick}");
        last = time.to_owned();
        assert!(tick["tick"].as_u64().unwrap() >= 1, "{tick}");
    }
}

#[test]
fn cron_ticks_by_the_second() {
    let ticks = first("cron = \"* * * * * *\"\ntime-zone = \"Europe/Berlin\"", 1);
    // On the second.
    let time = ticks[0]["time"].as_str().unwrap();
    assert_eq!(time.len(), "2026-03-01T00:00:00Z".len(), "{time}");
}

#[test]
fn times_that_are_none_are_errors_that_name_their_key() {
    let folder = tempfile::tempdir().unwrap();
    for (source, wanted) in [
        (
            "cron = \"61 * * * *\"",
            "source `tick`: cron: `61 * * * *` is no time as cron has them: ",
        ),
        (
            "cron = \"0 0 30 2 *\"",
            "source `tick`: cron: `0 0 30 2 *` is a time that never comes",
        ),
        (
            "cron = \"* * * * *\"\ntime-zone = \"Mars\"",
            "source `tick`: time-zone: there is no time zone `Mars`; write one as \"Europe/Berlin\" or \"UTC\"",
        ),
        (
            "every = \"1us\"",
            "source `tick`: every: \"1us\" is too short; ticks are a millisecond apart at least",
        ),
        (
            "every = \"soon\"",
            "source `tick`: every: `soon` is no time",
        ),
    ] {
        let text =
            format!("[channels.c]\nto = \"stdout\"\n[sources.tick]\nchannel = \"c\"\n{source}\n");
        let assert = command(folder.path(), &text).assert().code(2);
        let said = super::stderr(&assert);
        assert!(said.contains(wanted), "{source}: {said}");
    }
}
