//! Calls that wait beside the guest, and streams of bytes over channels.

use crate::channels::channel;
use crate::make::{How, LARGE, MIB, Made, hold, repeat, said, wait};
use crate::starts::start;
use weft_guest::bindings::weft::fabric::channel::{Access, Channel, Handle, Reader, Writer};
use weft_guest::bindings::weft::fabric::process::Monitor;
use weft_guest::bindings::weft::fabric::{channel_async, process_async, registry_async};
use weft_guest::futures::future::poll_immediate;

/// The limit `frame-bytes` of the table.
pub const FRAME: usize = 8 * MIB;

/// Calls that wait, at the most: the guest's own part of each is a kilobyte.
pub const WAITING: u64 = 40_000;

/// Reads that wait for one frame: what the limit `host-bytes` of the table allows, less some.
const CROWD: usize = 5000;

/// Milliseconds of an hour.
const LONG: u32 = 3_600_000;

pub async fn make(axis: &str, how: How) -> Option<Made> {
    let made = match axis {
        "waiting-writes" | "waiting-packed-writes" | "waiting-carrying-writes" => {
            writes(axis, how).await
        }
        "waiting-reads" | "waiting-packed-reads" => reads(axis).await,
        "woken-reads" => woken(20).await,
        "waits-for-frames" => frames().await,
        "waits-for-room" => room().await,
        "waits-for-nobody" => nobody().await,
        "waits-for-arrivals" => arrivals().await,
        #[cfg(target_family = "wasm")]
        "read-streams" => crate::streams::read(how).await,
        #[cfg(target_family = "wasm")]
        "write-streams" => crate::streams::write(how).await,
        "awaited-names" => Ok(names(how).await),
        "waits-for-children" => children(axis).await,
        "stops-of-children" => children(axis).await,
        "waits-for-exits" => exits().await,
        "stop-requests" => Ok(wait(WAITING, |_| process_async::stop_request()).await),
        _ => return None,
    };
    Some(made.unwrap_or_else(|error| Made::new(0, error, ())))
}

/// A channel that is full, of empty frames too.
pub fn full(capacity: usize) -> Result<(Channel, Reader, Writer), String> {
    let root = channel(capacity).map_err(said)?;
    let reader = root.strong_reader().map_err(said)?;
    let writer = root.strong_writer().map_err(said)?;
    let mut payload = vec![7; capacity];
    while writer.try_write(&payload).is_ok() {
        payload.clear();
    }
    Ok((root, reader, writer))
}

/// Writes for which there is no room.
async fn writes(axis: &str, how: How) -> Result<Made, String> {
    // The largest frame must fit a channel to wait for room in it.
    let (root, reader, writer) = full(how.pick(16, FRAME, MIB))?;
    let writer = hold(writer);
    let bytes = || vec![7; how.pick(0, FRAME, 1000)];
    let made = match axis {
        "waiting-writes" => wait(WAITING, |_| channel_async::write(writer, bytes())).await,
        "waiting-packed-writes" => {
            let ends = || vec![bytes().len() as u32; how.pick(1, 1, 1000)];
            wait(WAITING, |_| {
                channel_async::write_packed(writer, ends(), bytes())
            })
            .await
        }
        _ => {
            let handles = || {
                let handle = root.narrow(Access::all()).map(Handle::Channel);
                handle.into_iter().collect()
            };
            wait(WAITING, |_| {
                channel_async::write_with(writer, bytes(), handles())
            })
            .await
        }
    };
    Ok(made.and((root, reader)))
}

/// Reads for which there is nothing.
async fn reads(axis: &str) -> Result<Made, String> {
    let root = channel(64).map_err(said)?;
    let writer = root.strong_writer().map_err(said)?;
    let reader = hold(root.weak_reader().map_err(said)?);
    let made = match axis {
        "waiting-reads" => wait(WAITING, |_| channel_async::read(reader)).await,
        _ => {
            wait(WAITING, |_| {
                channel_async::read_packed(reader, u32::MAX, u32::MAX)
            })
            .await
        }
    };
    Ok(made.and((root, writer)))
}

