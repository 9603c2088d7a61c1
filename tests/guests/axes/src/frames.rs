//! Frames: empty, large, packed, dropped, with handles; and what is read of them.

use crate::channels::{channel, dropping};
use crate::make::{How, MANY, MIB, Made, OFTEN, insist, repeat, said};
use weft_guest::bindings::weft::fabric::channel::{
    Access, Channel, Handle, Reader, WriteError, Writer,
};
use weft_guest::bindings::weft::fabric::frames::PackedFrames;
use weft_guest::bindings::weft::fabric::types::Error;

/// The limit `frame-bytes` of the table.
const FRAME: usize = 8 * MIB;

/// The limit `channel-bytes` of the table, less some for small channels beside it.
const CAPACITY: usize = 31 * MIB;

/// Handles that one frame may carry by default.
const CARRIED: usize = 16;

/// Channels that hang on one handle: with so many of each in the frames of the others the limit `handles` is nearly reached.
const HUNG: usize = 600;

/// Empty frames of a batch.
const EMPTY: usize = 1_000_000;

pub fn make(axis: &str, how: How) -> Option<Made> {
    let made = match axis {
        "frames" => frames(how, strong),
        "frames-of-dropping" => frames(how, weak),
        "packed-frames" => packed(how, strong),
        "packed-frames-of-dropping" => packed(how, weak),
        "small-frames" => small(how),
        "frames-of-many-channels" => many_channels(how),
        "sent-frames" => sent(),
        "read-frames" => read(how),
        "carried-handles" => carried(how),
        "tried-handles" => tried(),
        "returned-frames" => returned(how),
        "returned-handles" => returned_handles(),
        "nested-channels" => nested(),
        "cyclic-channels" => cyclic(),
        "hung-channels" => hung(OFTEN * 10),
        _ => return None,
    };
    Some(made.unwrap_or_else(|error| Made::new(0, said(error), ())))
}

type Ends = (Channel, Writer, Reader);

/// A channel with a writer and a strong reader, so that nothing is overwritten.
fn strong(capacity: usize) -> Result<Ends, Error> {
    let root = channel(capacity)?;
    let (writer, reader) = (root.strong_writer()?, root.strong_reader()?);
    Ok((root, writer, reader))
}

/// A channel that drops, with a weak reader, so that what is oldest is overwritten.
fn weak(capacity: usize) -> Result<Ends, Error> {
    let root = dropping(capacity)?;
    let (writer, reader) = (root.weak_writer()?, root.weak_reader()?);
    Ok((root, writer, reader))
}

fn frames(how: How, create: fn(usize) -> Result<Ends, Error>) -> Result<Made, Error> {
    let ends = create(CAPACITY)?;
    let payload = vec![7; how.pick(0, FRAME + 1, FRAME)];
    Ok(match how {
        How::Number => repeat(3 * MANY, |_| taken(ends.1.try_write(&payload))),
        _ => insist(OFTEN, |_| taken(ends.1.try_write(&payload))),
    }
    .and(ends))
}

/// A frame that was dropped was refused too.
fn taken(written: Result<bool, WriteError>) -> Result<(), String> {
    match written {
        Ok(true) => Ok(()),
        Ok(false) => Err("dropped".to_owned()),
        Err(error) => Err(said(error)),
    }
}

fn packed(how: How, create: fn(usize) -> Result<Ends, Error>) -> Result<Made, Error> {
    let ends = create(CAPACITY)?;
    let bytes = how.pick(0, FRAME, FRAME + 1);
    let payload = vec![7; bytes];
    // Many empty ones, one large one, or both.
    let mut borders = vec![0; how.pick(EMPTY, 0, EMPTY / 4)];
    borders.extend((bytes > 0).then_some(bytes as u32));
    let taken = |written: Result<u32, WriteError>| match written {
        Ok(0) => Err("dropped".to_owned()),
        Ok(_) => Ok(()),
        Err(error) => Err(said(error)),
    };
    Ok(insist(OFTEN, |_| {
        taken(ends.1.try_write_packed(&borders, &payload))
    })
    .and(ends))
}

