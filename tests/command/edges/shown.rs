//! Sources and sinks in what shows what runs, and how they are stopped.

use super::{CAPITALS, command, manifest};
use crate::control::{Machine, until};
use crate::weft::weft;
use serde_json::Value;
use std::path::Path;

/// Ticks through a stage into a file.
const TICKS: &str = r#"
    [components]
    stage = TRANSFORM
    [channels]
    ticks = {}
    out = {}
    [sources.tick]
    every = "5ms"
    channel = "ticks"
    [processes.stage]
    transform = "stage"
    input = "ticks"
    output = "out"
    [sinks.archive]
    file = "out"
    channel = "out"
    restart = "always"
"#;

fn written(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("out")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn they_are_processes_in_every_list_and_are_stopped_as_frames_flow() {
    let machine = Machine::new();
    let folder = tempfile::tempdir().unwrap();
    manifest(folder.path(), TICKS);
    let up = machine.up(&folder.path().join("weft.toml"), &[]);
    assert!(
        up.head.contains("started 1 process, 1 source, 1 sink"),
        "{}",
        up.head
    );
    until(|| written(folder.path()).len() > 2);
    let on = up.pid().to_string();
    let rows = machine.json(&["ps", "--on", &on]);
    let rows = rows["processes"]
        .as_array()
        .unwrap_or_else(|| panic!("{rows}"));
    let rows: Vec<_> = rows
        .iter()
        .map(|row| (row["name"].as_str(), row["component"].as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            (Some("tick"), Some("source:every")),
            (Some("stage"), Some("stage")),
            (Some("archive"), Some("sink:file")),
        ]
    );
    let channels = machine.json(&["channels", "--on", &on]);
    let ticks = &channels["channels"][0];
    assert_eq!(
        (&ticks["readers"], &ticks["writers"]),
        (&1.into(), &1.into()),
        "{channels}"
    );
    // A sink that is stopped and started again goes on with what it has not written.
    let before = written(folder.path()).len();
    machine.says(&["restart", "archive", "--on", &on]);
    until(|| written(folder.path()).len() > before + 2);
    let said = up.interrupt();
    assert!(said.contains("tick stopped"), "{said}");
    for after in ["stage", "archive"] {
        let ended = ["returned", "stopped"].map(|how| format!("{after} {how}"));
        assert!(ended.iter().any(|end| said.contains(end)), "{said}");
    }
    // Every tick that was sent is in the file, and what the stage writes at its end too.
    let lines = written(folder.path());
    let (last, ticks) = lines.split_last().unwrap();
    assert_eq!(*last, format!("end of {}, 1", ticks.len()), "{said}");
    let ticks: Vec<u64> = ticks
        .iter()
        .map(|tick| {
            serde_json::from_str::<Value>(tick).unwrap()["TICK"]
                .as_u64()
                .unwrap()
        })
        .collect();
    assert!(ticks.is_sorted_by(|one, next| one < next), "{ticks:?}");
}

#[test]
fn a_check_counts_them_and_a_graph_draws_them() {
    let folder = tempfile::tempdir().unwrap();
    command(folder.path(), CAPITALS)
        .arg("--dry-run")
        .assert()
        .success()
        .stdout_eq(
            "manifest `weft.toml` is right: 1 component, 2 channels, 1 process, 1 source, 1 sink\n",
        );
    let run = |args: &[&str]| {
        weft()
            .current_dir(folder.path())
            .args(args)
            .assert()
            .success()
    };
    run(&["graph", "weft.toml"]).stdout_eq(
        r#"flowchart LR
  p0["stdin"]
  p1["stage"]
  p2["stdout"]
  c0(["raw"])
  c1(["out"])
  p0 --> c0
  c0 --> p1
  p1 --> c1
  c1 --> p2
"#,
    );
    let checked = run(&["check", "weft.toml", "--json"]);
    let checked: Value = serde_json::from_slice(&checked.get_output().stdout).unwrap();
    assert_eq!(checked["sources"], serde_json::json!(["stdin"]));
    assert_eq!(checked["sinks"], serde_json::json!(["stdout"]));
}

#[test]
fn a_source_without_an_end_is_stopped_at_once() {
    let machine = Machine::new();
    let folder = tempfile::tempdir().unwrap();
    let parked = crate::support::guest_of("parked").display().to_string();
    let text = format!(
        r#"
        [components]
        parked = {parked:?}
        [channels.c]
        [sources.zero]
        file = "/dev/zero"
        frames = "chunks"
        channel = "c"
        [processes.reader]
        component = "parked"
        args = {{ input = {{ reader = "c" }} }}
        "#
    );
    std::fs::write(folder.path().join("weft.toml"), text).unwrap();
    let file = folder.path().join("weft.toml");
    let up = machine.up(&file, &["--grace", "60s"]);
    let said = up.interrupt();
    assert!(said.contains("zero stopped"), "{said}");
    assert!(
        said.contains("reader returned") || said.contains("reader stopped"),
        "{said}"
    );
}
