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
use super::listener::{Bounds, Served, over};
use super::secure::Tls;
use super::stall::Stall;
use super::websocket::Becoming;
use crate::wire::Wire;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use hyper::rt::Executor;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{self, Poll};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use wasmtime_wasi_http::Error;

/// Bytes of a head at least: hyper takes no smaller bound.
const LEAST_HEAD_BYTES: usize = 8 << 10;

/// Time that requests under way have once their connection is to end. The process may be killed before.
pub(super) const LAST_TIME: Duration = Duration::from_secs(3);

/// Bytes of a request's body that a client may send ahead on one stream of HTTP/2, and on all of a connection. Less than most bodies, so
/// that clients which are not read do not fill the memory; as much as a fast network has under way.
const STREAM_WINDOW: u32 = 128 << 10;
const CONNECTION_WINDOW: u32 = 512 << 10;

/// Bytes of an answer on one stream of HTTP/2 that wait for the client.
const SEND_BUFFER: usize = 64 << 10;

/// How the system finds clients that are gone without a word: after a minute of silence it asks them, three times in half a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(60);
const KEEP_ALIVE_AGAIN: Duration = Duration::from_secs(10);
const KEEP_ALIVE_TIMES: u32 = 3;

/// How long a client may take none of what is sent to it. It would hold whatever makes its answer, such as an instance of a guest.
const STALL_TIME: Duration = Duration::from_secs(60);

/// Serves a connection to its end.
pub(super) async fn serve(stream: TcpStream, served: &Arc<Served>) {
    // Answers are small, and clients wait for them.
    let _ = stream.set_nodelay(true);
    keep_alive(&stream);
    let wire: Box<dyn Wire> = match &served.tls {
        None => Box::new(stream),
        Some(tls) => match Box::pin(agree(stream, tls, served)).await {
            Some(stream) => stream,
            None => return,
        },
    };
    let wire = Box::new(Stall::new(wire, STALL_TIME));
    let becoming = Becoming::default();
    Box::pin(speak(wire, served, &becoming)).await;
    if let Some(upgrade) = becoming.take() {
        Box::pin(upgrade.run(&served.bounds)).await;
    }
}

/// Asks the system to look for clients that are gone. Where it cannot, they are found when something is sent.
fn keep_alive(stream: &TcpStream) {
    use rustix::net::sockopt;
    let _ = sockopt::set_tcp_keepidle(stream, KEEP_ALIVE);
    let _ = sockopt::set_tcp_keepintvl(stream, KEEP_ALIVE_AGAIN);
    let _ = sockopt::set_tcp_keepcnt(stream, KEEP_ALIVE_TIMES);
    let _ = sockopt::set_socket_keepalive(stream, true);
}

/// Agrees on TLS with a client; none if it does not within its time.
async fn agree(stream: TcpStream, tls: &Tls, served: &Served) -> Option<Box<dyn Wire>> {
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

async fn handshake(mut stream: TcpStream, tls: &Tls) -> Result<Box<dyn Wire>, String> {
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
    Ok(Box::new(stream))
}

/// Answers the requests of a connection.
async fn speak(wire: Box<dyn Wire>, served: &Arc<Served>, becoming: &Becoming) {
    let busy = Busy::default();
    let service = service_fn(|request| {
        let (served, becoming, under_way) = (served.clone(), becoming.clone(), busy.begin());
        async move {
            let response = served.answer(request, &becoming).await;
            served.counts.answered(response.status());
            Ok::<_, Infallible>(response.map(|body| Sending {
                body,
                _under_way: under_way,
            }))
        }
    });
    let streams = Streams::default();
    let builder = builder(&served.bounds, &streams);
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(wire), service);
    let mut connection = pin!(connection);
    let mut ending = served.ending.clone();
    let (mut idle_time, mut is_leaving) = (served.bounds.head_time, false);
    let done = loop {
        tokio::select! {
            done = connection.as_mut() => break done,
            () = over(&mut ending), if !is_leaving => {}
            () = busy.idle(idle_time) => {
                if is_leaving {
                    return;
                }
            }
        }
        connection.as_mut().graceful_shutdown();
        (idle_time, is_leaving) = (LAST_TIME, true);
    };
    if let Err(error) = done {
        tracing::debug!("a connection failed: {error}");
    }
}

/// HTTP/1.1 and HTTP/2 within these bounds. What begins as HTTP/2 is taken for it, with TLS or without.
fn builder(bounds: &Bounds, streams: &Streams) -> auto::Builder<Streams> {
    let mut builder = auto::Builder::new(streams.clone());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head_time)
        .max_buf_size(bounds.head_bytes.max(LEAST_HEAD_BYTES));
    // What resets streams again and again is ended by hyper's own bounds, which stay.
    builder
        .http2()
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

/// How many requests of a connection are under way.
struct Busy(Arc<watch::Sender<usize>>);

impl Default for Busy {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

/// A request under way.
struct UnderWay(Arc<watch::Sender<usize>>);

impl Busy {
    fn begin(&self) -> UnderWay {
        self.0.send_modify(|count| *count += 1);
        UnderWay(self.0.clone())
    }

    /// Resolves when no request has been under way for this time.
    async fn idle(&self, time: Duration) {
        let mut count = self.0.subscribe();
        loop {
            // The sender is there as long as this.
            let _ = count.wait_for(|count| *count == 0).await;
            tokio::select! {
                () = tokio::time::sleep(time) => return,
                _ = count.changed() => {}
            }
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
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
    async fn the_system_looks_for_clients_that_are_gone() {
        use rustix::net::sockopt;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (stream, _) = accepted.unwrap();
        keep_alive(&stream);
        assert!(sockopt::socket_keepalive(&stream).unwrap());
        assert_eq!(sockopt::tcp_keepidle(&stream).unwrap(), KEEP_ALIVE);
        drop(client);
    }

    #[tokio::test]
    async fn a_connection_is_idle_only_while_no_request_is_under_way() {
        let time = Duration::from_millis(10);
        let busy = Busy::default();
        busy.idle(time).await;
        let (one, two) = (busy.begin(), busy.begin());
        drop(one);
        let long = timeout(time * 5, busy.idle(time)).await;
        assert!(long.is_err());
        drop(two);
        busy.idle(time).await;
    }

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
