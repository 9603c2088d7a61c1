//! Three servers keep a channel, and one of them fails.

use std::time::Instant;

use weft_nats::{ChannelError, Server, ServerConfig};

use crate::{common::Nats, support::*};

fn config(servers: &[Nats]) -> ServerConfig {
    servers[0]
        .config()
        .addresses(servers.iter().map(Nats::address).collect())
}

/// The channel, once the servers have found each other.
async fn open(server: &Server) -> weft_nats::Durable {
    let config = orders(1 << 20).replicas(3);
    soon(async {
        loop {
            match server.channel(config.clone()).await {
                Ok(channel) => return channel,
                Err(ChannelError::Server { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    })
    .await
}

#[tokio::test]
async fn one_server_of_three_is_killed_and_nothing_is_lost_or_doubled() {
    const FRAMES: usize = 200;
    let mut servers = Nats::cluster().await;
    let (here, there) = (
        Server::connect(config(&servers)).await.unwrap(),
        Server::connect(config(&servers)).await.unwrap(),
    );
    let (mine, others) = (open(&here).await, open(&there).await);
    let writer = writer(&mine.channel()).await;
    let reader = strong(&others.channel()).await;
    for (killed, server) in servers.iter_mut().enumerate() {
        let frames: Vec<_> = (0..FRAMES).map(|n| format!("{killed} {n}")).collect();
        let mut since = None;
        let mut longest = std::time::Duration::ZERO;
        for (n, frame) in frames.iter().enumerate() {
            if n == FRAMES / 2 {
                server.kill();
                since = Some(Instant::now());
            }
            soon(async { while writer.write(frame.clone().into()).await != Ok(true) {} }).await;
            if let Some(since) = since.take() {
                longest = since.elapsed();
            }
        }
        println!("{longest:.1?} until a write went on after server {killed} was killed");
        // A write that failed while it was on its way may be there all the same; nothing else is there twice, and nothing is missing.
        let mut read = Vec::new();
        while read.last() != frames.last() {
            read.push(next(&reader).await);
        }
        let doubled = read.len() - FRAMES;
        read.dedup();
        assert!(read == frames, "{} of {FRAMES}", read.len());
        assert!(
            doubled <= 1 || longest > here_patience() * doubled as u32,
            "{doubled} twice"
        );
        server.begin().await;
    }
}

fn here_patience() -> std::time::Duration {
    ServerConfig::new("").patience
}
