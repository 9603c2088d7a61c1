//! The control socket of `weft up`, and the commands that use it.

mod background;
mod down;
mod events;
mod hostile;
mod logs;
mod peek;
mod restart;
mod rows;
mod sockets;
mod stop;
mod versions;

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
pub const TWO: &str = r#"
    [processes.one]
    component = "scenarios"
    args = { scenario = "wait-stop", arg = "" }
    [processes.two]
    component = "scenarios"
    args = { scenario = "wait-stop", arg = "" }
    restart = "always"
"#;

/// The line of a request.
pub fn line(request: &str) -> String {
    let version = weft_control::protocol::VERSION;
    format!("{{\"version\":{version},\"request\":{request}}}\n")
}

/// A user's machine: a folder for sockets that no other test sees.
pub struct Machine {
    runtime: TempDir,
    /// Threads that guests run on, where it matters.
    workers: Option<u32>,
}

/// A shell on it, in a folder.
pub struct Shell<'a> {
    machine: &'a Machine,
    folder: &'a Path,
}

impl Shell<'_> {
    /// Runs a command that is to succeed, and returns what it printed.
    pub fn says(&self, args: &[&str]) -> String {
        let command = self.machine.command(args).current_dir(self.folder);
        let assert = command.assert().success();
        String::from_utf8(assert.get_output().stdout.clone()).unwrap()
    }
}

/// A `weft up` that runs, with what it says on stderr.
pub struct Up {
    running: Running,
    /// Up to the start of its processes.
    pub head: String,
    stderr: JoinHandle<String>,
}

/// What a command printed, and its exit code.
pub struct Told {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Machine {
    pub fn new() -> Self {
        Self {
            runtime: tempfile::tempdir().unwrap(),
            workers: None,
        }
    }

    /// One whose guests share a thread.
    pub fn with_one_worker() -> Self {
        Self {
            workers: Some(1),
            ..Self::new()
        }
    }

    /// Where sockets are.
    pub fn folder(&self) -> PathBuf {
        self.runtime.path().join("weft")
    }

    pub fn sockets(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder()).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// Writes a manifest in a folder of this name.
    pub fn manifest(&self, name: &str, text: &str) -> PathBuf {
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
        self.prepare(manifest, args).spawn().unwrap()
    }

    /// A `weft up` whose stderr is a pipe.
    pub fn prepare(&self, manifest: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_weft"));
        command.envs(
            self.workers
                .map(|workers| ("TOKIO_WORKER_THREADS", workers.to_string())),
        );
        command
            .env("WEFT_CACHE", crate::support::target().join("tmp/cache"))
            .env("XDG_RUNTIME_DIR", self.runtime.path())
            .env("XDG_STATE_HOME", self.runtime.path().join("state"))
            .env("NO_COLOR", "1")
            .arg("up")
            .arg(manifest)
            .args(args)
            // Not part of the test's own, so that nobody else's signals reach it.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a manifest until its processes have been started.
    pub fn up(&self, manifest: &Path, args: &[&str]) -> Up {
        Up::of(self.spawn(manifest, args))
    }

    fn command(&self, args: &[&str]) -> snapbox::cmd::Command {
        weft()
            .env("XDG_RUNTIME_DIR", self.runtime.path())
            .env("XDG_STATE_HOME", self.runtime.path().join("state"))
            .args(args)
    }

    pub fn in_folder<'a>(&'a self, folder: &'a Path) -> Shell<'a> {
        Shell {
            machine: self,
            folder,
        }
    }

    /// Runs a command to its end.
    pub fn weft(&self, args: &[&str]) -> Told {
        let output = self.command(args).output().unwrap();
        Told {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs a command that is to succeed, and returns what it printed.
    pub fn says(&self, args: &[&str]) -> String {
        let told = self.weft(args);
        assert_eq!(told.code, 0, "{args:?}: {}{}", told.stdout, told.stderr);
        told.stdout
    }

    /// Runs a command that is to fail as bad input, and returns what it says.
    pub fn refuses(&self, args: &[&str]) -> String {
        let told = self.weft(args);
        assert_eq!(told.code, 2, "{args:?}: {}{}", told.stdout, told.stderr);
        told.stderr
    }

    /// The processes or the channels, as JSON.
    pub fn json(&self, args: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.says(&[args, &["--json"]].concat())).unwrap()
    }
}

impl Up {
    /// Waits until the processes of a `weft up` have been started.
    pub fn of(mut child: Child) -> Self {
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        while !said.contains("started ") {
            let line = lines.next().unwrap_or_else(|| panic!("it ended: {said}"));
            said.push_str(&line.unwrap());
            said.push('\n');
        }
        Self {
            running: Running(child),
            head: said.clone(),
            stderr: std::thread::spawn(move || {
                lines.for_each(|line| {
                    said.push_str(&line.unwrap());
                    said.push('\n');
                });
                said
            }),
        }
    }

    pub fn pid(&self) -> u32 {
        self.running.0.id()
    }

    /// Interrupts it and returns what it said.
    pub fn interrupt(self) -> String {
        signal(&self.running, "INT");
        let ended = code(self.running);
        let stderr = self.stderr.join().unwrap();
        assert_eq!(ended, Some(130), "{stderr}");
        stderr
    }

    /// Waits for its end and returns its exit code and what it said.
    pub fn wait(self) -> (Option<i32>, String) {
        let ended = code(self.running);
        (ended, self.stderr.join().unwrap())
    }
}

/// Tries until it holds.
pub fn until(holds: impl Fn() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < HUNG, "it never holds");
        std::thread::sleep(Duration::from_millis(20));
    }
}
