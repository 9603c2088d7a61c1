//! A program that writes is killed, and what it was told of as sent is looked for from outside.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use weft_nats::{Format, Server, ServerConfig};

use crate::{common::Nats, support::*};

/// Where the program that is killed finds the server. Without it, it is a test that does nothing.
const ADDRESS: &str = "WEFT_TEST_NATS";

/// Frames that it is let write.
const FRAMES: usize = 200;

fn plain() -> weft_nats::ChannelConfig {
    orders(1 << 20).format(Format::Plain)
}

/// The program that is killed. It says each frame that it was told of as sent.
#[tokio::test]
async fn a_program_that_writes() {
    let Ok(address) = std::env::var(ADDRESS) else {
        return;
    };
    let server = Server::connect(ServerConfig::new(address)).await.unwrap();
    let orders = server.channel(plain()).await.unwrap();
    let writer = writer(&orders.channel()).await;
    for n in 0.. {
        send(&writer, &[&format!("{} {n}", writer.id())]).await;
        println!("\nsent {} {n}", writer.id());
    }
}

#[tokio::test]
async fn what_a_killed_program_was_told_of_as_sent_is_there_once_and_in_order() {
    let nats = Nats::start().await;
    let mut said = Vec::new();
    for _ in 0..3 {
        said.extend(run_and_kill(&nats));
    }
    let there = outside(&nats, "weft.frames.orders").await;
    for writer in 1..=3 {
        let of = |all: &[String]| {
            let own = format!("{writer} ");
            let numbers = all.iter().filter_map(|it| it.strip_prefix(&own));
            numbers
                .map(|it| it.parse::<usize>().unwrap())
                .collect::<Vec<_>>()
        };
        let (said, there) = (of(&said), of(&there));
        assert!(said.len() >= FRAMES);
        let count = there.len();
        assert!(
            there == (0..count).collect::<Vec<_>>(),
            "each once, in order"
        );
        // One may have been on its way.
        assert!(
            said.len() <= count && count <= said.len() + 1,
            "{count} of {}",
            said.len()
        );
    }
    // Who comes then reads the same.
    let server = nats.connect().await;
    let orders = server.channel(plain()).await.unwrap();
    assert!(rest(&strong(&orders.channel()).await).await == there);
}

/// What it said before it was killed.
fn run_and_kill(nats: &Nats) -> Vec<String> {
    let mut program = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::a_program_that_writes", "--nocapture"])
        .env(ADDRESS, nats.address())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let mut said = Vec::new();
    for line in lines.map_while(Result::ok) {
        if let Some(frame) = line.strip_prefix("sent ") {
            said.push(frame.to_owned());
        }
        if said.len() == FRAMES {
            // What it still says is read to the end.
            program.kill().unwrap();
        }
    }
    program.wait().unwrap();
    said
}
