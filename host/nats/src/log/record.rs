//! A message of the stream: frames or a part of them, or a record of control.
//!
//! | header | what it says |
//! | --- | --- |
//! | `Weft-Format` | `packed`: the ends of the frames come before their bytes; `plain`: the message is one frame; `control` |
//! | `Weft-Frames`, `Weft-Bytes` | how many frames, and bytes of payload, are in the write; of all its parts |
//! | `Weft-Writer` | who sent them: `ID*FRAMES`, several with commas between them |
//! | `Weft-Counts` | frames and bytes before it; sequence, frames and bytes of the oldest message retained, from this record on |
//! | `Weft-Part` | `K/N`: part K of N, where a write is larger than a message |
//!
//! A message without these was sent by a program that knows nothing of Weft. It is one frame, of the writer 0.
//!
//! Invariant: reading never fails. What makes no sense is taken for a message of such a program.

use async_nats::HeaderMap;
use bytes::Bytes;

use super::control::Snapshot;

/// Names of headers.
pub(crate) mod names {
    pub const FORMAT: &str = "Weft-Format";
    pub const FRAMES: &str = "Weft-Frames";
    pub const BYTES: &str = "Weft-Bytes";
    pub const WRITER: &str = "Weft-Writer";
    pub const COUNTS: &str = "Weft-Counts";
    pub const PART: &str = "Weft-Part";
    /// The server's own, in place of a payload that was not asked for.
    pub const SIZE: &str = "Nats-Msg-Size";
    pub const CONTROL: &str = "control";
}

/// The oldest frame retained, and where it lies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Floor {
    /// Sequence of its message.
    pub seq: u64,
    /// Frames before it, since the channel was made.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What a record knows of those before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Frames before it.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What is retained from this record on.
    pub floor: Floor,
}

/// Frames of one writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub writer: u32,
    pub frames: u32,
}

/// Frames, or a part of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub packed: bool,
    pub frames: u32,
    pub bytes: u64,
    pub runs: Vec<Run>,
    /// Which part, from 1, of how many.
    pub part: (u32, u32),
}

#[derive(Debug, Clone)]
pub(crate) enum Body {
    Frames(Piece),
    Control(Box<Snapshot>),
}

/// A message of the stream.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub seq: u64,
    /// Milliseconds since 1970 by the server's clock.
    pub time: u64,
    /// The id of the message.
    pub id: Option<String>,
    /// None for a message of another program.
    pub counts: Option<Counts>,
    pub body: Body,
    /// None where only headers were asked for.
    pub payload: Option<Bytes>,
}

impl Counts {
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split(' ').map(|it| it.parse().ok());
        let mut next = || numbers.next().flatten();
        Some(Self {
            frames: next()?,
            bytes: next()?,
            floor: Floor {
                seq: next()?,
                frames: next()?,
                bytes: next()?,
            },
        })
    }

    pub fn text(&self) -> String {
        let Self {
            frames,
            bytes,
            floor,
        } = self;
        let Floor { seq, .. } = floor;
        format!("{frames} {bytes} {seq} {} {}", floor.frames, floor.bytes)
    }
}

impl Piece {
    fn parse(headers: &HeaderMap, packed: bool) -> Option<Self> {
        let part = match headers.get(names::PART) {
            None => (1, 1),
            Some(text) => {
                let (part, of) = text.as_str().split_once('/')?;
                (part.parse().ok()?, of.parse().ok()?)
            }
        };
        let runs = headers.get(names::WRITER)?.as_str().split(',').map(|run| {
            let (writer, frames) = run.split_once('*')?;
            Some(Run {
                writer: writer.parse().ok()?,
                frames: frames.parse().ok()?,
            })
        });
        Some(Self {
            packed,
            frames: number(headers, names::FRAMES)?,
            bytes: number(headers, names::BYTES)?,
            runs: runs.collect::<Option<_>>()?,
            part,
        })
    }

    /// A message of another program.
    fn foreign(bytes: u64) -> Self {
        Self {
            packed: false,
            frames: 1,
            bytes,
            runs: vec![Run {
                writer: 0,
                frames: 1,
            }],
            part: (1, 1),
        }
    }

    pub fn headers(&self, counts: &Counts) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let format = if self.packed { "packed" } else { "plain" };
        headers.insert(names::FORMAT, format);
        headers.insert(names::FRAMES, self.frames.to_string());
        headers.insert(names::BYTES, self.bytes.to_string());
        let runs: Vec<_> = self.runs.iter().map(Run::text).collect();
        headers.insert(names::WRITER, runs.join(","));
        headers.insert(names::COUNTS, counts.text());
        if self.part != (1, 1) {
            headers.insert(names::PART, format!("{}/{}", self.part.0, self.part.1));
        }
        headers
    }
}

impl Run {
    fn text(&self) -> String {
        format!("{}*{}", self.writer, self.frames)
    }
}

fn number<T: std::str::FromStr>(headers: &HeaderMap, name: &str) -> Option<T> {
    headers.get(name)?.as_str().parse().ok()
}

impl Record {
    /// Reads a message. `whole` is false where only headers were asked for.
    pub fn read(
        seq: u64,
        time: u64,
        headers: Option<&HeaderMap>,
        payload: Bytes,
        whole: bool,
    ) -> Self {
        let id = headers.and_then(|it| it.get(async_nats::header::NATS_MESSAGE_ID));
        let id = id.map(|id| id.as_str().to_owned());
        let parsed = headers.and_then(|headers| {
            let counts = Counts::parse(headers.get(names::COUNTS)?.as_str())?;
            let body = match headers.get(names::FORMAT)?.as_str() {
                names::CONTROL => Body::Control(Box::new(Snapshot::parse(headers)?)),
                format => Body::Frames(Piece::parse(headers, format == "packed")?),
            };
            Some((counts, body))
        });
        let (counts, body) = match parsed {
            Some((counts, body)) => (Some(counts), body),
            None => {
                let size = headers.and_then(|headers| number(headers, names::SIZE));
                let bytes = size.unwrap_or(payload.len() as u64);
                (None, Body::Frames(Piece::foreign(bytes)))
            }
        };
        Self {
            seq,
            time,
            id,
            counts,
            body,
            payload: whole.then_some(payload),
        }
    }
}
