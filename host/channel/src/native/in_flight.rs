//! Attachments while their frame is in a channel: *in flight*, reachable by nobody but
//! the first reader of the frame.
//!
//! Invariant: each channel counts its handles in flight. The count is never lower than
//! the handles that are in frames: it goes up before a frame gets into a channel, and down after
//! the frame has left it or its attachments were taken. Handles of remote channels are not counted: their frames lead nowhere.

use std::mem;

use crate::{
    attachment::{Attachment, Attachments},
    native::release,
};

/// The attachments of a frame in a channel. Dropped, it releases them.
#[derive(Debug)]
pub(crate) struct InFlight(Box<Attachments>);

impl InFlight {
    /// The caller excludes walks, see `cycles`.
    pub fn new(attached: Box<Attachments>) -> Self {
        for attachment in attached.iter() {
            if let Some(shared) = attachment.shared() {
                shared.took_off();
            }
        }
        Self(attached)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Attachment> {
        self.0.iter()
    }

    /// The attachments, which have left their frame and are in flight no more.
    pub fn land(mut self) -> Attachments {
        self.land_in_place()
    }

    fn land_in_place(&mut self) -> Attachments {
        let attached = mem::take(&mut *self.0);
        for attachment in attached.iter() {
            if let Some(shared) = attachment.shared() {
                shared.landed();
            }
        }
        attached
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if !self.0.is_empty() {
            release::release(self.land_in_place());
        }
    }
}
