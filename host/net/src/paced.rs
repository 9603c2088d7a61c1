//! A body of HTTP in which a pause between two pieces has a bound.
//!
//! Invariant: only time in which somebody waits for a piece counts. Who takes long over the piece before is not told that the other side
//! was late.

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::Error;

/// What a time beyond the clock's is taken for: a century.
const NEVER: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

/// A body with a bound on its pauses. After a longer one it fails with `connection-read-timeout`.
pub(crate) struct Paced<B> {
    body: B,
    pause: Duration,
    late: Pin<Box<Sleep>>,
    /// Whether somebody waits for a piece, so that `late` runs.
    waits: bool,
}

impl<B> Paced<B> {
    pub(crate) fn new(body: B, pause: Duration) -> Self {
        Self {
            body,
            pause,
            late: Box::pin(tokio::time::sleep(pause)),
            waits: false,
        }
    }
}

impl<B: Body<Data = Bytes, Error = Error> + Unpin> Body for Paced<B> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            self.waits = false;
            return Poll::Ready(frame);
        }
        if !std::mem::replace(&mut self.waits, true) {
            // A time beyond what the clock has never comes.
            let until = Instant::now().checked_add(self.pause);
            let until = until.unwrap_or_else(|| Instant::now() + NEVER);
            self.late.as_mut().reset(until);
        }
        match self.late.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Some(Err(Error::ConnectionReadTimeout))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use http_body_util::BodyExt;
    use std::collections::VecDeque;

    /// A body that is not ready as often as it says before each piece, and never again when it has no more.
    struct Scripted(VecDeque<(u32, &'static [u8])>);

    impl Body for Scripted {
        type Data = Bytes;
        type Error = Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
            match self.0.front_mut() {
                None => Poll::Pending,
                Some((0, piece)) => {
                    let piece = Bytes::from_static(piece);
                    self.0.pop_front();
                    Poll::Ready(Some(Ok(Frame::data(piece))))
                }
                Some((left, _)) => {
                    *left -= 1;
                    cx.waker().wake_by_ref();
                    Poll::Pending
                }
            }
        }
    }

    const PAUSE: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn a_pause_that_is_too_long_is_an_error() {
        let mut body = Paced::new(Scripted([(1, &b"one"[..])].into()), PAUSE);
        let first = body.frame().await.unwrap().unwrap();
        assert_eq!(first.into_data().unwrap(), "one");
        let error = body.frame().await.unwrap().unwrap_err();
        assert!(matches!(error, Error::ConnectionReadTimeout), "{error:?}");
    }

    #[tokio::test]
    async fn time_in_which_nobody_waits_is_no_pause() {
        let script = [(1, &b"one"[..]), (1, &b"two"[..])];
        let mut body = Paced::new(Scripted(script.into()), PAUSE);
        for piece in ["one", "two"] {
            // The reader takes its time, and the next piece is not there when it comes back.
            tokio::time::sleep(3 * PAUSE).await;
            let frame = body.frame().await.unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap(), piece);
        }
    }

    #[tokio::test]
    async fn a_time_beyond_the_clock_never_comes() {
        let mut body = Paced::new(Scripted([(3, &b"one"[..])].into()), Duration::MAX);
        let frame = body.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "one");
    }
}
