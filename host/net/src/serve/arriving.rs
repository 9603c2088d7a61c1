//! The body of a request while it arrives, with a bound on the time that the client takes for all of it.
//!
//! Invariant: only the time in which the guest waits counts: from a read that finds nothing to the arrival of more. A guest that reads late
//! takes nothing of it.

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use tokio::time::{Instant, Sleep};
use wasmtime_wasi_http::Error;

/// A body that must be there within a time. Later it fails with `connection-read-timeout`.
pub(super) struct Arriving<B> {
    body: B,
    /// What is left of the time.
    left: Duration,
    /// Since when the guest waits.
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

impl<B> Arriving<B> {
    pub(super) fn new(body: B, time: Duration) -> Self {
        Self {
            body,
            left: time,
            since: None,
            late: Box::pin(tokio::time::sleep(time)),
            arrival: Arc::default(),
        }
    }

    /// The guest waits from now on.
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

impl<B: Body<Data = Bytes, Error = Error> + Unpin> Body for Arriving<B> {
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
                if let Some(since) = this.since.take() {
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
    use tokio::sync::mpsc::{Sender, channel};

    const TIME: Duration = Duration::from_millis(200);

    type Piece = Result<Frame<Bytes>, Error>;

    fn piece() -> Piece {
        Ok(Frame::data(Bytes::from_static(b"x")))
    }

    /// A body, and who sends it.
    fn body() -> (
        Sender<Piece>,
        Arriving<impl Body<Data = Bytes, Error = Error> + Unpin>,
    ) {
        let (sender, mut pieces) = channel(8);
        let pieces = futures::stream::poll_fn(move |cx| pieces.poll_recv(cx));
        (sender, Arriving::new(StreamBody::new(pieces.boxed()), TIME))
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
