//! What travels besides frames: handles, bytes, names.

use crate::text;
use std::time::Duration;
use weft_guest::channel::Access;
use weft_guest::futures::FutureExt;
use weft_guest::futures::{join, select};
use weft_guest::{
    CallError, Channel, Error, Handle, Reader, Result, WriteError, Writer, registry, time,
};

pub async fn play(name: &str, input: Reader, output: Writer, number: u32) -> Result<String> {
    match name {
        "answer-by-handle" => answer_by_handle(input, output).await,
        "packed-handles" => packed_handles().await,
        "narrowed" => narrowed().await,
        "bytes" => bytes(input, output, number).await,
        "bytes-given-up" => bytes_given_up(input, output).await,
        "bytes-to-nowhere" => bytes_to_nowhere(output).await,
        "bytes-terminated" => bytes_terminated().await,
        "names" => names(number).await,
        _ => Err(crate::unknown(name)),
    }
}

/// Sends the writer of a channel of its own, and hears through it.
async fn answer_by_handle(input: Reader, output: Writer) -> Result<String> {
    let back = Channel::bounded(100)?;
    let mut answers = back.strong_reader()?;
    output
        .write_with("answer here", [back.strong_writer()?.into()])
        .await?
        .or_dropped();
    drop(input);
    Ok(text(answers.read().await?))
}

/// Handles stay with their frames in a batch, and with those read one by one.
async fn packed_handles() -> Result<String> {
    let channel = Channel::bounded(1000)?;
    let (writer, mut reader) = (channel.strong_writer()?, channel.strong_reader()?);
    let carried = Channel::bounded(10)?;
    for _ in 0..2 {
        writer.write("none").await?.or_dropped();
        writer
            .write_with("one", [carried.strong_writer()?.into()])
            .await?
            .or_dropped();
        writer
            .write_with(
                "two",
                [carried.weak_writer()?.into(), carried.weak_reader()?.into()],
            )
            .await?
            .or_dropped();
    }
    let mut frames = reader.read_packed(3, 1000).await?;
    let packed: Vec<_> = (0..frames.len())
        .map(|index| frames.take_handles(index).len())
        .collect();
    let mut rest = reader.buffered();
    let mut lent = Vec::new();
    for _ in 0..3 {
        rest.read().await?;
        lent.push(rest.take_handles().len());
    }
    Ok(format!("{packed:?} {lent:?}"))
}

/// A handle made smaller stays so, also when it has travelled.
async fn narrowed() -> Result<String> {
    let whole = Channel::bounded(100)?;
    let inbox = whole.narrow(Access::WRITERS)?;
    let carrier = Channel::bounded(100)?;
    let (writer, mut reader) = (carrier.strong_writer()?, carrier.strong_reader()?);
    writer
        .write_with("take", [inbox.into()])
        .await?
        .or_dropped();
    let frame = reader.read().await?.unwrap_or_default();
    let inbox = frame.handles.into_iter().find_map(Handle::channel);
    let inbox = inbox.ok_or_else(|| Error::msg("no channel came"))?;
    let all = whole.access() == Access::ALL;
    let one = inbox.access() == Access::WRITERS;
    Ok(format!(
        "{all} {one} {} {}",
        inbox.strong_reader().is_err(),
        inbox.strong_writer().is_ok()
    ))
}

/// Copies bytes, after reading one frame as a frame.
async fn bytes(mut input: Reader, output: Writer, room: u32) -> Result<String> {
    let first = text(input.read().await?);
    let (mut input, mut output) = (input.into_bytes(), output.into_bytes());
    let mut buffer = Vec::with_capacity(room as usize);
    while input.read(&mut buffer).await? > 0 {
        output.write(buffer.clone()).await?;
    }
    Ok(format!("{first} {}", output.finish().await?))
}

/// A read of bytes that is given up loses none.
async fn bytes_given_up(input: Reader, output: Writer) -> Result<String> {
    let mut input = input.into_bytes();
    let (mut buffer, mut all) = (Vec::new(), Vec::new());
    let mut tries = 0;
    loop {
        select! {
            read = input.read(&mut buffer).fuse() => match read? {
                0 => break,
                _ => all.extend_from_slice(&buffer),
            },
            () = time::sleep(Duration::from_millis(1)).fuse() => {
                tries += 1;
                if tries == 1 {
                    output.write("given up").await?.or_dropped();
                }
            }
        }
    }
    Ok(String::from_utf8_lossy(&all).into_owned())
}

/// A channel that ends while bytes are sent.
async fn bytes_to_nowhere(output: Writer) -> Result<String> {
    let mut output = output.into_bytes();
    loop {
        if let Err(error) = output.write(vec![0; 1000]).await {
            return Ok(format!("{}", matches!(error, WriteError::Terminated)));
        }
    }
}

/// The error comes after the bytes before it.
async fn bytes_terminated() -> Result<String> {
    let channel = Channel::bounded(100)?;
    let writer = channel.strong_writer()?;
    let mut bytes = channel.strong_reader()?.into_bytes();
    let mut buffer = Vec::new();
    writer.write("some").await?.or_dropped();
    let read = bytes.read(&mut buffer).await?;
    channel.terminate()?;
    let error = bytes.read(&mut buffer).await;
    Ok(format!("{read} {error:?}"))
}

/// Publishes a name that somebody waits for.
async fn names(_: u32) -> Result<String> {
    let channel = Channel::bounded(100)?;
    let publish = async {
        time::sleep(Duration::from_millis(1)).await;
        registry::publish("test/inbox", &channel.narrow(Access::WRITERS)?)
    };
    let (taken, found) = join!(publish, registry::await_name("test/inbox"));
    let taken = taken?;
    let found = found?;
    let twice = registry::publish("test/inbox", &channel);
    let twice = matches!(twice, Err(CallError::AlreadyExists(_)));
    let name = taken.name();
    drop(taken);
    let gone = matches!(registry::lookup("test/inbox"), Err(CallError::NotFound(_)));
    let denied = matches!(
        registry::lookup("else"),
        Err(CallError::PermissionDenied(_))
    );
    found.strong_writer()?.write("hello").await?.or_dropped();
    let heard = text(channel.strong_reader()?.read().await?);
    Ok(format!("{name} {twice} {gone} {denied} {heard}"))
}
