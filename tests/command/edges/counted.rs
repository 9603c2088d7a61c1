//! What sources, sinks, listeners and services count, as it is served, sent and shown.

use super::certificates::Authority;
use super::served::{HUNG, Served, rest};
use crate::control::until;
use crate::support::guest_of;
use crate::support::nats::Nats;
use crate::telemetry::exposition::{Family, read};
use crate::telemetry::receiver::{Of, Receiver, attributes};
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;
use weft_net::counters::ALL;

/// One of each, and for what is lost a channel that nobody reads.
const MANIFEST: &str = r#"
    [components]
    parked = PARKED
    web = HTTP02
    [channels]
    raw = {}
    bad = {}
    alerts = { capacity = "1KiB" }
    lossy = { capacity = "20B", backpressure = "drop" }
    ticks = { capacity = "100B", backpressure = "drop" }
    reports = { capacity = "150B", backpressure = "drop" }
    others = {}
    [sources.log]
    file = "log"
    follow = true
    frames = "json"
    on-error = { channel = "bad" }
    channel = "raw"
    [sources.many]
    file = "many"
    follow = true
    channel = "lossy"
    [sources.unheard]
    file = "no-json"
    follow = true
    frames = "json"
    on-error = { channel = "reports" }
    channel = "others"
    [sources.tick]
    every = "1ms"
    channel = "ticks"
    [sources.bus]
    nats = "NATS"
    subject = "orders"
    channel = "others"
    [processes.lossy]
    component = "parked"
    args = { input = { reader = "lossy" } }
    [processes.ticks]
    component = "parked"
    args = { input = { reader = "ticks" } }
    [processes.reports]
    component = "parked"
    args = { input = { reader = "reports" } }
    [processes.web]
    component = "web"
    [sinks.archive]
    file = "archive"
    fsync = "batch"
    channel = "raw"
    [sinks.bad]
    file = "bad"
    channel = "bad"
    [sinks.others]
    file = "others"
    channel = "others"
    [sinks.alerts]
    file = "alerts"
    channel = "alerts"
    [http.shop]
    listen = "127.0.0.1:0"
    connections = 4
    [http.shop.routes]
    "POST /raw" = { channel = "raw" }
    "POST /orders" = { channel = "alerts" }
    "GET /alerts" = { channel = "alerts" }
    "/web/*" = { process = "web" }
    [http.secure]
    listen = "127.0.0.1:0"
    tls = { certificate = "shop.pem", key = "shop-key.pem" }
    [http.secure.routes]
    "GET /alerts" = { channel = "alerts" }
"#;

/// Runs it, with these options, and the server that it needs.
fn start(options: &[&str]) -> (Served, Nats) {
    let nats = super::nats::block_on(Nats::start());
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    authority.give(folder.path(), "shop", &["localhost"]);
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("log", "100\nno\n200\nnor this\n300\n");
    write("many", &"0123456789\n".repeat(100));
    write("no-json", &"no\n".repeat(100));
    let parked = format!("{:?}", guest_of("parked").display().to_string());
    let text = MANIFEST.replace("PARKED", &parked);
    let text = text.replace("\"NATS\"", &format!("{:?}", nats.address()));
    (Served::within(folder, &text, options), nats)
}

/// Asks for what is counted, and returns what must be counted exactly: the counter, the process and how much.
fn use_it(shop: &Served) -> Vec<(&'static str, &'static str, f64)> {
    let kind = ["-H", "content-type: application/octet-stream"];
    let post = |path: &str, body: &str| {
        let arguments = [&kind[..], &["--data-binary", body]].concat();
        assert_eq!(shop.curl(path, &arguments).1, 202);
    };
    // One of these is no line.
    post("/raw", "good");
    post("/raw", "two\nlines");
    assert_eq!(shop.curl("/nothing", &[]).1, 404);
    assert_eq!(shop.curl("/web/hello", &[]).1, 404);
    // A client that comes again, too late for most.
    let mut events = shop.watch(&["accept: text/event-stream"]);
    post("/orders", "first");
    let last = format!("last-event-id: {}", events.event().0);
    drop(events);
    for n in 0..30 {
        post("/orders", &format!("{n:0100}"));
    }
    let mut events = shop.watch(&["accept: text/event-stream", &last]);
    let lost = std::iter::repeat_with(|| events.line());
    let lost = lost
        .skip_while(|line| line != "event: lost")
        .nth(1)
        .unwrap();
    let lost: f64 = lost.strip_prefix("data: ").unwrap().parse().unwrap();
    drop(events);
    // No TLS.
    let log = shop.says(&["logs", "secure"]);
    let (_, address) = log.split_once("https://").unwrap();
    let address = address.split_whitespace().next().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    stream.set_read_timeout(Some(HUNG)).unwrap();
    rest(stream);
    vec![
        ("source_frames", "log", 3.0),
        ("source_frame", "log", 9.0),
        ("source_dropped", "many", 98.0),
        ("source_frames", "many", 2.0),
        ("source_frame", "many", 20.0),
        ("rejected", "log", 2.0),
        ("rejected", "unheard", 100.0),
        ("rejected_lost", "unheard", 99.0),
        ("sink_frames", "archive", 4.0),
        ("sink_written", "archive", 3.0 * 4.0 + 5.0),
        ("rejected", "archive", 1.0),
        ("sink_frames", "bad", 2.0),
        // Posts, what is nowhere, a guest's answer, and both that look on.
        ("http_requests", "shop", 2.0 + 2.0 + 1.0 + 30.0 + 2.0),
        ("http_refused", "shop", 2.0),
        ("http_frames", "shop", 2.0 + 1.0 + 30.0),
        ("http_overtaken", "shop", lost),
        ("http_disagreed", "secure", 1.0),
    ]
}

