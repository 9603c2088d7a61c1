//! Files that a sink changes as they get old.

use super::manifest;
use crate::control::{Machine, until};
use serde_json::Value;
use std::fs;

#[test]
fn a_sink_changes_files_by_age_and_loses_nothing_between_them() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[channels.c]\n\
                [sources.tick]\nevery = \"10ms\"\nchannel = \"c\"\n\
                [sinks.out]\nfile = \"out\"\nchannel = \"c\"\nrotate-every = \"200ms\"\nkeep = 1000\n";
    manifest(folder.path(), text);
    let machine = Machine::new();
    let up = machine.up(&folder.path().join("weft.toml"), &[]);
    until(|| folder.path().join("out.3").exists());
    up.interrupt();
    // The oldest has the highest number.
    let mut ticks = Vec::new();
    let names = (1..1000).rev().map(|n| format!("out.{n}"));
    for name in names.chain(["out".to_owned()]) {
        let Ok(text) = fs::read_to_string(folder.path().join(&name)) else {
            continue;
        };
        assert!(text.ends_with('\n'), "{name}: {text:?}");
        let of = text.lines().map(|line| {
            let tick: Value = serde_json::from_str(line).unwrap();
            (tick["tick"].as_u64().unwrap(), tick["missed"].as_u64())
        });
        ticks.extend(of);
    }
    // Ticks that a slow machine missed are told.
    let mut last = 0;
    for (tick, missed) in ticks {
        assert_eq!(tick, last + 1 + missed.unwrap_or_default());
        last = tick;
    }
    assert!(last > 3, "{last}");
}
