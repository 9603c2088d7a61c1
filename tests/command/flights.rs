//! The flights pipeline: its report equals, to the last digit, what an
//! independent program computes from the same files.

use crate::support::repository;
use crate::weft::weft;
use std::process::Command;

/// The report, as a program without Weft computes it.
pub fn expected_report() -> String {
    let repository = repository();
    let data = repository.join("examples/flights/data");
    let expected = Command::new("python3")
        .arg(repository.join("tests/flights/expected.py"))
        .args([data.join("flights-20k.ndjson"), data.join("airports.csv")])
        .output()
        .expect("python3 runs");
    assert!(
        expected.status.success(),
        "{}",
        String::from_utf8_lossy(&expected.stderr)
    );
    let expected = String::from_utf8(expected.stdout).unwrap();
    assert!(expected.lines().count() > 200);
    expected
}

#[test]
fn the_report_equals_the_independent_computation() {
    let expected = expected_report();
    let repository = repository();
    let assert = weft()
        .arg("up")
        .arg(repository.join("examples/flights/weft.toml"))
        .assert()
        .success();
    let output = assert.get_output();
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("report     INFO  flights_report: 20000 flights from 220 airports"),
        "{stderr}"
    );
    for channel in [
        "lines: 20000",
        "flights: 20000",
        "joined: 20000",
        "delays: 220",
    ] {
        assert!(
            stderr.contains(&format!("channel {channel} frames")),
            "{stderr}"
        );
    }
}
