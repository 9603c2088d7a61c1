//! A browser: the page of the example, its `EventSource`, its `fetch` and a WebSocket beside them, from an origin that is named and from
//! one that is not. `./dev browser` runs it, since Chromium is a large package.

use super::certificates::Authority;
use super::live_page::{SHOWN, example_with};
use super::served::{HUNG, Served};
use crate::support::repository;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use tempfile::TempDir;

/// What the page says of itself once it has seen a flight both ways, or has been refused in all ways.
const REPORT: &str = r#"<script>
  const socket = new WebSocket(`${shop.replace("http", "ws")}/late`);
  const report = { events: 0, message: null, posted: null, refused: [] };
  const tell = () => fetch("/report", { method: "POST", body: JSON.stringify(report) });
  const look = () => {
    report.events = count;
    if (count > 0 && report.message && report.posted) tell();
    if (report.refused.length >= 3) tell();
  };
  socket.onmessage = (event) => { report.message = event.data; look(); };
  socket.onerror = () => { report.refused.push("websocket"); look(); };
  seen.addEventListener("message", look);
  seen.addEventListener("error", () => { seen.close(); report.refused.push("events"); look(); });
  const body = '{"date":"2001/01/01 12:00","delay":90,"distance":1,"origin":"A","destination":"B"}';
  const ready = () => {
    if (report.refused.length < 2 && !(seen.readyState === 1 && socket.readyState === 1)) return setTimeout(ready, 20);
    fetch(`${shop}/flights`, { method: "POST", headers: { "content-type": "application/json" }, body })
      .then(async (answer) => { report.posted = await answer.json(); look(); })
      .catch(() => { report.refused.push("fetch"); look(); });
  };
  ready();
</script>"#;

/// Serves a page, and takes what it reports.
struct Page {
    port: u16,
    reports: Receiver<Value>,
}

impl Page {
    fn new(listener: TcpListener, html: String) -> Self {
        let port = listener.local_addr().unwrap().port();
        let (sender, reports) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Some((line, body)) = request(stream.as_ref().unwrap()) else {
                    continue;
                };
                let (status, answer) = match line.split(' ').nth(1) {
                    Some("/") => ("200 OK", html.as_str()),
                    Some("/report") => ("204 No Content", ""),
                    _ => ("404 Not Found", ""),
                };
                if status.starts_with("204") {
                    let _ = sender.send(serde_json::from_str(&body).unwrap());
                }
                let _ = write!(
                    stream.unwrap(),
                    "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n{answer}",
                    answer.len()
                );
            }
        });
        Self { port, reports }
    }
}

/// The first line of a request, and its body; none if nothing comes, as browsers connect in advance.
fn request(mut stream: &TcpStream) -> Option<(String, String)> {
    stream
        .set_read_timeout(Some(std::time::Duration::from_secs(2)))
        .unwrap();
    let mut said = Vec::new();
    loop {
        let mut piece = [0; 4096];
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return None,
            Ok(count) => said.extend(&piece[..count]),
        }
        let text = String::from_utf8_lossy(&said).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.parse::<usize>().unwrap())
        });
        if body.len() >= length.unwrap_or(0) {
            return Some((head.lines().next()?.to_owned(), body.to_owned()));
        }
    }
}

/// A browser, which ends with the test.
struct Browser {
    child: Child,
    _profile: TempDir,
}

impl Browser {
    fn open(url: &str) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let child = Command::new("chromium")
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                // The certificate is one of the test's own.
                "--ignore-certificate-errors",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("--remote-debugging-port=0")
            .arg(url)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("`./dev browser` installs chromium");
        Self {
            child,
            _profile: profile,
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a browser reports of the page of this listener, when the page is served at this port.
fn report(shop: &Served, listener: TcpListener) -> Value {
    let html = std::fs::read_to_string(repository().join("examples/webhook/live.html")).unwrap();
    let here = format!("{}://{}", shop.scheme, shop.address);
    let html = html.replace(&format!("http://{SHOWN}"), &here) + REPORT;
    let page = Page::new(listener, html);
    let _browser = Browser::open(&format!("http://localhost:{}/", page.port));
    page.reports.recv_timeout(HUNG).expect("the page reports")
}

#[test]
#[ignore = "`./dev browser` runs it"]
fn a_browser_sees_frames_from_a_page_that_is_named_and_nothing_from_another() {
    let authority = Authority::new();
    for tls in [
        "",
        "tls = { certificate = \"shop.pem\", key = \"shop-key.pem\" }",
    ] {
        let folder = tempfile::tempdir().unwrap();
        authority.give(folder.path(), "shop", &["localhost", "127.0.0.1"]);
        let listener = || TcpListener::bind("127.0.0.1:0").unwrap();
        let (named, other) = (listener(), listener());
        let page = format!("http://localhost:{}", named.local_addr().unwrap().port());
        let shop = example_with(folder, &page, tls);
        let seen = report(&shop, named);
        assert_eq!(seen["events"], 1, "{seen}");
        assert_eq!(seen["posted"]["accepted"], 1, "{seen}");
        let message: Value = serde_json::from_str(seen["message"].as_str().unwrap()).unwrap();
        assert_eq!(message["delay"], 90, "{seen}");
        let refused = report(&shop, other);
        assert_eq!(refused["events"], 0, "{refused}");
        assert_eq!(refused["message"], Value::Null, "{refused}");
        for way in ["events", "websocket", "fetch"] {
            let ways = refused["refused"].as_array().unwrap();
            assert!(ways.contains(&way.into()), "{way}: {refused}");
        }
    }
}