/// Waits for a frame that never comes, without a read.
async fn frames() -> Result<Made, String> {
    let root = channel(64).map_err(said)?;
    let writer = root.strong_writer().map_err(said)?;
    let reader = hold(root.weak_reader().map_err(said)?);
    let made = wait(WAITING, |_| channel_async::await_frame(reader)).await;
    Ok(made.and((root, writer)))
}

/// Waits for room that never comes, without a write.
async fn room() -> Result<Made, String> {
    let (root, reader, writer) = full(16)?;
    let writer = hold(writer);
    let made = wait(WAITING, |_| channel_async::await_room(writer, 1, 1)).await;
    Ok(made.and((root, reader)))
}

/// Waits until nobody reads, though somebody does.
async fn nobody() -> Result<Made, String> {
    let root = channel(64).map_err(said)?;
    let writer = hold(root.strong_writer().map_err(said)?);
    if writer.is_unread() {
        return Err("nobody reads".to_owned());
    }
    let made = wait(WAITING, |_| channel_async::await_unread(writer)).await;
    Ok(made.and(root))
}

/// Waits for an end of which there is none, without taking it.
async fn arrivals() -> Result<Made, String> {
    let child = start("sleep")?;
    let monitor = hold(Monitor::create().map_err(said)?);
    monitor.watch(&child, 0).map_err(said)?;
    let made = wait(WAITING, |_| process_async::await_exit(monitor)).await;
    Ok(made.and(child))
}

/// Reads that wait for one and the same frame, and get it, again and again.
pub async fn woken(times: u64) -> Result<Made, String> {
    let root = channel(64).map_err(said)?;
    let writer = root.strong_writer().map_err(said)?;
    let readers: Result<Vec<_>, _> = (0..CROWD).map(|_| root.weak_reader()).collect();
    let readers = hold(readers.map_err(said)?);
    for _ in 0..times {
        let mut reads: Vec<_> = readers
            .iter()
            .map(|reader| Box::pin(channel_async::read(reader)))
            .collect();
        for read in &mut reads {
            let _ = poll_immediate(read).await;
        }
        writer.try_write(b"x").map_err(said)?;
        for read in reads {
            read.await.map_err(said)?;
        }
    }
    Ok(Made::new(times, "all", (root, writer)))
}

async fn names(how: How) -> Made {
    match how {
        How::Number => wait(WAITING, |n| registry_async::await_name(n.to_string())).await,
        How::Both => {
            let name = |n: u64| format!("{n:0>255}");
            wait(WAITING, |n| registry_async::await_name(name(n))).await
        }
        How::Size => {
            let mut made = Vec::new();
            for _ in 0..100 {
                let name = "x".repeat(LARGE);
                made.push(wait(1, |_| registry_async::await_name(name.clone())).await);
            }
            let told = made.last().map(Made::told).unwrap_or_default();
            Made::new(100, told, made)
        }
    }
}

/// Waits for one child, or for one that has been told to stop and does not.
async fn children(axis: &str) -> Result<Made, String> {
    let child = hold(start("sleep")?);
    Ok(match axis {
        "waits-for-children" => wait(WAITING, |_| process_async::wait(child)).await,
        _ => wait(WAITING, |_| process_async::stop(child, LONG)).await,
    })
}

/// Waits for an end of which there is none yet; then for many that are there.
async fn exits() -> Result<Made, String> {
    let child = start("sleep")?;
    let monitor = hold(Monitor::create().map_err(said)?);
    monitor.watch(&child, 0).map_err(said)?;
    let ended = start("return")?;
    ended.wait();
    let told = repeat(100, |n| {
        monitor.watch(&ended, n)?;
        monitor.next();
        Ok::<_, weft_guest::bindings::weft::fabric::types::Error>(())
    });
    let waiting = wait(WAITING, |_| process_async::next_exit(monitor)).await;
    Ok(waiting.and((child, ended, told)))
}
