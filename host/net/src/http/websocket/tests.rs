//! Clients of a WebSocket in memory, right ones and wrong ones.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use crate::http::looking::Watched;
use tokio::io::{AsyncReadExt, DuplexStream, duplex};
use tokio::sync::{Semaphore, watch};
use weft_channel::{Channel, Options, Writer};
use weft_host::process::Counter;

/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(600);

/// A channel that a client looks at.
struct Shown {
    channel: Channel,
    writer: Writer,
    stop: watch::Sender<bool>,
    places: Arc<Semaphore>,
}

impl Shown {
    fn new(capacity: u64) -> Self {
        let channel = Channel::new(Options::new(capacity)).unwrap();
        Self {
            writer: channel.strong_writer().unwrap(),
            channel,
            stop: watch::Sender::new(false),
            places: Arc::new(Semaphore::new(1)),
        }
    }

    async fn looking(&self) -> Looking {
        let watched = Watched {
            channel: &self.channel,
            epoch: 0,
            ending: self.stop.subscribe(),
            place: self.places.clone().try_acquire_owned().unwrap(),
            lost: Counter::default(),
        };
        Looking::new(watched, None).await.unwrap()
    }

    /// The two ends of a WebSocket, with this much room between them.
    async fn open(
        &self,
        room: usize,
        silence: Duration,
    ) -> (
        WebSocketStream<DuplexStream>,
        impl Future<Output = ()> + use<>,
    ) {
        let (client, server) = duplex(room);
        let config = WebSocketConfig::default()
            .write_buffer_size(0)
            .max_message_size(Some(MESSAGE))
            .max_frame_size(Some(MESSAGE));
        let server = WebSocketStream::from_raw_socket(server, Role::Server, Some(config)).await;
        let client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
        (client, show(server, self.looking().await, silence))
    }

    async fn write(&self, frame: &[u8]) {
        self.writer
            .write(Bytes::copy_from_slice(frame))
            .await
            .unwrap();
    }
}

/// What a client gets, to the end: its messages, and the code of the close.
async fn all(mut client: WebSocketStream<DuplexStream>) -> (Vec<Message>, Option<CloseCode>) {
    let (mut messages, mut code) = (Vec::new(), None);
    while let Some(Ok(message)) = client.next().await {
        match message {
            Message::Close(frame) => code = frame.map(|frame| frame.code),
            Message::Ping(_) => {}
            other => messages.push(other),
        }
    }
    (messages, code)
}

#[tokio::test]
async fn frames_are_messages_and_the_end_of_the_channel_is_a_normal_close() {
    let shown = Shown::new(1000);
    let (client, server) = shown.open(1000, LONG).await;
    shown.write(b"{\"a\":1}").await;
    shown.write(b"\xff\x00").await;
    shown.write(b"").await;
    shown.channel.drain();
    let ((), (messages, code)) = tokio::join!(server, all(client));
    assert_eq!(
        messages,
        [
            Message::Text("{\"a\":1}".into()),
            Message::Binary(Bytes::from_static(b"\xff\x00")),
            Message::Text("".into()),
        ]
    );
    assert_eq!(code, Some(CloseCode::Normal));
    assert_eq!(shown.places.available_permits(), 1);
}

#[tokio::test]
async fn a_stop_shows_what_is_there_and_says_that_it_goes_away() {
    let shown = Shown::new(1000);
    let (client, server) = shown.open(1000, LONG).await;
    shown.write(b"last").await;
    shown.stop.send_replace(true);
    let ((), (messages, code)) = tokio::join!(server, all(client));
    assert_eq!(messages, [Message::Text("last".into())]);
    assert_eq!(code, Some(CloseCode::Away));
}

#[tokio::test]
async fn what_a_client_says_ends_it_with_a_reason() {
    for (message, wanted) in [
        (Message::Text("hello".into()), CloseCode::Unsupported),
        (Message::Binary(vec![0; 10].into()), CloseCode::Unsupported),
        (
            Message::Text("x".repeat(MESSAGE + 1).into()),
            CloseCode::Size,
        ),
    ] {
        let shown = Shown::new(1000);
        let (mut client, server) = shown.open(100_000, LONG).await;
        client.send(message).await.unwrap();
        let ((), (_, code)) = tokio::join!(server, all(client));
        assert_eq!(code, Some(wanted));
    }
}

