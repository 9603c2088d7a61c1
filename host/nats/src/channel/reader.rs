//! A reading end.
//!
//! Invariant: its place moves only in the poll that hands frames out, so a read that is given up has taken nothing. Where each frame is to be
//! read at most once, the server knows of the place before: what a read that is given up has taken then is kept for the next one.

use std::{collections::VecDeque, sync::Arc};

use parking_lot::Mutex;
use weft_channel::{Asked, Frame, Frames, ReadError, RemoteReader, Unavailable};

use super::{
    follow, place,
    readers::{Found, Local},
    shared::{Guard, Shared},
};
use crate::log::{Op, Unit};

#[derive(Debug)]
pub(super) struct Reader {
    guard: Arc<Guard>,
    id: u64,
    /// What it has fetched itself, as it is behind what is in memory.
    cold: Mutex<Vec<Unit>>,
    /// Frames to be handed out, of a reader that reads each at most once.
    once: Option<Mutex<Once>>,
}

/// Frames that are handed out once the server knows that they are.
#[derive(Debug, Default)]
struct Once {
    frames: VecDeque<Frame>,
    known: bool,
    /// What a wait for frames has found in their place.
    fails: Option<ReadError>,
}

/// Frames, and their bytes, that a reader takes at once for who waits for some: they are lost if the host dies then.
const IN_HAND: (u32, u64) = (64, 64 << 10);

type Read<T> = Result<T, ReadError>;

impl Reader {
    /// A reader. With `once` the server knows of each frame before it is handed out.
    pub fn new(guard: Arc<Guard>, id: u64, once: bool) -> Self {
        Self {
            guard,
            id,
            cold: Mutex::default(),
            once: once.then(Mutex::default),
        }
    }

    fn shared(&self) -> &Shared {
        &self.guard.0
    }

    /// The frames that are there; none at the end.
    async fn take(&self, limits: (u32, u64), wait: bool) -> Read<Vec<Frame>> {
        let Some(once) = &self.once else {
            return self.find(limits, wait).await;
        };
        if let Some(error) = once.lock().fails.take() {
            return Err(error);
        }
        if once.lock().frames.is_empty() {
            let found = self.find(limits, wait).await?;
            *once.lock() = Once {
                frames: found.into(),
                ..Once::default()
            };
        }
        self.hand_out(once, limits).await
    }

    /// Takes frames into hand, if there are none, so that the next read has its answer at once.
    async fn take_in_hand(&self, once: &Mutex<Once>) {
        if once.lock().frames.is_empty() {
            let found = self.find(IN_HAND, false).await;
            let mut once = once.lock();
            match found {
                Ok(found) => (once.frames, once.known) = (found.into(), false),
                Err(ReadError::WouldBlock) => {}
                Err(error) => once.fails = Some(error),
            }
        }
        // Where that fails, the next read fails.
        let _ = self.make_known(once).await;
    }

    async fn make_known(&self, once: &Mutex<Once>) -> Read<()> {
        let known = {
            let once = once.lock();
            once.known || once.frames.is_empty()
        };
        if !known {
            self.tell_place().await?;
            // Who opens the reader elsewhere looks for its place after that, and this one for who has opened it.
            self.shared().catches_up().await?;
            once.lock().known = true;
        }
        Ok(())
    }

    /// Hands out what was taken, once the server knows of it.
    async fn hand_out(
        &self,
        once: &Mutex<Once>,
        (max_frames, max_bytes): (u32, u64),
    ) -> Read<Vec<Frame>> {
        self.make_known(once).await?;
        let mut once = once.lock();
        if self.shared().look(|inner| inner.is_over(self.id)) {
            once.frames.clear();
            return Err(ReadError::Terminated);
        }
        let mut taken = Vec::new();
        let mut bytes = 0;
        while let Some(frame) = once.frames.pop_front_if(|frame| {
            bytes += frame.payload.len() as u64;
            taken.is_empty() || (taken.len() < max_frames as usize && bytes <= max_bytes)
        }) {
            taken.push(frame);
        }
        Ok(taken)
    }

    /// Waits until the server knows the place of this reader.
    async fn tell_place(&self) -> Result<(), Unavailable> {
        let shared = self.shared();
        let told = async {
            while let Err(error) = place::tell_place(shared, self.id).await {
                tracing::debug!(error, stream = shared.names.stream, "a place is not told");
                tokio::time::sleep(follow::TRY_AGAIN).await;
            }
        };
        tokio::select! {
            () = told => Ok(()),
            () = shared.server.out_of_patience() => Err(shared.unavailable()),
            () = tokio::time::sleep(shared.server.config.patience) => Err(shared.unavailable()),
        }
    }

