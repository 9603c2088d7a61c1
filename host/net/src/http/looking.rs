//! A client that looks on: what it is shown next of a channel, whatever it is shown in.
//!
//! The frames are [looked at](weft_channel::Observer::glance), by their numbers. A weak reader of the client's own only says when there
//! are new ones. `events` and `websocket` say how the frames reach the client.

use super::listener::over;
use bytes::Bytes;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use weft_channel::{Channel, Observer, ReadError, Reader, Strength, Unavailable};
use weft_host::process::Counter;

/// Frames that are looked at at once. Their bytes are those of the channel, so a client that takes none keeps as much alive at most.
const FRAMES: usize = 64;

/// How often something is sent when there is nothing to tell: proxies close what is silent for a minute.
pub(super) const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// What looking on needs, besides the request.
pub(super) struct Watched<'a> {
    pub(super) channel: &'a Channel,
    /// What tells the frames of this channel from those of others that had its name.
    pub(super) epoch: u64,
    pub(super) ending: watch::Receiver<bool>,
    pub(super) place: OwnedSemaphorePermit,
    /// Counts frames that were gone before they were shown.
    pub(super) lost: Counter,
}

/// A client that looks on.
pub(super) struct Looking {
    pub(super) epoch: u64,
    /// The number of the next frame.
    next: u64,
    reader: Reader,
    observer: Observer,
    ending: watch::Receiver<bool>,
    /// For its place among those who look on.
    _place: OwnedSemaphorePermit,
    lost: Counter,
}

/// What there is for a client.
#[derive(Debug)]
pub(super) enum Seen {
    /// Frames, after some that were gone before they could be shown.
    Frames {
        lost: u64,
        /// The number of the first of these.
        first: u64,
        frames: Vec<Bytes>,
    },
    /// Nothing has come for the pause that was given.
    Nothing,
    /// The channel has ended, and all of it was shown.
    Ended,
    /// The listener is asked to stop.
    Stopped,
}

impl Looking {
    /// From the frame of this number on, if there may be one, or else from now on.
    ///
    /// # Errors
    /// When what keeps the channel cannot be reached.
    pub(super) async fn new(watched: Watched<'_>, from: Option<u64>) -> Result<Self, Unavailable> {
        // Before the frames are counted: from here on its engine has new ones in memory.
        let reader = watched.channel.open_reader(Strength::Weak).await;
        let reader = reader.map_err(|_| Unavailable)?;
        let observer = watched.channel.observer();
        let written = observer.observe().unwrap_or_default().stats.frames_written;
        Ok(Self {
            epoch: watched.epoch,
            // A number of frames that are yet to come is none of this channel.
            next: from.filter(|from| *from <= written).unwrap_or(written),
            reader,
            observer,
            ending: watched.ending,
            _place: watched.place,
            lost: watched.lost,
        })
    }

    /// The next frames, waiting for them as long as this pause, if one is given.
    pub(super) async fn next(&mut self, pause: Option<Duration>) -> Seen {
        loop {
            // What is written from here on wakes the wait below.
            let is_over = self.pass_over();
            let glance = self.observer.glance(self.next, FRAMES);
            let glance = glance.unwrap_or_default();
            let lost = glance.first.saturating_sub(self.next);
            self.lost.add(lost);
            if lost > 0 || !glance.frames.is_empty() {
                self.next = glance.first + glance.frames.len() as u64;
                return Seen::Frames {
                    lost,
                    first: glance.first,
                    frames: glance.frames,
                };
            }
            if is_over {
                return Seen::Ended;
            }
            if *self.ending.borrow() {
                return Seen::Stopped;
            }
            tokio::select! {
                () = self.reader.readable() => {}
                () = over(&mut self.ending) => {}
                () = tokio::time::sleep(pause.unwrap_or_default()), if pause.is_some() => {
                    return Seen::Nothing;
                }
            }
        }
    }

    /// Takes what is unread, so that a wait is one for new frames. True: no more come.
    fn pass_over(&self) -> bool {
        loop {
            match self.reader.try_read_batch(u32::MAX, u64::MAX) {
                Ok(frames) if frames.is_empty() => return true,
                Ok(_) | Err(ReadError::Lagged(_)) => {}
                Err(ReadError::WouldBlock) => return false,
                Err(_) => return true,
            }
        }
    }
}
