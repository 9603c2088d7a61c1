//! A channel's frames as messages of a WebSocket.
//!
//! A frame that is UTF-8 is a text message, and any other a binary one. What a client was too slow for is told as `{"lost":N}`, a text
//! message in its place. The client only looks on: a message of its own ends the connection, with a reason.
//!
//! Invariants:
//! - A client holds a few kilobytes of the host, and the frames that are being sent to it: the next ones are looked at once those are out.
//! - A client from which nothing comes for [`Bounds::silence`](super::Bounds::silence), not even an answer to a ping, is let go.
//! - However it ends, the client is told why if it still listens.

use super::answer::{Answer, Body, whole};
use super::bounds::Bounds;
use super::looking::{Looking, SIGN_OF_LIFE, Seen};
use bytes::Bytes;
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use hyper::body::Incoming;
use hyper::header::{HeaderValue, SEC_WEBSOCKET_VERSION, UPGRADE};
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{Error, ProtocolError};
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// Bytes of a message of a client at most. None is taken, so this is only room to say so rather than to break off.
const MESSAGE: usize = 4 << 10;

/// Bytes that are read at once. Clients send pings, and answers to them.
const READ: usize = 4 << 10;

/// Bytes that are collected before they are sent. Frames are flushed when no more are there.
const WRITE: usize = 16 << 10;

/// Time for the last words of both sides. Less than a listener has for its end.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The version of the protocol: there is one.
const VERSION: HeaderValue = HeaderValue::from_static("13");

/// A WebSocket that begins once the answer to its request is sent.
pub(super) struct Upgrade {
    stream: OnUpgrade,
    looking: Looking,
}

/// Where a request leaves what its connection becomes.
#[derive(Clone, Default)]
pub(super) struct Becoming(Arc<Mutex<Option<Box<Upgrade>>>>);

impl Becoming {
    /// What the connection becomes, if anything.
    pub(super) fn take(&self) -> Option<Box<Upgrade>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, upgrade: Upgrade) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(upgrade));
    }
}

/// Whether a request asks for a WebSocket.
pub(super) fn is_asked_for(request: &Request<Incoming>) -> bool {
    let upgrades = request.headers().get_all(UPGRADE).iter();
    let mut upgrades = upgrades.filter_map(|value| value.to_str().ok());
    *request.method() == Method::GET
        && upgrades.any(|names| {
            let mut names = names.split(',').map(str::trim);
            names.any(|name| name.eq_ignore_ascii_case("websocket"))
        })
}

/// Answers a request for a WebSocket. If it is granted, `becoming` has it.
pub(super) fn answer(
    mut request: Request<Incoming>,
    looking: Looking,
    becoming: &Becoming,
) -> Response<Body> {
    match create_response_with_body(&request, || whole(Bytes::new())) {
        Ok(response) => {
            let stream = hyper::upgrade::on(&mut request);
            becoming.put(Upgrade { stream, looking });
            response
        }
        Err(error) => {
            let is_of_version = matches!(
                error,
                Error::Protocol(ProtocolError::MissingSecWebSocketVersionHeader)
            );
            let status = match is_of_version {
                true => StatusCode::UPGRADE_REQUIRED,
                false => StatusCode::BAD_REQUEST,
            };
            let mut response = Answer::refused(status, error.to_string()).response();
            if is_of_version {
                response
                    .headers_mut()
                    .insert(SEC_WEBSOCKET_VERSION, VERSION);
            }
            response
        }
    }
}

impl Upgrade {
    /// Shows the frames until either side is done.
    pub(super) async fn run(self, bounds: &Bounds) {
        // The connection has been served to its end, so this is there at once or never.
        let Ok(stream) = self.stream.await else {
            return;
        };
        let config = WebSocketConfig::default()
            .read_buffer_size(READ)
            .write_buffer_size(WRITE)
            .max_message_size(Some(MESSAGE))
            .max_frame_size(Some(MESSAGE));
        let stream = TokioIo::new(stream);
        let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
        show(socket, self.looking, bounds.silence).await;
    }
}

/// Why a WebSocket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The channel has ended.
    Channel,
    /// The listener is asked to stop.
    Stop,
    /// The client has sent a message.
    Spoke,
    /// It has sent a longer one than is read.
    TooLong,
    /// It does not speak the protocol.
    Broken,
    /// It has said nothing for too long.
    Silent,
    /// It has gone, or says that it goes.
    Gone,
}

