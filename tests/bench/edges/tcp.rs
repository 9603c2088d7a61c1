//! Rows of TCP: one client whose bytes come back, by the ends of a guest.

use crate::guest;
use crate::measure::{Case, Round, Setup, Target, nanoseconds_each, round};
use crate::server::{Lazy, Server, lazy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The rows.
pub fn cases() -> Vec<Case> {
    let row = |name: &str, size, times, target| Case {
        name: name.into(),
        unit: "ns/round trip",
        row: echoes(lazy(guests), size, times),
        baseline: "tokio, natively",
        baseline_row: native(size, times),
        target: Target::Rate(target),
    };
    vec![
        row("tcp-echo-64", 64, 10_000, 0.4),
        row("tcp-echo-64-kib", 64 << 10, 2_000, 0.6),
    ]
}

fn guests() -> Server {
    let guest = guest("bench_net");
    Server::weft(&format!(
        r#"
        [components]
        echo = {guest:?}
        [processes.echo]
        component = "echo"
        args = {{ address = "tcp://ADDRESS" }}
        capabilities = ["listen=tcp://ADDRESS", "channel-reader", "channel-writer"]
        "#
    ))
}

fn native(size: usize, times: u64) -> Setup {
    Box::new(move || {
        let server = Server::native("echo");
        Ok(echoes(lazy(|| server), size, times))
    })
}

/// Nanoseconds until so many bytes are back.
fn echoes(server: Lazy, size: usize, times: u64) -> Round {
    round(move || {
        let server = server.clone();
        async move {
            let mut stream = server.connect().await;
            stream.set_nodelay(true).unwrap();
            let (sent, mut back) = (vec![7; size], vec![0; size]);
            nanoseconds_each(times, async move {
                let (mut input, mut output) = stream.split();
                for _ in 0..times {
                    // Beside each other: large ones do not fit into what the system holds.
                    let (wrote, read) =
                        tokio::join!(output.write_all(&sent), input.read_exact(&mut back));
                    wrote.and(read).unwrap();
                }
            })
            .await
        }
    })
}
