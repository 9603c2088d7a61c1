//! Handles that travel with a frame, and the charges by which an embedder counts what is kept.
//!
//! Attachments are plain values until their frame is written. While the frame is in a channel of the native engine they are
//! *in flight*; see `in_flight`.

use std::any::Any;

use crate::{channel::Channel, native::ChannelCore, reader::Reader, sync::Arc, writer::Writer};

/// An embedder's accounting: kept as long as the thing it pays for lives, then dropped.
///
/// It is dropped where that thing is, on any thread, with no lock of this crate held.
pub type Charge = std::sync::Arc<dyn Any + Send + Sync>;

/// A handle that travels with a frame.
#[derive(Debug)]
pub enum Attachment {
    /// A channel as a whole, and a note of the embedder, handed over unchanged.
    Channel(Channel, u32),
    /// A reading end. Its place stays where it is.
    Reader(Reader),
    /// A writing end. It keeps its id.
    Writer(Writer),
}

impl Attachment {
    /// The channel it is a handle of, if that is one of the native engine.
    pub(crate) fn shared(&self) -> Option<&Arc<ChannelCore>> {
        Some(match self {
            Self::Channel(channel, _) => channel.native()?.shared(),
            Self::Reader(reader) => reader.native()?.shared(),
            Self::Writer(writer) => writer.native()?.shared(),
        })
    }
}

/// The handles that travel with one frame, in order.
#[derive(Debug, Default)]
pub struct Attachments {
    list: Vec<Attachment>,
    charge: Option<Charge>,
}

impl Attachments {
    /// These handles, at no charge.
    #[must_use]
    pub fn new(list: Vec<Attachment>) -> Self {
        Self { list, charge: None }
    }

    /// These handles, and a charge that is dropped when they are taken or released. A
    /// list without handles is released as soon as it is written.
    #[must_use]
    pub fn with_charge(list: Vec<Attachment>, charge: Charge) -> Self {
        let charge = Some(charge);
        Self { list, charge }
    }

    /// Number of handles.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are no handles.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The handles in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Attachment> {
        self.list.iter()
    }

    /// Takes the handles and drops the charge.
    #[must_use]
    pub fn into_vec(self) -> Vec<Attachment> {
        self.list
    }

    /// The handles, and the charge for the caller to drop.
    pub(crate) fn into_parts(self) -> (Vec<Attachment>, Option<Charge>) {
        (self.list, self.charge)
    }
}

impl From<Vec<Attachment>> for Attachments {
    fn from(list: Vec<Attachment>) -> Self {
        Self::new(list)
    }
}

impl IntoIterator for Attachments {
    type Item = Attachment;
    type IntoIter = std::vec::IntoIter<Attachment>;

    /// Takes the handles and drops the charge.
    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl<'a> IntoIterator for &'a Attachments {
    type Item = &'a Attachment;
    type IntoIter = std::slice::Iter<'a, Attachment>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