/// The smallest channels, each full of the smallest frames, one by one and packed.
fn many_channels(how: How) -> Result<Made, Error> {
    Ok(repeat(MANY, |_| {
        let ends = strong(1)?;
        match how {
            How::Number => while let Ok(true) = ends.1.try_write(&[]) {},
            _ => while ends.1.try_write_packed(&[0; 64], &[]).is_ok() {},
        }
        Ok::<_, Error>(ends)
    }))
}

/// Channels full of frames that cost more than their payload, the more so since they have been read: a large one, or as many small
/// ones as may be.
fn small(how: How) -> Result<Made, Error> {
    let fill = |capacity, size| {
        let ends = strong(capacity)?;
        let reader = ends.0.weak_reader()?;
        let payload = vec![7; size];
        let written = repeat(3 * MANY, |_| {
            taken(ends.1.try_write(&payload))?;
            reader.try_read().map(drop).map_err(said)
        });
        Ok::<_, Error>(written.and((ends, reader)))
    };
    match how {
        How::Number => fill(CAPACITY, 16),
        _ => Ok(repeat(MANY, |_| fill(1024, 1))),
    }
}

/// Each way to write that waits, where there is room.
fn sent() -> Result<Made, Error> {
    let (root, writer, reader) = strong(CAPACITY)?;
    drop(reader);
    let payload = vec![7; MIB];
    Ok(repeat(OFTEN, |_| {
        writer.write(&payload)?;
        writer.write_packed(&[MIB as u32], &payload)?;
        writer.write_with(&payload, vec![])
    })
    .and((root, writer)))
}

/// Frames that many readers have read, in each way, and that this guest keeps in its own memory.
fn read(how: How) -> Result<Made, Error> {
    let (root, writer, _reader) = strong(CAPACITY)?;
    let size = how.pick(0, FRAME, FRAME);
    for _ in 0..how.pick(1000, 1, 3) {
        let _ = writer.try_write(&vec![7; size]);
    }
    Ok(repeat(OFTEN, |n| {
        let reader = root.weak_reader().map_err(said)?;
        let most = u32::MAX;
        Ok::<Vec<u8>, String>(match n % 5 {
            0 => payload(reader.read().map_err(said)?),
            1 => payload(reader.try_read().map_err(said)?),
            2 => payload(reader.read_within(1).map_err(said)?),
            3 => reader.read_packed(most, most).map_err(said)?.frames.payload,
            _ => {
                let read = reader.try_read_packed(most, most).map_err(said)?;
                read.frames.payload
            }
        })
    })
    .and((root, writer)))
}

fn payload(read: Option<weft_guest::bindings::weft::fabric::channel::Delivery>) -> Vec<u8> {
    read.map(|read| read.frame.payload).unwrap_or_default()
}

/// Handles in frames that nobody reads.
fn carried(how: How) -> Result<Made, Error> {
    let ends = strong(CAPACITY)?;
    let payload = vec![7; how.pick(0, 0, MIB)];
    let handles = how.pick(CARRIED, CARRIED + 1, 1);
    Ok(repeat(MANY, |_| {
        let handle = || ends.0.narrow(Access::all()).map(Handle::Channel);
        let handles: Result<Vec<_>, _> = (0..handles).map(|_| handle()).collect();
        let full = ends.0.stats().bytes_held as usize + payload.len() > CAPACITY;
        match handles {
            Ok(_) if full => Err("full".to_owned()),
            Ok(handles) => taken(ends.1.write_with(&payload, handles)),
            Err(error) => Err(said(error)),
        }
    })
    .and(ends))
}

