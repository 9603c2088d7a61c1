//! `weft up` with channels that a NATS server keeps.

mod again;
mod apart;
mod away;
mod machines;
mod refused;
mod shown;

use crate::control::{Machine, Up};
use crate::support::nats::Nats;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(future)
}

/// A server of a test's own.
fn server() -> Nats {
    block_on(Nats::start())
}

/// A `weft up` whose stdin and stdout are in the hands of a test.
struct Pipe {
    up: Option<Up>,
    stdin: Option<std::process::ChildStdin>,
    lines: Receiver<String>,
}

impl Pipe {
    /// Runs a manifest in a folder of this name.
    fn of(machine: &Machine, name: &str, text: &str) -> Self {
        Self::of_file(machine, &machine.manifest(name, text))
    }

    fn of_file(machine: &Machine, manifest: &Path) -> Self {
        let mut command = machine.prepare(manifest, &["--control", "off"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines() {
                let _ = tell.send(line.unwrap());
            }
        });
        Self {
            up: Some(Up::of(child)),
            stdin,
            lines,
        }
    }

    /// Writes a line to its stdin.
    fn says(&mut self, line: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// The next line of its stdout.
    fn line(&self) -> String {
        self.lines.recv_timeout(crate::support::HUNG).unwrap()
    }

    /// Closes its stdin and waits for its end. Returns its exit code, the rest of its stdout, and what it said.
    fn ends(mut self) -> (Option<i32>, Vec<String>, String) {
        drop(self.stdin.take());
        let (code, said) = self.up.take().unwrap().wait();
        (code, self.lines.iter().collect(), said)
    }

    /// Ends it as a machine would that fails.
    fn kill(mut self) {
        let up = self.up.take().unwrap();
        let kill = format!("kill -s KILL {}", up.pid());
        let sent = std::process::Command::new("sh")
            .args(["-c", &kill])
            .status();
        assert!(sent.unwrap().success());
        up.wait();
    }
}

/// Lines of stdin into `orders`.
fn writing(nats: &Nats, more: &str) -> String {
    let address = nats.address();
    format!("[channels.orders]\nengine = {address:?}\nfrom = \"stdin\"\n{more}")
}

/// `orders` to stdout.
fn reading(nats: &Nats, more: &str) -> String {
    let address = nats.address();
    format!("[channels.orders]\nengine = {address:?}\nto = \"stdout\"\n{more}")
}
