//! The bodies of requests and answers, with their ends.
//!
//! Invariants:
//! - A request's body has the bounds of what listens: in bytes, and in the time that the client takes.
//! - An answer's body whose instance has failed ends with an error, never as if it were whole.

use crate::paced::Paced;
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::oneshot;
use wasmtime_wasi_http::Error;

/// The body of a request on its way to a guest.
pub(crate) type RequestBody = UnsyncBoxBody<Bytes, Error>;

/// A request's body with these bounds.
pub(crate) fn bounded(body: Incoming, most: usize, time: Duration) -> RequestBody {
    let limited =
        Limited::new(body, most).map_err(move |error| match error.is::<LengthLimitError>() {
            true => Error::HttpRequestBodySize(Some(most as u64)),
            false => Error::ConnectionTerminated,
        });
    Paced::all(limited, time).boxed_unsync()
}

/// The body of an answer of a guest.
pub(crate) struct AnswerBody {
    body: UnsyncBoxBody<Bytes, Error>,
    failed: Arc<AtomicBool>,
    /// Tells by its end that nobody reads the body any more.
    _read: oneshot::Sender<()>,
}

/// The guest's side of an answer: dropped without [`done`](Self::done), the answer has failed.
pub(super) struct Answering {
    failed: Arc<AtomicBool>,
    read: oneshot::Receiver<()>,
    is_done: bool,
}

/// Makes answers of a guest's.
pub(super) struct Answers {
    failed: Arc<AtomicBool>,
    read: oneshot::Sender<()>,
}

/// Both sides of an answer.
pub(super) fn answer() -> (Answers, Answering) {
    let failed = Arc::<AtomicBool>::default();
    let (sender, read) = oneshot::channel();
    let answers = Answers {
        failed: failed.clone(),
        read: sender,
    };
    let answering = Answering {
        failed,
        read,
        is_done: false,
    };
    (answers, answering)
}

impl Answers {
    /// The body that clients get.
    pub(super) fn body(self, body: UnsyncBoxBody<Bytes, Error>) -> AnswerBody {
        AnswerBody {
            body,
            failed: self.failed,
            _read: self.read,
        }
    }
}

impl Answering {
    /// The guest did all that it had to.
    pub(super) fn done(mut self) {
        self.is_done = true;
    }

    /// Resolves when the body was read to its end, or is not wanted any more.
    pub(super) async fn read(&mut self) {
        // The sender is only dropped: with the body.
        let _ = (&mut self.read).await;
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        if !self.is_done {
            self.failed.store(true, Ordering::Release);
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            // The implementation does not tell a body that was dropped from one that is whole.
            Poll::Ready(None) if self.failed.load(Ordering::Acquire) => {
                Poll::Ready(Some(Err(Error::HttpResponseIncomplete)))
            }
            other => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream() && !self.failed.load(Ordering::Acquire)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
