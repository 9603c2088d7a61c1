//! The command's stdout as a stream of bytes, for a sink.
//!
//! What is written goes through the writer of the stream, as results do, so it stands between whole lines of all else that goes there.
//!
//! Invariant: the bytes before have been written when the next are taken, so no more than those of one write wait here.

use super::{Stream, reader, result};
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::AsyncWrite;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Whether nobody reads stdout any more, where that matters.
#[derive(Debug)]
pub(crate) struct ReaderGone {
    told: watch::Sender<bool>,
    matters: bool,
}

impl ReaderGone {
    /// `matters`: whether anything writes to it.
    pub(crate) fn new(matters: bool) -> Self {
        Self {
            told: watch::Sender::new(false),
            matters,
        }
    }

    fn set(&self) {
        self.told.send_replace(true);
    }

    pub(crate) fn is_set(&self) -> bool {
        *self.told.borrow()
    }

    /// Resolves once it is so, while nothing is written too. Where it does not matter it never resolves.
    pub(crate) async fn wait(&self) {
        if !self.matters {
            return std::future::pending().await;
        }
        let mut told = self.told.subscribe();
        tokio::select! {
            // `self` owns the sender, so this cannot fail.
            _ = told.wait_for(|told| *told) => {}
            () = reader::gone() => self.set(),
        }
    }
}

/// The stream.
pub(crate) struct Stdout {
    /// The write that has been begun.
    begun: Option<JoinHandle<io::Result<()>>>,
    gone: Arc<ReaderGone>,
}

/// The command's stdout. When nobody reads it any more, `gone` is told before the write fails.
pub(crate) fn stdout(gone: &Arc<ReaderGone>) -> Stdout {
    Stdout {
        begun: None,
        gone: gone.clone(),
    }
}

impl Stdout {
    /// Waits for the write that has been begun.
    fn poll_begun(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(begun) = &mut self.begun else {
            return Poll::Ready(Ok(()));
        };
        let written = ready!(Pin::new(begun).poll(cx));
        self.begun = None;
        let written = written.map_err(io::Error::other).flatten();
        if let Err(error) = &written
            && error.kind() == ErrorKind::BrokenPipe
        {
            self.gone.set();
        }
        Poll::Ready(written)
    }
}

impl AsyncWrite for Stdout {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_begun(cx))?;
        let (all, count) = (bytes.to_vec(), bytes.len());
        self.begun = Some(tokio::task::spawn_blocking(move || {
            result(Stream::Stdout, all)
        }));
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_begun(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}
