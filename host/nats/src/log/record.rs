//! A message of the stream: frames or a part of them, or a record of control.
//!
//! Its header `Weft` says what it is, in words with spaces between them. One header and not many, as each costs time at every message:
//!
//! - `packed FRAMES BYTES PART/PARTS WRITERS COUNTS`: where each frame ends, then the bytes of all, of one write or more;
//! - `plain FRAMES BYTES PART/PARTS WRITERS COUNTS`: the message is one frame;
//! - `control COUNTS`: a record of control, see `control`.
//!
//! `FRAMES` and `BYTES` are those of all parts. `WRITERS` are who sent the frames, `ID*FRAMES` with commas between several. `COUNTS` are five
//! numbers: frames and bytes before it; then sequence, frames and bytes of the oldest message retained, from this record on.
//!
//! A message without it was sent by a program that knows nothing of Weft. It is one frame, of the writer 0.
//!
//! Invariant: reading never fails. What makes no sense is taken for a message of such a program.

use std::{
    fmt::{self, Write},
    str::FromStr,
};

use async_nats::HeaderMap;
use bytes::Bytes;

use super::control::Snapshot;

/// The header that says what a message is.
const WEFT: &str = "Weft";

/// The server's own header, in place of a payload that was not asked for.
const SIZE: &str = "Nats-Msg-Size";

/// What the first word can be.
const PACKED: &str = "packed";
const PLAIN: &str = "plain";
const CONTROL: &str = "control";

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

/// The words of the header.
type Words<'a> = std::str::Split<'a, char>;

fn number<T: FromStr>(words: &mut Words<'_>) -> Option<T> {
    words.next()?.parse().ok()
}

impl Counts {
    fn parse(words: &mut Words<'_>) -> Option<Self> {
        Some(Self {
            frames: number(words)?,
            bytes: number(words)?,
            floor: Floor {
                seq: number(words)?,
                frames: number(words)?,
                bytes: number(words)?,
            },
        })
    }

    /// The headers of a record of control.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(WEFT, format!("{CONTROL} {self}"));
        headers
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Floor { seq, frames, bytes } = self.floor;
        write!(f, "{} {} {seq} {frames} {bytes}", self.frames, self.bytes)
    }
}

impl Piece {
    fn parse(words: &mut Words<'_>, packed: bool) -> Option<Self> {
        let frames = number(words)?;
        let bytes = number(words)?;
        let (part, of) = words.next()?.split_once('/')?;
        let part = (part.parse().ok()?, of.parse().ok()?);
        let runs = words.next()?.split(',').map(|run| {
            let (writer, frames) = run.split_once('*')?;
            Some(Run {
                writer: writer.parse().ok()?,
                frames: frames.parse().ok()?,
            })
        });
        Some(Self {
            packed,
            frames,
            bytes,
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
        let Self { frames, bytes, .. } = self;
        let (part, of) = self.part;
        let format = if self.packed { PACKED } else { PLAIN };
        let mut text = format!("{format} {frames} {bytes} {part}/{of} ");
        for (at, Run { writer, frames }) in self.runs.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            // Writing to text does not fail.
            let _ = write!(text, "{comma}{writer}*{frames}");
        }
        let _ = write!(text, " {counts}");
        let mut headers = HeaderMap::new();
        headers.insert(WEFT, text);
        headers
    }
}

impl Record {
    /// Whether this host has sent it: ids of messages begin with who sent them.
    pub fn is_of(&self, host: &str) -> bool {
        self.id.as_ref().is_some_and(|id| id.starts_with(host))
    }

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
            let mut words = headers.get(WEFT)?.as_str().split(' ');
            let body = match words.next()? {
                CONTROL => Body::Control(Box::new(Snapshot::parse(headers)?)),
                PACKED => Body::Frames(Piece::parse(&mut words, true)?),
                PLAIN => Body::Frames(Piece::parse(&mut words, false)?),
                _ => return None,
            };
            Some((Counts::parse(&mut words)?, body))
        });
        let (counts, body) = match parsed {
            Some((counts, body)) => (Some(counts), body),
            None => {
                let size = headers.and_then(|headers| headers.get(SIZE)?.as_str().parse().ok());
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
