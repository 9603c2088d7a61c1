//! What an embedder connects to a process's standard streams.

use super::backlog::Room;
use bytes::Bytes;
use std::io;
use std::sync::Arc;
use tokio::io::AsyncRead;

/// Receives the bytes that a process writes to stdout or stderr, in the order it writes them.
pub trait OutputSink: Send + Sync {
    /// Takes all the bytes, to write them now or later.
    ///
    /// Called on a thread that runs processes, so it must not block. A sink that cannot write at once keeps the bytes together
    /// with their `room`, and drops the room when they are written. Once 64 KiB are pending the process waits, without holding a
    /// thread.
    ///
    /// # Errors
    /// An error closes the stream for the process, like a broken pipe. It may concern bytes that were taken earlier.
    fn write(&self, bytes: Bytes, room: Room) -> io::Result<()>;

    /// The answer when the process asks whether the stream is a terminal.
    fn is_terminal(&self) -> bool {
        false
    }
}

/// Gives a process the bytes it reads from stdin. Implemented by any closure that makes a reader.
pub trait InputSource: Send + Sync {
    /// Makes the reader for one process. Stdin ends where the reader ends. A restarted process gets a new reader.
    ///
    /// Up to some KiB are read ahead of the process, and are lost when it ends. If the reader fails, stdin is closed with
    /// that error.
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
    /// Empty: at its end from the start.
    #[default]
    Closed,
    /// The embedding program's own stdin.
    Inherit,
    /// A reader that the embedding program provides.
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

/// The standard streams of a process. Lines on stdout and stderr always become log entries, connected or not.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Stdio {
    /// Where stdin comes from.
    pub stdin: Stdin,
    /// Where the bytes of stdout go besides the log.
    pub stdout: Option<Arc<dyn OutputSink>>,
    /// Where the bytes of stderr go besides the log.
    pub stderr: Option<Arc<dyn OutputSink>>,
}

impl Stdio {
    /// Sets where stdin comes from.
    #[must_use]
    pub fn stdin(mut self, stdin: Stdin) -> Self {
        self.stdin = stdin;
        self
    }

    /// Sets where the bytes of stdout go besides the log.
    #[must_use]
    pub fn stdout(mut self, sink: Option<Arc<dyn OutputSink>>) -> Self {
        self.stdout = sink;
        self
    }

    /// Sets where the bytes of stderr go besides the log.
    #[must_use]
    pub fn stderr(mut self, sink: Option<Arc<dyn OutputSink>>) -> Self {
        self.stderr = sink;
        self
    }
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
