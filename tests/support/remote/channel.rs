//! The far ends of the line: the traits of a remote engine over channels of the native one.

use super::Line;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OwnedMutexGuard;
use weft_channel::{
    Asked, Batch, Channel, Frame, Frames, Need, Observation, OpenError, Options, Outgoing, Permit,
    ReadError, Reader, RemoteChannel, RemotePermit, RemoteReader, RemoteWriter, Strength,
    Unavailable, WriteError, Writer,
};

#[derive(Debug)]
pub(super) struct FarChannel {
    pub(super) line: Arc<Line>,
    pub(super) native: Channel,
    pub(super) seen: Mutex<Observation>,
}

#[derive(Debug)]
struct FarWriter {
    line: Arc<Line>,
    native: Arc<Writer>,
    /// Held by the write that is under way, so that they get through in order.
    turn: Arc<tokio::sync::Mutex<()>>,
}

struct FarPermit {
    line: Arc<Line>,
    native: Permit,
    _turn: OwnedMutexGuard<()>,
}

#[derive(Debug)]
struct FarReader {
    line: Arc<Line>,
    native: Reader,
    /// What `readable` has learned, for the next call that does not wait.
    in_hand: Mutex<Option<Result<(), Unavailable>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl RemoteChannel for FarChannel {
    fn options(&self) -> Options {
        self.native.options()
    }

    fn open_writer(
        &self,
        strength: Strength,
    ) -> Asked<'_, Result<Box<dyn RemoteWriter>, OpenError>> {
        Box::pin(async move {
            self.line.cross().await?;
            Ok(Box::new(FarWriter {
                line: self.line.clone(),
                native: Arc::new(self.native.open_writer(strength).await?),
                turn: Arc::default(),
            }) as _)
        })
    }

    fn open_reader(
        &self,
        strength: Strength,
    ) -> Asked<'_, Result<Box<dyn RemoteReader>, OpenError>> {
        Box::pin(async move {
            self.line.cross().await?;
            Ok(Box::new(FarReader {
                line: self.line.clone(),
                native: self.native.open_reader(strength).await?,
                in_hand: Mutex::default(),
            }) as _)
        })
    }

    fn drain(&self) -> Asked<'_, Result<(), Unavailable>> {
        Box::pin(async move {
            self.line.cross().await?;
            self.native.drain();
            Ok(())
        })
    }

    fn terminate(&self) -> Asked<'_, Result<(), Unavailable>> {
        Box::pin(async move {
            self.line.cross().await?;
            self.native.terminate();
            Ok(())
        })
    }

    fn look(&self) -> Asked<'_, Result<Observation, Unavailable>> {
        Box::pin(async move {
            self.line.cross().await?;
            let seen = self.native.observer().observe().expect("it is held");
            *lock(&self.seen) = seen;
            Ok(seen)
        })
    }

    fn last_seen(&self) -> Observation {
        *lock(&self.seen)
    }
}

impl FarWriter {
    fn check(&self, frames: &Outgoing) -> Result<(), WriteError> {
        match frames {
            Outgoing::Frame { attached, .. }
                if !attached.is_empty() && !self.line.carries_handles =>
            {
                Err(WriteError::NoHandles)
            }
            _ => Ok(()),
        }
    }
}

impl RemoteWriter for FarWriter {
    fn id(&self) -> u32 {
        self.native.id()
    }

