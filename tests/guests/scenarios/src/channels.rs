//! Channels at their bounds, under names, and handles that travel.

use crate::number;
use std::fmt::Debug;
use weft_guest::bindings::weft::fabric::channel_async;
use weft_guest::channel::Access;
use weft_guest::futures::future::join_all;
use weft_guest::{Channel, Handle, WriteError, registry};

/// Plays the scenario with this name, if it is one of these. What `arg` means is said at each.
pub async fn play(scenario: &str, arg: &str) -> Option<Result<String, String>> {
    Some(match scenario {
        "churn" => churn(arg),
        "write-sized" => write_sized(arg).await,
        "write-unread" => write_unread(arg).await,
        "send-handles" => send_handles(arg).await,
        "send-unread-handles" => send_unread_handles(arg).await,
        "cycles" => cycles(arg).await,
        "read-named" => read_named(arg).await,
        "publish" => publish(arg),
        "publish-and-stay" => publish_and_stay(arg).await,
        "await-named" => await_named(arg).await,
        "stream-bytes" => stream_bytes(arg).await,
        "stream-errors" => stream_errors().await,
        "give-reads-up" => give_reads_up(arg).await,
        _ => return None,
    })
}

/// The debug form of an error.
fn text(error: impl Debug) -> String {
    format!("{error:?}")
}

/// Creates `arg` channels, each dropped before the next.
fn churn(arg: &str) -> Result<String, String> {
    for _ in 0..number::<u32>(arg)? {
        Channel::bounded(1).map_err(text)?;
    }
    Ok("churned".to_owned())
}

/// Writes a frame of `arg` bytes: alone, in a batch, and beside the guest.
async fn write_sized(arg: &str) -> Result<String, String> {
    let channel = Channel::bounded(1 << 20).map_err(text)?;
    let writer = channel.strong_writer().map_err(text)?;
    let frame = vec![1; number(arg)?];
    let batch = [b"small".as_slice(), &frame].into_iter().collect();
    let alone = writer.try_write(&frame);
    let packed = writer.write_packed(batch).await;
    let with = writer.write_with(frame, []).await;
    Ok(format!("{alone:?}, {packed:?}, {with:?}"))
}

/// Makes `arg` writes of 1,000 bytes to a channel that nobody reads and that is full, and
/// says how the last of them ended.
async fn write_unread(arg: &str) -> Result<String, String> {
    let channel = Channel::bounded(1_000).map_err(text)?;
    let writer = channel.strong_writer().map_err(text)?;
    let _holds = channel.strong_reader().map_err(text)?;
    writer
        .write(vec![0; 1_000])
        .await
        .map_err(text)?
        .or_dropped();
    // Calls that send keep their frames in the host while they wait; the SDK's own wait without.
    let writer = writer.into_raw();
    let writes = (0..number::<u32>(arg)?).map(|_| channel_async::write(&writer, vec![0; 1_000]));
    let ends = async {
        // The first of them to end is the one that is refused.
        let mut writes: Vec<_> = writes.map(Box::pin).collect();
        let (ended, ..) = weft_guest::futures::future::select_all(&mut writes).await;
        ended
    };
    Ok(format!("{:?}", ends.await.map_err(WriteError::from)))
}

/// Sends `arg` writers with one frame.
async fn send_handles(arg: &str) -> Result<String, String> {
    let channel = Channel::bounded(64).map_err(text)?;
    let writer = channel.strong_writer().map_err(text)?;
    let mut reader = channel.strong_reader().map_err(text)?;
    let writers = (0..number::<u32>(arg)?).map(|_| channel.weak_writer().map(Handle::from));
    let writers: Vec<Handle> = writers.collect::<Result<_, _>>().map_err(text)?;
    let sent = writer.write_with("take these", writers).await;
    let frame = reader.try_read();
    let came = frame.map(|frame| frame.map_or(0, |frame| frame.handles.len()));
    Ok(format!("{sent:?}, {came:?}"))
}

/// Sends frames with a writer each that nobody reads, at most `arg`, until one is refused.
async fn send_unread_handles(arg: &str) -> Result<String, String> {
    let channel = Channel::bounded(1 << 20).map_err(text)?;
    let writer = channel.strong_writer().map_err(text)?;
    let mut reader = channel.strong_reader().map_err(text)?;
    for sent in 0..number::<u32>(arg)? {
        let handle = channel.weak_writer().map_err(text)?;
        if let Err(error) = writer.write_with("x", [handle.into()]).await {
            while reader.try_read().is_ok() {}
            let handle = channel.weak_writer().map_err(text)?;
            let again = writer.write_with("x", [handle.into()]).await;
            return Ok(format!("sent {sent}, then {error:?}, once read {again:?}"));
        }
    }
    Ok("all sent".to_owned())
}

/// Makes `arg` channels, each with a frame that holds its own reader and writer, and lets go of
/// everything else.
async fn cycles(arg: &str) -> Result<String, String> {
    for made in 0..number::<u32>(arg)? {
        let channel =
            Channel::bounded(64).map_err(|error| format!("made {made}, then {error:?}"))?;
        let writer = channel.strong_writer().map_err(text)?;
        let handles = [
            channel.strong_reader().map_err(text)?.into(),
            channel.strong_writer().map_err(text)?.into(),
            channel.into(),
        ];
        writer
            .write_with("round and round", handles)
            .await
            .map_err(text)?
            .or_dropped();
    }
    Ok("made".to_owned())
}

