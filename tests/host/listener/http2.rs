//! HTTP/2, from clients that go to its bounds and beyond.

use super::{blocking, listening};
use crate::support::h2::{
    CONTINUATION, Client, DATA, END_STREAM, ENHANCE_YOUR_CALM, GO_AWAY, HEADERS, PING,
    REFUSED_STREAM, RESET, status,
};
use crate::support::{block_on, end};
use std::time::Duration;
use weft_host::ExitStatus;
use weft_net::http::Bounds;

const SHORT: Duration = Duration::from_millis(300);

const TEXT: &[(&str, &str)] = &[("content-type", "text/plain")];

#[test]
fn frames_come_in_and_are_shown_on_one_connection() {
    block_on(async {
        let listening = listening(Bounds::default(), None, 1000).await;
        let address = listening.address;
        let mut client = blocking(move || {
            let mut client = Client::new(address);
            client.request(1, "GET", "/alerts", &[]).unwrap();
            let shown = client.next().unwrap();
            assert_eq!((shown.kind, shown.stream), (HEADERS, 1));
            assert!(shown.payload.starts_with(&status(200)), "{shown:?}");
            client.request(3, "POST", "/orders", TEXT).unwrap();
            client.send(DATA, END_STREAM, 3, b"one\ntwo").unwrap();
            let answer = client.next().unwrap();
            assert_eq!((answer.kind, answer.stream), (HEADERS, 3));
            assert!(answer.payload.starts_with(&status(202)), "{answer:?}");
            assert_eq!(client.next().unwrap().payload, b"{\"accepted\":2}\n");
            client
        })
        .await;
        for frame in ["one", "two"] {
            assert_eq!(listening.orders.try_read().unwrap().unwrap().payload, frame);
        }
        let writer = listening.alerts.strong_writer().unwrap();
        writer.write("late".into()).await.unwrap();
        let (shown, mut client) = blocking(move || (client.next().unwrap(), client)).await;
        assert_eq!((shown.stream, &shown.payload[..]), (1, &b"late\n"[..]));
        // A stop ends what goes on, and the connection with it.
        listening.process.request_stop();
        let rest = blocking(move || client.all()).await;
        let ends = |it: &crate::support::h2::Frame| it.stream == 1 && it.flags & END_STREAM != 0;
        assert!(rest.iter().any(ends), "{rest:?}");
        assert!(rest.iter().any(|it| it.kind == GO_AWAY), "{rest:?}");
        assert_eq!(end(&listening.process).await, ExitStatus::Stopped);
    });
}

#[test]
fn more_requests_at_once_than_allowed_are_refused_and_the_others_go_on() {
    block_on(async {
        let mut bounds = Bounds::default();
        bounds.streams = 3;
        let listening = listening(bounds, None, 1000).await;
        let address = listening.address;
        blocking(move || {
            let mut client = Client::new(address);
            for stream in [1, 3, 5, 7] {
                client.request(stream, "POST", "/orders", TEXT).unwrap();
            }
            let refused = client.next().unwrap();
            assert_eq!((refused.kind, refused.stream), (RESET, 7), "{refused:?}");
            assert_eq!(refused.error(), REFUSED_STREAM);
            client.send(DATA, END_STREAM, 1, b"one").unwrap();
            let answer = client.next().unwrap();
            assert_eq!((answer.kind, answer.stream), (HEADERS, 1));
        })
        .await;
    });
}

#[test]
fn no_more_bodies_are_read_than_there_may_be_connections() {
    block_on(async {
        let mut bounds = Bounds::default();
        bounds.connections = 2;
        let listening = listening(bounds, None, 1000).await;
        let address = listening.address;
        blocking(move || {
            let mut client = Client::new(address);
            for stream in [1, 3, 5] {
                client.request(stream, "POST", "/orders", TEXT).unwrap();
            }
            let refused = client.next().unwrap();
            assert_eq!(refused.kind, HEADERS, "{refused:?}");
            assert!(refused.payload.starts_with(&status(503)), "{refused:?}");
        })
        .await;
    });
}