/// Takes all places of the listener, and asks once more.
fn turned_away(shop: &Served) -> Vec<TcpStream> {
    let silent: Vec<_> = (0..4).map(|_| shop.connect()).collect();
    until(|| shop.raw(b"").contains("503 Service Unavailable"));
    silent
}

/// As it is served.
fn scrape(address: &str) -> BTreeMap<String, Family> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(HUNG)).unwrap();
    let request = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    read(body)
}

#[test]
fn all_that_they_count_is_served_and_sent_with_its_numbers() {
    let receiver = Receiver::start();
    let options = ["--metrics", "127.0.0.1:0", "--otlp", &receiver.url];
    let (shop, _nats) = start(&options);
    let head = shop.head();
    let (_, address) = head.split_once("metrics at http://").unwrap();
    let (address, _) = address.split_once("/metrics").unwrap();
    let wanted = use_it(&shop);
    let silent = turned_away(&shop);
    let full = |name: &str| {
        let declared = ALL.iter().find(|it| it.name == name);
        declared.unwrap_or_else(|| panic!("{name}")).served()
    };
    let value = |families: &BTreeMap<String, Family>, name: &str, process: &str| {
        let family = families.get(&full(name))?;
        family.value(&[("process", process)])
    };
    let since = Instant::now();
    let families = loop {
        let families = scrape(address);
        let lacks: Vec<_> = wanted
            .iter()
            .map(|(name, process, wanted)| (name, process, wanted, value(&families, name, process)))
            .filter(|(_, _, wanted, found)| *found != Some(**wanted))
            .collect();
        if lacks.is_empty() {
            break families;
        }
        assert!(since.elapsed() < HUNG, "{lacks:?}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    // How often these happen is not up to the test.
    for (name, process) in [
        ("source_missed", "tick"),
        ("sink_syncs", "archive"),
        ("http_turned_away", "shop"),
        ("http_instances", "web"),
    ] {
        assert!(value(&families, name, process) > Some(0.0), "{name}");
    }
    for declared in ALL {
        let family = families.get(&declared.served());
        let family = family.unwrap_or_else(|| panic!("{}", declared.name));
        assert_eq!(
            (&*family.kind, &*family.help),
            ("counter", declared.meaning)
        );
    }
    let has_all = |received: &[(Of, Metric)]| {
        wanted.iter().all(|(name, process, wanted)| {
            let name = full(name).trim_end_matches("_total").to_owned();
            sent(received, &name, process).contains(wanted)
        })
    };
    let since = Instant::now();
    while !has_all(&receiver.received().metrics) {
        assert!(since.elapsed() < HUNG, "not all was sent");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    drop(silent);
}

/// The values of a metric of a process that a collector has got.
fn sent(received: &[(Of, Metric)], name: &str, process: &str) -> Vec<f64> {
    let named = received.iter().filter(|(_, metric)| metric.name == name);
    let points = named.flat_map(|(_, metric)| match &metric.data {
        Some(Data::Sum(sum)) if sum.is_monotonic => sum.data_points.iter(),
        other => panic!("{name}: {other:?}"),
    });
    let of = points.filter(|point| {
        attributes(&point.attributes)
            .get("process")
            .map(String::as_str)
            == Some(process)
    });
    let values = of.filter_map(|point| match point.value {
        Some(Value::AsDouble(value)) => Some(value),
        Some(Value::AsInt(value)) => Some(value as f64),
        None => None,
    });
    values.collect()
}

#[test]
fn top_shows_each_with_its_channels() {
    let (shop, _nats) = start(&[]);
    use_it(&shop);
    let top = shop.says(&["top", "--once", "--interval", "100ms"]);
    for name in [
        "log", "many", "tick", "web", "archive", "bad", "shop", "secure",
    ] {
        let mut rows = top.lines().filter(|row| row.contains("running"));
        let found = rows.any(|row| row.split_whitespace().nth(1) == Some(name));
        assert!(found, "{name}: {top}");
    }
    // What the source of `lossy` lost is in the last column.
    let row = |name: &str| {
        let mut rows = top.lines();
        rows.find(|row| row.split_whitespace().next() == Some(name) && row.contains(" - "))
            .unwrap_or_else(|| panic!("{name}: {top}"))
            .to_owned()
    };
    assert!(row("lossy").trim_end().ends_with(" 98"), "{top}");
    assert!(row("raw").trim_end().ends_with(" 0"), "{top}");
}
