//! The frames of a buffer, and the calls that send them.
//!
//! Knows nothing of who waits for what; see the module above.

use crate::bindings::weft::fabric::{channel as raw, channel_async};
use crate::error::WriteError;
use crate::packed::{Batch, Buffer};
use crate::task::buffers;
use futures::future::LocalBoxFuture;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::Waker;

/// What a frame adds to the size of a batch besides its payload: its end.
/// Without it a stream of empty frames would never be sent.
pub(super) const WEIGHT_OF_A_FRAME: usize = 4;

/// How far a batch got without waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// All is sent, or failed.
    Empty,
    /// The channel has no room.
    Blocked,
}

/// What a buffer holds.
pub(super) struct State {
    /// Whether an error that nobody has taken is dropped, and not reported.
    pub(super) quiet: bool,
    /// A batch that was too large, in parts; these come before `batch`.
    pub(super) parts: VecDeque<Batch>,
    pub(super) batch: Batch,
    /// The weight up to which a frame is simply added.
    pub(super) room: usize,
    /// The weight at which a batch is sent.
    pub(super) limit: usize,
    /// Whether it is in the list of buffers to be sent.
    pub(super) listed: bool,
    /// The call under way.
    pub(super) call: Option<LocalBoxFuture<'static, Result<u32, raw::WriteError>>>,
    /// Who waits for that call.
    pub(super) waiting: Vec<Waker>,
    /// The first error that nobody has taken yet.
    pub(super) error: Option<WriteError>,
    pub(super) frames_sent: u64,
}

impl State {
    /// Nothing, in batches of up to this many bytes.
    pub(super) fn new(limit: usize) -> Self {
        State {
            quiet: false,
            parts: VecDeque::new(),
            batch: Batch::new(),
            room: 0,
            limit,
            listed: false,
            call: None,
            waiting: Vec::new(),
            error: None,
            frames_sent: 0,
        }
    }

    /// How large the batch is.
    #[inline]
    pub(super) fn weight(&self) -> usize {
        self.batch.bytes() + WEIGHT_OF_A_FRAME * self.batch.len()
    }

    /// Whether a frame of this many bytes makes no batch too large.
    pub(super) fn has_space(&self, bytes: usize) -> bool {
        let weight = self.weight();
        weight == 0 || weight + WEIGHT_OF_A_FRAME + bytes <= self.limit
    }

    /// Puts it into the list of buffers to be sent, unless it is there.
    pub(super) fn list(&mut self, buffer: &Rc<Buffer>) {
        if !self.listed {
            self.listed = true;
            buffers::add_dirty(Rc::clone(buffer));
        }
        self.room = if self.error.is_none() { self.limit } else { 0 };
    }

    /// Sends what is there. Where `wait` is false it stops when it would wait.
    pub(super) fn send(&mut self, raw: &raw::Writer, wait: bool) -> Progress {
        loop {
            let part = self.parts.front().unwrap_or(&self.batch);
            if part.is_empty() {
                return Progress::Empty;
            }
            let (ends, payload) = part.parts();
            let sent = if wait {
                raw.write_packed(ends, payload)
            } else {
                raw.try_write_packed(ends, payload)
            };
            match sent {
                Err(raw::WriteError::WouldBlock) => return Progress::Blocked,
                Err(raw::WriteError::TooLarge(bytes)) if part.len() > 1 => self.split(bytes),
                sent => {
                    if self.parts.pop_front().is_none() {
                        self.batch.clear();
                    }
                    self.note(sent, raw);
                }
            }
        }
    }

    /// Records the result of a batch.
    pub(super) fn note(&mut self, sent: Result<u32, raw::WriteError>, to: &raw::Writer) {
        match sent {
            Ok(frames) => self.frames_sent += u64::from(frames),
            Err(error) => {
                self.error.get_or_insert_with(|| WriteError::of(error, to));
                self.room = 0;
            }
        }
    }

    /// Cuts what comes first into parts of at most this many bytes.
    fn split(&mut self, bytes: u64) {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        // A quarter, so that a writer can fill one part of the channel while a
        // reader empties another.
        self.limit = self.limit.min(bytes / 4);
        self.room = self.room.min(self.limit);
        let whole = match self.parts.pop_front() {
            Some(part) => part,
            None => std::mem::take(&mut self.batch),
        };
        for part in split(&whole, bytes).into_iter().rev() {
            self.parts.push_front(part);
        }
    }

    /// The async call for what comes first. That was tried, so it is not too
    /// large.
    pub(super) fn next_call(
        &mut self,
        raw: &Rc<raw::Writer>,
    ) -> Option<LocalBoxFuture<'static, Result<u32, raw::WriteError>>> {
        let part = match self.parts.pop_front() {
            Some(part) => part,
            None => std::mem::take(&mut self.batch),
        };
        if part.is_empty() {
            return None;
        }
        let raw = Rc::clone(raw);
        Some(Box::pin(async move {
            let (ends, payload) = part.into_parts();
            channel_async::write_packed(&raw, ends, payload).await
        }))
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let Some(error) = self.error.take()
            && !self.quiet
        {
            buffers::keep_lost(error);
        }
    }
}

/// Cuts a batch into batches of at most this many bytes; a frame that is larger
/// comes alone.
fn split(batch: &Batch, bytes: usize) -> Vec<Batch> {
    let mut parts = Vec::new();
    let mut part = Batch::new();
    for frame in batch.iter() {
        if !part.is_empty() && part.bytes() + frame.len() > bytes {
            parts.push(std::mem::take(&mut part));
        }
        part.push(frame);
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_split(frames: &[&str], bytes: usize, parts: &[&[&str]]) {
        let batch: Batch = frames.iter().collect();
        let split = split(&batch, bytes);
        let split: Vec<Vec<_>> = split
            .iter()
            .map(|part| part.iter().map(String::from_utf8_lossy).collect())
            .collect();
        assert_eq!(split, parts);
    }

    #[test]
    fn parts_are_as_large_as_they_may_be() {
        check_split(&["aa", "bb", "cc"], 4, &[&["aa", "bb"], &["cc"]]);
        check_split(&["aa", "bb", "cc"], 3, &[&["aa"], &["bb"], &["cc"]]);
        check_split(&["", "", "aa"], 2, &[&["", "", "aa"]]);
    }

    #[test]
    fn a_frame_that_is_too_large_comes_alone() {
        check_split(&["a", "bbbb", "c"], 2, &[&["a"], &["bbbb"], &["c"]]);
    }

    #[test]
    fn nothing_makes_no_parts() {
        check_split(&[], 2, &[]);
    }
}
