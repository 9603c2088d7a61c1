//! Waits that are given up again and again: each must leave what it waits for to the next.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;
use weft_guest::futures::future::{Either, select};
use weft_guest::futures::{SinkExt, StreamExt};
use weft_guest::rpc::{Client, Server};
use weft_guest::{
    Batch, Channel, Error, Monitor, Process, Reader, Result, StartOptions, TypedWriter, Writer,
    registry, spawn, time,
};

/// So often at least.
const TIMES: u32 = 1000;

pub async fn play(name: &str, input: Reader, output: Writer, number: u32) -> Result<String> {
    match name {
        "reads" => reads(input, &output).await,
        "batches" => batches(input, &output).await,
        "writes" => writes(output, number).await,
        "ends" => ends().await,
        "names" => names(&output).await,
        "requests" => requests().await,
        "watched-again" => watched_again().await,
        _ => Err(crate::unknown(name)),
    }
}

/// Gives a wait up when a moment has passed, one a little longer each time.
async fn briefly<F: Future + Unpin>(wait: F, round: u32) -> Option<F::Output> {
    let moment = time::sleep(Duration::from_micros(u64::from(round % 50) * 7));
    match select(wait, Box::pin(moment)).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}

/// Counts a wait that was given up, and says when there were enough.
async fn another(given_up: &mut u32, output: &Writer) -> Result {
    *given_up += 1;
    if *given_up == TIMES {
        output.write("enough").await?.or_dropped();
    }
    Ok(())
}

/// Reads until the end, and says how many frames came, and whether each was the next.
async fn reads(mut input: Reader, output: &Writer) -> Result<String> {
    let (mut frames, mut given_up, mut in_order) = (0u32, 0u32, true);
    for round in 0.. {
        match briefly(Box::pin(input.read()), round).await {
            None => another(&mut given_up, output).await?,
            Some(read) => match read? {
                Some(frame) => {
                    in_order &= frame.payload == frames.to_le_bytes();
                    frames += 1;
                }
                None => break,
            },
        }
    }
    Ok(format!("{frames} {in_order}"))
}

/// The same with batches.
async fn batches(mut input: Reader, output: &Writer) -> Result<String> {
    let (mut frames, mut given_up, mut in_order) = (0u32, 0u32, true);
    for round in 0.. {
        match briefly(Box::pin(input.read_packed(3, 100)), round).await {
            None => another(&mut given_up, output).await?,
            Some(batch) => {
                let batch = batch?;
                if batch.is_empty() {
                    break;
                }
                for frame in batch.iter() {
                    in_order &= frame == frames.to_le_bytes();
                    frames += 1;
                }
            }
        }
    }
    Ok(format!("{frames} {in_order}"))
}

/// Writes numbers, each again and again until it is written, until so many writes were given up. Says how many
/// numbers there are.
async fn writes(output: Writer, how: u32) -> Result<String> {
    let mut output = output;
    let (mut next, mut given_up) = (0u32, 0);
    let mut round = 0;
    while given_up < TIMES {
        let bytes = next.to_le_bytes();
        let written = match how {
            0 => briefly(Box::pin(output.write(bytes)), round)
                .await
                .transpose()?
                .map(|_| ()),
            1 => {
                let batch: Batch = [bytes].iter().collect();
                briefly(Box::pin(output.write_packed(batch)), round)
                    .await
                    .transpose()?
                    .map(|_| ())
            }
            2 => {
                let handle = Channel::bounded(1)?.into();
                let write = output.write_with(bytes, [handle]);
                briefly(Box::pin(write), round)
                    .await
                    .transpose()?
                    .map(|_| ())
            }
            _ => {
                let typed = TypedWriter::<u32, weft_guest::Postcard>::from(output);
                let sent = briefly(Box::pin(typed.write(&next)), round)
                    .await
                    .transpose()?;
                output = typed.into_inner();
                sent.map(|_| ())
            }
        };
        match written {
            Some(()) => next += 1,
            None => given_up += 1,
        }
        round += 1;
    }
    output.flush().await?;
    Ok(next.to_string())
}

