//! The `tail` example: from a log through a transform to a file.

use crate::support::repository;
use crate::weft::weft;
use serde_json::Value;

#[test]
fn late_flights_of_a_log_are_appended_to_a_file_and_bad_lines_to_another() {
    let folder = tempfile::tempdir().unwrap();
    let flights = repository().join("examples/flights/data/flights-20k.ndjson");
    let mut log = std::fs::read_to_string(flights).unwrap();
    let is_late = |line: &&str| {
        let flight: Value = serde_json::from_str(line).unwrap();
        flight["delay"].as_f64().unwrap() >= 60.0
    };
    let late: Vec<String> = log.lines().filter(is_late).map(str::to_owned).collect();
    assert!(late.len() > 100);
    log.push_str("no flight\n");
    std::fs::write(folder.path().join("log"), log).unwrap();
    weft()
        .env("LOG", folder.path().join("log"))
        .env("OUT", folder.path())
        .args(["up", "--profile", "once"])
        .arg(repository().join("examples/tail"))
        .assert()
        .success()
        .stdout_eq("");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("late.ndjson").lines().collect::<Vec<_>>(), late);
    let bad: Value = serde_json::from_str(&read("bad.ndjson")).unwrap();
    assert_eq!(
        (&bad["line"], &bad["text"]),
        (&20_001.into(), &"no flight".into())
    );
}
