//! A reading end, and what it keeps for the successor of its guest.

use super::{Committed, Delivered, LockedState, ReadFault, Rejected};
use crate::bindings::weft::fabric::process::ExitStatus;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// A reading end.
pub(in crate::testing) struct Reader {
    shared: Arc<LockedState>,
    key: u64,
    ends_at_stop: AtomicBool,
    /// What it keeps for the successor of its guest.
    committed: OnceLock<Committed>,
}

impl Reader {
    pub(super) fn new(shared: &Arc<LockedState>, key: u64) -> Self {
        Reader {
            shared: Arc::clone(shared),
            key,
            ends_at_stop: AtomicBool::new(false),
            committed: OnceLock::new(),
        }
    }

    /// Takes frames without waiting; none is the end. The first one comes however large it is.
    pub(in crate::testing) fn try_take(
        &self,
        max_frames: usize,
        max_bytes: usize,
    ) -> Result<Vec<Delivered>, ReadFault> {
        self.shared
            .with(|state| state.take(self.key, max_frames, max_bytes))
    }

    /// Takes frames, waiting for the first.
    pub(in crate::testing) async fn take(
        &self,
        max_frames: usize,
        max_bytes: usize,
    ) -> Result<Vec<Delivered>, ReadFault> {
        poll_fn(|cx| {
            self.shared.poll(cx, |state| {
                match state.take(self.key, max_frames, max_bytes) {
                    Err(ReadFault::WouldBlock) => None,
                    taken => Some(taken),
                }
            })
        })
        .await
    }

    /// Waits until a read would not wait.
    pub(in crate::testing) async fn readable(&self) {
        poll_fn(|cx| {
            self.shared
                .poll(cx, |state| state.is_readable(self.key).then_some(()))
        })
        .await;
    }

    /// Gives frames back, to be read before all others.
    pub(in crate::testing) fn put_back(&self, frames: Vec<Delivered>) {
        if let Some(committed) = self.committed.get() {
            committed.given_back(frames.len());
        }
        self.shared.with(|state| state.put_back(self.key, frames));
    }

    /// Whether the channel takes no more frames.
    pub(in crate::testing) fn is_ending(&self) -> bool {
        self.shared.with(|state| state.is_ending())
    }

    /// Whether its reads end when its holder is asked to stop.
    pub(in crate::testing) fn ends_at_stop(&self) -> bool {
        self.ends_at_stop.load(Ordering::Relaxed)
    }

    /// Says whether they do.
    pub(in crate::testing) fn end_at_stop(&self, on: bool) {
        self.ends_at_stop.store(on, Ordering::Relaxed);
    }

    /// From now on it keeps what was taken and is not finished.
    pub(in crate::testing) fn keep(&self, settings: impl FnOnce() -> Committed) {
        self.committed.get_or_init(settings);
    }

    /// How many of so many frames may be taken now. What was taken before is finished, unless its guest says so itself.
    pub(in crate::testing) fn read_on(&self, frames: usize) -> usize {
        match self.committed.get() {
            Some(committed) => {
                committed.read_on();
                committed.most(frames)
            }
            None => frames,
        }
    }

    /// A process was handed these.
    pub(in crate::testing) fn handed(&self, frames: &[Delivered], process: u64) {
        if let Some(committed) = self.committed.get() {
            committed.took(frames, process);
        }
    }

    /// Its guest has finished with so many frames.
    pub(in crate::testing) fn commit(&self, frames: u32) {
        if let Some(committed) = self.committed.get() {
            committed.commit(frames);
        }
    }

    /// Which delivery the last read was; 0 if nothing comes again.
    pub(in crate::testing) fn attempt(&self) -> u32 {
        self.committed.get().map_or(0, Committed::attempt)
    }

    /// A process has ended: what it has read with this and not finished can be read again.
    pub(in crate::testing) fn settle(&self, process: u64, status: &ExitStatus) -> Option<Rejected> {
        let (again, rejected) = self.committed.get()?.settle(process, status);
        self.shared.with(|state| state.put_back(self.key, again));
        rejected
    }

    /// Makes it a weak one.
    pub(in crate::testing) fn weaken(&self) {
        self.shared.with(|state| state.weaken_reader(self.key));
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.shared.with(|state| state.close_reader(self.key));
    }
}
