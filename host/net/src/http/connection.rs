//! One connection, from its first byte to its last: TLS, HTTP/1.1 or HTTP/2, and the WebSocket that it may become.
//!
//! Not what requests are answered: `listener` says that.
//!
//! Invariants:
//! - Whatever runs for a connection ends with its future, the streams of HTTP/2 too.
//! - A connection on which no request is under way for as long as a head may take is ended, whatever else comes on it: nothing, half a
//!   head, the beginning of a protocol, or pings.
//! - A connection on which the client takes nothing of its answer is ended in time.

use super::answer::{Body, NO_TLS};
use super::bounds::{Bounds, HEAD_BYTES};
use super::busy::{Busy, UnderWay};
use super::listener::{Served, over};
use super::secure::Tls;
use super::stall::Stall;
use super::version::Version;
use super::websocket::Becoming;
use crate::keep_alive::keep_alive;
use crate::wire::Wire;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use hyper::rt::Executor;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{self, Poll};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use wasmtime_wasi_http::Error;

/// Time that requests under way have once their connection is to end. The process may be killed before.
pub(super) const LAST_TIME: Duration = Duration::from_secs(3);

/// Bytes of a request's body that a client may send ahead on one stream of HTTP/2, and on all of a connection. Less than most bodies, so
/// that clients which are not read do not fill the memory; as much as a fast network has under way.
const STREAM_WINDOW: u32 = 128 << 10;
const CONNECTION_WINDOW: u32 = 512 << 10;

/// Bytes of an answer on one stream of HTTP/2 that wait for the client.
const SEND_BUFFER: usize = 64 << 10;

/// A stream, and what is spoken on it.
type Spoken = (Box<dyn Wire>, Version);

/// Serves a connection to its end.
pub(super) async fn serve(stream: TcpStream, served: &Arc<Served>) {
    // Answers are small, and clients wait for them.
    let _ = stream.set_nodelay(true);
    keep_alive(&stream);
    let head_time = served.bounds.head_time;
    // The time that is left for the first head: a client that speaks TLS has begun to speak just now.
    let (spoken, first) = match &served.tls {
        None => {
            let since = Instant::now();
            let spoken = Box::pin(begun(stream, served)).await;
            (spoken, head_time.saturating_sub(since.elapsed()))
        }
        Some(tls) => (Box::pin(agree(stream, tls, served)).await, head_time),
    };
    let Some((wire, version)) = spoken else {
        return;
    };
    let wire = Box::new(Stall::new(wire, served.bounds.stall_time));
    let becoming = Becoming::default();
    Box::pin(speak(wire, version, first, served, &becoming)).await;
    if let Some(upgrade) = becoming.take() {
        Box::pin(upgrade.run(&served.bounds)).await;
    }
}

/// Waits until it is known what a client without TLS speaks; none if it says too little within the time for a head.
///
/// Nothing is taken from the stream, so nobody has to put it back: a connection that waits for its first request has no buffers yet.
async fn begun(stream: TcpStream, served: &Served) -> Option<Spoken> {
    let mut ending = served.ending.clone();
    let version = tokio::select! {
        () = over(&mut ending) => return None,
        version = timeout(served.bounds.head_time, Version::of(&stream)) => version.ok()?,
    };
    Some((Box::new(stream), version?))
}

/// Agrees on TLS with a client; none if it does not within its time.
async fn agree(stream: TcpStream, tls: &Tls, served: &Served) -> Option<Spoken> {
    let mut ending = served.ending.clone();
    let time = served.bounds.tls_time;
    let agreed = tokio::select! {
        () = over(&mut ending) => return None,
        agreed = timeout(time, handshake(stream, tls)) => agreed,
    };
    let reason = match agreed {
        Ok(Ok(stream)) => return Some(stream),
        Ok(Err(reason)) => reason,
        Err(_) => format!("it took longer than {time:?}"),
    };
    served.disagreed(&reason);
    None
}

async fn handshake(mut stream: TcpStream, tls: &Tls) -> Result<Spoken, String> {
    let mut first = [0];
    let read = stream.peek(&mut first).await;
    let [first] = first;
    // TLS begins with the byte 22, and HTTP with a letter.
    if matches!(read, Ok(1..)) && first.is_ascii_alphabetic() {
        let _ = stream.write_all(NO_TLS).await;
        let _ = stream.shutdown().await;
        return Err("the client speaks HTTP without TLS".to_owned());
    }
    let accepted = tls.acceptor().accept(stream).await;
    let stream = accepted.map_err(|error| error.to_string())?;
    let version = match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => Version::H2,
        _ => Version::H1,
    };
    Ok((Box::new(stream), version))
}

