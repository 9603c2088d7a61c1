//! A body of HTTP with a bound on the time for which somebody waits for it: for each piece, or for all of them together.
//!
//! Invariant: only the time in which somebody waits counts: from a read that finds nothing to the arrival of more. Who reads late takes
//! nothing of it, and is not told that the other side was late.

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::Error;

/// A body that is there in time. Too late it fails with `connection-read-timeout`.
pub(crate) struct Paced<B> {
    body: B,
    /// The time for the next wait.
    left: Duration,
    /// Whether all waits share the time.
    is_for_all: bool,
    /// Since when somebody waits.
    since: Option<Instant>,
    late: Pin<Box<Sleep>>,
    arrival: Arc<Arrival>,
}

/// Wakes who waits for more, and notes when there was more.
#[derive(Default)]
struct Arrival(Mutex<Noted>);

#[derive(Default)]
struct Noted {
    waiting: Option<Waker>,
    at: Option<Instant>,
}

impl<B> Paced<B> {
    /// With a bound on each pause between two pieces.
    pub(crate) fn each(body: B, pause: Duration) -> Self {
        Self::new(body, pause, false)
    }

    /// With a bound on all pauses together.
    pub(crate) fn all(body: B, time: Duration) -> Self {
        Self::new(body, time, true)
    }

    fn new(body: B, time: Duration, is_for_all: bool) -> Self {
        Self {
            body,
            left: time,
            is_for_all,
            since: None,
            late: Box::pin(tokio::time::sleep(time)),
            arrival: Arc::default(),
        }
    }

    /// Somebody waits from now on.
    fn wait(&mut self) {
        let now = Instant::now();
        self.since = Some(now);
        // A time beyond what the clock has never comes.
        if let Some(until) = now.checked_add(self.left) {
            self.late.as_mut().reset(until);
        }
    }
}

impl Arrival {
    /// Wakes this one from now on. Returns when there was more, if there was.
    fn wakes(&self, waker: &Waker) -> Option<Instant> {
        let mut noted = self.noted();
        noted.waiting = Some(waker.clone());
        noted.at.take()
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Arrival {
    fn wake(self: Arc<Self>) {
        let mut noted = self.noted();
        noted.at.get_or_insert_with(Instant::now);
        let waiting = noted.waiting.take();
        drop(noted);
        if let Some(waiting) = waiting {
            waiting.wake();
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
        let this = &mut *self;
        let arrived = this.arrival.wakes(cx.waker());
        let waker = Waker::from(this.arrival.clone());
        match Pin::new(&mut this.body).poll_frame(&mut Context::from_waker(&waker)) {
            Poll::Ready(frame) => {
                if let Some(since) = this.since.take()
                    && this.is_for_all
                {
                    let arrived = arrived.unwrap_or_else(Instant::now);
                    let took = arrived.saturating_duration_since(since);
                    this.left = this.left.saturating_sub(took);
                }
                Poll::Ready(frame)
            }
            Poll::Pending => {
                if this.since.is_none() {
                    this.wait();
                }
                match this.late.as_mut().poll(cx) {
                    Poll::Ready(()) => Poll::Ready(Some(Err(Error::ConnectionReadTimeout))),
                    Poll::Pending => Poll::Pending,
                }
            }
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
    use futures::StreamExt;
    use http_body_util::{BodyExt, StreamBody};
    use std::collections::VecDeque;
    use tokio::sync::mpsc::{Sender, channel};

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
        let mut body = Paced::each(Scripted([(1, &b"one"[..])].into()), PAUSE);
        let first = body.frame().await.unwrap().unwrap();
        assert_eq!(first.into_data().unwrap(), "one");
        let error = body.frame().await.unwrap().unwrap_err();
        assert!(matches!(error, Error::ConnectionReadTimeout), "{error:?}");
    }

    #[tokio::test]
    async fn time_in_which_nobody_waits_is_no_pause() {
        let script = [(1, &b"one"[..]), (1, &b"two"[..])];
        let mut body = Paced::each(Scripted(script.into()), PAUSE);
        for piece in ["one", "two"] {
            // The reader takes its time, and the next piece is not there when it comes back.
            tokio::time::sleep(3 * PAUSE).await;
            let frame = body.frame().await.unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap(), piece);
        }
    }

    #[tokio::test]
    async fn a_time_beyond_the_clock_never_comes() {
        let mut body = Paced::each(Scripted([(3, &b"one"[..])].into()), Duration::MAX);
        let frame = body.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "one");
    }

    const TIME: Duration = Duration::from_millis(200);

    type Piece = Result<Frame<Bytes>, Error>;

    fn piece() -> Piece {
        Ok(Frame::data(Bytes::from_static(b"x")))
    }

    /// A body, and who sends it.
    fn body() -> (
        Sender<Piece>,
        Paced<impl Body<Data = Bytes, Error = Error> + Unpin>,
    ) {
        let (sender, mut pieces) = channel(8);
        let pieces = futures::stream::poll_fn(move |cx| pieces.poll_recv(cx));
        (sender, Paced::all(StreamBody::new(pieces.boxed()), TIME))
    }

    #[tokio::test]
    async fn a_body_in_drops_has_one_time_for_all_of_them() {
        let (sender, mut body) = body();
        let client = tokio::spawn(async move {
            while sender.send(piece()).await.is_ok() {
                tokio::time::sleep(TIME / 20).await;
            }
        });
        let (since, mut pieces) = (Instant::now(), 0);
        let error = loop {
            match body.frame().await.unwrap() {
                Ok(_) => pieces += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(error, Error::ConnectionReadTimeout), "{error:?}");
        assert!(pieces > 0 && since.elapsed() >= TIME, "{pieces}");
        // It stays so.
        assert!(body.frame().await.unwrap().is_err());
        client.abort();
    }

    #[tokio::test]
    async fn a_guest_that_reads_late_takes_nothing_of_the_time() {
        let (sender, mut body) = body();
        for _ in 0..3 {
            // It looks, and finds nothing. What comes then lies there for long.
            assert!(futures::poll!(body.frame()).is_pending());
            sender.send(piece()).await.unwrap();
            tokio::time::sleep(TIME * 2).await;
            assert!(body.frame().await.unwrap().is_ok());
        }
        drop(sender);
        assert!(body.frame().await.is_none());
    }
}
