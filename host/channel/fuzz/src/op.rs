//! Operations, and how bytes become a sequence of them.
//!
//! Invariants: any bytes are a sequence, so that a fuzzer wastes none; each operation is made of
//! as many bytes as any other, so that one can be cut out without changing those behind it.

use weft_channel::Backpressure;

/// How many bytes make an operation.
pub const OP_BYTES: usize = 4;

/// The frames of one write, by their lengths.
type Lens = Vec<usize>;

/// A kind of handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it all")]
pub enum Kind {
    Channel,
    Reader,
    Writer,
}

/// A frame with a handle of the channel itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it all")]
pub struct With {
    pub len: usize,
    pub kind: Kind,
    /// Which of the readers or writers; or the note of a channel.
    pub pick: u8,
}

/// What is done to a channel, its ends and its waits. Ends and waits are picked by a
/// number taken modulo how many there are; where there are none, nothing is done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it all")]
pub enum Op {
    OpenWriter { strong: bool },
    OpenReader { strong: bool },
    TryWrite { writer: u8, len: usize },
    TryWriteBatch { writer: u8, lens: Lens },
    TryWriteWith { writer: u8, with: With },
    TryRead { reader: u8 },
    TryReadBatch { reader: u8, frames: u32, bytes: u64 },
    Write { writer: u8, len: usize },
    WriteBatch { writer: u8, lens: Lens },
    WriteWith { writer: u8, with: With },
    Read { reader: u8 },
    ReadBatch { reader: u8, frames: u32, bytes: u64 },
    Poll { wait: u8, with_new_waker: bool },
    Cancel { wait: u8 },
    WeakenReader { reader: u8 },
    CloseReader { reader: u8 },
    WeakenWriter { writer: u8 },
    CloseWriter { writer: u8 },
    Drain,
    Terminate,
}

impl Op {
    /// How many times of a hundred each operation comes about is the width of its range.
    fn from_bytes([kind, pick, a, b]: [u8; OP_BYTES]) -> Self {
        let len = usize::from(a % 44);
        let (frames, bytes) = match a {
            250.. => (u32::MAX, u64::MAX),
            _ => (u32::from(a % 9), u64::from(b % 30)),
        };
        match kind % 100 {
            0..4 => Self::OpenWriter {
                strong: pick.is_multiple_of(2),
            },
            4..9 => Self::OpenReader {
                strong: pick.is_multiple_of(2),
            },
            9..17 => Self::TryWrite { writer: pick, len },
            17..24 => Self::TryWriteBatch {
                writer: pick,
                lens: lens(a, b),
            },
            24..29 => Self::TryWriteWith {
                writer: pick,
                with: with(a, b),
            },
            29..39 => Self::TryRead { reader: pick },
            39..49 => Self::TryReadBatch {
                reader: pick,
                frames,
                bytes,
            },
            49..56 => Self::Write { writer: pick, len },
            56..60 => Self::WriteBatch {
                writer: pick,
                lens: lens(a, b),
            },
            60..64 => Self::WriteWith {
                writer: pick,
                with: with(a, b),
            },
            64..69 => Self::Read { reader: pick },
            69..73 => Self::ReadBatch {
                reader: pick,
                frames,
                bytes,
            },
            73..84 => Self::Poll {
                wait: pick,
                with_new_waker: a.is_multiple_of(4),
            },
            84..90 => Self::Cancel { wait: pick },
            90..92 => Self::WeakenReader { reader: pick },
            92..94 => Self::CloseReader { reader: pick },
            94 | 95 => Self::WeakenWriter { writer: pick },
            96 | 97 => Self::CloseWriter { writer: pick },
            98 => Self::Drain,
            _ => Self::Terminate,
        }
    }

    /// Whether it may end the channel: a writer attached is closed where its frame is lost.
    fn may_end(&self) -> bool {
        match self {
            Self::TryWriteWith { with, .. } | Self::WriteWith { with, .. } => {
                with.kind == Kind::Writer
            }
            Self::WeakenWriter { .. } | Self::CloseWriter { .. } => true,
            Self::Drain | Self::Terminate => true,
            _ => false,
        }
    }
}

/// A frame with a handle, more often a short one.
fn with(a: u8, b: u8) -> With {
    With {
        len: usize::from(a % 44 / 4),
        kind: match b % 4 {
            0 => Kind::Channel,
            1 | 2 => Kind::Reader,
            _ => Kind::Writer,
        },
        pick: b / 4,
    }
}

/// A few short frames, or more empty ones than a channel may retain.
fn lens(a: u8, b: u8) -> Lens {
    if a >= 250 {
        return vec![0; 300 + usize::from(b) * 4];
    }
    let len = |i: u32| usize::from(b.rotate_left(2 * i) & 7);
    (0..u32::from(a % 6)).map(len).collect()
}

/// A channel and what is done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// Bytes that the channel retains.
    pub capacity: usize,
    /// What it does when it is full.
    pub backpressure: Backpressure,
    /// What is done to it, one after the other.
    pub ops: Vec<Op>,
}

impl Sequence {
    /// Two bytes for the channel, then [`OP_BYTES`] for each operation; what is left over
    /// is nothing.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let (channel, ops) = bytes.split_at(bytes.len().min(2));
        let &[capacity, kind] = channel else {
            return Self::new(0, 0, vec![]);
        };
        let (ops, _) = ops.as_chunks();
        Self::new(capacity, kind, ops.to_vec())
    }

    /// The channel by two numbers, and its operations by [`OP_BYTES`] each.
    #[must_use]
    pub fn new(capacity: u8, kind: u8, ops: Vec<[u8; OP_BYTES]>) -> Self {
        // Ending a channel ends what a sequence can show, so half of them leave it open.
        let stays_open = kind.is_multiple_of(2);
        let ops = ops.into_iter().map(Op::from_bytes);
        Self {
            capacity: 1 + usize::from(capacity % 40),
            backpressure: match kind / 2 % 4 {
                0 => Backpressure::Drop,
                _ => Backpressure::Block,
            },
            ops: ops.filter(|op| !(stays_open && op.may_end())).collect(),
        }
    }
}
