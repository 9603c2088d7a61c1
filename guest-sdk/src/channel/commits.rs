//! What a reader says about the frames that its guest has finished with.
//!
//! Reading on says it by itself: the host sees the read. But frames that buffered writers have collected would be lost if the guest
//! failed then. So while there are any, the reader says so itself, and only when they are out. And a guest can do all of it itself.
//!
//! Invariant: `taken` counts what has been read and not committed, so what a guest commits is never more than it was handed.

use crate::bindings::weft::fabric::channel as raw;
use crate::task::buffers;

/// Who says that frames are finished.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum By {
    /// The host, at each read.
    #[default]
    Reading,
    /// This.
    Sdk,
    Guest,
    /// Nobody: it is not a committed reader.
    Nobody,
}

/// Which frames of a reader are finished.
#[derive(Debug, Default)]
pub(crate) struct Commits {
    by: By,
    taken: u32,
}

impl Commits {
    /// Before the reader reads on.
    #[inline]
    pub(crate) fn read_on(&mut self, reader: &raw::Reader) {
        if matches!(self.by, By::Nobody | By::Guest) {
            return;
        }
        if buffers::any_unsent() && !self.sends_first(reader) {
            return;
        }
        if self.by == By::Sdk {
            reader.commit(u32::MAX);
        }
        self.taken = 0;
    }

    /// Whether what was collected is sent, or does not matter. If it is not, nothing is finished.
    #[cold]
    fn sends_first(&mut self, reader: &raw::Reader) -> bool {
        match reader.attempt() {
            0 => {
                self.by = By::Nobody;
                return true;
            }
            1 => {}
            // Frames that come again are finished one by one, so that the one at which the guest fails is found.
            _ => {
                buffers::flush();
            }
        }
        let sent = !buffers::any_unsent();
        if !sent && self.by == By::Reading {
            reader.commit(0);
            self.by = By::Sdk;
        }
        sent
    }

    /// So many frames were read.
    #[inline]
    pub(crate) fn took(&mut self, frames: usize) {
        let frames = u32::try_from(frames).unwrap_or(u32::MAX);
        self.taken = self.taken.saturating_add(frames);
    }

    /// The guest has finished with all frames but those it has not been handed.
    pub(crate) fn commit(&mut self, reader: &raw::Reader, not_handed: usize) {
        let not_handed = u32::try_from(not_handed).unwrap_or(u32::MAX);
        let finished = self.taken.saturating_sub(not_handed);
        reader.commit(finished);
        self.by = By::Guest;
        self.taken -= finished;
    }
}
