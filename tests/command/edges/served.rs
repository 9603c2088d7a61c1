//! A `weft up` that listens for HTTP, with what speaks to it: curl, raw bytes, and a client that looks on.

use crate::control::{Machine, Up, until};
use serde_json::Value;
use std::cell::Cell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
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

    /// One that keeps its port when it is started again.
    pub fn on_a_port(text: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        Self::new(&text.replace("127.0.0.1:0", &address))
    }

    /// One whose manifest is in this folder, with these options of `weft up`. It logs from `info` on, unless they say otherwise.
    pub fn within(folder: tempfile::TempDir, text: &str, options: &[&str]) -> Self {
        let machine = Machine::new();
        super::manifest(folder.path(), text);
        let file = folder.path().join("weft.toml");
        let level: &[&str] = match options.contains(&"--log-level") {
            true => &[],
            false => &["--log-level", "info"],
        };
        let options = [level, options].concat();
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

    /// What it has said until its processes were started.
    pub fn head(&self) -> &str {
        &self.up.as_ref().unwrap().head
    }

    /// A connection on which nothing has been said.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(HUNG)).unwrap();
        stream
    }

    /// What its log has up to now.
    pub fn log(&self) -> String {
        self.says(&["logs", "shop"])
    }

    /// What a command prints that is asked about it.
    pub fn says(&self, command: &[&str]) -> String {
        let on = self.pid().to_string();
        self.machine.says(&[command, &["--on", &on]].concat())
    }

    /// The processes of this name and the ids of their starters, in the order of `weft ps`.
    pub fn processes(&self, name: &str) -> Vec<(u64, Option<u64>)> {
        let rows = self.says(&["ps", "--json"]);
        let rows: Value = serde_json::from_str(&rows).unwrap();
        let rows = rows["processes"].as_array().unwrap().iter();
        let named = rows.filter(|row| row["name"] == name);
        let ids = named.map(|row| (row["id"].as_u64().unwrap(), row["starter"].as_u64()));
        ids.collect()
    }

    /// Sends the head of a request, and leaves its answer to be read.
    pub fn ask(&self, path: &str) -> TcpStream {
        let mut stream = self.connect();
        let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        stream
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
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        rest(stream)
    }

    /// The lines of an answer that goes on.
    pub fn watch(&self, headers: &[&str]) -> Watching {
        self.watch_at("/alerts", headers)
    }

    pub fn watch_at(&self, path: &str, headers: &[&str]) -> Watching {
        let mut stream = self.connect();
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

/// What comes until the connection is closed.
pub fn rest(mut stream: TcpStream) -> String {
    let mut said = Vec::new();
    // It may be broken off, as something that was sent is left unread.
    let _ = stream.read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

/// Says that it is over when it is dropped, also when a test fails: a scope waits for those who look at it.
pub struct Ends<'a>(pub &'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
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
