//! Frames that a reader was given back: it reads them again, before all others.
//!
//! They have left the ring, so they hold no writer back and use no capacity. Whoever gave them back pays for them.
//!
//! Invariant: where there is a `Returned`, there is a frame in it. Handles in it are outside of any frame, as `cycles`
//! sees it.

use std::collections::VecDeque;

use super::After;
use crate::{
    attachment::{Attachment, Charge},
    frame::{Frame, Frames},
};

/// The frames of one `put_back`, and behind them those of earlier ones.
#[derive(Debug)]
pub(crate) struct Returned {
    frames: VecDeque<Frame>,
    charge: Option<Charge>,
    behind: Option<Box<Returned>>,
}

impl Returned {
    pub fn new(frames: Vec<Frame>, charge: Option<Charge>) -> Self {
        Self {
            frames: frames.into(),
            charge,
            behind: None,
        }
    }

    /// The number of frames of the last `put_back` alone: those of earlier ones are dropped together with these.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Puts frames before those that are there.
    pub fn put(place: &mut Option<Box<Self>>, mut frames: Self) {
        frames.behind = place.take();
        *place = Some(Box::new(frames));
    }

    /// Takes the next frame.
    pub fn pop(place: &mut Option<Box<Self>>, after: &mut After) -> Option<Frame> {
        let front = place.as_mut()?;
        let frame = front.frames.pop_front();
        if front.frames.is_empty() {
            if let Some(charge) = front.charge.take() {
                after.drop_charge(charge);
            }
            *place = front.behind.take();
        }
        frame
    }

    /// Takes the next frames, at most so many and so much, one at least.
    pub fn pop_many(
        place: &mut Option<Box<Self>>,
        max_frames: u32,
        max_bytes: u64,
        after: &mut After,
    ) -> Frames {
        let mut frames = Frames::default();
        while let Some(front) = place.as_ref().and_then(|it| it.frames.front()) {
            let bytes = (frames.bytes() + front.payload.len()) as u64;
            let full = frames.len() >= max_frames as usize || bytes > max_bytes;
            if full && !frames.is_empty() {
                break;
            }
            let Some(frame) = Self::pop(place, after) else {
                break;
            };
            frames.extend([frame]);
        }
        frames
    }

    /// Takes the handles out of all of them.
    pub fn take_attached(&mut self) -> Vec<Attachment> {
        let mut taken = Vec::new();
        let mut next = Some(self);
        while let Some(returned) = next {
            for frame in &mut returned.frames {
                taken.append(&mut frame.attached);
            }
            next = returned.behind.as_deref_mut();
        }
        taken
    }
}

impl Drop for Returned {
    /// One by one: as many may stand behind each other as somebody has paid for.
    fn drop(&mut self) {
        let mut next = self.behind.take();
        while let Some(mut returned) = next {
            next = returned.behind.take();
        }
    }
}