/// Answers the requests of a connection, of which the first has so much time left.
async fn speak(
    wire: Box<dyn Wire>,
    version: Version,
    first: Duration,
    served: &Arc<Served>,
    becoming: &Becoming,
) {
    let busy = Busy::default();
    let service = service_fn(|request| {
        let (served, becoming, under_way) = (served.clone(), becoming.clone(), busy.begin());
        // A connection has room for its service's future also while it is idle, so the room is small.
        Box::pin(async move {
            let response = served.answer(request, &becoming).await;
            served.counts.answered(response.status());
            Ok::<_, Infallible>(response.map(|body| Sending {
                body,
                _under_way: under_way,
            }))
        })
    });
    let streams = Streams::default();
    let (wire, bounds) = (TokioIo::new(wire), &served.bounds);
    // Not `auto` of hyper-util: what it makes of a connection is 5 KiB larger.
    let done = match version {
        Version::H1 => {
            let connection = http1(bounds).serve_connection(wire, service);
            let connection = pin!(connection.with_upgrades());
            drive(
                connection,
                |it| it.graceful_shutdown(),
                &busy,
                served,
                first,
            )
            .await
        }
        Version::H2 => {
            let connection = http2(bounds, &streams).serve_connection(wire, service);
            // Larger than that of HTTP/1.1.
            let mut connection = Box::pin(connection);
            let connection = connection.as_mut();
            drive(
                connection,
                |it| it.graceful_shutdown(),
                &busy,
                served,
                first,
            )
            .await
        }
    };
    if let Err(error) = done {
        tracing::debug!("a connection failed: {error}");
    }
}

/// Runs a connection to its end, which comes when it is idle for too long, or the listener is to stop.
async fn drive<C>(
    mut connection: Pin<&mut C>,
    leave: impl Fn(Pin<&mut C>),
    busy: &Busy,
    served: &Served,
    first: Duration,
) -> hyper::Result<()>
where
    C: Future<Output = hyper::Result<()>>,
{
    let mut ending = served.ending.clone();
    let (mut first, mut idle_time, mut is_leaving) = (first, served.bounds.head_time, false);
    loop {
        tokio::select! {
            done = connection.as_mut() => return done,
            () = over(&mut ending), if !is_leaving => {}
            () = busy.idle(first, idle_time) => {
                if is_leaving {
                    return Ok(());
                }
            }
        }
        leave(connection.as_mut());
        (first, idle_time, is_leaving) = (LAST_TIME, LAST_TIME, true);
    }
}

/// HTTP/1.1 within these bounds.
fn http1(bounds: &Bounds) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head_time)
        .max_buf_size(bounds.head_bytes.max(*HEAD_BYTES.start()));
    builder
}

/// HTTP/2 within these bounds. What resets streams again and again is ended by hyper's own bounds, which stay.
fn http2(bounds: &Bounds, streams: &Streams) -> http2::Builder<Streams> {
    let mut builder = http2::Builder::new(streams.clone());
    builder
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(bounds.head_bytes).unwrap_or(u32::MAX))
        .max_concurrent_streams(bounds.streams)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .keep_alive_interval(bounds.silence / 2)
        .keep_alive_timeout(bounds.silence / 2);
    builder
}

/// A body whose request is under way until it is sent, or given up.
struct Sending {
    body: Body,
    _under_way: UnderWay,
}

impl hyper::body::Body for Sending {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The tasks of a connection's streams, which end with it.
#[derive(Clone, Default)]
struct Streams(Arc<Mutex<JoinSet<()>>>);

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Streams {
    fn execute(&self, stream: F) {
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that are done, so that the set is no larger than what a connection may have open.
        while streams.try_join_next().is_some() {}
        streams.spawn(stream);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn streams_end_with_their_connection_and_those_that_are_done_are_not_kept() {
        let streams = Streams::default();
        for _ in 0..1000 {
            streams.execute(async {});
            tokio::task::yield_now().await;
        }
        assert!(streams.0.lock().unwrap().len() < 100);
        let held = Arc::new(());
        let theirs = held.clone();
        streams.execute(async move {
            std::future::pending::<()>().await;
            drop(theirs);
        });
        drop(streams);
        while Arc::strong_count(&held) > 1 {
            tokio::task::yield_now().await;
        }
    }
}
