//! Waits alone and beside others: nothing else in the guest may stand still.

use crate::text;
use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;
use weft_guest::futures::channel::{mpsc, oneshot};
use weft_guest::futures::stream::FuturesUnordered;
use weft_guest::futures::{FutureExt, StreamExt, join, select};
use weft_guest::{Channel, ReadError, Reader, Result, Writer, process, spawn, time};

pub async fn play(name: &str, input: Reader, output: Writer, number: u32) -> Result<String> {
    match name {
        "timer" => timer(input, output).await,
        "stop" => stop(input).await,
        "join-timer" => join_timer(input, output).await,
        "ticking-task" => ticking_task(input, output, number).await,
        "unordered" => unordered(input, output).await,
        "yielding" => yielding(input, output, number).await,
        "two-readers" => two_readers(input, output).await,
        "full-and-read" => full_and_read(input, output).await,
        "given-up" => given_up(input, output).await,
        "within" => within(input, output).await,
        "within-beside" => within_beside(input, output).await,
        "stream" => stream(input, output).await,
        "no-time" => no_time().await,
        "messages" => messages(input, output).await,
        _ => Err(crate::unknown(name)),
    }
}

/// A timer wins against a read that never ends.
async fn timer(mut input: Reader, output: Writer) -> Result<String> {
    let mut read = pin!(input.read().fuse());
    let mut timer = pin!(time::sleep(Duration::from_millis(5)).fuse());
    let won = select! {
        frame = read => text(frame?),
        () = timer => "timer".to_owned(),
    };
    output.write(won).await?.or_dropped();
    // The same read goes on, alone now.
    Ok(text(read.await?))
}

/// A stop request wins against a read.
async fn stop(mut input: Reader) -> Result<String> {
    select! {
        () = process::stop_request().fuse() => Ok("asked".to_owned()),
        frame = input.read().fuse() => Ok(text(frame?)),
    }
}

/// A branch without a want goes on while the other reads.
async fn join_timer(mut input: Reader, output: Writer) -> Result<String> {
    let slept = async {
        time::sleep(Duration::from_millis(2)).await;
        output.write("slept").await
    };
    let (slept, read) = join!(slept, input.read());
    slept?.or_dropped();
    Ok(text(read?))
}

/// A task ticks while the main future reads.
async fn ticking_task(mut input: Reader, output: Writer, ticks: u32) -> Result<String> {
    spawn(async move {
        for tick in 0..ticks {
            time::sleep(Duration::from_millis(1)).await;
            let _ = output.write(tick.to_le_bytes()).await;
        }
    });
    Ok(text(input.read().await?))
}

/// Futures in a set have wakers of their own.
async fn unordered(mut input: Reader, output: Writer) -> Result<String> {
    let mut set = FuturesUnordered::new();
    let read = async { text(input.read().await.unwrap_or_default()) };
    let slept = async {
        time::sleep(Duration::from_millis(2)).await;
        "slept".to_owned()
    };
    set.push(read.boxed_local());
    set.push(slept.boxed_local());
    let mut all = Vec::new();
    while let Some(one) = set.next().await {
        output.write(one.as_str()).await?.or_dropped();
        all.push(one);
    }
    Ok(all.join(" "))
}