impl End {
    /// What the client is told; nothing if it goes by itself.
    fn close(self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            End::Channel => (CloseCode::Normal, "the channel has ended"),
            End::Stop => (CloseCode::Away, "the listener stops"),
            End::Spoke => (
                CloseCode::Unsupported,
                "this only shows frames; POST them to a route that takes them",
            ),
            End::TooLong => (CloseCode::Size, "this only shows frames"),
            End::Broken => (CloseCode::Protocol, "that is no WebSocket frame"),
            End::Silent => (CloseCode::Policy, "no answer to a ping"),
            End::Gone => return None,
        };
        let reason = Utf8Bytes::from_static(reason);
        Some(CloseFrame { code, reason })
    }
}

async fn show<S>(socket: WebSocketStream<S>, mut looking: Looking, silence: Duration)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut sink, mut stream) = socket.split();
    let end = tokio::select! {
        end = hear(&mut stream, silence) => end,
        end = tell(&mut sink, &mut looking, silence) => end,
    };
    // Its place among those who look on is free before the last words.
    drop(looking);
    let Ok(socket) = sink.reunite(stream) else {
        return;
    };
    // A client that does not listen any more is left.
    let _ = timeout(LAST_WORDS, close(socket, end)).await;
}

/// Listens to the client, until it is done or says what it may not.
async fn hear<S>(stream: &mut SplitStream<WebSocketStream<S>>, silence: Duration) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        match timeout(silence, stream.next()).await {
            Err(_) => return End::Silent,
            // Pings are answered on the way.
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)))) => {}
            Ok(Some(Ok(Message::Text(_) | Message::Binary(_)))) => return End::Spoke,
            Ok(Some(Err(Error::Capacity(_)))) => return End::TooLong,
            // A connection that breaks off in the middle is told as a fault of the protocol too.
            Ok(Some(Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)))) => {
                return End::Gone;
            }
            Ok(Some(Err(Error::Protocol(_) | Error::Utf8(_)))) => return End::Broken,
            Ok(None | Some(Ok(Message::Close(_)) | Err(_))) => return End::Gone,
        }
    }
}

/// Tells the client what comes, and asks it for signs of life.
async fn tell<S>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    looking: &mut Looking,
    silence: Duration,
) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // Several within the time that it may be silent.
    let every = SIGN_OF_LIFE.min(silence / 3);
    let mut due = Instant::now() + every;
    loop {
        let pause = due.saturating_duration_since(Instant::now());
        let sent = match looking.next(Some(pause)).await {
            Seen::Frames { lost, frames, .. } => send(sink, lost, frames).await,
            Seen::Nothing => Ok(()),
            Seen::Ended => return End::Channel,
            Seen::Stopped => return End::Stop,
        };
        if sent.is_err() {
            return End::Gone;
        }
        if due <= Instant::now() {
            due = Instant::now() + every;
            if sink.send(Message::Ping(Bytes::new())).await.is_err() {
                return End::Gone;
            }
        }
    }
}

/// Sends frames, and returns when they are out.
async fn send<S>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    lost: u64,
    frames: Vec<Bytes>,
) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if lost > 0 {
        let text = format!("{{\"lost\":{lost}}}");
        sink.feed(Message::Text(text.into())).await?;
    }
    for frame in frames {
        sink.feed(message(frame)).await?;
    }
    sink.flush().await
}

/// A frame as a message.
fn message(frame: Bytes) -> Message {
    match Utf8Bytes::try_from(frame.clone()) {
        Ok(text) => Message::Text(text),
        Err(_) => Message::Binary(frame),
    }
}

/// The last words. They are said first, and then the client's are waited for, as otherwise it might not get them.
async fn close<S>(mut socket: WebSocketStream<S>, end: End)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let said = match end.close() {
        Some(frame) => socket.close(Some(frame)).await,
        None => socket.flush().await,
    };
    if said.is_ok() {
        while let Some(Ok(_)) = socket.next().await {}
    }
    let stream = socket.get_mut();
    if stream.shutdown().await.is_ok() && end != End::Gone {
        // What is left of what it sends: a connection with something unread is broken off, and the last words with it.
        let _ = tokio::io::copy(stream, &mut tokio::io::sink()).await;
    }
}

#[cfg(test)]
mod tests;
