//! `weft top`, on a terminal of its own and without one.

use crate::control::{Machine, line};
use crate::support::{guest_of, repository, target};
use crate::weft::weft;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// What takes a terminal over, and what gives it back.
const TAKES: &str = "\u{1b}[?1049h";
const GIVES: &str = "\u{1b}[?1049l";

/// A `weft up` that runs until it is dropped.
struct Runner {
    folder: TempDir,
    child: Child,
}

impl Drop for Runner {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Runner {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let closed = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(folder.path(), closed).unwrap();
        let text = format!(
            "[components]\nguest = {:?}\n[channels.news]\n[processes.waits-here]\ncomponent = \"guest\"\n\
             args = {{ scenario = \"wait-stop\", arg = \"\" }}\n",
            guest_of("scenarios").display().to_string()
        );
        std::fs::write(folder.path().join("shown.toml"), text).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_weft"))
            .current_dir(folder.path())
            .args(["up", "shown.toml"])
            .env("XDG_RUNTIME_DIR", folder.path())
            .env("WEFT_CACHE", target().join("tmp/cache"))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("started 1 process")));
        // Read on, so that it never waits.
        std::thread::spawn(move || lines.for_each(drop));
        Self { folder, child }
    }

    fn runtime(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Draws it until this happens, and returns the code, all that was drawn, and asserts that the terminal is as it was.
    fn watched(&self, action: &str) -> (i64, String) {
        let output = Command::new("python3")
            .arg(repository().join("tests/command/terminal.py"))
            .args(["waits-here", action, &self.child.id().to_string()])
            .args([env!("CARGO_BIN_EXE_weft"), "top", "--interval", "100ms"])
            .env("XDG_RUNTIME_DIR", self.runtime())
            .env("TERM", "xterm")
            .output()
            .expect("python3 runs");
        let said = String::from_utf8_lossy(&output.stderr);
        let left: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
        let drawn = left["output"].as_str().unwrap().to_owned();
        assert_eq!(left["restored"], true, "{action}: {drawn:?}");
        let (taken, given) = (drawn.rfind(TAKES), drawn.rfind(GIVES));
        assert!(taken.is_some() && taken < given, "{action}: {drawn:?}");
        assert!(drawn.contains("waits-here"), "{action}: {drawn:?}");
        (left["code"].as_i64().unwrap(), drawn)
    }
}

#[test]
fn keys_signals_and_other_sizes_leave_the_terminal_as_it_was() {
    let runner = Runner::start();
    assert_eq!(runner.watched("q").0, 0);
    assert_eq!(runner.watched("^C").0, 0);
    assert_eq!(runner.watched("resize").0, 0);
    assert_eq!(runner.watched("TERM").0, 143);
}

#[test]
fn a_runner_that_ends_is_told_of_on_the_whole_screen() {
    let runner = Runner::start();
    let (code, drawn) = runner.watched("kill");
    assert_eq!(code, 0, "{drawn:?}");
    let (_, after) = drawn.rsplit_once(GIVES).unwrap();
    let wanted = format!("shown ({}) is gone: ", runner.child.id());
    assert!(after.contains(&wanted), "{after:?}");
}

#[test]
fn a_client_that_asks_once_gets_the_numbers_at_its_interval_and_the_events_between_them() {
    let machine = Machine::new();
    let text = "[processes.waits-here]\ncomponent = \"scenarios\"\nargs = { scenario = \"wait-stop\", arg = \"\" }\n";
    let up = machine.up(&machine.manifest("app", text), &[]);
    let mut stream = UnixStream::connect(&machine.sockets()[0]).unwrap();
    let request = line(r#"{"watch":{"numbers_ms":60}}"#);
    stream.write_all(request.as_bytes()).unwrap();
    let mut lines = BufReader::new(stream)
        .lines()
        .map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let first = lines.next().unwrap();
    let mut taken = first["snapshot"]["taken"].as_u64().unwrap();
    for _ in 0..3 {
        let event = lines.next().unwrap();
        let numbers = &event["event"]["numbers"];
        assert_eq!(numbers["processes"][0]["name"], "waits-here", "{event}");
        let now = numbers["taken"].as_u64().unwrap();
        assert!(now > taken, "{now} {taken}");
        taken = now;
    }
    machine.says(&["stop", "waits-here"]);
    let after: Vec<_> = lines.map(|line| line.to_string()).collect();
    let ended = |line: &String| line.contains(r#""state":{"ended""#);
    assert!(after.iter().any(ended), "{after:?}");
    assert_eq!(after.last().unwrap(), "\"done\"");
    assert_eq!(up.wait().0, Some(0));
}

#[test]
fn without_a_terminal_it_names_the_commands_for_that_and_prints_one_frame_when_asked() {
    let runner = Runner::start();
    let top = || weft().arg("top").env("XDG_RUNTIME_DIR", runner.runtime());
    top().assert().code(2).stdout_eq("").stderr_eq(
        "error: stdout is no terminal to draw on; `weft ps` and `weft channels` print lists, `weft top --once` what it would draw\n",
    );
    top()
        .args(["--once", "--interval", "100ms"])
        .assert()
        .success()
        .stdout_eq(snapbox::str![[r#"
shown ([..])  up [..]s  1 process  1 channel  every 100ms
  ID  NAME        CPU%   TIME   MEMORY  HANDLES  RESTARTS  STATE
   1  waits-here   [..]  [..]s  [..]       [..]         0  running

  NAME  MAKER  FRAMES/S  BYTES/S  DEPTH  HELD   CAPACITY  LAG  DROPS
  news  -             0      0 B      0   0 B  256.0 KiB    0      0

"#]]);
    top()
        .args(["--once", "--interval", "1ms"])
        .assert()
        .code(2)
        .stderr_eq("error: --interval 1ms: it is between 100ms and 1h\n");
}

#[test]
fn without_a_runner_it_says_how_to_start_one() {
    let folder = tempfile::tempdir().unwrap();
    let closed = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(folder.path(), closed).unwrap();
    weft()
        .args(["top", "--once"])
        .env("XDG_RUNTIME_DIR", folder.path())
        .assert()
        .code(2)
        .stderr_eq("error: no runner is running: [..]; start one with `weft up MANIFEST`\n");
}