/// A branch that asks to be polled again and again, beside a read.
async fn yielding(mut input: Reader, output: Writer, times: u32) -> Result<String> {
    let mut left = times;
    let yielding = async {
        poll_fn(|cx| {
            if left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        output.write("yielded").await
    };
    let (yielded, read) = join!(yielding, input.read());
    yielded?.or_dropped();
    Ok(text(read?))
}

/// Two reads at once; the one that is answered last was asked first.
async fn two_readers(mut input: Reader, output: Writer) -> Result<String> {
    let inner = Channel::bounded(100)?;
    let (writer, mut other) = (inner.strong_writer()?, inner.strong_reader()?);
    let first = async {
        let frame = text(input.read().await?);
        writer.write("inner").await?.or_dropped();
        Ok::<_, weft_guest::Error>(frame)
    };
    output.write("reading").await?.or_dropped();
    let (inner, outer) = join!(other.read(), first);
    Ok(format!("{} {}", outer?, text(inner?)))
}

/// A write that waits for room beside a read that makes room.
async fn full_and_read(mut input: Reader, output: Writer) -> Result<String> {
    let full = Channel::bounded(4)?;
    let (writer, mut reader) = (full.strong_writer()?, full.strong_reader()?);
    writer.write("1234").await?.or_dropped();
    let reading = async {
        let told = text(input.read().await?);
        let first = text(reader.read().await?);
        let second = text(reader.read().await?);
        Ok::<_, weft_guest::Error>(format!("{told} {first} {second}"))
    };
    output.write("waiting").await?.or_dropped();
    let (written, read) = join!(writer.write("5678"), reading);
    written?.or_dropped();
    read
}

/// A read given up before it made a call, and one after, lose no frame.
async fn given_up(mut input: Reader, output: Writer) -> Result<String> {
    // The other branch is ready at once.
    select! {
        _ = input.read().fuse() => return Ok("read".to_owned()),
        () = async {}.fuse() => {}
    }
    output.write("first given up").await?.or_dropped();
    let first = text(input.read().await?);
    {
        let mut read = pin!(input.read().fuse());
        let mut timer = pin!(time::sleep(Duration::from_millis(1)).fuse());
        select! {
            _ = read => return Ok("read".to_owned()),
            () = timer => {}
        }
    }
    output.write("second given up").await?.or_dropped();
    Ok(format!("{first} {}", text(input.read().await?)))
}

/// A read with a bound, alone: nothing comes, then something does.
async fn within(mut input: Reader, output: Writer) -> Result<String> {
    let nothing = input.read_within(Duration::from_millis(2)).await;
    if !matches!(nothing, Err(ReadError::WouldBlock)) {
        return Ok(format!("{nothing:?}"));
    }
    output.write("nothing").await?.or_dropped();
    let frame = input.read_within(Duration::from_secs(3600)).await?;
    Ok(text(frame))
}

/// The same beside another branch.
async fn within_beside(mut input: Reader, output: Writer) -> Result<String> {
    let beside = time::sleep(Duration::from_millis(1));
    let (nothing, ()) = join!(input.read_within(Duration::from_millis(2)), beside);
    if !matches!(nothing, Err(ReadError::WouldBlock)) {
        return Ok(format!("{nothing:?}"));
    }
    output.write("nothing").await?.or_dropped();
    let beside = time::sleep(Duration::from_millis(1));
    let (frame, ()) = join!(input.read_within(Duration::from_secs(3600)), beside);
    Ok(text(frame?))
}

/// A stream of frames cut off by a timer, and gone on with.
async fn stream(input: Reader, output: Writer) -> Result<String> {
    let mut input = input;
    let mut seen = Vec::new();
    {
        let timer = pin!(time::sleep(Duration::from_millis(2)));
        let mut frames = (&mut input).take_until(timer);
        while let Some(frame) = frames.next().await {
            seen.push(text(Some(frame?)));
        }
    }
    output.write("cut off").await?.or_dropped();
    while let Some(frame) = input.next().await {
        seen.push(text(Some(frame?)));
    }
    Ok(seen.join(" "))
}

/// A sleep of no time lets a task run that was just spawned, and goes on when there is none.
async fn no_time() -> Result<String> {
    let mut seen = Vec::new();
    for _ in 0..20 {
        let ran = Rc::new(Cell::new(false));
        let runs = Rc::clone(&ran);
        spawn(async move { runs.set(true) });
        time::sleep(Duration::ZERO).await;
        seen.push(ran.get());
    }
    // The timer of another task comes, however often this one asks for no time.
    let over = Rc::new(Cell::new(false));
    let ends = Rc::clone(&over);
    spawn(async move {
        time::sleep(Duration::from_millis(5)).await;
        ends.set(true);
    });
    while !over.get() {
        time::sleep(Duration::ZERO).await;
    }
    Ok(format!("{}", seen.iter().all(|ran| *ran)))
}

/// Tasks that talk with each other while one of them reads.
async fn messages(mut input: Reader, output: Writer) -> Result<String> {
    let (tell, mut told) = mpsc::unbounded::<String>();
    let (done, is_done) = oneshot::channel::<u32>();
    spawn(async move {
        let mut count = 0;
        while let Some(text) = told.next().await {
            count += 1;
            let _ = output.write(text).await;
        }
        let _ = done.send(count);
    });
    while let Some(frame) = input.read().await? {
        let _ = tell.unbounded_send(text(Some(frame)));
    }
    drop(tell);
    Ok(is_done.await.unwrap_or_default().to_string())
}
