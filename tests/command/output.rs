//! Stdout and stderr that nobody reads, or that go away: guests go on, and nothing that matters is lost.

use crate::control::{Machine, until};
use crate::interrupt::{Running, code};
use crate::support::{guest, target};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A process that can be asked to stop, which takes a thread for guests.
const ONE: &str = r#"
    [processes.one]
    component = "scenarios"
    args = { scenario = "wait-stop", arg = "" }
"#;

/// Reads stderr until the processes are started, and no further.
fn started(child: &mut Child) -> BufReader<std::process::ChildStderr> {
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("started ") {
        line.clear();
        assert!(stderr.read_line(&mut line).unwrap() > 0, "it ended");
    }
    stderr
}

fn state(machine: &Machine, name: &str) -> String {
    let seen = machine.json(&["ps"]);
    let rows = seen["processes"].as_array().unwrap();
    let row = rows.iter().find(|row| row["name"] == name).unwrap();
    row["state"].to_string()
}

#[test]
fn entries_that_nobody_reads_hold_no_guest_and_what_was_lost_is_told_when_somebody_reads() {
    let machine = Machine::with_one_worker();
    let flood = r#"
        [processes.flood]
        component = "scenarios"
        args = { scenario = "log-many", arg = "100000" }
        limits = { log-rate = "1GiB" }
    "#;
    let manifest = machine.manifest("app", &format!("{ONE}{flood}"));
    let mut child = machine.prepare(&manifest, &[]).spawn().unwrap();
    let mut stderr = started(&mut child);
    let running = Running(child);
    until(|| state(&machine, "flood").contains("returned"));
    assert_eq!(machine.says(&["stop", "one"]), "one stopped\n");
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(code(running), Some(0), "{said}");
    let lost = "entries lost, they came faster than they could be shown";
    assert!(said.contains(lost), "{said}");
    // The end is told as ever.
    for line in ["flood returned", "one stopped", "done in "] {
        assert!(said.contains(line), "{line}: {said}");
    }
}

#[test]
fn what_the_command_says_that_nobody_reads_is_counted_and_told_when_somebody_reads() {
    let machine = Machine::with_one_worker();
    let text = r#"
        [supervision]
        max-restarts = 1000000
        within = "1h"
        backoff = "0s"
        max-backoff = "0s"
        [processes.again]
        component = "scenarios"
        args = { scenario = "echo", arg = "" }
        restart = "always"
    "#;
    let manifest = machine.manifest("app", text);
    let mut child = machine.prepare(&manifest, &[]).spawn().unwrap();
    let stderr = started(&mut child);
    let running = Running(child);
    // A line each: more than the pipe and the queue take.
    until(|| machine.json(&["ps"])["processes"][0]["restarts"].as_u64() > Some(12_000));
    crate::interrupt::signal(&running, "INT");
    let said: Vec<_> = stderr.lines().map(Result::unwrap).collect();
    assert_eq!(code(running), Some(130));
    let missing = "lines are missing here, as nobody took them in time";
    assert!(said.iter().any(|line| line.contains(missing)));
}

#[test]
fn what_a_guest_prints_waits_for_its_reader_whole_and_holds_no_other_guest() {
    let machine = Machine::with_one_worker();
    let lines = 50_000;
    let printing = format!(
        r#"
        [processes.printing]
        component = "scenarios"
        args = {{ scenario = "stdout-lines", arg = "{lines}" }}
        stdio = "inherit"
        "#
    );
    let manifest = machine.manifest("app", &format!("{ONE}{printing}"));
    let mut command = machine.prepare(&manifest, &[]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let stderr = started(&mut child);
    let stderr = std::thread::spawn(|| stderr.lines().map(Result::unwrap).collect::<Vec<_>>());
    let stdout = child.stdout.take().unwrap();
    let running = Running(child);
    // It has printed what there is room for, and waits.
    let last = || {
        let entries = machine.says(&["logs", "printing"]);
        entries.lines().last().map(str::to_owned)
    };
    until(|| {
        let before = last();
        std::thread::sleep(Duration::from_millis(300));
        before.is_some() && last() == before
    });
    assert_eq!(machine.says(&["stop", "one"]), "one stopped\n");
    assert_eq!(state(&machine, "printing"), "\"running\"");
    let all = BufReader::new(stdout).lines().map(Result::unwrap);
    let all: Vec<_> = all.collect();
    assert_eq!(code(running), Some(0));
    assert_eq!(all.len(), lines + 1);
    for (number, line) in all.iter().take(lines).enumerate() {
        assert_eq!(*line, format!("line {} on stdout", number + 1));
    }
    assert_eq!(all[lines], "no line end");
    let stderr = stderr.join().unwrap();
    let on_stderr = stderr.iter().filter(|line| line.ends_with(" on stderr"));
    assert_eq!(on_stderr.count(), lines);
}

/// `weft run` of a guest that prints, with this stdout.
fn print(lines: u32, stdout: Stdio) -> Running {
    let invoke = format!("run(\"stdout-lines\", \"{lines}\")");
    let child = Command::new(env!("CARGO_BIN_EXE_weft"))
        .arg("run")
        .arg(guest("scenarios.wasm"))
        .args(["--invoke", &invoke])
        .env("WEFT_CACHE", target().join("tmp/cache"))
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn();
    Running(child.unwrap())
}

fn stderr(running: &mut Running) -> String {
    let mut said = String::new();
    let stderr = running.0.stderr.as_mut().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    said
}

#[test]
fn a_reader_that_goes_away_ends_the_guest_and_the_command() {
    let mut running = print(1_000_000, Stdio::piped());
    let mut stdout = BufReader::new(running.0.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "line 1 on stdout\n");
    drop(stdout);
    stderr(&mut running);
    assert!(code(running).is_some_and(|code| code != 0));
}

#[test]
fn what_a_guest_printed_and_could_not_be_written_is_a_failure() {
    let full = std::fs::File::options().write(true).open("/dev/full");
    let mut running = print(1, full.unwrap().into());
    let said = stderr(&mut running);
    assert!(said.contains("error: cannot write to stdout: "), "{said}");
    assert!(code(running).is_some_and(|code| code != 0));
}

#[test]
fn on_a_terminal_a_line_in_two_parts_stays_one_and_lines_move_before_and_after() {
    let machine = Machine::new();
    let text = r#"
        [channels.moving]
        [processes.two]
        component = "scenarios"
        args = { scenario = "line-in-two", arg = "1000" }
        stdio = "inherit"
        [processes.last]
        component = "scenarios"
        args = { scenario = "sleep", arg = "2000" }
    "#;
    let manifest = machine.manifest("app", text);
    let weft = format!(
        "'{}' up '{}'",
        env!("CARGO_BIN_EXE_weft"),
        manifest.display()
    );
    // `script` gives the command a terminal of its own.
    let output = Command::new("script")
        .args(["-qec", &weft, "/dev/null"])
        .env("WEFT_CACHE", target().join("tmp/cache"))
        .env("TERM", "xterm")
        .output()
        .expect("script runs");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{shown:?}");
    let (before, after) = shown
        .split_once("working... done")
        .unwrap_or_else(|| panic!("{shown:?}"));
    for part in [before, after] {
        assert!(part.contains("moving "), "{shown:?}");
    }
}