#[tokio::test]
async fn what_is_no_frame_ends_it_and_so_does_a_frame_without_a_mask() {
    for bytes in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"\x81\x02hi",
        b"\x8f\x80\0\0\0\0",
    ] {
        let shown = Shown::new(1000);
        let (client, server) = duplex(1000);
        let server = WebSocketStream::from_raw_socket(server, Role::Server, None).await;
        let mut client = client;
        client.write_all(bytes).await.unwrap();
        let mut said = Vec::new();
        let reads = async {
            // A close frame with the code 1002.
            let mut head = [0; 4];
            client.read_exact(&mut head).await.unwrap();
            said.extend(head);
            client.shutdown().await.unwrap();
        };
        tokio::join!(show(server, shown.looking().await, LONG), reads);
        assert_eq!(said.first(), Some(&0x88));
        assert_eq!(said.get(2..), Some(&1002_u16.to_be_bytes()[..]));
    }
}

#[tokio::test]
async fn a_client_that_answers_no_ping_is_asked_and_then_let_go() {
    let shown = Shown::new(1000);
    let (client, server) = duplex(1000);
    let server = WebSocketStream::from_raw_socket(server, Role::Server, None).await;
    let server = tokio::spawn(show(
        server,
        shown.looking().await,
        Duration::from_millis(300),
    ));
    // It reads, and says nothing.
    let mut client = client;
    let mut head = [0; 2];
    client.read_exact(&mut head).await.unwrap();
    assert_eq!(head, [0x89, 0], "a ping without anything in it");
    while head == [0x89, 0] {
        client.read_exact(&mut head).await.unwrap();
    }
    assert_eq!(head[0], 0x88, "a close");
    let mut code = [0; 2];
    client.read_exact(&mut code).await.unwrap();
    assert_eq!(u16::from_be_bytes(code), 1008);
    drop(client);
    server.await.unwrap();
}

#[tokio::test]
async fn a_client_that_answers_pings_stays() {
    let shown = Shown::new(1000);
    // Answers have two seconds, so that a slow machine is no reason.
    let (mut client, server) = shown.open(1000, Duration::from_secs(3)).await;
    let server = tokio::spawn(server);
    for _ in 0..4 {
        let message = client.next().await.unwrap().unwrap();
        assert!(matches!(message, Message::Ping(_)), "{message:?}");
    }
    shown.write(b"still").await;
    let message = client.next().await.unwrap().unwrap();
    assert_eq!(message, Message::Text("still".into()));
    client.close(None).await.unwrap();
    let (_, _) = all(client).await;
    server.await.unwrap();
}

#[tokio::test]
async fn a_slow_client_holds_nobody_up_and_is_told_what_it_lost() {
    let shown = Shown::new(100);
    let (mut client, server) = shown.open(64, LONG).await;
    let server = tokio::spawn(server);
    for number in 0..1000 {
        shown.write(format!("{number:010}").as_bytes()).await;
    }
    let (mut seen, mut lost) = (0, 0);
    while seen + lost < 1000 {
        match client.next().await.unwrap().unwrap() {
            Message::Text(text) => {
                let text = text.as_str();
                match text.strip_prefix("{\"lost\":") {
                    Some(rest) => lost += rest.trim_end_matches('}').parse::<u64>().unwrap(),
                    None => seen += 1,
                }
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(lost > 0);
    client.close(None).await.unwrap();
    let (_, _) = all(client).await;
    server.await.unwrap();
}

#[tokio::test]
async fn a_client_that_goes_while_it_is_sent_something_ends_it() {
    let shown = Shown::new(100_000);
    let (client, server) = shown.open(64, LONG).await;
    let server = tokio::spawn(server);
    shown.write(&[b'x'; 10_000]).await;
    drop(client);
    server.await.unwrap();
    assert_eq!(shown.places.available_permits(), 1);
}
