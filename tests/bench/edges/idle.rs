//! The row of connections that wait: what each of them holds of the host's memory, after it has had an answer.

use crate::guest;
use crate::measure::{Case, Round, Setup, Target, round};
use crate::server::Server;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Connections at once.
const CONNECTIONS: usize = 10_000;
/// Descriptors that either side needs for other things.
const OTHERS: u64 = 200;
/// Connections that are made first, so that what is made once is there.
const FIRST: usize = 100;

/// The row.
pub fn cases() -> Vec<Case> {
    vec![Case {
        name: "idle-connections".into(),
        unit: "B/connection",
        row: held(|| Server::weft(&manifest())),
        baseline: "hyper, natively",
        baseline_row: natively(),
        target: Target::Below(16.0 * 1024.0),
    }]
}

fn natively() -> Setup {
    Box::new(|| {
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        let _ = setrlimit(Resource::Nofile, limit);
        match getrlimit(Resource::Nofile).current {
            Some(most) if most < CONNECTIONS as u64 + OTHERS => {
                Err(format!("{most} descriptors are too few (`ulimit -n`)"))
            }
            _ => Ok(held(|| Server::native("hello"))),
        }
    })
}

fn manifest() -> String {
    let guest = guest("http_03");
    let connections = CONNECTIONS + FIRST;
    format!(
        r#"
        [components]
        web = {guest:?}
        [processes.web]
        component = "web"
        serve = {{}}
        [http.front]
        listen = "ADDRESS"
        connections = {connections}
        [http.front.routes]
        "/*" = {{ process = "web" }}
        "#
    )
}

/// Bytes a connection.
fn held(start: fn() -> Server) -> Round {
    round(move || async move {
        let server = start();
        let first = ask(&server, FIRST).await;
        let before = server.resident();
        let more = ask(&server, CONNECTIONS).await;
        let bytes = (server.resident() - before) / CONNECTIONS as f64;
        drop((first, more));
        bytes
    })
}

/// Connections that have had an answer, and are kept open.
async fn ask(server: &Server, count: usize) -> Vec<tokio::net::TcpStream> {
    let mut open = Vec::with_capacity(count);
    for _ in 0..count {
        let mut stream = server.connect().await;
        let head = b"GET /hello HTTP/1.1\r\nhost: localhost\r\n\r\n";
        stream.write_all(head).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"hello") && !answer.ends_with(b"0\r\n\r\n") {
            assert!(stream.read_buf(&mut answer).await.unwrap() > 0);
        }
        open.push(stream);
    }
    open
}