/// Handles in frames that are sent without waiting.
fn tried() -> Result<Made, Error> {
    let ends = strong(CAPACITY)?;
    Ok(repeat(MANY, |_| {
        let handle = ends.0.narrow(Access::all()).map_err(said)?;
        let sent = ends.1.try_write_with(b"", vec![Handle::Channel(handle)]);
        taken(sent.map_err(|unsent| unsent.error))
    })
    .and(ends))
}

/// Frames that a reader is given back, which it never had.
fn returned(how: How) -> Result<Made, Error> {
    let ends = strong(64)?;
    let payload = vec![7; how.pick(0, FRAME, MIB)];
    let frames = PackedFrames {
        ends: vec![payload.len() as u32],
        writers: vec![1],
        payload,
    };
    Ok(repeat(3 * MANY, |_| ends.2.put_back(&frames, Vec::new())).and(ends))
}

/// The same with handles.
fn returned_handles() -> Result<Made, Error> {
    let ends = strong(64)?;
    let frames = PackedFrames {
        ends: vec![0],
        writers: vec![1],
        payload: Vec::new(),
    };
    Ok(repeat(MANY, |_| {
        let handle = ends.0.narrow(Access::all())?;
        ends.2
            .put_back(&frames, vec![(0, vec![Handle::Channel(handle)])])
    })
    .and(ends))
}

/// A channel in a frame of a channel in a frame, and so on.
fn nested() -> Result<Made, Error> {
    let mut innermost = channel(1)?;
    let made = repeat(MANY, |_| {
        let outer = channel(1).map_err(said)?;
        let writer = outer.weak_writer().map_err(said)?;
        let inner = std::mem::replace(&mut innermost, outer);
        taken(writer.write_with(b"", vec![Handle::Channel(inner)]))
    });
    Ok(made.and(innermost))
}

/// Many channels whose frames carry handles of each other, all of which hang on one handle. That goes into a frame itself, again and
/// again, so that each time it is to be found out whether anybody can reach them.
pub fn hung(times: u64) -> Result<Made, Error> {
    let all: Result<Vec<Channel>, Error> = (0..HUNG).map(|_| channel(4096)).collect();
    let all = all?;
    for (n, one) in all.iter().enumerate() {
        let other = |k: usize| all[(n * 7 + k * 13 + 1) % HUNG].narrow(Access::all());
        let others: Result<Vec<_>, _> = (0..CARRIED)
            .map(|k| other(k).map(Handle::Channel))
            .collect();
        let _ = one.weak_writer()?.write_with(b"x", others?);
    }
    let held = all[0].narrow(Access::all())?;
    drop(all);
    let (root, writer, reader) = strong(64)?;
    let mut held = Some(held);
    Ok(repeat(times, |_| {
        let sent = held.as_ref().map(|held| held.narrow(Access::all()));
        let sent = sent.ok_or("nothing is held")?.map_err(said)?;
        taken(writer.write_with(b"x", vec![Handle::Channel(sent)]))?;
        // The last one that is in no frame.
        held = None;
        let read = reader.read().map_err(said)?;
        let handles = read.and_then(|read| read.handles).unwrap_or_default();
        held = handles.into_iter().find_map(|handle| match handle {
            Handle::Channel(channel) => Some(channel),
            _ => None,
        });
        Ok::<_, String>(())
    })
    .and((root, writer)))
}

/// Channels whose frames carry each other, and that nobody holds; then more of them.
fn cyclic() -> Result<Made, Error> {
    Ok(repeat(20_000, |_| {
        let one = || {
            let root = channel(64)?;
            let writer = root.weak_writer()?;
            Ok::<_, Error>((root, writer))
        };
        let (one, other) = (one().map_err(said)?, one().map_err(said)?);
        let to = |root: &Channel| root.narrow(Access::all()).map(Handle::Channel);
        let (there, back) = (to(&other.0).map_err(said)?, to(&one.0).map_err(said)?);
        taken(one.1.write_with(b"x", vec![there]))?;
        taken(other.1.write_with(b"x", vec![back]))
    }))
}