    fn write(&self, frames: Outgoing) -> Asked<'_, Result<u32, WriteError>> {
        Box::pin(async move {
            self.check(&frames)?;
            let _turn = self.turn.lock().await;
            let sent = async {
                match frames {
                    Outgoing::Frame { payload, attached } => {
                        let sent = self.native.write_with(payload, attached).await;
                        sent.map(u32::from)
                    }
                    Outgoing::Batch(batch) => self.native.write_batch(batch).await,
                }
            };
            self.line.wait(sent).await
        })
    }

    fn try_write(&self, frames: Outgoing) -> Asked<'_, Result<u32, WriteError>> {
        Box::pin(async move {
            self.check(&frames)?;
            let Ok(_turn) = self.turn.try_lock() else {
                return Err(WriteError::WouldBlock);
            };
            self.line.cross().await?;
            match frames {
                Outgoing::Frame { payload, attached } => {
                    let sent = self.native.try_write_with(payload, attached);
                    sent.map(u32::from)
                }
                Outgoing::Batch(batch) => self.native.try_write_batch(batch),
            }
        })
    }

    fn reserve(&self, need: Need) -> Asked<'_, Result<Box<dyn RemotePermit>, WriteError>> {
        Box::pin(async move {
            let turn = self.turn.clone().lock_owned().await;
            let permit = self.native.reserve(need.frames, need.bytes, need.largest);
            let native = self.line.wait(async { Ok::<_, WriteError>(permit.await) });
            Ok(Box::new(FarPermit {
                line: self.line.clone(),
                native: native.await?,
                _turn: turn,
            }) as _)
        })
    }

    fn can_ever_send(&self, batch: &Batch) -> bool {
        self.native.can_ever_send(batch)
    }

    fn is_unread(&self) -> bool {
        self.native.is_unread()
    }

    fn unread(&self) -> Asked<'_, ()> {
        Box::pin(self.native.unread())
    }

    fn set_weak(&self) -> Asked<'_, Result<(), Unavailable>> {
        Box::pin(async move {
            self.line.cross().await?;
            self.native.set_weak();
            Ok(())
        })
    }
}

impl RemotePermit for FarPermit {
    fn send(self: Box<Self>, frames: Outgoing) -> Result<u32, WriteError> {
        self.line.arrive()?;
        match frames {
            Outgoing::Frame { attached, .. }
                if !attached.is_empty() && !self.line.carries_handles =>
            {
                Err(WriteError::NoHandles)
            }
            Outgoing::Frame { payload, attached } => {
                self.native.write_with(payload, attached).map(u32::from)
            }
            Outgoing::Batch(batch) => self.native.write_batch(batch),
        }
    }
}

impl FarReader {
    /// What a call that does not wait for frames finds.
    async fn ask(&self) -> Result<(), Unavailable> {
        let in_hand = lock(&self.in_hand).take();
        match in_hand {
            Some(learned) => learned.and_then(|()| self.line.arrive()),
            None => self.line.cross().await,
        }
    }
}

impl RemoteReader for FarReader {
    fn is_ending(&self) -> bool {
        self.native.is_ending()
    }

    fn read(&self) -> Asked<'_, Result<Option<Frame>, ReadError>> {
        Box::pin(self.line.wait(self.native.read()))
    }

    fn try_read(&self) -> Asked<'_, Result<Option<Frame>, ReadError>> {
        Box::pin(async move {
            self.ask().await?;
            self.native.try_read()
        })
    }

    fn read_batch(&self, max_frames: u32, max_bytes: u64) -> Asked<'_, Result<Frames, ReadError>> {
        Box::pin(
            self.line
                .wait(self.native.read_batch(max_frames, max_bytes)),
        )
    }

    fn try_read_batch(
        &self,
        max_frames: u32,
        max_bytes: u64,
    ) -> Asked<'_, Result<Frames, ReadError>> {
        Box::pin(async move {
            self.ask().await?;
            self.native.try_read_batch(max_frames, max_bytes)
        })
    }

    fn readable(&self) -> Asked<'_, ()> {
        Box::pin(async move {
            let readable = async {
                self.native.readable().await;
                Ok(())
            };
            let learned = self.line.wait(readable).await;
            *lock(&self.in_hand) = Some(learned);
        })
    }

    fn set_weak(&self) -> Asked<'_, Result<(), Unavailable>> {
        Box::pin(async move {
            self.line.cross().await?;
            self.native.set_weak();
            Ok(())
        })
    }
}
