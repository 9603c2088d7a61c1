//! HTTP in front of channels: what requests become, what clients see, and what broken ones get.

use super::served::{HUNG, SHOP, Served};
use super::stderr;
use crate::control::until;
use crate::support::{guest_of, repository};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

#[test]
fn a_body_becomes_frames_and_the_answer_comes_when_all_are_in() {
    let mut shop = Served::new(SHOP);
    let mut lines = shop.watch(&[]);
    let (said, status) = shop.post("application/x-ndjson", "{\"a\":1}\n{\"b\":2}\n");
    assert_eq!((said.as_str(), status), ("{\"accepted\":2}", 202));
    assert_eq!([lines.line(), lines.line()], ["{\"A\":1}", "{\"B\":2}"]);
    // One frame, whatever is in it.
    let (_, status) = shop.post("application/json; charset=utf-8", "[1,\n2]");
    assert_eq!((status, lines.line()), (202, "[1, 2]".to_owned()));
    let (_, status) = shop.post("text/plain", "one\ntwo");
    assert_eq!(
        (status, lines.line(), lines.line()),
        (202, "ONE".into(), "TWO".into())
    );
    // The route says what bodies are.
    let (_, status) = shop.curl(
        "/raw/x/y?z",
        &["-H", "content-type: image/png", "--data-binary", "png"],
    );
    assert_eq!((status, lines.line()), (202, "PNG".to_owned()));
    let said = shop.stop();
    assert!(!said.contains("is not counted"), "{said}");
}

#[test]
fn what_is_wrong_with_a_request_is_said_and_none_of_it_is_taken() {
    let mut shop = Served::new(SHOP);
    let (said, status) = shop.post("application/x-ndjson", "{\"a\":1}\nno\n");
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((status, &said["line"]), (400, &2.into()), "{said}");
    assert!(
        said["error"].as_str().unwrap().contains("it is no JSON"),
        "{said}"
    );
    let (said, status) = shop.curl("/orders", &["--data-binary", "a=1"]);
    assert_eq!(status, 415);
    assert!(said.contains("send application/x-ndjson"), "{said}");
    let gzip = [
        "-H",
        "content-type: text/plain",
        "-H",
        "content-encoding: gzip",
        "--data",
        "x",
    ];
    assert_eq!(shop.curl("/orders", &gzip).1, 415);
    let large = "x\n".repeat(40_000);
    assert_eq!(shop.post("text/plain", &large).1, 413);
    assert_eq!(shop.curl("/nothing", &[]).1, 404);
    let (said, status) = shop.curl("/orders", &["-i"]);
    assert_eq!(status, 405);
    assert!(said.to_ascii_lowercase().contains("allow: post"), "{said}");
    let html = ["-H", "accept: text/html"];
    assert_eq!(shop.curl("/alerts", &html).1, 406);
    // Nothing of all that was written.
    let (said, _) = shop.post("text/plain", "last");
    assert_eq!(said, "{\"accepted\":1}");
    let said = shop.stop();
    assert!(said.contains("channel orders: 1 frame"), "{said}");
}

#[test]
fn events_have_ids_and_a_client_that_comes_again_gets_what_it_missed() {
    let shop = Served::new(SHOP);
    let mut events = shop.watch(&["accept: text/event-stream"]);
    // The client is told at once that it is connected.
    assert_eq!(events.line(), ":");
    shop.post("text/plain", "one\ntwo");
    let (first, data) = events.event();
    assert_eq!(data, "ONE");
    drop(events);
    shop.post("text/plain", "three");
    let last = format!("last-event-id: {first}");
    let mut again = shop.watch(&["accept: text/event-stream", &last]);
    assert_eq!([again.event().1, again.event().1], ["TWO", "THREE"]);
    // An id of another run is none of this one: such a client sees what comes from now on.
    let mut other = shop.watch(&["accept: text/event-stream", "last-event-id: 1-0"]);
    assert_eq!(other.line(), ":");
    shop.post("text/plain", "four");
    assert_eq!(
        (again.event().1, other.event().1),
        ("FOUR".into(), "FOUR".into())
    );
}

#[test]
fn a_client_that_looks_on_and_never_reads_holds_nobody_up() {
    let shop = Served::new(&SHOP.replace("alerts = {}", "alerts = { capacity = \"4KiB\" }"));
    let mut stuck = TcpStream::connect(shop.address).unwrap();
    stuck
        .write_all(b"GET /alerts HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n")
        .unwrap();
    let body = format!("{}\n", "x".repeat(1000)).repeat(60);
    for _ in 0..200 {
        assert_eq!(shop.post("text/plain", &body).1, 202);
    }
    // Once it reads on, it is told how much it has missed.
    stuck.set_read_timeout(Some(HUNG)).unwrap();
    let lines = BufReader::new(stuck).lines().map_while(Result::ok);
    let lost = lines
        .skip_while(|line| line != "event: lost")
        .nth(1)
        .unwrap();
    let lost: u64 = lost.strip_prefix("data: ").unwrap().parse().unwrap();
    assert!(lost > 0, "{lost}");
}