/// Reads one frame of the channel under the name `arg` and says what came with it.
async fn read_named(arg: &str) -> Result<String, String> {
    let channel = registry::lookup(arg).map_err(text)?;
    let mut reader = channel.strong_reader().map_err(text)?;
    let frame = reader.read().await.map_err(text)?.unwrap_or_default();
    let handles = frame.handles.iter().map(|handle| match handle {
        Handle::Channel(_) => "channel",
        Handle::Reader(_) => "reader",
        Handle::Writer(_) => "writer",
        Handle::Lost => "lost",
    });
    let handles: Vec<_> = handles.collect();
    Ok(format!(
        "{} [{}]",
        String::from_utf8_lossy(&frame.payload),
        handles.join(" ")
    ))
}

/// Publishes a channel under the name `arg`, tries again, and looks it up before and after.
fn publish(arg: &str) -> Result<String, String> {
    let channel = Channel::bounded(64).map_err(text)?;
    let held = registry::publish(arg, &channel).map_err(text)?;
    let again = registry::publish(arg, &channel).map(|_| ()).map_err(text);
    let found = registry::lookup(arg).map(|_| ()).map_err(text);
    drop(held);
    let gone = registry::lookup(arg).map(|_| ()).map_err(text);
    Ok(format!("{again:?}, {found:?}, {gone:?}"))
}

/// Publishes a channel that can only be read under the name `arg`, says so, writes a frame into
/// it and stays.
async fn publish_and_stay(arg: &str) -> Result<String, String> {
    let channel = Channel::bounded(64).map_err(text)?;
    let writer = channel.strong_writer().map_err(text)?;
    writer.write("news").await.map_err(text)?.or_dropped();
    let readable = channel.narrow(Access::STRONG_READERS).map_err(text)?;
    let _held = registry::publish(arg, &readable).map_err(text)?;
    weft_guest::process::stop_request().await;
    Ok("stopped".to_owned())
}

/// Waits for the name `arg`, reads a frame, and tries all that must not be possible.
async fn await_named(arg: &str) -> Result<String, String> {
    let channel = registry::await_name(arg).await.map_err(text)?;
    let mut reader = channel.strong_reader().map_err(text)?;
    let frame = reader.read().await.map_err(text)?.unwrap_or_default();
    let denied = [
        channel.weak_reader().map(|_| ()),
        channel.weak_writer().map(|_| ()),
        channel.terminate(),
        channel.share().map(|_| ()),
        // Narrowing gives nothing back.
        channel
            .narrow(Access::ALL)
            .and_then(|channel| channel.drain()),
    ];
    let denied: Vec<_> = denied
        .into_iter()
        .map(|tried| format!("{tried:?}"))
        .collect();
    let frame = String::from_utf8_lossy(&frame.payload).into_owned();
    Ok(format!("{frame}: {}", denied.join(", ")))
}

/// Sends `arg` bytes through a channel of 10,000 as a stream and reads them as one.
async fn stream_bytes(arg: &str) -> Result<String, String> {
    let channel = Channel::bounded(10_000).map_err(text)?;
    let mut writer = channel.strong_writer().map_err(text)?.into_bytes();
    let mut reader = channel.strong_reader().map_err(text)?.into_bytes();
    let count = number::<usize>(arg)?;
    let bytes: Vec<u8> = (0..count).map(|n| (n % 251) as u8).collect();
    let expected = bytes.clone();
    let writing = async {
        writer.write(bytes).await?;
        writer.finish().await
    };
    let reading = async {
        let (mut all, mut some) = (Vec::new(), Vec::new());
        while reader.read(&mut some).await? > 0 {
            all.extend_from_slice(&some);
        }
        Ok::<_, weft_guest::ReadError>(all)
    };
    let (sent, read) = weft_guest::join!(writing, reading);
    let read = read.map_err(text)?;
    Ok(format!(
        "sent {sent:?}, read {}, same {}",
        read.len(),
        read == expected
    ))
}

/// Streams out of a channel that is terminated, and into one.
async fn stream_errors() -> Result<String, String> {
    let channel = Channel::bounded(10).map_err(text)?;
    let writer = channel.strong_writer().map_err(text)?;
    let mut reader = channel.weak_reader().map_err(text)?.into_bytes();
    for frame in ["one", "two", "three", "four"] {
        writer.write(frame).await.map_err(text)?.or_dropped();
    }
    let mut bytes = Vec::new();
    let lagged = reader.read(&mut bytes).await;
    channel.terminate().map_err(text)?;
    let mut writer = writer.into_bytes();
    let terminated = writer.write(b"more".to_vec()).await;
    Ok(format!("{lagged:?}, {terminated:?}"))
}

/// Waits in `arg` reads at once and gives all of them up.
async fn give_reads_up(arg: &str) -> Result<String, String> {
    let channel = Channel::bounded(64).map_err(text)?;
    let mut readers = Vec::new();
    for _ in 0..number::<u32>(arg)? {
        readers.push(channel.strong_reader().map_err(text)?);
    }
    let reads = join_all(readers.iter_mut().map(|reader| reader.read()));
    weft_guest::select! {
        _ = weft_guest::futures::FutureExt::fuse(reads) => return Err("they read".to_owned()),
        () = weft_guest::futures::FutureExt::fuse(weft_guest::time::sleep(std::time::Duration::from_millis(1))) => {}
    }
    let writer = channel.strong_writer().map_err(text)?;
    writer.write("kept").await.map_err(text)?.or_dropped();
    let mut kept = 0;
    for reader in &mut readers {
        kept += u32::from(reader.read().await.map_err(text)?.is_some());
    }
    Ok(format!("{kept} kept"))
}
