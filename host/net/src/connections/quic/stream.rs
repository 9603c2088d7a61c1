//! The half of a stream that is written to, as the pump takes it: closed when the other side has all, reset when it was given up.

use quinn::SendStream;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::AsyncWrite;

/// The code with which a stream is given up. Which codes there are is for each protocol to say; ours has one.
const GIVEN_UP: u32 = 0;

type Delivered = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

/// The writing half.
pub(super) struct Sending {
    stream: SendStream,
    /// The wait for the other side to have all, once the end is sent.
    delivered: Option<Delivered>,
}

impl Sending {
    pub(super) fn new(stream: SendStream) -> Self {
        Self {
            stream,
            delivered: None,
        }
    }
}

impl AsyncWrite for Sending {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        AsyncWrite::poll_write(Pin::new(&mut self.stream), context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Sends the end, and waits until the other side has all: quinn closes a connection when its last stream is dropped, sent or not.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.delivered.is_none() {
            // A stream that was stopped has no end to send.
            let _ = self.stream.finish();
            let stopped = self.stream.stopped();
            self.delivered = Some(Box::pin(async move { drop(stopped.await) }));
        }
        if let Some(delivered) = &mut self.delivered {
            ready!(delivered.as_mut().poll(context));
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if self.delivered.is_none() {
            // Else quinn would send an end as if all had been sent.
            let _ = self.stream.reset(GIVEN_UP.into());
        }
    }
}