fn nap(milliseconds: u64) -> Result<Process> {
    let options = StartOptions::new("sdk")
        .entry_point("nap")
        .arg(milliseconds);
    Ok(Process::start(options)?)
}

/// Waits for the ends of many processes.
async fn ends() -> Result<String> {
    let monitor = Monitor::new()?;
    let (mut told, mut given_up, mut round) = (vec![0; 200], 0, 0);
    // Something is always watched.
    let stays = nap(3_600_000)?;
    monitor.watch(&stays, u64::MAX)?;
    for tag in 0..told.len() {
        monitor.watch(&nap(tag as u64 % 3)?, tag as u64)?;
        // Most waits are given up, and some of them just when an end comes.
        for _ in 0..5 {
            round += 1;
            match briefly(Box::pin(monitor.next()), round).await {
                Some(exit) => count(&mut told, exit)?,
                None => given_up += 1,
            }
        }
    }
    monitor.unwatch(&stays);
    stays.kill()?;
    while let Some(exit) = monitor.next().await {
        count(&mut told, Some(exit))?;
    }
    let once = told.iter().all(|times| *times == 1);
    Ok(format!("{once} {}", given_up + 200 >= TIMES))
}

fn count(told: &mut [u32], exit: Option<weft_guest::Exit>) -> Result {
    let exit = exit.ok_or_else(|| Error::msg("nothing is watched"))?;
    let times = told.get_mut(exit.tag as usize);
    *times.ok_or_else(|| Error::msg("no such tag"))? += 1;
    Ok(())
}

/// Waits for a name that comes at last, and leaves no handle behind.
async fn names(_: &Writer) -> Result<String> {
    let channel = Channel::bounded(100)?;
    let (mut found, mut given_up) = (0, 0);
    let mut taken = None;
    for round in 0..2 * TIMES {
        // There every second time while it is waited for.
        taken = match taken {
            None => Some(registry::publish("test/here-and-gone", &channel)?),
            Some(_) => None,
        };
        let wait = Box::pin(registry::await_name("test/here-and-gone"));
        match briefly(wait, round).await {
            Some(channel) => found += u32::from(channel.is_ok()),
            None => given_up += 1,
        }
    }
    Ok(format!("{} {}", found >= TIMES / 2, given_up >= TIMES / 2))
}

/// Answers requests, waiting for each of them many times.
async fn requests() -> Result<String> {
    let channel = Channel::bounded(1000)?;
    let mut server = Server::new(channel.strong_reader()?);
    let client = Client::new(channel.strong_writer()?);
    drop(channel);
    let same = Rc::new(Cell::new(0u32));
    let counts = Rc::clone(&same);
    spawn(async move {
        for call in 0..TIMES {
            let reply = client.call(call.to_le_bytes()).await;
            let right = reply.is_ok_and(|reply| reply == call.to_le_bytes());
            counts.set(counts.get() + u32::from(right));
            time::sleep(Duration::from_micros(u64::from(call % 100))).await;
        }
    });
    let (mut given_up, mut round) = (0, 0);
    loop {
        round += 1;
        match briefly(Box::pin(server.next()), round).await {
            None => given_up += 1,
            Some(request) => match request? {
                Some(mut request) => {
                    let payload = request.take_payload();
                    request.reply(payload).await?;
                }
                None => break,
            },
        }
    }
    Ok(format!("{} {}", same.get(), given_up > 0))
}

/// An end is told once, though its process is watched again before it is taken and after.
async fn watched_again() -> Result<String> {
    let monitor = Monitor::new()?;
    let process = nap(0)?;
    monitor.watch(&process, 1)?;
    process.wait().await;
    // The end is in the queue, at the latest when the second one is.
    let other = nap(0)?;
    monitor.watch(&other, 7)?;
    other.wait().await;
    monitor.watch(&process, 2)?;
    monitor.watch(&process, 3)?;
    let mut tags = Vec::new();
    while let Some(exit) = monitor.next().await {
        tags.push(exit.tag);
    }
    tags.sort_unstable();
    let streamed = weft_guest::futures::stream::iter(&tags).count().await;
    Ok(format!("{tags:?} {streamed}"))
}
