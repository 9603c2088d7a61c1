//! stdout and stderr of a process: every line becomes a log entry. The bytes also go to the embedder's sink, if it
//! gave one.
//!
//! Invariant: the log never makes a process wait. A slow sink does, and then the process holds no thread.
//!
//! A Rust panic without the SDK is detected here too, by the two lines that the standard library prints for it.
//! Other programs print such lines as well; the trap decides whether it was a panic.

use super::entry::Severity;
use super::line::{Ended, Line};
use super::outlet::TRUNCATED;
use super::scope::{STDERR, STDOUT};
use super::sink::ProcessLog;
use crate::process::{Backlog, OutputSink, PERMIT, Waiting};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

/// Bytes that a guest may write between two checks of a stream without a sink.
const LOG_PERMIT: usize = 64 << 10;

/// One of the two output streams of a process.
#[derive(Clone)]
pub(crate) struct LineStream {
    shared: Arc<LineState>,
}

struct LineState {
    log: Arc<ProcessLog>,
    severity: Severity,
    scope: &'static str,
    sink: Option<Arc<dyn OutputSink>>,
    /// Bytes that the sink has not written yet.
    backlog: Arc<Backlog>,
    partial: Mutex<Partial>,
}

/// A guest's handle to a stream.
struct Handle {
    shared: Arc<LineState>,
    /// Bytes that may be written before the next check.
    permit: usize,
    waiting: Waiting,
}

/// Why a write was refused.
#[derive(Debug)]
enum Refused {
    /// More bytes than the guest was permitted.
    TooMuch,
    Sink(io::Error),
}

#[derive(Default)]
struct Partial {
    line: Line,
    /// The place of a panic, once its first line was seen.
    panic_at: Option<String>,
}

impl LineStream {
    pub(crate) fn stdout(log: Arc<ProcessLog>, sink: Option<Arc<dyn OutputSink>>) -> Self {
        Self::new(log, Severity::Info, STDOUT, sink)
    }

    pub(crate) fn stderr(log: Arc<ProcessLog>, sink: Option<Arc<dyn OutputSink>>) -> Self {
        Self::new(log, Severity::Warn, STDERR, sink)
    }

    fn new(
        log: Arc<ProcessLog>,
        severity: Severity,
        scope: &'static str,
        sink: Option<Arc<dyn OutputSink>>,
    ) -> Self {
        Self {
            shared: Arc::new(LineState {
                log,
                severity,
                scope,
                sink,
                backlog: Arc::default(),
                partial: Mutex::default(),
            }),
        }
    }

    fn handle(&self) -> Handle {
        Handle {
            shared: self.shared.clone(),
            permit: 0,
            waiting: None,
        }
    }

    /// Logs a last line without a line end. Called at the end of the process.
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
}

impl LineState {
    fn take(&self, bytes: Bytes) -> Result<(), Refused> {
        if let Some(sink) = &self.sink {
            let room = self.backlog.take(bytes.len()).ok_or(Refused::TooMuch)?;
            sink.write(bytes.clone(), room).map_err(Refused::Sink)?;
        }
        let mut partial = self.partial.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ended) = match chunk.split_last() {
                Some((b'\n', text)) => (text, true),
                _ => (chunk, false),
            };
            let piece = |piece| self.write(piece, BTreeMap::new());
            partial.line.add(text, piece);
            if ended {
                self.end_line(&mut partial);
            }
        }
        Ok(())
    }

    /// Bytes that may be written now.
    fn permit(&self) -> usize {
        match &self.sink {
            None => LOG_PERMIT,
            Some(_) if self.backlog.has_room() => PERMIT,
            Some(_) => 0,
        }
    }

    fn poll_room(&self, waiting: &mut Waiting, context: &mut Context<'_>) -> Poll<()> {
        match &self.sink {
            None => Poll::Ready(()),
            Some(_) => self.backlog.poll_room(waiting, context),
        }
    }

    fn end_line(&self, partial: &mut Partial) {
        let Ended { text, cut } = partial.line.end();
        self.note(partial, &text);
        let cut = cut.map(|bytes| (TRUNCATED.to_owned(), bytes.to_string()));
        self.write(text, cut.into_iter().collect());
    }

    /// Remembers a line that may explain the end of the process.
    fn note(&self, partial: &mut Partial, line: &str) {
        if let Some(at) = partial.panic_at.take() {
            self.log.note_panic(&format!("{line} ({at})"), false);
        } else if line.starts_with("thread '")
            && let Some((_, at)) = line.split_once(" panicked at ")
        {
            partial.panic_at = Some(at.trim_end_matches(':').to_owned());
        } else if self.scope == STDERR {
            self.log.note_behind_panic(line);
        }
        // The message of Rust's allocator before it aborts.
        if line.starts_with("memory allocation of ") && line.ends_with(" bytes failed") {
            self.log.note_allocation_failed();
        }
    }

    fn write(&self, text: String, attributes: BTreeMap<String, String>) {
        let copied = self.sink.is_some();
        self.log
            .write_line(self.severity, self.scope, text, attributes, copied);
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
        Box::new(self.handle())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.handle())
    }
}

