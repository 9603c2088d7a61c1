//! From a handle of the raw bindings to a reader, and back.
//!
//! Invariant: what a reader took and did not hand out goes back into the channel before the handle leaves it.

use super::Reader;
use crate::bindings::unshare_reader;
use crate::bindings::weft::fabric::channel as raw;
use crate::channel::{Commits, Ready};
use crate::error::CallError;
use crate::log;
use std::rc::Rc;

impl Reader {
    /// Takes a handle of the raw bindings.
    ///
    /// ```no_run
    /// # fn f(raw: weft_guest::bindings::weft::fabric::channel::Reader) -> weft_guest::Result {
    /// let reader = weft_guest::Reader::from_raw(raw);
    /// # Ok(()) }
    /// ```
    pub fn from_raw(raw: raw::Reader) -> Self {
        raw.end_at_stop(true);
        Self::unchanged(raw)
    }

    /// The same, with a handle that an SDK's reader has been.
    pub(crate) fn unchanged(raw: raw::Reader) -> Self {
        Reader {
            raw: Rc::new(raw),
            waiting: None,
            ready: Ready::default(),
            failed: None,
            ended: false,
            commits: Commits::default(),
        }
    }

    /// Gives the handle of the raw bindings. Frames that were taken and not handed out are given back: the next
    /// read with the handle returns them first. The same happens when a reader is passed as an argument or with
    /// a frame.
    ///
    /// They count as `host-bytes` of this process until then. If that limit is reached they are lost, and a log
    /// entry says so.
    ///
    /// ```no_run
    /// # fn f(input: weft_guest::Reader) -> weft_guest::Result {
    /// let raw = input.into_raw();
    /// # Ok(()) }
    /// ```
    pub fn into_raw(mut self) -> raw::Reader {
        self.end_wait();
        let count = self.ready.len();
        if let Err(error) = self.give_back() {
            log::write(
                log::Level::Warn,
                module_path!(),
                "frames were lost that a reader had taken when it was handed on",
                &[("frames", &count), ("error", &error)],
            );
        }
        self.into_handle()
    }

    /// Gives back what was taken and not handed out.
    pub(super) fn give_back(&mut self) -> Result<(), CallError> {
        if self.ready.is_empty() {
            return Ok(());
        }
        let (frames, handles) = self.ready.take().into_raw();
        Ok(self.raw.put_back(&frames, handles)?)
    }

    /// The handle of a reader that holds nothing else any more.
    pub(super) fn into_handle(mut self) -> raw::Reader {
        // Whoever has it next says what is finished.
        self.commits = Commits::default();
        self.waiting = None;
        let raw = Rc::clone(&self.raw);
        drop(self);
        unshare_reader(raw)
    }
}