#[test]
fn a_full_channel_answers_as_its_backpressure_says() {
    let parked = guest_of("parked").display().to_string();
    let text = |backpressure: &str| {
        format!(
            r#"
            [components]
            parked = {parked:?}
            [channels]
            orders = {{ capacity = "16B", backpressure = {backpressure:?} }}
            [processes.reader]
            component = "parked"
            args = {{ input = {{ reader = "orders" }} }}
            [http.shop]
            listen = "127.0.0.1:0"
            [http.shop.routes]
            "POST /orders" = {{ channel = "orders" }}
            "#
        )
    };
    let shop = Served::new(&text("drop"));
    let (said, status) = shop.post("text/plain", "0123456789\n0123456789");
    assert_eq!(status, 429, "{said}");
    assert!(said.contains("1 of 2 frames were taken"), "{said}");
    drop(shop);
    let mut shop = Served::new(&text("block"));
    assert_eq!(shop.post("text/plain", "0123456789").1, 202);
    // It waits, and a client that goes away meanwhile sends nothing.
    let mut waiting = TcpStream::connect(shop.address).unwrap();
    waiting
        .write_all(b"POST /orders HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: 10\r\n\r\n0123456789")
        .unwrap();
    drop(waiting);
    let said = shop.stop();
    assert!(said.contains("shop stopped"), "{said}");
}

#[test]
fn more_connections_than_there_are_places_are_turned_away_at_once() {
    let mut shop = Served::new(SHOP);
    let silent: Vec<_> = (0..8)
        .map(|_| TcpStream::connect(shop.address).unwrap())
        .collect();
    until(|| shop.raw(b"").contains("503 Service Unavailable"));
    for _ in 0..100 {
        assert!(shop.raw(b"").contains("retry-after: 1"));
    }
    drop(silent);
    until(|| shop.curl("/nothing", &[]).1 == 404);
    let said = shop.stop();
    assert_eq!(said.matches("others are turned away").count(), 1, "{said}");
}

#[test]
fn broken_requests_are_answered_and_harm_nobody() {
    let mut shop = Served::new(SHOP);
    let head = "POST /orders HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\n";
    // Garbage, as from a client that speaks TLS.
    assert!(
        shop.raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
            .contains("400 Bad Request")
    );
    // Two lengths, and a length beside chunks: what smuggling is made of.
    let both = format!("{head}content-length: 5\r\ncontent-length: 6\r\n\r\nabcdef");
    assert!(shop.raw(both.as_bytes()).contains("400 Bad Request"));
    // A chunk that is none.
    let chunks = format!("{head}transfer-encoding: chunked\r\n\r\nZZ\r\nabc\r\n");
    assert!(shop.raw(chunks.as_bytes()).contains("400 Bad Request"));
    // A head without an end.
    let long = format!("GET /alerts HTTP/1.1\r\nx: {}\r\n", "y".repeat(100_000));
    assert!(shop.raw(long.as_bytes()).contains("431"));
    // A body that is longer than was said is the next request, and none.
    let tail = format!("{head}content-length: 3\r\nconnection: close\r\n\r\nabcdef");
    assert!(shop.raw(tail.as_bytes()).contains("202 Accepted"));
    // A client that goes in the middle of its body.
    let mut gone = TcpStream::connect(shop.address).unwrap();
    let part = format!("{head}content-length: 100\r\n\r\nabc");
    gone.write_all(part.as_bytes()).unwrap();
    drop(gone);
    let (said, status) = shop.post("text/plain", "still");
    assert_eq!((said.as_str(), status), ("{\"accepted\":1}", 202));
    let said = shop.stop();
    assert!(said.contains("channel orders: 2 frames"), "{said}");
}

#[test]
fn the_example_shows_late_flights_as_they_are_posted() {
    let flights = repository().join("examples/flights/data/flights-20k.ndjson");
    let flights = std::fs::read_to_string(flights).unwrap();
    let flights: Vec<&str> = flights.lines().take(1000).collect();
    let late =
        |line: &&str| serde_json::from_str::<Value>(line).unwrap()["delay"].as_f64() >= Some(60.0);
    let late: Vec<&str> = flights.iter().copied().filter(late).collect();
    assert!(late.len() > 10);
    let shop = super::live_page::example();
    let mut seen = shop.watch_at("/late", &[]);
    let body = flights.join("\n");
    let ndjson = [
        "-H",
        "content-type: application/x-ndjson",
        "--data-binary",
        &body,
    ];
    assert_eq!(shop.curl("/flights", &ndjson).0, "{\"accepted\":1000}");
    for line in late {
        assert_eq!(seen.line(), line);
    }
}

#[test]
fn an_address_that_is_taken_and_routes_that_are_none_are_told() {
    let shop = Served::new(SHOP);
    let folder = tempfile::tempdir().unwrap();
    let taken = SHOP.replace("127.0.0.1:0", &shop.address.to_string());
    let assert = super::command(folder.path(), &taken).assert().code(1);
    let said = stderr(&assert);
    assert!(
        said.contains(&format!("cannot listen on {}", shop.address)),
        "{said}"
    );
    for (from, to, wanted) in [
        (
            "POST /orders",
            "orders",
            "http `shop`: route `orders`: `orders` is no route; write a method and a path",
        ),
        (
            "POST /orders",
            "/orders",
            "http `shop`: route `/orders`: a route to a channel has a method",
        ),
        (
            "POST /orders",
            "DELETE /orders",
            "route `DELETE /orders`: a route to a channel has a method",
        ),
        ("POST /raw/*", "POST /orders ", "is there twice"),
        (
            "127.0.0.1:0",
            "localhost",
            "http `shop`: listen: `localhost` is no address",
        ),
        (
            "{ channel = \"alerts\" }",
            "{ channel = \"alert\" }",
            "there is no channel `alert`",
        ),
        (
            "{ channel = \"alerts\" }",
            "{ channel = \"alerts\", frames = \"json\" }",
            "`frames` is for what writes",
        ),
        (
            "\"64KiB\"",
            "0",
            "http `shop`: max-body: 0 bytes hold nothing",
        ),
    ] {
        let text = SHOP.replace(from, to);
        let assert = super::command(folder.path(), &text).assert().code(2);
        let said = stderr(&assert);
        assert!(said.contains(wanted), "{to}: {said}");
    }
}