    /// Takes the frames that are there.
    async fn find(&self, limits: (u32, u64), wait: bool) -> Read<Vec<Frame>> {
        let shared = self.shared();
        let mut asked = false;
        loop {
            let mut moved = false;
            let mut look = |inner: &mut super::shared::Inner| {
                let cold = self.cold.lock();
                let found = inner.readers.take(self.id, &inner.log, &cold, limits);
                moved = inner.readers.local.get(&self.id).is_some_and(|it| it.moved);
                found
            };
            let found = if wait {
                let found = shared.find(|inner| match look(inner) {
                    Found::Nothing => None,
                    found => Some(found),
                });
                found.await.map_err(|_| shared.unavailable())?
            } else {
                shared.look(look)
            };
            if moved {
                shared.to_keep.notify_one();
                shared.to_append.notify_one();
            }
            match found {
                Found::Frames(frames) => return Ok(frames),
                Found::End => return Ok(Vec::new()),
                Found::Fails(error) => return Err(error),
                Found::Behind(frame) => self.fetch(frame).await?,
                Found::Nothing if asked => return Err(ReadError::WouldBlock),
                Found::Nothing => {
                    shared.catches_up().await?;
                    asked = true;
                }
            }
        }
    }

    /// Fetches what is no longer in memory.
    async fn fetch(&self, frame: u64) -> Read<()> {
        let shared = self.shared();
        let end = shared.look(|inner| inner.log.frames());
        let units = follow::load(shared, frame).await?;
        let first = units.first().map_or(end, |it| it.before);
        *self.cold.lock() = units;
        if first <= frame {
            return Ok(());
        }
        // It made room meanwhile, or somebody has removed it from the stream.
        let skipped = shared.look(|inner| {
            let known = inner.log.floor().frames >= first;
            (!known).then(|| inner.readers.skip(self.id, first))
        });
        match skipped {
            Some(Found::Fails(error)) => Err(error),
            _ => Ok(()),
        }
    }

    async fn first(&self, wait: bool) -> Read<Option<Frame>> {
        let frames = self.take((1, u64::MAX), wait).await?;
        Ok(frames.into_iter().next())
    }

    async fn many(&self, limits: (u32, u64), wait: bool) -> Read<Frames> {
        Ok(self.take(limits, wait).await?.into_iter().collect())
    }
}

impl RemoteReader for Reader {
    fn is_ending(&self) -> bool {
        self.shared().look(|inner| inner.log.ended().is_some())
    }

    fn read(&self) -> Asked<'_, Read<Option<Frame>>> {
        Box::pin(self.first(true))
    }

    fn try_read(&self) -> Asked<'_, Read<Option<Frame>>> {
        Box::pin(self.first(false))
    }

    fn read_batch(&self, max_frames: u32, max_bytes: u64) -> Asked<'_, Read<Frames>> {
        Box::pin(self.many((max_frames, max_bytes), true))
    }

    fn try_read_batch(&self, max_frames: u32, max_bytes: u64) -> Asked<'_, Read<Frames>> {
        Box::pin(self.many((max_frames, max_bytes), false))
    }

    fn readable(&self) -> Asked<'_, ()> {
        Box::pin(async move {
            let taken = |once: &&Mutex<Once>| !once.lock().frames.is_empty();
            if let Some(once) = self.once.as_ref().filter(taken) {
                let _ = self.make_known(once).await;
                return;
            }
            loop {
                let found = self.shared().find(|inner| {
                    let cold = self.cold.lock();
                    match inner.readers.is_readable(self.id, &inner.log, &cold) {
                        Found::Nothing => None,
                        found => Some(found),
                    }
                });
                match found.await {
                    Ok(Found::Behind(frame)) if self.fetch(frame).await.is_ok() => {}
                    _ => break,
                }
            }
            if let Some(once) = &self.once {
                self.take_in_hand(once).await;
            }
        })
    }

    fn keeps_place(&self) -> bool {
        self.shared().look(|inner| {
            let local = inner.readers.local.get(&self.id);
            local.is_some_and(Local::is_committed)
        })
    }

    fn finished(&self, frames: u64) {
        let shared = self.shared();
        let moved = shared.look(|inner| {
            let local = inner.readers.local.get_mut(&self.id);
            local.is_some_and(|local| local.finish(frames))
        });
        if moved {
            shared.to_keep.notify_one();
            shared.to_append.notify_one();
        }
    }

    fn set_weak(&self) -> Asked<'_, Result<(), Unavailable>> {
        Box::pin(async move {
            let shared = self.shared();
            let strong = shared.look(|inner| {
                let local = inner.readers.local.get_mut(&self.id)?;
                local.strong.take()
            });
            if let Some((name, epoch)) = strong {
                shared.ask(Op::ForgetReader { name, epoch }).await?;
            }
            Ok(())
        })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let shared = self.shared();
        let gone = shared.look(|inner| inner.readers.remove(self.id));
        if let Some((name, epoch)) = gone.and_then(|it| it.strong) {
            shared.tell(Op::CloseReader { name, epoch });
            shared.to_keep.notify_one();
        }
    }
}
