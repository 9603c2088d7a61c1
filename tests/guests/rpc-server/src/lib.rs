//! Answers requests in one way of many. What each must lead to, the suite
//! `tests/host/sdk_rpc.rs` says.

use std::time::Duration;
use weft_guest::futures::{FutureExt, select};
use weft_guest::rpc::{Request, Server, TypedServer};
use weft_guest::{Error, Handle, Reader, Result, Writer, spawn, time};

/// Answers until the requests end, or as the mode says. Returns what it counted.
#[weft_guest::main]
async fn main(mode: String, requests: Reader, tell: Writer, number: u32) -> Result<String> {
    match mode.as_str() {
        "echo" => echo(Server::new(requests)).await,
        "forgetful" => echo(Server::new(requests).max_idle(number as usize)).await,
        "reverse" => reverse(requests, number).await,
        "slow" => slow(requests, tell).await,
        "delayed" => delayed(requests).await,
        "holds-first" => holds_first(requests, tell).await,
        "polling" => polling(requests, tell).await,
        "silent" => silent(requests).await,
        "dies" => dies(requests, tell, number).await,
        "odd" => odd(requests).await,
        "typed" => typed(requests).await,
        "large" => large(requests, number).await,
        _ => Err(Error::msg(format!("no mode {mode}"))),
    }
}

async fn echo(mut server: Server) -> Result<String> {
    let mut count = 0;
    while let Some(mut request) = server.next().await? {
        let payload = request.take_payload();
        request.reply(payload).await?;
        count += 1;
    }
    Ok(format!("{count} {}", server.clients()))
}

/// Collects so many requests and answers the last first.
async fn reverse(requests: Reader, number: u32) -> Result<String> {
    let mut server = Server::new(requests);
    let mut held: Vec<Request> = Vec::new();
    while let Some(request) = server.next().await? {
        held.push(request);
        if held.len() == number as usize {
            while let Some(request) = held.pop() {
                let payload = request.payload().to_vec();
                request.reply(payload).await?;
            }
        }
    }
    Ok("done".to_owned())
}

/// Works for ever on each request, and tells of those that are given up.
async fn slow(requests: Reader, tell: Writer) -> Result<String> {
    let mut server = Server::new(requests);
    let tell = std::rc::Rc::new(tell);
    while let Some(request) = server.next().await? {
        let tell = std::rc::Rc::clone(&tell);
        spawn(async move {
            select! {
                () = time::sleep(Duration::from_secs(3600)).fuse() => {}
                () = request.cancelled().fuse() => {
                    let text = String::from_utf8_lossy(request.payload()).into_owned();
                    let _ = tell.write(format!("cancelled {text}")).await;
                }
            }
        });
    }
    Ok("done".to_owned())
}

/// Answers each request a moment later, but for those that are never answered.
async fn delayed(requests: Reader) -> Result<String> {
    let mut server = Server::new(requests);
    while let Some(request) = server.next().await? {
        spawn(async move {
            if request.payload() == b"never" {
                return request.cancelled().await;
            }
            time::sleep(Duration::from_millis(20)).await;
            let payload = request.payload().to_vec();
            let _ = request.reply(payload).await;
        });
    }
    Ok("done".to_owned())
}

/// Keeps the first request, tells of it, and answers all others. Says at the end whether the first is waited for.
async fn holds_first(requests: Reader, tell: Writer) -> Result<String> {
    let mut server = Server::new(requests);
    let first = server
        .next()
        .await?
        .ok_or_else(|| Error::msg("no request"))?;
    tell.write("held").await?.or_dropped();
    while let Some(mut request) = server.next().await? {
        let payload = request.take_payload();
        request.reply(payload).await?;
    }
    let cancelled = first.is_cancelled();
    Ok(format!("{cancelled} {}", first.reply("too late").await?))
}

/// Looks now and then whether its request was given up.
async fn polling(requests: Reader, tell: Writer) -> Result<String> {
    let mut server = Server::new(requests);
    while let Some(request) = server.next().await? {
        while !request.is_cancelled() {
            time::sleep(Duration::from_millis(1)).await;
        }
        tell.write("seen").await?.or_dropped();
        // What came meanwhile is still there.
        if let Some(next) = server.next().await? {
            next.reply("next").await?;
        }
    }
    Ok("done".to_owned())
}

/// Drops every request.
async fn silent(requests: Reader) -> Result<String> {
    let mut server = Server::new(requests);
    while let Some(request) = server.next().await? {
        drop(request);
    }
    Ok("done".to_owned())
}

/// Ends with so many requests unanswered.
async fn dies(requests: Reader, tell: Writer, number: u32) -> Result<String> {
    let mut server = Server::new(requests);
    for _ in 0..number {
        if let Some(request) = server.next().await? {
            // Dropping it would tell the client.
            std::mem::forget(request);
        }
    }
    tell.write("dying").await?.or_dropped();
    Ok("dead".to_owned())
}

/// Speaks the protocol by hand, with much that is no part of it.
async fn odd(mut requests: Reader) -> Result<String> {
    let mut replies = None;
    while let Some(frame) = requests.read().await? {
        replies = frame
            .handles
            .into_iter()
            .find_map(Handle::writer)
            .or(replies);
        let Some(replies) = &replies else { continue };
        let envelope = frame
            .payload
            .get(frame.payload.len() - 8..)
            .unwrap_or_default();
        let reply = |text: &str, kind: u8, number: &[u8]| {
            let mut frame = text.as_bytes().to_vec();
            frame.push(kind);
            frame.extend_from_slice(number);
            frame
        };
        for frame in [
            Vec::new(),
            vec![3; 5],
            reply("nobody asked", 3, &[0xff; 8]),
            reply("no such kind", 77, envelope),
            reply("a call", 1, envelope),
            reply("right", 3, envelope),
            reply("too late", 3, envelope),
        ] {
            replies.write(frame).await?.or_dropped();
        }
    }
    Ok("done".to_owned())
}

/// Adds numbers.
async fn typed(requests: Reader) -> Result<String> {
    let mut server = TypedServer::<(u32, u32), u64>::new(requests);
    while let Some(request) = server.next().await? {
        let (a, b) = request.value;
        request.reply(&(u64::from(a) + u64::from(b))).await?;
    }
    Ok(server.undecodable().to_string())
}

/// Replies with so many bytes, and then with few.
async fn large(requests: Reader, bytes: u32) -> Result<String> {
    let mut server = Server::new(requests);
    let mut outcomes = Vec::new();
    while let Some(request) = server.next().await? {
        let payload = vec![
            7;
            if outcomes.is_empty() {
                bytes as usize
            } else {
                1
            }
        ];
        outcomes.push(match request.reply(payload).await {
            Ok(sent) => sent.to_string(),
            Err(error) => format!("{error:?}"),
        });
    }
    Ok(outcomes.join(" "))
}
