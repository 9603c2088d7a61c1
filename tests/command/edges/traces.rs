//! The trace that a request belongs to: seen by the guest that answers it, kept in its log, and told to the servers that it asks.

use super::asking::peer::{Peer, whole_head};
use super::served::Served;
use serde_json::Value;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CLIENT: &str = "b7ad6b7169203331";

/// A guest behind all paths, which may ask a server on this machine.
fn shop(guest: &str, options: &[&str]) -> Served {
    let text = format!(
        r#"
        [components]
        web = {guest}
        [processes.web]
        component = "web"
        capabilities = ["connect=http://127.0.0.1:*"]
        [http.shop]
        listen = "127.0.0.1:0"
        [http.shop.routes]
        "/*" = {{ process = "web" }}
        "#
    );
    let options = [&["--log-format", "json"], options].concat();
    Served::within(tempfile::tempdir().unwrap(), &text, &options)
}

/// The header of a request of this trace.
fn traced(flags: &str) -> String {
    format!("traceparent: 00-{TRACE}-{CLIENT}-{flags}")
}

/// The entries of requests, in the order in which they ended.
fn spans(log: &str) -> Vec<Value> {
    let entries = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let is_request = |entry: &Value| {
        entry["EventName"] == "weft.span"
            && entry["Attributes"]["weft.span.kind"] == "server"
            && entry["InstrumentationScope"]["name"] == "weft"
    };
    entries.filter(is_request).collect()
}

/// A server that notes the `traceparent` of each request, or nothing, and gives no answer.
fn server() -> Peer {
    Peer::new(|mut stream, note| {
        let head = whole_head(&mut stream).unwrap();
        let mut fields = head.lines().filter_map(|line| line.split_once(": "));
        let found = fields.find(|(name, _)| name.eq_ignore_ascii_case("traceparent"));
        note(found.map_or("", |(_, value)| value).to_owned());
    })
}

#[test]
fn a_request_of_a_trace_is_a_span_of_the_instance_that_answers_it() {
    for guest in ["HTTP02", "HTTP03"] {
        let mut shop = shop(guest, &[]);
        let header = traced("01");
        assert_eq!(shop.curl("/hello?who=me", &["-H", &header]).1, 200);
        assert_eq!(shop.curl("/other", &["-H", &header]).1, 404);
        // Whose trace is not recorded, or that are of none, leave nothing.
        for header in [&traced("00"), "x: y", "traceparent: 00-1-2-3"] {
            assert_eq!(shop.curl("/hello", &["-H", header]).1, 200);
        }
        let log = shop.stop();
        let spans = spans(&log);
        assert_eq!(spans.len(), 2, "{guest}: {log}");
        for (span, (path, status)) in spans.iter().zip([("/hello", "200"), ("/other", "404")]) {
            assert_eq!(span["Body"], "GET", "{guest}");
            assert_eq!(span["TraceId"], TRACE, "{guest}");
            assert_ne!(span["SpanId"], CLIENT, "{guest}");
            let of = &span["Attributes"];
            assert_eq!(of["weft.span.parent"], CLIENT, "{guest}");
            assert_eq!(of["http.request.method"], "GET", "{guest}");
            assert_eq!(of["url.path"], path, "{guest}");
            assert_eq!(of["http.response.status_code"], status, "{guest}");
        }
    }
}

#[test]
fn every_request_is_a_span_for_those_who_look_closely() {
    let mut shop = shop("HTTP02", &["--log-level", "debug"]);
    assert_eq!(shop.curl("/hello", &[]).1, 200);
    assert_eq!(shop.curl("/trap", &[]).1, 500);
    let log = shop.stop();
    let spans = spans(&log);
    assert_eq!(spans.len(), 2, "{log}");
    let status = |span: &Value| span["Attributes"]["http.response.status_code"].clone();
    assert_eq!(status(&spans[0]), "200");
    // It gave no answer.
    assert_eq!(status(&spans[1]), Value::Null);
    assert_ne!(spans[0]["TraceId"], spans[1]["TraceId"]);
}

#[test]
fn what_a_guest_asks_others_while_it_answers_belongs_to_the_request() {
    let there = server();
    let mut shop = shop("HTTP02", &[]);
    let ask = format!("/get?http://{}/", there.address);
    // The server says nothing, so what the guest answers does not matter.
    shop.curl(&ask, &["-H", &traced("01")]);
    shop.curl(&ask, &[]);
    let [sent, other] = &there.asked().concat()[..] else {
        panic!("{:?}", there.asked());
    };
    assert_eq!(other, "");
    let log = shop.stop();
    let spans = spans(&log);
    let span = spans[0]["SpanId"].as_str().unwrap();
    assert_eq!(*sent, format!("00-{TRACE}-{span}-01"), "{log}");
}