impl AsyncWrite for Handle {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Self {
            shared, waiting, ..
        } = &mut *self;
        ready!(shared.poll_room(waiting, context));
        let (bytes, _) = bytes.split_at(bytes.len().min(shared.permit()));
        let taken = shared.take(Bytes::copy_from_slice(bytes));
        Poll::Ready(match taken {
            Ok(()) => Ok(bytes.len()),
            Err(Refused::Sink(error)) => Err(error),
            Err(Refused::TooMuch) => Err(io::ErrorKind::QuotaExceeded.into()),
        })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl OutputStream for Handle {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let left = self.permit.checked_sub(bytes.len());
        let taken = match left {
            Some(_) => self.shared.take(bytes),
            None => Err(Refused::TooMuch),
        };
        self.permit = left.unwrap_or_default();
        taken.map_err(|refused| match refused {
            Refused::TooMuch => StreamError::trap("more was written than check-write permits"),
            Refused::Sink(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                StreamError::Closed
            }
            Refused::Sink(error) => StreamError::LastOperationFailed(error.into()),
        })
    }

    /// Flushing does nothing: accepted bytes are written as soon as possible, in order, and before the embedder sees the
    /// end. Waiting for that would gain nothing.
    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.permit = self.shared.permit();
        Ok(self.permit)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Handle {
    async fn ready(&mut self) {
        let Self {
            shared, waiting, ..
        } = self;
        poll_fn(|context| shared.poll_room(waiting, context)).await;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::process::Room;
    use futures::FutureExt;

    fn entries(log: &ProcessLog) -> Vec<String> {
        let reader = log.channel().weak_reader();
        let mut bodies = Vec::new();
        while let Ok(Some(frame)) = reader.try_read() {
            let entry: crate::log::LogEntry = serde_json::from_slice(&frame.payload).unwrap();
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
            stream.shared.take(part.into()).unwrap();
        }
        stream.finish();
        assert_eq!(entries(&log), ["one", "two", "", "three"]);
    }

    #[test]
    fn the_standard_library_s_panic_is_recognised() {
        let (log, stream) = stream();
        let said = "\nthread 'main' (1) panicked at src/main.rs:3:5:\nboom\nnote: x\n";
        stream.shared.take(said.into()).unwrap();
        assert_eq!(log.panic_message().unwrap(), "boom (src/main.rs:3:5)");
    }

    #[test]
    fn a_panic_is_the_last_words_of_who_writes_all_of_it_and_no_more() {
        let is_last = |more: &str| {
            let (log, stream) = stream();
            let said = format!("thread 'main' (1) panicked at src/main.rs:3:5:\nboom\n{more}");
            stream.shared.take(said.into()).unwrap();
            log.last_words_of_panic().is_some()
        };
        let hint =
            "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n";
        assert!(is_last(hint));
        assert!(is_last(&format!("of two lines\n{hint}")));
        assert!(is_last("stack backtrace:\n   0: a\n   1: b\n"));
        // A viewer that shows another program's log prints such lines and goes on.
        assert!(!is_last(""));
        assert!(!is_last("\n"));
        assert!(!is_last(&format!("{hint}the next line of the log\n")));
    }

    /// A sink that writes nothing until told to.
    #[derive(Default)]
    struct Stuck(Mutex<Vec<(Bytes, Room)>>);

    impl OutputSink for Stuck {
        fn write(&self, bytes: Bytes, room: Room) -> io::Result<()> {
            self.0.lock().unwrap().push((bytes, room));
            Ok(())
        }
    }

    fn stuck() -> (Arc<Stuck>, LineStream) {
        let log = Arc::new(ProcessLog::new("p", 1, 1 << 20, 1 << 20).unwrap());
        let sink = Arc::new(Stuck::default());
        (sink.clone(), LineStream::stdout(log, Some(sink)))
    }

    #[test]
    fn a_guest_waits_for_a_sink_that_is_behind_and_nothing_it_wrote_is_lost() {
        let (sink, stream) = stuck();
        let mut handle = stream.p2_stream();
        let mut written = 0;
        while let permit @ 1.. = handle.check_write().unwrap() {
            handle.write(vec![b'x'; permit].into()).unwrap();
            written += permit;
        }
        assert!(handle.ready().now_or_never().is_none());
        // The async stream waits too.
        let mut other = Pin::from(stream.async_stream());
        let write = |other: &mut Pin<Box<dyn AsyncWrite + Send + Sync>>| {
            poll_fn(|context| AsyncWrite::poll_write(other.as_mut(), context, b"yy")).now_or_never()
        };
        assert!(write(&mut other).is_none());
        let taken: usize = std::mem::take(&mut *sink.0.lock().unwrap())
            .iter()
            .map(|(bytes, _)| bytes.len())
            .sum();
        assert_eq!(taken, written);
        assert!(handle.ready().now_or_never().is_some());
        assert_eq!(write(&mut other).unwrap().unwrap(), 2);
    }

    #[test]
    fn a_guest_that_writes_without_asking_is_ended() {
        let (_sink, stream) = stuck();
        let mut handle = stream.p2_stream();
        let is_trap = |result| matches!(result, Err(StreamError::Trap(_)));
        assert!(is_trap(handle.write("x".into())));
        let permit = handle.check_write().unwrap();
        assert!(is_trap(handle.write(vec![0; permit + 1].into())));
        // A guest that gets permits on many handles, and then writes with all of them, is stopped as well.
        let mut handles: Vec<_> = (0..1000).map(|_| stream.p2_stream()).collect();
        let permits = handles.iter_mut().map(|it| it.check_write().unwrap());
        let permits: Vec<_> = permits.collect();
        let mut writes = handles.iter_mut().zip(permits);
        assert!(writes.any(|(it, permit)| is_trap(it.write(vec![0; permit].into()))));
    }
}
