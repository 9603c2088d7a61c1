//! Ctrl-C: what runs is asked to stop, then killed; the command always ends.

use crate::support::{HUNG, guest, target};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A command that runs. No test lets go of it before it has ended.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            let _ = self.0.kill();
            let _ = self.0.wait();
            assert!(std::thread::panicking(), "the command still runs");
        }
    }
}

pub fn start(args: &[&str]) -> Running {
    let child = Command::new(env!("CARGO_BIN_EXE_weft"))
        .env("WEFT_CACHE", target().join("tmp/cache"))
        .env("NO_COLOR", "1")
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    Running(child)
}

pub fn signal(running: &Running, name: &str) {
    // The shell's own: a small machine has no other.
    let kill = format!("kill -s {name} {}", running.0.id());
    let status = Command::new("sh").args(["-c", &kill]).status().unwrap();
    assert!(status.success());
}

/// Waits for the end and returns the exit code; a command that hangs is killed and fails.
pub fn code(mut running: Running) -> Option<i32> {
    let since = Instant::now();
    loop {
        if let Some(status) = running.0.try_wait().unwrap() {
            return status.code();
        }
        assert!(since.elapsed() < HUNG, "the command hangs");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn manifest(folder: &std::path::Path, scenario: &str) -> String {
    let file = folder.join("weft.toml");
    let text = format!(
        "[components]\ns = {:?}\n\
         [processes.one]\ncomponent = \"s\"\nargs = {{ scenario = {scenario:?}, arg = \"\" }}\n\
         [processes.two]\ncomponent = \"s\"\nargs = {{ scenario = {scenario:?}, arg = \"\" }}\n",
        guest("scenarios.wasm").display().to_string()
    );
    std::fs::write(&file, text).unwrap();
    file.display().to_string()
}

/// Starts a manifest, signals it once its processes run, and returns stderr and code.
fn interrupted(scenario: &str, name: &str, grace: &str) -> (String, Option<i32>) {
    let folder = tempfile::tempdir().unwrap();
    let file = manifest(folder.path(), scenario);
    let mut child = start(&["up", &file, "--grace", grace]);
    let mut lines = BufReader::new(child.0.stderr.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let mut seen = String::new();
    for line in lines.by_ref() {
        seen.push_str(&line);
        seen.push('\n');
        if line.contains("started 2 processes") {
            break;
        }
    }
    signal(&child, name);
    let rest = std::thread::spawn(move || lines.collect::<Vec<_>>().join("\n"));
    let code = code(child);
    (seen + &rest.join().unwrap(), code)
}

#[test]
fn processes_that_heed_it_are_stopped_in_order() {
    let (stderr, code) = interrupted("wait-stop", "INT", "60s");
    assert_eq!(code, Some(130), "{stderr}");
    let place = |text: &str| {
        stderr
            .find(text)
            .unwrap_or_else(|| panic!("{text}: {stderr}"))
    };
    assert!(place("stopping") < place("one stopped"));
    assert!(place("one stopped") < place("two stopped"));
}

#[test]
fn processes_that_do_not_are_killed_after_their_grace() {
    for scenario in ["spin", "ignore-stop"] {
        let (stderr, code) = interrupted(scenario, "TERM", "100ms");
        assert_eq!(code, Some(143), "{stderr}");
        assert!(
            stderr.contains("one killed") && stderr.contains("two killed"),
            "{stderr}"
        );
    }
}

#[test]
fn a_spinning_guest_cannot_hold_weft_run() {
    let file = guest("scenarios.wasm").display().to_string();
    let invoke = "run(\"spin\", \"spinning\")";
    let mut child = start(&["run", &file, "--invoke", invoke, "--grace", "50ms"]);
    let stderr = BufReader::new(child.0.stderr.take().unwrap());
    let said = stderr
        .lines()
        .map(Result::unwrap)
        .find(|line| line == "spinning");
    assert!(said.is_some(), "it never ran");
    // From here on nobody reads stderr, which must not matter either.
    signal(&child, "INT");
    assert_eq!(code(child), Some(130));
}

#[test]
fn output_that_nobody_reads_cannot_hold_weft_run() {
    let file = guest("wasi03_command.wasm").display().to_string();
    let child = Command::new(env!("CARGO_BIN_EXE_weft"))
        .env("WEFT_CACHE", target().join("tmp/cache"))
        .args(["run", &file, "--grace", "50ms"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut child = Running(child);
    // More than a pipe holds: the guest gives back what it reads, and nobody takes it.
    let mut stdin = child.0.stdin.take().unwrap();
    let feed = std::thread::spawn(move || {
        use std::io::Write;
        let _ = stdin.write_all(&vec![b'x'; 1 << 20]);
    });
    let mut first = [0];
    std::io::Read::read_exact(child.0.stdout.as_mut().unwrap(), &mut first).unwrap();
    signal(&child, "INT");
    assert_eq!(code(child), Some(130));
    feed.join().unwrap();
}

#[test]
fn a_grace_beyond_all_clocks_is_no_trouble() {
    let (stderr, code) = interrupted("wait-stop", "INT", "18446744073709551615s");
    assert_eq!(code, Some(130), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
}

fn leave_orphan(grace: &str) -> Running {
    let file = guest("scenarios.wasm").display().to_string();
    let invoke = "run(\"leave-orphan\", \"\")";
    let grant = ["--grant", "process-lifecycle", "--grace", grace];
    // The host then says when the parent has ended.
    let mut args = vec!["-vv", "run", &file, "--invoke", invoke];
    args.extend(grant);
    start(&args)
}

#[test]
fn children_end_with_the_command_after_their_grace() {
    assert_eq!(code(leave_orphan("50ms")), Some(0));
}

#[test]
fn a_signal_hurries_the_end_of_children() {
    let mut child = leave_orphan("1h");
    let mut stderr = BufReader::new(child.0.stderr.take().unwrap()).lines();
    assert!(stderr.any(|line| line.unwrap().contains("process ended process=1 ")));
    // The line comes a moment before the command knows of the end.
    std::thread::sleep(Duration::from_secs(1));
    signal(&child, "INT");
    assert_eq!(code(child), Some(130));
}

#[test]
fn a_terminal_that_is_closed_and_ctrl_backslash_stop_in_order_too() {
    for (name, wanted) in [("HUP", 129), ("QUIT", 131)] {
        let (stderr, code) = interrupted("wait-stop", name, "60s");
        assert_eq!(code, Some(wanted), "{stderr}");
        assert!(
            stderr.contains("one stopped") && stderr.contains("two stopped"),
            "{stderr}"
        );
    }
}

#[test]
fn what_was_ignored_at_the_start_stays_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let file = manifest(folder.path(), "wait-stop");
    // As `nohup` does it, and a shell for what it puts into the background.
    let child = Command::new("sh")
        .args([
            "-c",
            "trap '' HUP INT QUIT; exec \"$0\" up \"$1\" --grace 60s",
        ])
        .args([env!("CARGO_BIN_EXE_weft"), &file])
        .env("WEFT_CACHE", target().join("tmp/cache"))
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut child = Running(child);
    let mut lines = BufReader::new(child.0.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("started 2 processes")));
    for name in ["HUP", "INT", "QUIT", "TERM"] {
        signal(&child, name);
    }
    let rest = std::thread::spawn(move || lines.map(Result::unwrap).collect::<Vec<_>>());
    assert_eq!(code(child), Some(143));
    let rest = rest.join().unwrap();
    assert!(
        rest.iter().any(|line| line.contains("one stopped")),
        "{rest:?}"
    );
}
