//! Rows of HTTP: requests that a guest answers, and bodies that become frames. The client is `wrk`.

use crate::guest;
use crate::measure::{Case, Round, Setup, Target, round};
use crate::server::{Lazy, Server, lazy};
use std::process::Command;

/// Connections on which the client asks.
const CONNECTIONS: usize = 32;
/// How long the client asks in a round; it knows whole seconds only.
const SECONDS: u32 = 1;
/// Bytes of a body, at most.
const BODY: usize = 64 << 10;

/// The rows.
pub fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "http-hello-03".into(),
            unit: "ns/request",
            row: asks(lazy(|| hello("http_03", "")), "/hello", None),
            baseline: "hyper, natively",
            baseline_row: native("hello", "/hello", None),
            target: Target::Rate(0.5),
        },
        Case {
            name: "http-hello-02".into(),
            unit: "ns/request",
            row: asks(lazy(|| hello("http_02", "requests = 1")), "/hello", None),
            baseline: "wasmtime serve, an instance a request",
            baseline_row: Box::new(|| {
                let server = Server::wasmtime(&guest("http_02"))?;
                Ok(asks(lazy(|| server), "/hello", None))
            }),
            target: Target::Rate(1.0),
        },
        Case {
            name: "http-post".into(),
            unit: "ns/64 KiB",
            row: asks(lazy(counted), "/lines", Some(lines())),
            baseline: "hyper that throws bodies away",
            baseline_row: native("discard", "/lines", Some(lines())),
            target: Target::Rate(0.5),
        },
    ]
}

/// A guest that says hello.
fn hello(guest_name: &str, serve: &str) -> Server {
    let guest = guest(guest_name);
    Server::weft(&format!(
        r#"
        [components]
        web = {guest:?}
        [processes.web]
        component = "web"
        serve = {{ {serve} }}
        [http.front]
        listen = "ADDRESS"
        [http.front.routes]
        "/*" = {{ process = "web" }}
        "#
    ))
}

/// Bodies whose lines become frames, which a guest counts.
fn counted() -> Server {
    let guest = guest("bench_ends");
    Server::weft(&format!(
        r#"
        [components]
        count = {guest:?}
        [channels]
        lines = {{ capacity = "4MiB" }}
        nothing = {{}}
        [processes.count]
        component = "count"
        args = {{ role = "receive-buffered", frames = 0, size = 64, input = {{ reader = "lines" }}, output = {{ writer = "nothing" }} }}
        [http.front]
        listen = "ADDRESS"
        [http.front.routes]
        "POST /lines" = {{ channel = "lines", frames = "lines" }}
        "#
    ))
}

/// Lines of JSON.
fn lines() -> String {
    let line = r#"{"order":17,"item":"tea","price":3.5,"to":"Anna"}"#;
    format!("{line}\\n").repeat(BODY / (line.len() + 1))
}

fn native(what: &'static str, path: &'static str, body: Option<String>) -> Setup {
    Box::new(move || {
        let server = Server::native(what);
        Ok(asks(lazy(|| server), path, body.clone()))
    })
}

/// Nanoseconds a request of `wrk`, with this body if there is one.
fn asks(server: Lazy, path: &'static str, body: Option<String>) -> Round {
    round(move || {
        let (server, body) = (server.clone(), body.clone());
        async move {
            drop(server.connect().await);
            let url = format!("http://{}{path}", server.address);
            let asked = tokio::task::spawn_blocking(move || wrk(&url, body.as_deref()));
            asked.await.unwrap()
        }
    })
}

fn wrk(url: &str, body: Option<&str>) -> f64 {
    let script = tempfile::NamedTempFile::with_suffix(".lua").unwrap();
    if let Some(body) = body {
        let text = format!(
            "wrk.method = \"POST\"\nwrk.headers[\"content-type\"] = \"application/x-ndjson\"\nwrk.body = '{body}'\n"
        );
        std::fs::write(script.path(), text).unwrap();
    }
    let output = Command::new("wrk")
        .args(["--threads", "1", "--connections"])
        .arg(CONNECTIONS.to_string())
        .args(["--duration", &format!("{SECONDS}s"), "--script"])
        .arg(script.path())
        .arg(url)
        .output()
        .expect("`./dev bench` installs wrk");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains("Non-2xx"), "{url}: {text}");
    let rate = text.lines().find_map(|line| {
        let (_, rate) = line.split_once("Requests/sec:")?;
        rate.trim().parse::<f64>().ok()
    });
    1e9 / rate.unwrap_or_else(|| panic!("{url}: {text}"))
}
