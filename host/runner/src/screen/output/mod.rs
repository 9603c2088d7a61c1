//! All that the command writes to stdout and stderr, by threads that do nothing else.
//!
//! ```text
//! queue   what is still to be written, bounded
//! writer  the thread that writes it
//! begun   the line on a terminal that a guest has not ended
//! moving  the lines at the foot of a terminal that move
//! reader  whether anybody reads what is written
//! sink    the command's stdout and stderr as those of a guest
//! ```
//!
//! A terminal that is paused and a pipe that nobody reads hold whoever writes to them. So nobody does but a writer. Each of stdout and stderr
//! has its own, unless both are one file: then one writes both, and their order stays.
//!
//! It is not the full screen of `weft top`, and not what a command prints that runs no guests.
//!
//! Invariants:
//! - No thread that guests run on waits for a terminal or a pipe, and neither does what serves the control socket.
//! - What is said of a run is dropped when too much waits already; how much is said once it can be. Entries of logs wait for their turn
//!   instead, of each process apart, and are lost and counted there: no process floods the entries of another away.
//! - Nothing is lost of a result, and of what guests write to the command's own streams.
//! - What is said first is written first.

mod begun;
mod moving;
mod queue;
pub(crate) mod reader;
mod sink;
mod writer;

pub(crate) use moving::Line;
pub(crate) use queue::Place;
pub(crate) use sink::sink;

use super::say;
use crate::outcome;
use queue::{Change, Item, Queue};
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
    /// The two, as they are called.
    const NAMES: [(Self, &'static str); 2] = [(Self::Stdout, "stdout"), (Self::Stderr, "stderr")];
}

/// The command's streams, for as long as it runs.
struct Output {
    stdout: Arc<Queue>,
    /// The same where both are one file.
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

/// Whether what is written to one of the two appears among what is written to the other.
fn are_one_file() -> bool {
    let identity = |stream: std::os::fd::BorrowedFd<'_>| {
        let found = rustix::fs::fstat(stream).ok()?;
        Some((found.st_dev, found.st_ino))
    };
    let (stdout, stderr) = (io::stdout(), io::stderr());
    let stdout = identity(stdout.as_fd());
    stdout.is_some() && stdout == identity(stderr.as_fd())
}

/// Writes a line to stderr, without waiting. What the command says comes here by way of [`say`].
pub(crate) fn note(text: &str) {
    output().stderr.note(text);
}

/// Waits until entries of a log can be written.
pub(crate) async fn place() -> Place {
    output().stderr.place().await
}

/// The same without waiting: none while others wait.
pub(crate) fn free_place() -> Option<Place> {
    output().stderr.free_place()
}

/// Writes entries of a log to stderr.
pub(crate) fn entries(text: String, place: Place) {
    output().stderr.push(Item::Entries(text, place));
}

/// Writes a result, and waits for that.
///
/// # Errors
/// What the system says.
pub(crate) fn result(stream: Stream, text: &str) -> io::Result<()> {
    queue(stream).result(stream, text.as_bytes())
}

/// A line at the foot of the terminal that moves for as long as this is held.
pub(crate) struct Shown(u64);

/// Shows a line that moves. Where stderr is no terminal nothing is shown.
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

/// Waits until all is written that was said on stderr, so that what is said next is not left out. For the end of a command, when no
/// guest runs any more.
pub(crate) fn settle() {
    let _ = output().stderr.result(Stream::Stderr, &[]);
}

/// Waits until all is written that was said, and returns the exit code: that of the command, unless it is none of failure and
/// what guests wrote could not be written.
pub(crate) fn finish(code: u8) -> u8 {
    if OUTPUT.get().is_none() {
        return code;
    }
    let mut code = code;
    for (stream, name) in Stream::NAMES {
        let _ = queue(stream).result(stream, &[]);
        let broken = queue(stream).broken(stream);
        // Whoever read it has enough, as `head` has.
        let broken = broken.filter(|error| error.kind() != ErrorKind::BrokenPipe);
        if let Some(error) = broken {
            say::error(&format!("cannot write to {name}: {error}"));
            code = code.max(outcome::FAILED);
        }
    }
    settle();
    code
}
