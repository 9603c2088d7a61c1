//! A durable channel, as `weft channels`, `weft peek` and a live page show it.

use super::{server, writing};
use crate::control::{Machine, until};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

/// The metrics of a runner that has said this.
fn scraped(said: &str) -> String {
    let address = said.split("http://").nth(1).unwrap();
    let address = address.split('/').next().unwrap();
    let mut client = TcpStream::connect(address).unwrap();
    client
        .write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_durable_channel_is_listed_and_its_newest_frames_are_shown() {
    let nats = server();
    let machine = Machine::new();
    let text = writing(&nats, "to = \"stdout\"\n");
    let manifest = machine.manifest("shop", &text);
    let mut command = machine.prepare(&manifest, &["--metrics", "127.0.0.1:0"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let up = crate::control::Up::of(child);
    writeln!(stdin, "one").unwrap();
    until(|| machine.json(&["channels"])["channels"][0]["frames_written"] == 1);
    let shown = machine.says(&["peek", "orders"]);
    assert!(shown.contains("one"), "{shown}");
    let metrics = scraped(&up.head);
    let server = nats.address();
    for wanted in [
        format!("weft_server_connected{{server=\"{server}\"}} 1"),
        format!("weft_server_reconnects_total{{server=\"{server}\"}} 0"),
        format!("weft_server_waiting{{server=\"{server}\"}} 0"),
        "weft_channel_frames_written_total{channel=\"orders\",maker=\"\"} 1".to_owned(),
    ] {
        assert!(metrics.contains(&wanted), "{wanted}: {metrics}");
    }
    drop(stdin);
    let (code, said) = up.wait();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("channel orders"), "{said}");
}

#[test]
fn a_live_page_shows_what_comes_from_now_on() {
    let nats = server();
    let machine = Machine::new();
    let text = writing(&nats, "")
        + "[http.live]\nlisten = \"127.0.0.1:0\"\n[http.live.routes]\n\"GET /orders\" = { channel = \"orders\" }\n";
    let manifest = machine.manifest("live", &text);
    let mut command = machine.prepare(&manifest, &["--log-level", "info"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let up = crate::control::Up::of(child);
    writeln!(stdin, "before").unwrap();
    until(|| machine.json(&["channels"])["channels"][0]["frames_written"] == 1);
    let listens = || {
        let logs = machine.says(&["logs", "live"]);
        let at = logs.split("127.0.0.1:").nth(1)?;
        let digits: String = at.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u16>().ok()
    };
    until(|| listens().is_some());
    let mut client = TcpStream::connect(("127.0.0.1", listens().unwrap())).unwrap();
    client
        .write_all(b"GET /orders HTTP/1.1\r\nhost: x\r\naccept: application/x-ndjson\r\n\r\n")
        .unwrap();
    let mut lines = BufReader::new(client).lines();
    let status = lines.next().unwrap().unwrap();
    assert!(status.contains("200"), "{status}");
    writeln!(stdin, "after").unwrap();
    let shown = lines.find(|line| {
        let line = line.as_ref().unwrap();
        line.contains("after") || line.contains("before")
    });
    assert!(shown.unwrap().unwrap().contains("after"));
    drop(stdin);
    up.interrupt();
}
