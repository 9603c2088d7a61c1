//! A stream of bytes whose other side must go on taking them: a write that waits for longer than a time fails.
//!
//! Invariant: reading has no bound here; what a client may be silent for is said elsewhere.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// A stream with a bound on its waits to write.
pub(super) struct Stall<T> {
    stream: T,
    most: Duration,
    late: Pin<Box<Sleep>>,
    /// Whether a write waits, so that `late` runs.
    waits: bool,
}

impl<T> Stall<T> {
    pub(super) fn new(stream: T, most: Duration) -> Self {
        Self {
            stream,
            most,
            late: Box::pin(tokio::time::sleep(most)),
            waits: false,
        }
    }

    /// What a write has come to: an error if it has waited for too long.
    fn within<O>(
        &mut self,
        written: Poll<io::Result<O>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<O>> {
        if written.is_ready() {
            self.waits = false;
            return written;
        }
        if !std::mem::replace(&mut self.waits, true) {
            self.late.as_mut().reset(Instant::now() + self.most);
        }
        match self.late.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Stall<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Stall<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.within(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.within(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.within(flushed, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.within(shut, cx)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    #[tokio::test]
    async fn a_write_that_nobody_takes_fails_in_time_and_one_that_is_taken_does_not() {
        let time = Duration::from_millis(20);
        let (ours, mut theirs) = duplex(8);
        let mut stall = Stall::new(ours, time);
        for _ in 0..3 {
            stall.write_all(b"12345678").await.unwrap();
            tokio::time::sleep(time * 2).await;
            theirs.read_exact(&mut [0; 8]).await.unwrap();
        }
        stall.write_all(b"12345678").await.unwrap();
        let error = stall.write_all(b"9").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
