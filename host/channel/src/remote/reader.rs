//! What a reading end of a remote engine is on this side: the engine's end, and frames that were given back.
//!
//! Invariants:
//! - Frames that were given back come before those of the engine, also for a read that waits there already.
//! - A read that takes from these has taken nothing from the engine.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    mem,
    task::{Poll, Waker},
};

use crate::{
    attachment::Charge,
    error::{ReadError, Unavailable},
    frame::{Frame, Frames},
    native::{After, Returned},
    options::Strength,
    remote::{Asked, Call, RemoteReader, downgrade::Downgrade},
    sync::Lock,
};

#[derive(Debug)]
pub(crate) struct Reader {
    /// None for one that was never opened.
    end: Option<Box<dyn RemoteReader>>,
    downgrade: Downgrade,
    given_back: Lock<GivenBack>,
}

#[derive(Debug, Default)]
struct GivenBack {
    frames: Option<Box<Returned>>,
    /// Reads that wait at the engine, to be woken when frames are given back.
    waiting: BTreeMap<u64, Waker>,
    last_wait: u64,
}

type Read<T> = Result<T, ReadError>;

impl Reader {
    pub fn new(end: Option<Box<dyn RemoteReader>>, strength: Strength) -> Self {
        Self {
            end,
            downgrade: Downgrade::of(strength),
            given_back: Lock::new(GivenBack::default()),
        }
    }

    /// The engine's end.
    fn reach(&self) -> Result<&dyn RemoteReader, Unavailable> {
        match &self.end {
            Some(end) if !self.downgrade.is_lost() => Ok(&**end),
            _ => Err(Unavailable),
        }
    }

    pub fn is_strong(&self) -> bool {
        self.downgrade.is_strong()
    }

    /// An end out of reach has nothing more to come.
    pub fn is_ending(&self) -> bool {
        self.reach().map_or(true, RemoteReader::is_ending)
    }

    pub fn read(&self) -> Call<'_, Read<Option<Frame>>> {
        Call::new(Box::pin(self.first(next, RemoteReader::read)))
    }

    pub fn ask_read(&self) -> Asked<'_, Read<Option<Frame>>> {
        Box::pin(self.first(next, RemoteReader::try_read))
    }

    pub fn read_batch(&self, max_frames: u32, max_bytes: u64) -> Call<'_, Read<Frames>> {
        Call::new(Box::pin(self.first(
            move |frames, after| next_batch(frames, (max_frames, max_bytes), after),
            move |end| end.read_batch(max_frames, max_bytes),
        )))
    }

    pub fn ask_read_batch(&self, max_frames: u32, max_bytes: u64) -> Asked<'_, Read<Frames>> {
        Box::pin(self.first(
            move |frames, after| next_batch(frames, (max_frames, max_bytes), after),
            move |end| end.try_read_batch(max_frames, max_bytes),
        ))
    }

    /// An end out of reach is readable: a read does not wait.
    pub fn readable(&self) -> Call<'_, ()> {
        let readable = self.first(
            |frames, _| frames.is_some().then_some(()),
            |end| {
                let readable = end.readable();
                Box::pin(async move {
                    readable.await;
                    Ok(())
                })
            },
        );
        Call::new(Box::pin(async move { readable.await.unwrap_or(()) }))
    }

    /// What `take` finds among the frames given back, or else the engine's answer.
    async fn first<'a, T>(
        &'a self,
        take: impl Fn(&mut Option<Box<Returned>>, &mut After) -> Option<T>,
        ask: impl FnOnce(&'a dyn RemoteReader) -> Asked<'a, Read<T>>,
    ) -> Read<T> {
        let end = self.reach()?;
        let mut waiting = Waiting {
            reader: self,
            wait: None,
        };
        let mut ask = Some(ask);
        let mut asked = None;
        poll_fn(|cx| {
            if let Some(found) = waiting.look(&take, cx.waker()) {
                return Poll::Ready(Ok(found));
            }
            if let Some(ask) = ask.take() {
                asked = Some(ask(end));
            }
            match &mut asked {
                Some(asked) => asked.as_mut().poll(cx),
                None => Poll::Ready(Err(Unavailable.into())),
            }
        })
        .await
    }

    pub fn keeps_place(&self) -> bool {
        self.end.as_ref().is_some_and(|end| end.keeps_place())
    }

    pub fn finished(&self, frames: u64) {
        if let Some(end) = &self.end {
            end.finished(frames);
        }
    }

    pub fn put_back(&self, frames: Vec<Frame>, charge: Option<Charge>) {
        if frames.is_empty() {
            return;
        }
        let frames = Returned::new(frames, charge);
        let waiting = {
            let mut given_back = self.given_back.lock();
            Returned::put(&mut given_back.frames, frames);
            mem::take(&mut given_back.waiting)
        };
        waiting.into_values().for_each(Waker::wake);
    }

    pub fn strip_returned(&self) {
        let taken = {
            let mut given_back = self.given_back.lock();
            let frames = given_back.frames.as_mut();
            frames.map(|frames| frames.take_attached())
        };
        // With the lock released: handles may call back.
        drop(taken);
    }

    pub fn ask_weak(&self) -> Asked<'_, Result<(), Unavailable>> {
        Box::pin(async move {
            let end = self.reach()?;
            self.downgrade.run(|| end.set_weak()).await
        })
    }
}

fn next(frames: &mut Option<Box<Returned>>, after: &mut After) -> Option<Option<Frame>> {
    Returned::pop(frames, after).map(Some)
}

/// The limits are frames and bytes.
fn next_batch(
    frames: &mut Option<Box<Returned>>,
    (max_frames, max_bytes): (u32, u64),
    after: &mut After,
) -> Option<Frames> {
    let frames = Returned::pop_many(frames, max_frames, max_bytes, after);
    (!frames.is_empty()).then_some(frames)
}

/// A read that waits at the engine. Dropped, nobody wakes it any more.
struct Waiting<'a> {
    reader: &'a Reader,
    wait: Option<u64>,
}

impl Waiting<'_> {
    /// What is found, or the waker is kept until something is given back.
    fn look<T>(
        &mut self,
        take: impl Fn(&mut Option<Box<Returned>>, &mut After) -> Option<T>,
        waker: &Waker,
    ) -> Option<T> {
        let mut after = After::default();
        // Foreign code runs with the lock released: cloning and dropping wakers, dropping charges.
        let waker = waker.clone();
        let (found, before) = {
            let mut given_back = self.reader.given_back.lock();
            let found = take(&mut given_back.frames, &mut after);
            let before = if found.is_none() {
                let wait = *self.wait.get_or_insert_with(|| {
                    given_back.last_wait += 1;
                    given_back.last_wait
                });
                given_back.waiting.insert(wait, waker)
            } else {
                None
            };
            (found, before)
        };
        drop(before);
        after.run();
        found
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(wait) = self.wait {
            let gone = self.reader.given_back.lock().waiting.remove(&wait);
            drop(gone);
        }
    }
}
