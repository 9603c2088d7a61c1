//! The reading end and its futures.
//!
//! Invariant: a reader's place moves only in the poll or `try_` call that hands the frames out,
//! so a read that is dropped has taken nothing.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use crate::{
    attachment::Charge,
    engine::Engine,
    error::{ReadError, Unavailable},
    frame::{Frame, Frames},
    native,
    remote::{self, Call},
};

/// A reading end, with a place of its own in the channel. Dropping it closes it.
///
/// It may be shared: each frame then goes to one of the reads that wait. Every one of
/// them is woken for it, so a work queue of many tasks is better built otherwise.
///
/// A reader of a remote channel answers `try_` calls from what its engine has in hand, and else with `WouldBlock`: they never
/// wait. A wait fetches what there is; the `ask_` calls wait for the engine alone.
#[derive(Debug)]
pub struct Reader(Engine<native::Reader, Box<remote::Reader>>);

impl Reader {
    pub(crate) fn of_native(reader: native::Reader) -> Self {
        Self(Engine::Native(reader))
    }

    pub(crate) fn of_remote(reader: remote::Reader) -> Self {
        Self(Engine::Remote(Box::new(reader)))
    }

    pub(crate) fn native(&self) -> Option<&native::Reader> {
        match &self.0 {
            Engine::Native(reader) => Some(reader),
            Engine::Remote(_) => None,
        }
    }

    /// Whether this reader holds writers back.
    #[must_use]
    pub fn is_strong(&self) -> bool {
        match &self.0 {
            Engine::Native(reader) => reader.is_strong(),
            Engine::Remote(reader) => reader.is_strong(),
        }
    }

