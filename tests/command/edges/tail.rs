//! The `tail` example as it follows a log that grows and is rotated.

use crate::control::{Machine, until};
use crate::support::repository;
use serde_json::Value;
use std::fs::{self, File};
use std::io::Write;

#[test]
fn late_flights_are_told_as_they_are_logged_and_over_a_rotation() {
    let folder = tempfile::tempdir().unwrap();
    let (log, late) = (folder.path().join("log"), folder.path().join("late.ndjson"));
    let flights = repository().join("examples/flights/data/flights-20k.ndjson");
    let flights = fs::read_to_string(flights).unwrap();
    let lines: Vec<&str> = flights.lines().take(2000).collect();
    let is_late = |line: &str| {
        let flight: Value = serde_json::from_str(line).unwrap();
        flight["delay"].as_f64().unwrap() >= 60.0
    };
    let append = |lines: &[&str]| {
        let file = File::options().append(true).create(true).open(&log);
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        file.unwrap().write_all(text.as_bytes()).unwrap();
    };
    let wanted = |lines: &[&str]| -> String {
        let late = lines.iter().filter(|line| is_late(line));
        late.map(|line| format!("{line}\n")).collect()
    };
    let is = |wanted: &str| fs::read_to_string(&late).unwrap_or_default() == wanted;
    append(&lines[..1000]);
    let machine = Machine::new();
    let mut up = machine.prepare(&repository().join("examples/tail/weft.toml"), &[]);
    up.env("LOG", &log).env("OUT", folder.path());
    let up = crate::control::Up::of(up.spawn().unwrap());
    assert!(wanted(&lines[..1000]).lines().count() > 10);
    until(|| is(&wanted(&lines[..1000])));
    append(&lines[1000..1500]);
    append(&["no flight"]);
    until(|| is(&wanted(&lines[..1500])));
    fs::rename(&log, folder.path().join("log.1")).unwrap();
    append(&lines[1500..]);
    until(|| is(&wanted(&lines)));
    let said = up.interrupt();
    let bad = fs::read_to_string(folder.path().join("bad.ndjson")).unwrap();
    let bad: Value = serde_json::from_str(&bad).unwrap();
    assert_eq!(bad["text"], "no flight", "{said}");
    assert_eq!(bad["line"], 1501, "{said}");
}
