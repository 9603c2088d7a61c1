//! stdout and stderr of a process: every line becomes a log entry, and the bytes
//! also go to the embedder's sink if it gave one.
//!
//! A Rust panic without the SDK is seen here too, by the two lines the standard
//! library prints for it.

use super::entry::Severity;
use super::sink::ProcessLog;
use crate::process::OutputSink;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

/// Bytes of a line after which it is cut in two, so that a guest that never
/// ends a line cannot make the host grow.
const MAX_LINE: usize = 16 << 10;

/// Bytes a guest may write between two checks.
const WRITE_PERMIT: usize = 64 << 10;

/// One of the two output streams of a process.
#[derive(Clone)]
pub(crate) struct LineStream {
    shared: Arc<Shared>,
}

struct Shared {
    log: Arc<ProcessLog>,
    severity: Severity,
    scope: &'static str,
    sink: Option<Arc<dyn OutputSink>>,
    partial: Mutex<Partial>,
}

#[derive(Default)]
struct Partial {
    line: Vec<u8>,
    /// Where a panic happened, once its first line was seen.
    panic_at: Option<String>,
}

impl LineStream {
    pub(crate) fn stdout(log: Arc<ProcessLog>, sink: Option<Arc<dyn OutputSink>>) -> Self {
        Self::new(log, Severity::Info, "stdout", sink)
    }

    pub(crate) fn stderr(log: Arc<ProcessLog>, sink: Option<Arc<dyn OutputSink>>) -> Self {
        Self::new(log, Severity::Warn, "stderr", sink)
    }

    fn new(
        log: Arc<ProcessLog>,
        severity: Severity,
        scope: &'static str,
        sink: Option<Arc<dyn OutputSink>>,
    ) -> Self {
        let partial = Mutex::default();
        Self {
            shared: Arc::new(Shared {
                log,
                severity,
                scope,
                sink,
                partial,
            }),
        }
    }

    /// Logs what has no line end yet. Called at the end of the process.
    pub(crate) fn finish(&self) {
        let mut partial = self
            .shared
            .partial
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !partial.line.is_empty() {
            self.shared.end_line(&mut partial);
        }
    }

    fn take(&self, bytes: &[u8]) -> io::Result<()> {
        let shared = &self.shared;
        if let Some(sink) = &shared.sink {
            sink.write(bytes)?;
        }
        let mut partial = shared
            .partial
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ended) = match chunk.split_last() {
                Some((b'\n', text)) => (text, true),
                _ => (chunk, false),
            };
            for piece in text.chunks(MAX_LINE) {
                if partial.line.len() + piece.len() > MAX_LINE {
                    shared.end_line(&mut partial);
                }
                partial.line.extend_from_slice(piece);
            }
            if ended {
                shared.end_line(&mut partial);
            }
        }
        Ok(())
    }
}

impl Shared {
    fn end_line(&self, partial: &mut Partial) {
        let line = String::from_utf8_lossy(&partial.line)
            .trim_end_matches('\r')
            .to_owned();
        partial.line.clear();
        if let Some(at) = partial.panic_at.take() {
            self.log.note_panic(&format!("{line} ({at})"));
        } else if line.starts_with("thread '")
            && let Some((_, at)) = line.split_once(" panicked at ")
        {
            partial.panic_at = Some(at.trim_end_matches(':').to_owned());
        }
        // What Rust's allocator says before it aborts.
        if line.starts_with("memory allocation of ") && line.ends_with(" bytes failed") {
            self.log.note_allocation_failed();
        }
        if !line.is_empty() {
            self.log
                .write(self.severity, self.scope, line, BTreeMap::new());
        }
    }
}

impl IsTerminal for LineStream {
    fn is_terminal(&self) -> bool {
        self.shared
            .sink
            .as_ref()
            .is_some_and(|sink| sink.is_terminal())
    }
}

impl StdoutStream for LineStream {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl AsyncWrite for LineStream {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.take(bytes).map(|()| bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl OutputStream for LineStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.take(&bytes).map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => StreamError::Closed,
            _ => StreamError::LastOperationFailed(error.into()),
        })
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_PERMIT)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for LineStream {
    async fn ready(&mut self) {}
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn entries(log: &ProcessLog) -> Vec<String> {
        let reader = log.channel().weak_reader();
        let mut bodies = Vec::new();
        while let Ok(Some(frame)) = reader.try_read() {
            let entry: crate::LogEntry = serde_json::from_slice(&frame.payload).unwrap();
            bodies.push(entry.body);
        }
        bodies
    }

    fn stream() -> (Arc<ProcessLog>, LineStream) {
        let log = Arc::new(ProcessLog::new("p", 1, 1 << 20, 1 << 20).unwrap());
        (log.clone(), LineStream::stderr(log, None))
    }

    #[test]
    fn lines_become_entries_whatever_the_writes_cut_them_into() {
        let (log, stream) = stream();
        for part in ["one\ntw", "o\r\n\n", "three"] {
            stream.take(part.as_bytes()).unwrap();
        }
        stream.finish();
        assert_eq!(entries(&log), ["one", "two", "three"]);
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let (log, stream) = stream();
        stream.take(&vec![b'x'; 2 * MAX_LINE + 10]).unwrap();
        stream.finish();
        let lengths: Vec<usize> = entries(&log).iter().map(String::len).collect();
        assert_eq!(lengths, [MAX_LINE, MAX_LINE, 10]);
    }

    #[test]
    fn the_standard_library_s_panic_is_recognised() {
        let (log, stream) = stream();
        stream
            .take(b"\nthread 'main' (1) panicked at src/main.rs:3:5:\nboom\nnote: x\n")
            .unwrap();
        assert_eq!(log.panic_message().unwrap(), "boom (src/main.rs:3:5)");
    }
}