    /// Whether the channel takes no more frames, so that what this reader has not read is all there will be. Of a remote channel:
    /// whether its engine has heard so.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        match &self.0 {
            Engine::Native(reader) => reader.is_ending(),
            Engine::Remote(reader) => reader.is_ending(),
        }
    }

    /// Takes the next frame, waiting for one. `None` is end-of-channel, and stays.
    ///
    /// Handles attached to the frame come with it if no other reader has read it before.
    #[inline]
    pub fn read(&self) -> ReadFuture<'_> {
        ReadFuture(match &self.0 {
            Engine::Native(reader) => Engine::Native(reader.read()),
            Engine::Remote(reader) => Engine::Remote(reader.read()),
        })
    }

    /// Takes the next frame without waiting: `WouldBlock` where `read` would wait.
    #[inline]
    pub fn try_read(&self) -> Result<Option<Frame>, ReadError> {
        match &self.0 {
            Engine::Native(reader) => reader.try_read(),
            Engine::Remote(reader) => remote::try_now(reader.ask_read()),
        }
    }

    /// Takes the next frame once the engine has been asked: `WouldBlock` if there is none.
    pub async fn ask_read(&self) -> Result<Option<Frame>, ReadError> {
        match &self.0 {
            Engine::Native(reader) => reader.try_read(),
            Engine::Remote(reader) => reader.ask_read().await,
        }
    }

    /// Takes the frames that are there, waiting for the first.
    ///
    /// At most `max_frames` of them, and at most `max_bytes` of payload unless the
    /// first frame is larger, which then comes alone; both limits are taken as at least 1, and `max_bytes` as at
    /// most 16 MiB. Fewer may come than are there: one read takes at most 65,536 frames, and those of 4,096 writes. No
    /// frames is end-of-channel, and stays. Handles attached to them are
    /// in [`Frames::take_attached`].
    #[inline]
    pub fn read_batch(&self, max_frames: u32, max_bytes: u64) -> ReadBatchFuture<'_> {
        ReadBatchFuture(match &self.0 {
            Engine::Native(reader) => Engine::Native(reader.read_batch(max_frames, max_bytes)),
            Engine::Remote(reader) => Engine::Remote(reader.read_batch(max_frames, max_bytes)),
        })
    }

    /// Takes the frames that are there: `WouldBlock` where `read_batch` would wait.
    #[inline]
    pub fn try_read_batch(&self, max_frames: u32, max_bytes: u64) -> Result<Frames, ReadError> {
        match &self.0 {
            Engine::Native(reader) => reader.try_read_batch(max_frames, max_bytes),
            Engine::Remote(reader) => remote::try_now(reader.ask_read_batch(max_frames, max_bytes)),
        }
    }

    /// Takes the frames that are there once the engine has been asked: `WouldBlock` if there are none.
    pub async fn ask_read_batch(
        &self,
        max_frames: u32,
        max_bytes: u64,
    ) -> Result<Frames, ReadError> {
        match &self.0 {
            Engine::Native(reader) => reader.try_read_batch(max_frames, max_bytes),
            Engine::Remote(reader) => reader.ask_read_batch(max_frames, max_bytes).await,
        }
    }

    /// Waits until a read would not wait, and takes nothing. A read that would fail, such as with `Unavailable`, does not wait.
    pub fn readable(&self) -> ReadableFuture<'_> {
        ReadableFuture(match &self.0 {
            Engine::Native(reader) => Engine::Native(reader.readable()),
            Engine::Remote(reader) => Engine::Remote(reader.readable()),
        })
    }

    /// Gives frames back. They are read again, in this order, before all others, by whoever reads next. The
    /// charge is kept until they are read. They stay with this handle, whatever its engine is.
    ///
    /// Handles in these frames are not looked for when channels become unreachable. So before a reader is sent in a frame, its
    /// sender takes them out; see [`strip_returned`](Self::strip_returned).
    pub fn put_back(&self, frames: Vec<Frame>, charge: Option<Charge>) {
        match &self.0 {
            Engine::Native(reader) => reader.put_back(frames, charge),
            Engine::Remote(reader) => reader.put_back(frames, charge),
        }
    }

    /// Whether its engine keeps a place for it that moves by [`finished`](Self::finished) alone.
    #[must_use]
    pub fn keeps_place(&self) -> bool {
        match &self.0 {
            Engine::Native(_) => false,
            Engine::Remote(reader) => reader.keeps_place(),
        }
    }

    /// Says that so many more of the frames that it was handed, oldest first, are done with. It does nothing where no engine
    /// [keeps a place](Self::keeps_place).
    pub fn finished(&self, frames: u64) {
        match &self.0 {
            Engine::Native(_) => {}
            Engine::Remote(reader) => reader.finished(frames),
        }
    }

    /// Drops the handles of the frames that were given back.
    pub fn strip_returned(&self) {
        match &self.0 {
            Engine::Native(reader) => reader.strip_returned(),
            Engine::Remote(reader) => reader.strip_returned(),
        }
    }

    /// Turns a strong reader into a weak one, at the same place; a weak one stays
    /// as it is. For a remote channel see [`set_weak`](Self::set_weak).
    #[must_use = "the reader returned is the only one left"]
    pub fn downgrade(self) -> Self {
        self.set_weak();
        self
    }

    /// Does what `downgrade` does, in place.
    ///
    /// A remote engine that does not answer at once is not waited for: then every later call of this reader fails with
    /// `Unavailable`. See [`ask_weak`](Self::ask_weak).
    pub fn set_weak(&self) {
        match &self.0 {
            Engine::Native(reader) => reader.set_weak(),
            Engine::Remote(reader) => drop(remote::now(reader.ask_weak())),
        }
    }

    /// Does what `downgrade` does, in place, and waits until the engine has done it. Where that fails, or the wait is dropped, every
    /// later call of this reader fails with `Unavailable`.
    pub async fn ask_weak(&self) -> Result<(), Unavailable> {
        match &self.0 {
            Engine::Native(reader) => {
                reader.set_weak();
                Ok(())
            }
            Engine::Remote(reader) => reader.ask_weak().await,
        }
    }
}

/// Resolves with the next frame; see [`Reader::read`]. Dropped before that, it has
/// taken nothing.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct ReadFuture<'a>(
    Engine<native::ReadFuture<'a>, Call<'a, Result<Option<Frame>, ReadError>>>,
);

impl Future for ReadFuture<'_> {
    type Output = Result<Option<Frame>, ReadError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

/// Resolves with the frames that are there; see [`Reader::read_batch`]. Dropped
/// before that, it has taken nothing.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct ReadBatchFuture<'a>(
    Engine<native::ReadBatchFuture<'a>, Call<'a, Result<Frames, ReadError>>>,
);

impl Future for ReadBatchFuture<'_> {
    type Output = Result<Frames, ReadError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

/// Resolves when a read would not wait; see [`Reader::readable`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct ReadableFuture<'a>(Engine<native::ReadableFuture<'a>, Call<'a, ()>>);

impl Future for ReadableFuture<'_> {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx)
    }
}
