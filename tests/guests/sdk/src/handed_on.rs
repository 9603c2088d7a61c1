//! Ends that are handed on after some of what they hold was taken: the rest goes with them, in order.

use std::time::Duration;
use weft_guest::futures::future::select;
use weft_guest::futures::{SinkExt, join};
use weft_guest::{
    Batch, Capability, Channel, Error, Handle, Process, Reader, Result, StartOptions, TypedReader,
    Value, Writer, blocking, time,
};

/// Frames that there are in all.
const ALL: usize = 10;

pub async fn play(name: &str) -> Result<String> {
    if let Some(how) = name.strip_prefix("fed-") {
        return fed(how).await;
    }
    let (writer, reader) = ten(name == "given-up" || name == "given-up-framed").await?;
    drop(writer);
    match name {
        "given-up" => by_child(reader).await,
        "given-up-framed" => seen(through_frame(reader.into()).await?).await,
        "weakened" => {
            let mut reader = reader.buffered();
            reader.read().await?;
            seen(reader.into_inner().downgrade()).await
        }
        "buffered" => {
            let mut reader = reader.buffered();
            reader.read().await?;
            by_child(reader.into_inner()).await
        }
        "typed" => by_child(typed(reader).await?).await,
        "framed" => seen(through_frame(typed(reader).await?.into()).await?).await,
        "raw" => {
            let mut reader = reader.buffered();
            reader.read().await?;
            seen(Reader::from_raw(reader.into_inner().into_raw())).await
        }
        "blocking" => {
            let mut reader = reader.buffered();
            reader.read().await?;
            let reader: blocking::Reader = reader.into_inner().into();
            seen(reader.into()).await
        }
        // Handed on again before all was read.
        "twice" => {
            let reader = through_frame(typed(reader).await?.into()).await?;
            let reader = through_frame(typed(reader).await?.into()).await?;
            seen(reader).await
        }
        "handles" => handles().await,
        _ => Err(crate::unknown(name)),
    }
}

/// A reader with ten frames to read, and perhaps one read that was given up before they were there.
async fn ten(given_up: bool) -> Result<(Writer, Reader)> {
    let channel = Channel::bounded(1000)?;
    let (writer, mut reader) = (channel.strong_writer()?, channel.strong_reader()?);
    if given_up {
        let nap = time::sleep(Duration::from_millis(2));
        select(Box::pin(reader.read()), Box::pin(nap)).await;
    }
    for number in 0..ALL {
        writer.write(number.to_string()).await?.or_dropped();
    }
    // Any other wait: what was given up has come by now.
    time::sleep(Duration::from_millis(2)).await;
    Ok((writer, reader))
}

/// One value is taken.
async fn typed(reader: Reader) -> Result<TypedReader<u32>> {
    let mut reader = TypedReader::from(reader);
    reader.read().await?;
    Ok(reader)
}

async fn through_frame(handle: Handle) -> Result<Reader> {
    let carrier = Channel::bounded(100)?;
    let mut carried = carrier.strong_reader()?;
    carrier
        .strong_writer()?
        .write_with("here", [handle])
        .await?
        .or_dropped();
    let handles = carried.read().await?.unwrap_or_default().handles;
    let reader = handles.into_iter().find_map(Handle::reader);
    reader.ok_or_else(|| Error::msg("no reader came"))
}

/// What a child reads.
async fn by_child(reader: impl Into<Value>) -> Result<String> {
    let options = StartOptions::new("sdk")
        .entry_point("read-all")
        .arg(reader)
        .capability(Capability::ChannelReader);
    Ok(Process::start(options)?.wait().await.to_string())
}

pub async fn seen(mut reader: Reader) -> Result<String> {
    let mut all = Vec::new();
    while let Some(frame) = reader.read().await? {
        all.push(String::from_utf8_lossy(&frame.payload).into_owned());
        if !frame.handles.is_empty() {
            all.push(format!("+{}", frame.handles.len()));
        }
    }
    Ok(all.join(" "))
}

/// Handles go with the frames that are given back, to a child and not in a frame.
async fn handles() -> Result<String> {
    let mut told = Vec::new();
    for in_frame in [false, true] {
        let channel = Channel::bounded(1000)?;
        let (writer, reader) = (channel.strong_writer()?, channel.strong_reader()?);
        drop(channel);
        writer.write("none").await?.or_dropped();
        writer
            .write_with(
                "two",
                [Channel::bounded(1)?.into(), Channel::bounded(1)?.into()],
            )
            .await?
            .or_dropped();
        drop(writer);
        let mut reader = reader.buffered();
        reader.read().await?;
        told.push(match in_frame {
            false => by_child(reader.into_inner()).await?,
            true => seen(through_frame(reader.into_inner().into()).await?).await?,
        });
    }
    Ok(told.join(" | "))
}

/// What a sink has accepted leaves before what is written otherwise.
async fn fed(how: &str) -> Result<String> {
    let channel = Channel::bounded(1)?;
    let (mut writer, mut reader) = (channel.strong_writer()?, channel.strong_reader()?);
    let _open = channel.strong_writer()?;
    writer.write("0").await?.or_dropped();
    writer.feed(b"A".to_vec()).await?;
    let write = async {
        match how {
            "write" => {
                time::sleep(Duration::from_millis(2)).await;
                writer.write("B").await?.or_dropped();
            }
            "batch" => {
                let batch: Batch = ["B"].iter().collect();
                writer.write_packed(batch).await?;
            }
            "carrying" => {
                writer
                    .write_with("B", [Channel::bounded(1)?.into()])
                    .await?
                    .or_dropped();
            }
            "try" => {
                while writer.try_write(b"B").is_err() {
                    time::sleep(Duration::from_micros(100)).await;
                }
            }
            "buffered" => {
                let mut writer = writer.buffered();
                writer.write("B").await?;
                writer.flush().await?;
            }
            "bytes" => {
                let mut bytes = writer.into_bytes();
                bytes.write(b"B".to_vec()).await?;
                bytes.finish().await?;
            }
            "sink" => {
                let mut writer = writer.downgrade();
                writer.feed(b"B".to_vec()).await?;
                writer.flush().await?;
            }
            other => return Err(crate::unknown(other)),
        }
        Ok(())
    };
    let (written, read) = join!(write, seen_until_b(&mut reader));
    written?;
    read
}

async fn seen_until_b(reader: &mut Reader) -> Result<String> {
    let mut all = String::new();
    while let Some(frame) = reader.read().await? {
        all.push_str(&String::from_utf8_lossy(&frame.payload));
        if all.contains('A') && all.contains('B') {
            break;
        }
    }
    Ok(all)
}
