//! What an embedder connects to a process's standard streams.

use super::backlog::Room;
use bytes::Bytes;
use std::io;
use std::sync::Arc;
use tokio::io::AsyncRead;

/// Receives the bytes a process writes to stdout or stderr, in the process's order.
pub trait OutputSink: Send + Sync {
    /// Takes all the bytes, to write them now or later.
    ///
    /// Called on a thread that processes run on, so it must not block. A sink that cannot write at once keeps the bytes with their
    /// `room` and drops that when they are written: once 64 KiB are on the way the process waits, without holding a thread.
    ///
    /// # Errors
    /// An error closes the stream for the process, as a broken pipe does. It may be about bytes that were taken before.
    fn write(&self, bytes: Bytes, room: Room) -> io::Result<()>;

    /// What the process is told when it asks whether the stream is a terminal.
    fn is_terminal(&self) -> bool {
        false
    }
}

/// Gives a process the bytes it reads from stdin. A closure that makes a reader is one.
pub trait InputSource: Send + Sync {
    /// Makes the reader of one process, which ends where stdin ends. A process that is started again gets another one.
    ///
    /// Up to some KiB are read ahead of the process; they are gone with it. A reader that fails closes stdin with that error.
    fn open(&self) -> Box<dyn AsyncRead + Send + Sync>;
}

impl<F, R> InputSource for F
where
    F: Fn() -> R + Send + Sync,
    R: AsyncRead + Send + Sync + 'static,
{
    fn open(&self) -> Box<dyn AsyncRead + Send + Sync> {
        Box::new(self())
    }
}

/// What a process reads from stdin.
#[derive(Clone, Default)]
pub enum Stdin {
    /// Nothing: it is at its end.
    #[default]
    Closed,
    /// The embedding program's own stdin.
    Inherit,
    /// What the embedding program feeds it.
    Source(Arc<dyn InputSource>),
}

impl std::fmt::Debug for Stdin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Closed => "Closed",
            Self::Inherit => "Inherit",
            Self::Source(_) => "Source",
        })
    }
}

/// The standard streams of a process. Lines on stdout and stderr become log
/// entries in any case.
#[derive(Clone, Default)]
pub struct Stdio {
    /// Where stdin comes from.
    pub stdin: Stdin,
    /// Where the bytes of stdout go besides the log.
    pub stdout: Option<Arc<dyn OutputSink>>,
    /// Where the bytes of stderr go besides the log.
    pub stderr: Option<Arc<dyn OutputSink>>,
}

impl std::fmt::Debug for Stdio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stdio")
            .field("stdin", &self.stdin)
            .field("stdout", &self.stdout.is_some())
            .field("stderr", &self.stderr.is_some())
            .finish()
    }
}