#[test]
fn a_connection_without_requests_ends_though_it_is_kept_busy_with_pings() {
    block_on(async {
        let mut bounds = Bounds::default();
        bounds.head_time = SHORT;
        let listening = listening(bounds, None, 1000).await;
        let address = listening.address;
        blocking(move || {
            let mut client = Client::new(address);
            let mut pings = 0;
            client.patience(Duration::from_millis(20));
            while client.send(PING, 0, 0, &[0; 8]).is_ok() {
                pings += 1;
                if client.next().is_some_and(|it| it.kind == GO_AWAY) {
                    break;
                }
                assert!(pings < 10_000, "it is never ended");
            }
            // Headers without an end are no request.
            let mut client = Client::new(address);
            client.send(HEADERS, 0, 1, &[0x82, 0x86]).unwrap();
            let said = client.all();
            assert!(said.iter().any(|it| it.kind == GO_AWAY), "{said:?}");
        })
        .await;
    });
}

#[test]
fn a_client_that_looks_on_and_answers_no_ping_is_let_go() {
    block_on(async {
        let mut bounds = Bounds::default();
        bounds.silence = SHORT;
        let listening = listening(bounds, None, 1000).await;
        let address = listening.address;
        blocking(move || {
            let mut client = Client::new(address).answers_no_pings();
            client.request(1, "GET", "/alerts", &[]).unwrap();
            // To the end, which comes by itself.
            client.all();
        })
        .await;
    });
}

#[test]
fn floods_of_resets_and_of_headers_end_their_connection() {
    block_on(async {
        let listening = listening(Bounds::default(), None, 1000).await;
        let address = listening.address;
        blocking(move || {
            let mut client = Client::new(address);
            for number in 0..10_000 {
                let stream = 2 * number + 1;
                let asked = client.request(stream, "POST", "/orders", TEXT);
                let reset = asked.and_then(|()| client.send(RESET, 0, stream, &[0, 0, 0, 8]));
                if reset.is_err() {
                    break;
                }
            }
            let said = client.all();
            let calm = |it: &crate::support::h2::Frame| {
                it.kind == GO_AWAY && it.error() == ENHANCE_YOUR_CALM
            };
            assert!(said.iter().any(calm), "{said:?}");
            // One head after the other, without an end.
            let mut client = Client::new(address);
            client.send(HEADERS, 0, 1, &[0x82, 0x86]).unwrap();
            let mut sent = 0_u64;
            let piece = [&[0x00, 0x01, b'x', 0x7f, 0x81, 0x7d][..], &[b'y'; 16_000]].concat();
            while client.send(CONTINUATION, 0, 1, &piece).is_ok() {
                sent += piece.len() as u64;
                assert!(sent < 1 << 30, "it takes all of it");
            }
            // Others are answered still.
            let mut other = Client::new(address);
            other.request(1, "GET", "/nothing", &[]).unwrap();
            let answer = other.next().unwrap();
            assert!(answer.payload.starts_with(&status(404)), "{answer:?}");
        })
        .await;
    });
}

#[test]
fn a_head_and_a_body_that_are_too_large_are_answered() {
    block_on(async {
        let mut bounds = Bounds::default();
        bounds.body_bytes = 1000;
        let listening = listening(bounds, None, 1000).await;
        let address = listening.address;
        blocking(move || {
            let long = "y".repeat(9000);
            let mut client = Client::new(address);
            // Each frame of headers has less than it may; together they are too long.
            let headers = [("x", &long[..]), ("x", &long[..4000])];
            client.request(1, "GET", "/nothing", &headers).unwrap();
            assert!(client.next().unwrap().payload.starts_with(&status(404)));
            // What the answer says.
            client.next().unwrap();
            let headers = [("x", &long[..]), ("x", &long[..7200])];
            client.request(3, "GET", "/nothing", &headers).unwrap();
            let refused = client.next().unwrap();
            assert!(refused.payload.starts_with(&status(431)), "{refused:?}");
            let mut client = Client::new(address);
            client.request(1, "POST", "/orders", TEXT).unwrap();
            client.send(DATA, 0, 1, &[b'x'; 2000]).unwrap();
            let refused = client.next().unwrap();
            assert!(refused.payload.starts_with(&status(413)), "{refused:?}");
        })
        .await;
        assert!(listening.orders.try_read().is_err());
    });
}
