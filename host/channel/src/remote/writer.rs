//! What a writing end of a remote engine is on this side: the engine's end, and whether it may still be used.
//!
//! Invariant: an end whose downgrade has not come to its end sends nothing.

use crate::{
    batch::Batch,
    error::{Unavailable, WriteError},
    options::{Need, Strength},
    remote::{Asked, Call, Outgoing, RemotePermit, RemoteWriter, downgrade::Downgrade},
};

#[derive(Debug)]
pub(crate) struct Writer {
    end: Box<dyn RemoteWriter>,
    downgrade: Downgrade,
}

impl Writer {
    pub fn new(end: Box<dyn RemoteWriter>, strength: Strength) -> Self {
        Self {
            end,
            downgrade: Downgrade::of(strength),
        }
    }

    /// The engine's end.
    pub fn reach(&self) -> Result<&dyn RemoteWriter, Unavailable> {
        match self.downgrade.is_lost() {
            false => Ok(&*self.end),
            true => Err(Unavailable),
        }
    }

    pub fn id(&self) -> u32 {
        self.end.id()
    }

    pub fn is_strong(&self) -> bool {
        self.downgrade.is_strong()
    }

    pub fn send(&self, frames: Outgoing) -> Call<'_, Result<u32, WriteError>> {
        Call::new(Box::pin(async move { self.reach()?.write(frames).await }))
    }

    pub fn ask_send(&self, frames: Outgoing) -> Asked<'_, Result<u32, WriteError>> {
        Box::pin(async move { self.reach()?.try_write(frames).await })
    }

    pub async fn reserve(&self, need: Need) -> Result<Box<dyn RemotePermit>, WriteError> {
        self.reach()?.reserve(need).await
    }

    pub fn can_ever_send(&self, batch: &Batch) -> bool {
        self.end.can_ever_send(batch)
    }

    /// What an end out of reach would write, nobody reads.
    pub fn is_unread(&self) -> bool {
        self.reach().map_or(true, RemoteWriter::is_unread)
    }

    pub fn unread(&self) -> Call<'_, ()> {
        Call::new(Box::pin(async move {
            if let Ok(end) = self.reach() {
                end.unread().await;
            }
        }))
    }

    pub fn ask_weak(&self) -> Asked<'_, Result<(), Unavailable>> {
        Box::pin(async move {
            let end = self.reach()?;
            self.downgrade.run(|| end.set_weak()).await
        })
    }
}
