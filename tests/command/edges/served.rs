//! A `weft up` that listens for HTTP, with what speaks to it: curl, raw bytes, and a client that looks on.

use crate::control::{Machine, Up, until};
use std::cell::Cell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

/// More than enough for anything that does not hang.
pub const HUNG: Duration = Duration::from_secs(60);

/// Orders come in by POST, pass a stage, and are seen as alerts.
pub const SHOP: &str = r#"
    [components]
    stage = TRANSFORM
    [channels]
    orders = {}
    alerts = {}
    [processes.stage]
    transform = "stage"
    input = "orders"
    output = "alerts"
    [http.shop]
    listen = "127.0.0.1:0"
    max-body = "64KiB"
    connections = 8
    [http.shop.routes]
    "POST /orders" = { channel = "orders" }
    "POST /raw/*" = { channel = "orders", frames = "lines" }
    "GET /alerts" = { channel = "alerts" }
"#;

/// A `weft up` that listens.
pub struct Served {
    /// None once it has been stopped.
    up: Option<Up>,
    pub address: SocketAddr,
    /// `http`, or `https`.
    pub scheme: String,
    pub folder: tempfile::TempDir,
    machine: Machine,
}

impl Served {
    pub fn new(text: &str) -> Self {
        Self::within(tempfile::tempdir().unwrap(), text, &[])
    }

    /// One whose manifest is in this folder, with these options of `weft up`.
    pub fn within(folder: tempfile::TempDir, text: &str, options: &[&str]) -> Self {
        let machine = Machine::new();
        super::manifest(folder.path(), text);
        let file = folder.path().join("weft.toml");
        let options = [&["--log-level", "info"], options].concat();
        let up = machine.up(&file, &options);
        let on = up.pid().to_string();
        let found = Cell::new(None);
        until(|| {
            let log = machine.says(&["logs", "shop", "--on", &on]);
            let Some((_, at)) = log.split_once("listens on ") else {
                return false;
            };
            found.set(at.split_whitespace().next().map(str::to_owned));
            true
        });
        let found = found.take().unwrap();
        let (scheme, address) = found.split_once("://").unwrap();
        Self {
            up: Some(up),
            address: address.parse().unwrap(),
            scheme: scheme.to_owned(),
            folder,
            machine,
        }
    }

    pub fn pid(&self) -> u32 {
        self.up.as_ref().unwrap().pid()
    }

    /// What its log has up to now.
    pub fn log(&self) -> String {
        let on = self.pid().to_string();
        self.machine.says(&["logs", "shop", "--on", &on])
    }

    /// Stops it, and returns what it has said.
    pub fn stop(&mut self) -> String {
        self.up.take().map(Up::interrupt).unwrap_or_default()
    }

    /// What curl prints for these arguments, and the status behind it.
    pub fn curl(&self, path: &str, arguments: &[&str]) -> (String, u16) {
        let url = format!("{}://{}{path}", self.scheme, self.address);
        let output = Command::new("curl")
            .args([
                "--silent",
                "--max-time",
                "50",
                "--write-out",
                "\n%{http_code}",
            ])
            .args(arguments)
            .arg(url)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let (body, status) = text.rsplit_once('\n').unwrap();
        (body.trim_end().to_owned(), status.parse().unwrap())
    }

    pub fn post(&self, kind: &str, body: &str) -> (String, u16) {
        let kind = format!("content-type: {kind}");
        self.curl("/orders", &["-H", &kind, "--data-binary", body])
    }

    /// Sends bytes, and returns what comes back until the connection is closed.
    pub fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(HUNG)).unwrap();
        stream.write_all(bytes).unwrap();
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said);
        String::from_utf8_lossy(&said).into_owned()
    }

    /// The lines of an answer that goes on.
    pub fn watch(&self, headers: &[&str]) -> Watching {
        self.watch_at("/alerts", headers)
    }

    pub fn watch_at(&self, path: &str, headers: &[&str]) -> Watching {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(HUNG)).unwrap();
        // Of this version, so that the answer comes without chunks.
        let mut asked = format!("GET {path} HTTP/1.0\r\n");
        for header in headers {
            asked.push_str(header);
            asked.push_str("\r\n");
        }
        stream.write_all(format!("{asked}\r\n").as_bytes()).unwrap();
        let mut watching = Watching(BufReader::new(stream));
        // Once the head is there, the client sees all that is written.
        while watching.line() != "\r" {}
        watching
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.stop();
        }
    }
}

/// A client that looks on.
pub struct Watching(BufReader<TcpStream>);

impl Watching {
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.0.read_line(&mut line).unwrap() > 0, "it ends");
        line.trim_end_matches('\n').to_owned()
    }

    /// The next event: its id and its data.
    pub fn event(&mut self) -> (String, String) {
        let (mut id, mut data) = (String::new(), String::new());
        loop {
            let line = self.line();
            match line.split_once(": ") {
                Some(("id", text)) => text.clone_into(&mut id),
                Some(("data", text)) => text.clone_into(&mut data),
                _ if line.is_empty() && !data.is_empty() => return (id, data),
                _ => {}
            }
        }
    }
}
