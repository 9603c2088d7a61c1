//! The control socket of `weft up`, and the commands that use it.

mod hostile;
mod logs;
mod rows;
mod sockets;
mod stop;

use crate::interrupt::{Running, code, signal};
use crate::support::{HUNG, guest_of};
use crate::weft::weft;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Two processes that wait until they are asked to stop.
const TWO: &str = r#"
    [processes.one]
    component = "scenarios"
    args = { scenario = "wait-stop", arg = "" }
    [processes.two]
    component = "scenarios"
    args = { scenario = "wait-stop", arg = "" }
    restart = "always"
"#;

/// A user's machine: a folder for sockets that no other test sees.
struct Machine {
    runtime: TempDir,
}

/// A `weft up` that runs, with what it says on stderr.
struct Up {
    running: Running,
    stderr: JoinHandle<String>,
}

/// What a command printed, and its exit code.
struct Told {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Machine {
    fn new() -> Self {
        Self {
            runtime: tempfile::tempdir().unwrap(),
        }
    }

    /// Where sockets are.
    fn folder(&self) -> PathBuf {
        self.runtime.path().join("weft")
    }

    fn sockets(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder()).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// Writes a manifest in a folder of this name.
    fn manifest(&self, name: &str, text: &str) -> PathBuf {
        let folder = self.runtime.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let mut manifest = String::from("[components]\n");
        for component in ["scenarios", "flights-source", "parked", "supervised"] {
            let file = guest_of(component).display().to_string();
            manifest.push_str(&format!("{component} = {file:?}\n"));
        }
        let file = folder.join("weft.toml");
        std::fs::write(&file, manifest + text).unwrap();
        file
    }

    fn spawn(&self, manifest: &Path, args: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_weft"))
            .env("WEFT_CACHE", crate::support::target().join("tmp/cache"))
            .env("XDG_RUNTIME_DIR", self.runtime.path())
            .env("NO_COLOR", "1")
            .arg("up")
            .arg(manifest)
            .args(args)
            // Not part of the test's own, so that nobody else's signals reach it.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Runs a manifest until its processes have been started.
    fn up(&self, manifest: &Path, args: &[&str]) -> Up {
        let mut child = self.spawn(manifest, args);
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        while !said.contains("started ") {
            let line = lines.next().unwrap_or_else(|| panic!("it ended: {said}"));
            said.push_str(&line.unwrap());
            said.push('\n');
        }
        Up {
            running: Running(child),
            stderr: std::thread::spawn(move || {
                lines.for_each(|line| {
                    said.push_str(&line.unwrap());
                    said.push('\n');
                });
                said
            }),
        }
    }

    fn command(&self, args: &[&str]) -> snapbox::cmd::Command {
        weft()
            .env("XDG_RUNTIME_DIR", self.runtime.path())
            .args(args)
    }

    /// Runs a command to its end.
    fn weft(&self, args: &[&str]) -> Told {
        let output = self.command(args).output().unwrap();
        Told {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs a command that is to succeed, and returns what it printed.
    fn says(&self, args: &[&str]) -> String {
        let told = self.weft(args);
        assert_eq!(told.code, 0, "{args:?}: {}{}", told.stdout, told.stderr);
        told.stdout
    }

    /// Runs a command that is to fail as bad input, and returns what it says.
    fn refuses(&self, args: &[&str]) -> String {
        let told = self.weft(args);
        assert_eq!(told.code, 2, "{args:?}: {}{}", told.stdout, told.stderr);
        told.stderr
    }

    /// The processes or the channels, as JSON.
    fn json(&self, args: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.says(&[args, &["--json"]].concat())).unwrap()
    }
}

impl Up {
    fn pid(&self) -> u32 {
        self.running.0.id()
    }

    /// Interrupts it and returns what it said.
    fn interrupt(self) -> String {
        signal(&self.running, "INT");
        let ended = code(self.running);
        let stderr = self.stderr.join().unwrap();
        assert_eq!(ended, Some(130), "{stderr}");
        stderr
    }

    /// Waits for its end and returns its exit code and what it said.
    fn wait(self) -> (Option<i32>, String) {
        let ended = code(self.running);
        (ended, self.stderr.join().unwrap())
    }
}

/// Tries until it holds.
fn until(holds: impl Fn() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < HUNG, "it never holds");
        std::thread::sleep(Duration::from_millis(20));
    }
}
