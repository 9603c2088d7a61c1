//! What has left a channel and is only to be dropped: piece by piece, as there may be much of it.

use std::{
    collections::{BTreeMap, VecDeque},
    task::Waker,
};

use crate::{
    attachment::{Attachment, Charge},
    native::{
        in_flight::InFlight,
        state::{Chunk, Returned, Segment},
        steps::Steps,
    },
    sync::Arc,
};

/// Freeing so many bytes counts as one more step: the system takes about as long to take their pages back.
const BYTES_PER_STEP: usize = 2 << 10;

#[derive(Debug)]
pub(crate) enum Spent {
    Waker { _it: Waker },
    Charge { _it: Charge },
    InFlight { _it: InFlight },
    Attachments { _it: Vec<Attachment> },
    Returned { _it: Returned },
    Frames(Box<Remains>),
}

/// What a channel retained, and what pays for it.
#[derive(Debug)]
pub(crate) struct Remains {
    pub chunks: VecDeque<Arc<Chunk>>,
    /// By the number of their segment.
    pub attached: BTreeMap<u64, InFlight>,
    /// Dropped last, with the rest.
    pub _charge: Option<Charge>,
}

impl Spent {
    /// How many steps it takes to drop it, about.
    pub fn steps(&self) -> usize {
        match self {
            // What comes of the handles is counted when it is done.
            Self::Frames(frames) => {
                let chunks = frames.chunks.iter().map(|chunk| steps(chunk));
                chunks.fold(frames.attached.len(), usize::saturating_add)
            }
            Self::Attachments { _it } => _it.len(),
            Self::Returned { _it } => _it.len(),
            Self::Waker { .. } | Self::Charge { .. } | Self::InFlight { .. } => 1,
        }
    }

    /// Drops as much of it as there are steps for, a little at least; what is left.
    pub fn drop_some(self, steps: &mut Steps) -> Option<Self> {
        match self {
            Self::Frames(frames) => frames.drop_some(steps).map(Self::Frames),
            other => {
                steps.did(other.steps());
                None
            }
        }
    }
}

impl Remains {
    /// What is left of these, which nothing is attached to.
    pub fn of(chunks: VecDeque<Arc<Chunk>>) -> Self {
        Self {
            chunks,
            attached: BTreeMap::new(),
            _charge: None,
        }
    }

    fn drop_some(mut self: Box<Self>, left: &mut Steps) -> Option<Box<Self>> {
        while !left.are_used_up() {
            if let Some(chunk) = self.chunks.pop_front() {
                left.did(steps(&chunk));
            } else if self.attached.pop_first().is_some() {
                left.did(1);
            } else {
                return None;
            }
        }
        Some(self)
    }
}

fn steps(chunk: &Chunk) -> usize {
    let of_segment = |segment: &Segment| 1 + segment.bytes() / BYTES_PER_STEP;
    chunk.segments().map(of_segment).sum()
}
