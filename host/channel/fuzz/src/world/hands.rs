//! Ends at hand: how they get into frames, and come back.
//!
//! Invariant: an end that is let go of has nobody waiting with it.

use std::sync::Arc;

use weft_channel::{Attachment, Reader, Writer};

use super::{World, pick};
use crate::{
    op::{Kind, With},
    reference::Handle,
    wait::{Attached, Offer, What},
};

impl World {
    /// Takes a reader at hand out of it; no read of it waits any more.
    pub(super) fn let_go_of_reader(&mut self, reader: u8) -> Option<(u32, Reader)> {
        let at = pick(&self.readers, reader)?;
        let (id, reader) = self.readers.swap_remove(at);
        self.cancel_all(|what| matches!(what, What::Read { reader, .. } if *reader == id));
        Some((id, Arc::into_inner(reader).unwrap()))
    }

    /// The same with a writer.
    pub(super) fn let_go_of_writer(&mut self, writer: u8) -> Option<(u32, Writer)> {
        let at = pick(&self.writers, writer)?;
        let (id, writer) = self.writers.swap_remove(at);
        self.cancel_all(|what| matches!(what, What::Write { writer, .. } if *writer == id));
        Some((id, Arc::into_inner(writer).unwrap()))
    }

    /// Sends a handle that is at hand.
    pub(super) fn offer_with(&mut self, writer: u8, with: &With, at_once: bool) {
        let Some(at) = pick(&self.writers, writer) else {
            return;
        };
        let through = self.writers[at].0;
        let (handle, attachment) = match with.kind {
            Kind::Channel => {
                let note = with.pick.into();
                let attachment = Attachment::Channel(self.channel.clone(), note);
                (Handle::Channel(note), attachment)
            }
            Kind::Reader => match self.let_go_of_reader(with.pick) {
                Some((id, reader)) => (Handle::Reader(id), Attachment::Reader(reader)),
                None => return,
            },
            // A writer cannot send itself.
            Kind::Writer if pick(&self.writers, with.pick) == Some(at) => return,
            Kind::Writer => match self.let_go_of_writer(with.pick) {
                Some((id, writer)) => (Handle::Writer(id), Attachment::Writer(writer)),
                None => return,
            },
        };
        let frames = self.frames(&[with.len]);
        let offer = Offer::With(frames[0].clone(), attachment);
        self.send(through, frames, offer, Some(handle), at_once);
    }

    /// Takes what came with frames in hand.
    pub(super) fn hold(&mut self, expected: Vec<(usize, Handle)>, attached: Attached) {
        assert_eq!(expected.len(), attached.len());
        for ((expected_at, expected), (at, attached)) in expected.into_iter().zip(attached) {
            assert_eq!(at, expected_at);
            match (expected, attached) {
                (Handle::Channel(expected), Attachment::Channel(channel, note)) => {
                    assert_eq!(note, expected);
                    assert!(channel.same_channel(&self.channel));
                }
                (Handle::Reader(id), Attachment::Reader(it)) => {
                    self.readers.push((id, Arc::new(it)));
                }
                (Handle::Writer(id), Attachment::Writer(it)) => {
                    assert_eq!(it.id(), id);
                    self.writers.push((id, Arc::new(it)));
                }
                (expected, attached) => panic!("{attached:?} and not {expected:?}"),
            }
        }
    }
}
