//! Does with a channel what it is told, one command a frame, and says what came of it. So a test decides what happens in between.

use std::fmt::Debug;
use weft_guest::{
    Capability, Channel, Frame, Process, ReadError, Reader, StartOptions, WriteError, Writer,
    Written, log, registry,
};

/// The channel `NAME`, and the ends that it has of it.
struct Told {
    channel: Channel,
    reader: Option<Reader>,
    writer: Option<Writer>,
    child: Option<Process>,
}

/// Takes commands from the channel `NAME/commands` and answers to `NAME/answers`, where `arg` is `NAME`. Returns when nobody commands any more.
pub async fn told(arg: &str) -> Result<String, String> {
    let lookup = |name: String| registry::lookup(&name).map_err(|error| format!("{error:?}"));
    let commands = lookup(format!("{arg}/commands"))?;
    let mut commands = commands
        .strong_reader()
        .map_err(|error| format!("{error:?}"))?;
    let answers = lookup(format!("{arg}/answers"))?;
    let answers = answers
        .strong_writer()
        .map_err(|error| format!("{error:?}"))?;
    let mut told = Told {
        channel: lookup(arg.to_owned())?,
        reader: None,
        writer: None,
        child: None,
    };
    while let Some(frame) = commands
        .read()
        .await
        .map_err(|error| format!("{error:?}"))?
    {
        let command = String::from_utf8_lossy(&frame.payload).into_owned();
        let answer = told.does(&command).await;
        answers
            .write(answer)
            .await
            .map_err(|error| format!("{error:?}"))?
            .or_dropped();
    }
    Ok("told all".to_owned())
}

impl Told {
    async fn does(&mut self, command: &str) -> String {
        let (command, arg) = command.split_once(' ').unwrap_or((command, ""));
        let Self {
            channel,
            reader,
            writer,
            child,
        } = self;
        match (command, reader.as_mut(), writer.as_mut()) {
            ("strong-reader", ..) => open(reader, channel.strong_reader()),
            ("weak-reader", ..) => open(reader, channel.weak_reader()),
            ("strong-writer", ..) => open(writer, channel.strong_writer()),
            ("weak-writer", ..) => open(writer, channel.weak_writer()),
            ("drain", ..) => text(channel.drain()),
            ("terminate", ..) => text(channel.terminate()),
            ("register", ..) => text(log::register(channel)),
            ("stats", ..) => {
                let stats = channel.stats();
                format!(
                    "{} written, {} strong {} weak writers, {} strong {} weak readers",
                    stats.frames_written,
                    stats.strong_writers,
                    stats.weak_writers,
                    stats.strong_readers,
                    stats.weak_readers
                )
            }
            ("read", Some(reader), _) => read(reader.read().await),
            ("read-within", Some(reader), _) => read(
                reader
                    .read_within(std::time::Duration::from_millis(1))
                    .await,
            ),
            ("try-read", Some(reader), _) => read(reader.try_read()),
            ("read-packed", Some(reader), _) => match reader.read_packed(100, 1000).await {
                Ok(frames) => format!("{} frames", frames.len()),
                Err(error) => format!("{error:?}"),
            },
            ("read-bytes", Some(_), _) => read_bytes(reader.take()).await,
            ("write", _, Some(writer)) => text(writer.write(arg).await),
            ("try-write", _, Some(writer)) => text(writer.try_write(arg.as_bytes())),
            ("write-packed", _, Some(writer)) => {
                text(writer.write_packed(["a", "b"].iter().collect()).await)
            }
            ("write-itself", _, Some(writer)) => text(write_itself(channel, writer).await),
            ("weaken-reader", Some(_), _) => {
                *reader = reader.take().map(Reader::downgrade);
                "weakened".to_owned()
            }
            ("weaken-writer", _, Some(_)) => {
                *writer = writer.take().map(Writer::downgrade);
                "weakened".to_owned()
            }
            ("close", ..) => {
                (*reader, *writer) = (None, None);
                "closed".to_owned()
            }
            ("child", Some(_), _) => start(child, reader.take()),
            ("child-ends", ..) => match child.take() {
                Some(child) => child.wait().await.to_string(),
                None => "no child".to_owned(),
            },
            _ => format!("cannot {command}"),
        }
    }
}

fn text(result: Result<impl Debug, impl Debug>) -> String {
    format!("{result:?}")
}

fn open<T>(end: &mut Option<T>, opened: Result<T, impl Debug>) -> String {
    match opened {
        Ok(opened) => {
            *end = Some(opened);
            "opened".to_owned()
        }
        Err(error) => format!("{error:?}"),
    }
}

fn read(read: Result<Option<Frame>, ReadError>) -> String {
    match read {
        Ok(Some(frame)) => {
            let handles = match frame.handles.len() {
                0 => String::new(),
                handles => format!(" with {handles} handles"),
            };
            format!("{}{handles}", String::from_utf8_lossy(&frame.payload))
        }
        Ok(None) => "end".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

async fn read_bytes(reader: Option<Reader>) -> String {
    let Some(reader) = reader else {
        return "no reader".to_owned();
    };
    let (mut bytes, mut all, mut some) = (reader.into_bytes(), Vec::new(), Vec::new());
    loop {
        match bytes.read(&mut some).await {
            Ok(0) => return String::from_utf8_lossy(&all).into_owned(),
            Ok(_) => all.append(&mut some),
            Err(error) => return format!("{} {error:?}", String::from_utf8_lossy(&all)),
        }
    }
}

/// Starts `parked` with the reader, which counts its frames.
fn start(child: &mut Option<Process>, reader: Option<Reader>) -> String {
    let Some(reader) = reader else {
        return "no reader".to_owned();
    };
    let options = StartOptions::new("parked")
        .arg(reader)
        .capability(Capability::ChannelReader);
    open(child, Process::start(options))
}

/// Sends a writer of the channel through it.
async fn write_itself(channel: &Channel, writer: &Writer) -> Result<Written, WriteError> {
    let carried = channel
        .weak_writer()
        .into_iter()
        .map(weft_guest::Handle::from);
    writer.write_with("itself", carried).await
}
