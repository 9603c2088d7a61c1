//! Routes to guests: clients that send a body in drops, that take nothing of an answer, or whose body nobody reads.

use super::{blocking, connect, drip, rest};
use crate::net::extensions;
use crate::support::{config, end, host_with};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use weft_host::{ExitStatus, Host, Process, StartOptions};
use weft_net::http::{Bounds, Http, Target};
use weft_net::serve::{Requests, Service, Settings};
use weft_net::sockets::NetworkConfig;

/// A time that a test can wait for.
const SHORT: Duration = Duration::from_millis(300);

/// A listener before one instance of a guest, which has one request at a time.
struct Web {
    host: Host,
    listener: Process,
    service: Process,
    address: SocketAddr,
}

impl Web {
    async fn new(guest: &str, bounds: Bounds) -> Self {
        let config = config().extensions(extensions(NetworkConfig::default()));
        let host = host_with(config, &[guest]).await;
        let mut settings = Settings::default();
        (settings.instances, settings.at_once) = (NonZeroUsize::MIN, NonZeroUsize::MIN);
        settings.requests = NonZeroUsize::new(1000);
        let requests = Requests::new(settings);
        let service = Service::new(StartOptions::new(guest).name("web"), requests.clone());
        let service = StartOptions::native("web", Arc::new(service));
        let routes = vec![("/*".parse().unwrap(), Target::Handler(requests))];
        let http = Http::new("127.0.0.1:0", routes).bounds(bounds);
        let service = host.start(service).unwrap();
        let listener = StartOptions::native("shop", Arc::new(http));
        let listener = host.start(listener).unwrap();
        let address = super::address(&listener).await;
        Self {
            host,
            listener,
            service,
            address,
        }
    }

    async fn stop(self) {
        for process in [self.listener, self.service] {
            process.request_stop();
            assert_eq!(end(&process).await, ExitStatus::Stopped);
        }
        drop(self.host);
    }
}

/// Speaks to a listener before each kind of guest.
fn with_each(bounds: Bounds, clients: impl Fn(&'static str, SocketAddr) + Clone + Send + 'static) {
    for guest in ["http-02", "http-03"] {
        let clients = clients.clone();
        crate::support::block_on(async move {
            let web = Web::new(guest, bounds).await;
            let address = web.address;
            blocking(move || clients(guest, address)).await;
            web.stop().await;
        });
    }
}

/// Sends a request and takes all of the answer.
fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = connect(address);
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    rest(stream)
}

/// The one instance has its place again.
fn is_free(guest: &str, address: SocketAddr) {
    let said = get(address, "/hello");
    assert!(said.starts_with("HTTP/1.1 200"), "{guest}: {said}");
}

#[test]
fn a_body_in_drops_is_given_up_in_time_and_frees_its_instance() {
    let mut bounds = Bounds::default();
    bounds.body_time = SHORT;
    with_each(bounds, |guest, address| {
        for length in ["content-length: 100000", "transfer-encoding: chunked"] {
            let mut stream = connect(address);
            let head = format!("POST /echo HTTP/1.1\r\nhost: x\r\n{length}\r\n\r\n");
            stream.write_all(head.as_bytes()).unwrap();
            let said = drip(stream, b'0');
            match guest {
                // It reads all before it answers, and fails.
                "http-02" => assert!(said.starts_with("HTTP/1.1 500"), "{said}"),
                // It has begun to answer, and never looks as if that were all.
                _ => assert!(!said.ends_with("\r\n0\r\n\r\n"), "{said}"),
            }
            is_free(guest, address);
        }
    });
}

#[test]
fn a_body_that_comes_in_its_time_is_read_to_its_end() {
    let mut bounds = Bounds::default();
    bounds.body_time = Duration::from_secs(60);
    with_each(bounds, |guest, address| {
        let mut stream = connect(address);
        let head = "POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(b"content-length: 20\r\n\r\n").unwrap();
        for _ in 0..20 {
            stream.write_all(b"x").unwrap();
            std::thread::sleep(SHORT / 20);
        }
        let said = rest(stream);
        let (_, body) = said.split_once("\r\n\r\n").unwrap();
        // It may be in chunks.
        assert_eq!(body.matches('x').count(), 20, "{guest}: {said}");
    });
}

#[test]
fn an_answer_that_a_client_does_not_take_ends_in_time_and_frees_its_instance() {
    let mut bounds = Bounds::default();
    bounds.stall_time = SHORT;
    with_each(bounds, |guest, address| {
        let mut stuck = connect(address);
        stuck
            .write_all(b"GET /endless HTTP/1.1\r\nhost: x\r\n\r\n")
            .unwrap();
        // It is under way before anybody else comes.
        stuck.read_exact(&mut [0; 1000]).unwrap();
        is_free(guest, address);
        // What was under way comes still, and then the connection has ended.
        let said = rest(stuck);
        assert!(!said.ends_with("\r\n0\r\n\r\n"), "{guest}");
    });
}

#[test]
fn a_body_that_no_guest_reads_holds_nothing_up() {
    let mut bounds = Bounds::default();
    bounds.head_time = SHORT;
    with_each(bounds, |guest, address| {
        let mut stream = connect(address);
        stream
            .write_all(b"POST /hello HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n")
            .unwrap();
        let said = drip(stream, b'x');
        assert!(said.starts_with("HTTP/1.1 200"), "{guest}: {said}");
        is_free(guest, address);
    });
}
