//! Frames as they lie in the log, and frames on their way into it.
//!
//! Invariant: the ends of a [`Unit`] never decrease and stop where its payload does, so slicing by them gives every frame.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use weft_channel::{Frame, Outgoing};

use super::record::{Piece, Run};

/// Bytes of the end of a frame, in a packed message.
const END: usize = size_of::<u32>();

/// Frames that were written together: a message of the stream, or all its parts.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    /// Frames before it.
    pub before: u64,
    pub frames: u32,
    runs: Arc<[Run]>,
    /// Where the frames end in the payload; none for one frame.
    ends: Arc<[u32]>,
    payload: Bytes,
}

impl Unit {
    /// Frames up to its last.
    pub fn end(&self) -> u64 {
        self.before + u64::from(self.frames)
    }

    /// Bytes that it keeps in memory.
    pub fn weight(&self) -> u64 {
        self.payload.len() as u64 + size_of_val(&*self.ends) as u64 + size_of::<Self>() as u64
    }

    /// Takes the payload of a whole message, or of all parts of one, apart. None where it is not what the piece says.
    pub fn read(piece: &Piece, payload: Bytes, before: u64) -> Option<Self> {
        let count = piece.frames as usize;
        let (ends, payload) = if piece.packed && count != 1 {
            let table = payload.get(..count.checked_mul(END)?)?;
            let (ends, _) = table.as_chunks::<END>();
            let ends: Arc<[u32]> = ends.iter().map(|end| u32::from_le_bytes(*end)).collect();
            (ends, payload.slice(count * END..))
        } else {
            (Arc::default(), payload)
        };
        let ordered = ends.is_sorted();
        let whole = ends.last().is_none_or(|end| *end as usize == payload.len());
        let named: u64 = piece.runs.iter().map(|run| u64::from(run.frames)).sum();
        let right = ordered && whole && count > 0 && named == count as u64;
        right.then(|| Self {
            before,
            frames: piece.frames,
            runs: piece.runs.as_slice().into(),
            ends,
            payload,
        })
    }

    /// The frame with this number, counted from the first of the channel.
    pub fn frame(&self, number: u64) -> Option<Frame> {
        let index = usize::try_from(number.checked_sub(self.before)?).ok()?;
        if index >= self.frames as usize {
            return None;
        }
        let payload = if self.ends.is_empty() {
            self.payload.clone()
        } else {
            let end = *self.ends.get(index)? as usize;
            let start = index.checked_sub(1).and_then(|it| self.ends.get(it));
            self.payload.slice(start.map_or(0, |it| *it as usize)..end)
        };
        Some(Frame::new(self.writer(index), payload, Vec::new()))
    }

    /// Bytes of the frame with this number.
    pub fn size(&self, number: u64) -> usize {
        let index = number.saturating_sub(self.before) as usize;
        if self.ends.is_empty() {
            return self.payload.len();
        }
        let end = self.ends.get(index).copied().unwrap_or(0);
        let start = index.checked_sub(1).and_then(|it| self.ends.get(it));
        end.saturating_sub(start.copied().unwrap_or(0)) as usize
    }

    fn writer(&self, index: usize) -> u32 {
        let mut end = 0;
        for run in &*self.runs {
            end += run.frames as usize;
            if index < end {
                return run.writer;
            }
        }
        0
    }
}

/// Frames of one write, on their way into the log.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    pub writer: u32,
    /// Where the frames end in the payload.
    ends: Arc<[u32]>,
    payload: Bytes,
}

impl Parcel {
    pub fn new(writer: u32, frames: Outgoing) -> Self {
        let (ends, payload) = match frames {
            // A frame of more bytes than an end can say is refused before.
            Outgoing::Frame { payload, .. } => ([payload.len() as u32].into(), payload),
            Outgoing::Batch(batch) => (batch.ends().collect(), batch.payload().clone()),
        };
        Self {
            writer,
            ends,
            payload,
        }
    }

    pub fn frames(&self) -> usize {
        self.ends.len()
    }

    pub fn bytes(&self) -> usize {
        self.payload.len()
    }

    fn end(&self, frames: usize) -> usize {
        let last = frames.checked_sub(1).and_then(|it| self.ends.get(it));
        last.map_or(0, |end| *end as usize)
    }

    /// How many of its frames, from the first on, are within both limits.
    pub fn within(&self, frames: u64, bytes: u64) -> usize {
        let fit = self.ends.partition_point(|end| u64::from(*end) <= bytes);
        fit.min(usize::try_from(frames).unwrap_or(usize::MAX))
    }

    /// The frames up to this one, and those behind it.
    pub fn split(&self, frames: usize) -> (Self, Self) {
        let end = self.end(frames);
        let (first, rest) = self.ends.split_at(frames.min(self.ends.len()));
        let first = Self {
            writer: self.writer,
            ends: first.into(),
            payload: self.payload.slice(..end),
        };
        let rest = Self {
            writer: self.writer,
            ends: rest.iter().map(|it| it - end as u32).collect(),
            payload: self.payload.slice(end..),
        };
        (first, rest)
    }

    /// All of them in one payload, with what a message says of them. The parts are to be filled in.
    pub fn pack(parcels: &[Self], packed: bool) -> (Piece, Bytes) {
        let frames: usize = parcels.iter().map(Self::frames).sum();
        let bytes: usize = parcels.iter().map(Self::bytes).sum();
        let mut runs: Vec<Run> = Vec::new();
        for parcel in parcels {
            let frames = parcel.frames() as u32;
            match runs.last_mut() {
                Some(run) if run.writer == parcel.writer => run.frames += frames,
                _ => runs.push(Run {
                    writer: parcel.writer,
                    frames,
                }),
            }
        }
        let piece = Piece {
            packed,
            frames: frames as u32,
            bytes: bytes as u64,
            runs,
            part: (1, 1),
        };
        if let ([parcel], 1) = (parcels, frames) {
            return (piece, parcel.payload.clone());
        }
        let mut payload = BytesMut::with_capacity(frames * END + bytes);
        let mut base = 0;
        for parcel in parcels {
            for end in &*parcel.ends {
                payload.extend_from_slice(&(base + end).to_le_bytes());
            }
            base += parcel.bytes() as u32;
        }
        for parcel in parcels {
            payload.extend_from_slice(&parcel.payload);
        }
        (piece, payload.freeze())
    }
}
