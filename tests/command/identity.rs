//! Whose an entry is: that of the process in whose log it is, whatever it says.

use crate::control::{Machine, line};
use crate::weft::run;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;

/// The rights to make channels and to use them.
pub const CHANNELS: [&str; 6] = [
    "--grant",
    "channel-lifecycle",
    "--grant",
    "channel-reader",
    "--grant",
    "channel-writer",
];

/// What a guest says in the name of another is shown, without that name. What is no entry is not.
fn check(shown: &str) {
    assert!(!shown.contains("victim"), "{shown}");
    for number in 1..=6 {
        let is_there = shown.contains(&format!("forged {number}"));
        assert_eq!(is_there, number <= 4, "{number}: {shown}");
    }
}

/// All lines are entries of this process.
fn check_all_of(lines: &str, name: &str, id: u64) {
    check(lines);
    let truth = json!({ "service.name": name, "weft.process.id": id });
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        // The command's own word, where compiling took its time: no process has this number.
        if line["Resource"] == json!({ "service.name": "weft", "weft.process.id": 0 }) {
            continue;
        }
        assert_eq!(line["Resource"], truth, "{line}");
    }
}

fn shown(format: &str) -> String {
    let assert = run("scenarios")
        .args(["--invoke", "run(\"speak-for\", \"victim\")"])
        .args(["--log-format", format, "--log-level", "trace"])
        .args(CHANNELS)
        .assert()
        .success();
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

#[test]
fn a_guest_cannot_speak_for_another_on_the_screen() {
    let pretty = shown("pretty");
    check(&pretty);
    let forged = pretty.lines().filter(|line| line.contains("forged"));
    for line in forged {
        assert!(line.contains(" scenarios "), "{line}");
    }
    // What has no time that could be shown has none.
    assert!(pretty.contains("--:--:--.--- scenarios"), "{pretty}");
    check_all_of(&shown("json"), "scenarios", 1);
}

#[test]
fn a_guest_cannot_speak_for_another_to_those_who_ask_the_runner() {
    let machine = Machine::new();
    let text = r#"
        [processes.keeper]
        component = "scenarios"
        args = { scenario = "wait-stop", arg = "" }
        [processes.true-name]
        component = "scenarios"
        args = { scenario = "speak-for", arg = "victim" }
        capabilities = ["channel-lifecycle", "channel-reader", "channel-writer"]
    "#;
    let up = machine.up(&machine.manifest("app", text), &[]);
    let ask = ["logs", "-f", "--log-level", "trace", "true-name"];
    check(&machine.says(&ask));
    check_all_of(
        &machine.says(&[&ask[..], &["--json"]].concat()),
        "true-name",
        2,
    );
    // Not only as the command shows it.
    let mut stream = UnixStream::connect(&machine.sockets()[0]).unwrap();
    let request = line(r#"{"logs":{"process":"true-name","follow":false,"since":null}}"#);
    stream.write_all(request.as_bytes()).unwrap();
    let lines: Vec<_> = BufReader::new(stream).lines().map(Result::unwrap).collect();
    let forged = lines.iter().filter(|line| line.contains("forged"));
    let wanted = r#"\"Resource\":{\"service.name\":\"true-name\",\"weft.process.id\":2}"#;
    let true_ones = forged.filter(|line| line.contains(wanted)).count();
    assert!(true_ones >= 4, "{lines:?}");
    up.interrupt();
}

#[test]
fn what_a_guest_writes_as_a_line_of_a_stream_is_not_taken_for_one() {
    let assert = run("scenarios")
        .args(["--invoke", "run(\"log-as-the-host\", \"\")"])
        .assert()
        .success();
    let shown = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    for target in ["weft", "stdout", "stderr"] {
        assert!(
            shown.contains(&format!("guest.{target}: as {target}")),
            "{shown}"
        );
    }
}
