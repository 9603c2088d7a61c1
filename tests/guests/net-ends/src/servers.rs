//! Guests that listen. `with` is the name of a certificate, or how many clients there are, or both.

use super::{copy, of_ends, read_all};
use std::time::Duration;
use weft_guest::net::{ListenOptions, Listener};
use weft_guest::{Channel, Handle, Process, Result, StartOptions, process, select, spawn, time};

/// Listens with these options: words such as `certificate=www`, `capacity=1000` and `alpn=echo`.
fn listen(address: &str, with: &str) -> Result<Listener> {
    let mut options = ListenOptions::new();
    for word in with.split_whitespace() {
        options = match word.split_once('=') {
            Some(("certificate", name)) => options.certificate(name),
            Some(("capacity", bytes)) => options.capacity(bytes.parse()?),
            Some(("alpn", protocol)) => options.protocol(protocol),
            _ => options,
        };
    }
    let listener = Listener::listen_with(address, options)?;
    let shown = listener.address();
    let (_, shown) = shown.split_once("://").unwrap_or_default();
    println!("listening on {shown}");
    Ok(listener)
}

/// The number among the words.
fn number(with: &str) -> usize {
    let mut numbers = with.split_whitespace().filter_map(|word| word.parse().ok());
    numbers.next().unwrap_or(1)
}

/// Echoes so many clients beside each other.
pub async fn echo(address: &str, with: &str) -> Result<String> {
    let listener = listen(address, with)?;
    let mut clients = Vec::new();
    for _ in 0..number(with) {
        let client = listener.accept().await?;
        clients.push(spawn(copy(client.input, client.output)));
    }
    let mut bytes = 0;
    for client in clients {
        bytes += client.await??;
    }
    Ok(format!("echoed {bytes}"))
}

/// Listens, and accepts nobody until it is asked to stop.
pub async fn accept_nobody(address: &str, with: &str) -> Result<String> {
    let _listener = listen(address, with)?;
    process::stop_request().await;
    Ok(String::new())
}

/// Accepts so many clients and reads nothing of what they send until it is asked to stop.
pub async fn read_nothing(address: &str, with: &str) -> Result<String> {
    let listener = listen(address, with)?;
    let mut held = Vec::new();
    for _ in 0..number(with) {
        held.push(listener.accept().await?);
        println!("accepted");
    }
    process::stop_request().await;
    Ok(held.len().to_string())
}

/// Reads to the end of what one client sends, or to an error.
pub async fn read_to_the_end(address: &str, with: &str) -> Result<String> {
    let listener = listen(address, with)?;
    let mut client = listener.accept().await?;
    println!("accepted");
    let read = read_all(&mut client.input).await;
    let written = client.output.write("late").await;
    Ok(format!("{:?} {written:?}", read.map(|read| read.len())))
}

/// Says who the client is.
pub async fn who(address: &str, with: &str) -> Result<String> {
    let listener = listen(address, with)?;
    let mut client = listener.accept().await?;
    client
        .output
        .write(client.names.join(","))
        .await?
        .or_dropped();
    read_all(&mut client.input).await?;
    Ok(format!("{:?} {:?}", client.names, client.protocol))
}

/// Gives each of so many clients to a child of its own, which has no right to the network.
pub async fn hand_over(address: &str, with: &str) -> Result<String> {
    let listener = listen(address, with)?;
    let mut children = Vec::new();
    for _ in 0..number(with) {
        let client = listener.accept().await?;
        let options = StartOptions::new("net-ends")
            .entry_point("serve")
            .capabilities(of_ends())
            .arg(client.input)
            .arg(client.output);
        children.push(Process::start(options)?);
    }
    let mut said = Vec::new();
    for child in children {
        said.push(child.wait().await.to_string());
    }
    Ok(said.join(", "))
}

/// Sends the ends of a client along a frame to itself, and goes on with those.
pub async fn hand_over_by_frame(address: &str, with: &str) -> Result<String> {
    let listener = listen(address, with)?;
    let channel = Channel::bounded(1000)?;
    let mut inbox = channel.strong_reader()?;
    let client = listener.accept().await?;
    let ends: [Handle; 2] = [client.input.into(), client.output.into()];
    channel
        .strong_writer()?
        .write_with("a client", ends)
        .await?
        .or_dropped();
    let mut ends = inbox.read().await?.unwrap_or_default().handles.into_iter();
    let input = ends.next().and_then(Handle::reader);
    let output = ends.next().and_then(Handle::writer);
    match (input, output) {
        (Some(input), Some(output)) => Ok(format!("echoed {}", copy(input, output).await?)),
        _ => Ok("the ends are gone".to_owned()),
    }
}

/// Waits for clients and something else at once, many times, and loses no client.
pub async fn select(address: &str) -> Result<String> {
    let listener = listen(address, "")?;
    let mut given_up = 0;
    let client = loop {
        select! {
            client = listener.accept() => break client?,
            _ = time::sleep(Duration::from_millis(1)) => given_up += 1,
        }
    };
    copy(client.input, client.output).await?;
    Ok(format!("given up: {}", given_up > 0))
}
