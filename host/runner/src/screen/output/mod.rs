//! Everything the command writes to stdout and stderr, on threads that do nothing else.
//!
//! ```text
//! queue   the bounded queue of what is to be written
//! writer  the thread that writes it
//! begun   the unfinished line of a guest on a terminal
//! moving  the status lines at the bottom of a terminal
//! reader  whether anybody reads stdout
//! sink    the command's stdout and stderr, for guests to write to
//! stream  its stdout as a stream of bytes, for a sink of a manifest
//! ```
//!
//! A paused terminal, or a pipe that nobody reads, blocks every thread that writes to it. So only a writer thread does.
//! Stdout and stderr have one each, unless both are the same file: then one thread writes both, and their order is
//! kept.
//!
//! The full screen of `weft top` does not go through here, and neither does the output of commands that run no guests.
//!
//! Invariants:
//! - No thread that guests run on waits for a terminal or a pipe, and neither does the thread that serves the control
//!   socket.
//! - Messages about a run are dropped when too many are waiting. Their number is reported as soon as possible. Entries
//!   of logs wait for their turn instead, separately for each process, and are lost and counted there: no process can
//!   crowd out the entries of another.
//! - A result is never lost, and neither is what guests write to the command's own streams.
//! - Messages are written in the order they were made.

mod begun;
mod moving;
mod queue;
pub(crate) mod reader;
mod sink;
mod stream;
mod writer;

pub(crate) use moving::Line;
pub(crate) use queue::Permit;
pub(crate) use sink::sink;
pub(crate) use stream::{ReaderGone, stdout};

use super::say;
use crate::outcome;
use queue::{Change, Item, Queue};
use rustix::stdio::{dup2_stderr, dup2_stdout};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use writer::Writer;

/// One of the command's streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

impl Stream {
    /// Both streams with their names.
    const NAMES: [(Self, &'static str); 2] = [(Self::Stdout, "stdout"), (Self::Stderr, "stderr")];
}

/// The queues of the command's streams, for as long as it runs.
struct Output {
    stdout: Arc<Queue>,
    /// The same queue if both streams are one file.
    stderr: Arc<Queue>,
}

static OUTPUT: OnceLock<Output> = OnceLock::new();

fn output() -> &'static Output {
    OUTPUT.get_or_init(|| match are_one_file() {
        true => {
            let both = Writer::start(&[Stream::Stdout, Stream::Stderr]);
            Output {
                stdout: both.clone(),
                stderr: both,
            }
        }
        false => Output {
            stdout: Writer::start(&[Stream::Stdout]),
            stderr: Writer::start(&[Stream::Stderr]),
        },
    })
}

fn queue(stream: Stream) -> &'static Arc<Queue> {
    match stream {
        Stream::Stdout => &output().stdout,
        Stream::Stderr => &output().stderr,
    }
}

/// Whether the output to both streams ends up in the same file.
fn are_one_file() -> bool {
    let identity = |stream: std::os::fd::BorrowedFd<'_>| {
        let found = rustix::fs::fstat(stream).ok()?;
        Some((found.st_dev, found.st_ino))
    };
    let (stdout, stderr) = (io::stdout(), io::stderr());
    let stdout = identity(stdout.as_fd());
    stdout.is_some() && stdout == identity(stderr.as_fd())
}

/// Queues a line for stderr without waiting. The command's messages come here through [`say`].
pub(crate) fn note(text: &str) {
    output().stderr.note(text);
}

/// Waits for a place for a batch of log entries.
pub(crate) async fn permit() -> Permit {
    output().stderr.permit().await
}

/// Takes a place without waiting; none while all are taken.
pub(crate) fn free_permit() -> Option<Permit> {
    output().stderr.free_permit()
}

/// Queues a batch of log entries for stderr.
pub(crate) fn entries(text: String, permit: Permit) {
    output().stderr.push(Item::Entries(text, permit));
}

/// Writes a result, and waits until it is written.
///
/// # Errors
/// The system's error.
pub(crate) fn result(stream: Stream, text: impl Into<Vec<u8>>) -> io::Result<()> {
    queue(stream).result(stream, text.into())
}

/// Dropping this removes the status line from the bottom of the terminal.
pub(crate) struct Shown(u64);

/// Shows a status line, if stderr is a terminal.
pub(crate) fn show(line: Line) -> Shown {
    static IDS: AtomicU64 = AtomicU64::new(0);
    let id = IDS.fetch_add(1, Ordering::Relaxed);
    output().stderr.push(Item::Moving(Change::Show(id, line)));
    Shown(id)
}

impl Drop for Shown {
    fn drop(&mut self) {
        output().stderr.push(Item::Moving(Change::Hide(self.0)));
    }
}

/// Turns both streams to a file, behind everything that was queued. Then nobody waits for the terminal or pipe that they
/// led to.
///
/// # Errors
/// The system's error.
pub(crate) fn turn(file: &File) -> io::Result<()> {
    settle();
    for queue in [&output().stdout, &output().stderr] {
        queue.push(Item::Turn(file.try_clone()?));
    }
    // What does not go through the writers, such as a panic.
    dup2_stdout(file)?;
    dup2_stderr(file)?;
    settle();
    Ok(())
}

/// Waits until everything that was queued for stderr is written, so that the next messages are not dropped. For the end
/// of a command, when no guest runs any more.
pub(crate) fn settle() {
    let _ = output().stderr.result(Stream::Stderr, Vec::new());
}

/// Waits until everything is written, and returns the exit code. That is `code`, unless it means success and the output
/// of guests could not be written.
pub(crate) fn finish(code: u8) -> u8 {
    if OUTPUT.get().is_none() {
        return code;
    }
    let mut code = code;
    for (stream, name) in Stream::NAMES {
        let _ = queue(stream).result(stream, Vec::new());
        let broken = queue(stream).broken(stream);
        // A reader that went away has seen enough, as `head` has.
        let broken = broken.filter(|error| error.kind() != ErrorKind::BrokenPipe);
        if let Some(error) = broken {
            say::error(&format!("cannot write to {name}: {error}"));
            code = code.max(outcome::FAILED);
        }
    }
    settle();
    code
}
