//! Commands and runners of different versions of the protocol.

use super::{Machine, TWO, until};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use weft_control::protocol::{VERSION, other_version};

/// Every command that asks a runner.
const COMMANDS: [&[&str]; 8] = [
    &["ps"],
    &["channels"],
    &["logs", "one"],
    &["peek", "one"],
    &["stop", "one"],
    &["restart", "one"],
    &["down"],
    &["top", "--once", "--interval", "100ms"],
];

#[test]
fn a_client_of_another_version_is_told_both_and_what_to_do() {
    let machine = Machine::new();
    let up = machine.up(&machine.manifest("app", TWO), &[]);
    until(|| machine.sockets().len() == 1);
    for version in [0, VERSION + 1, u32::MAX] {
        // Another version may have other requests.
        for request in ["\"snapshot\"", "{\"dance\":{\"tune\":1}}"] {
            let mut stream = UnixStream::connect(&machine.sockets()[0]).unwrap();
            let line = format!("{{\"version\":{version},\"request\":{request}}}\n");
            stream.write_all(line.as_bytes()).unwrap();
            let told: Vec<_> = BufReader::new(stream).lines().map(Result::unwrap).collect();
            let text = other_version(VERSION, version);
            let wanted = serde_json::json!({ "error": text }).to_string();
            assert_eq!(told, [wanted]);
        }
    }
    up.interrupt();
}

/// A runner that answers every request with this line, for as long as the process lives.
fn runner(path: &Path, answer: impl Fn(u32) -> String + Send + 'static) {
    let listener = UnixListener::bind(path).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).unwrap();
            let Ok(ask) = serde_json::from_str::<serde_json::Value>(&line) else {
                continue;
            };
            let version = u32::try_from(ask["version"].as_u64().unwrap()).unwrap();
            let _ = writeln!(stream, "{}", answer(version));
        }
    });
}

#[test]
fn a_command_that_meets_a_runner_of_another_version_says_both_and_what_to_do() {
    let machine = Machine::new();
    let path = machine.runtime.path().join("newer.sock");
    let newer = VERSION + 1;
    runner(&path, move |asked| {
        serde_json::json!({ "error": other_version(newer, asked) }).to_string()
    });
    let on = path.display().to_string();
    for command in COMMANDS {
        let told = machine.refuses(&[command, &["--on", &on]].concat());
        let wanted = other_version(newer, VERSION);
        assert_eq!(told, format!("error: {wanted}\n"), "{command:?}");
    }
}

#[test]
fn an_answer_that_is_none_of_its_version_is_told_with_what_to_do() {
    let machine = Machine::new();
    let path = machine.runtime.path().join("other.sock");
    runner(&path, |_| "{\"dance\":{\"tune\":1}}".to_owned());
    let on = path.display().to_string();
    for command in COMMANDS {
        let told = machine.refuses(&[command, &["--on", &on]].concat());
        let wanted = format!(
            "error: what answers is no runner that speaks version {VERSION} of the control protocol, as the command does; use the `weft` that it was started with"
        );
        assert!(told.starts_with(&wanted), "{command:?}: {told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}
