//! A remote engine for tests: channels in memory behind a line that delays each call and fails at will.
//!
//! Behind the line is the native engine, so what a channel does is right by construction. What is tested is what stands around a remote
//! engine: the handles, and the host.
//!
//! Invariants: a call that has not got through has changed nothing. A call that waits fails when the line goes down. A call that is
//! given up takes and sends nothing: it is the native engine's last step, or it has not come to that.

#![allow(dead_code, reason = "each suite uses its own part")]

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedMutexGuard, watch};
use weft_channel::{
    Asked, Batch, Channel, Frame, Frames, Need, Observation, OpenError, Options, Outgoing, Permit,
    ReadError, Reader, RemoteChannel, RemotePermit, RemoteReader, RemoteWriter, Stats, Strength,
    Unavailable, WriteError, Writer,
};

/// How long each call takes to get through.
#[derive(Clone, Copy, Debug)]
pub enum Delay {
    /// The engine answers in the first poll.
    None,
    /// So many turns of the task.
    Turns(u32),
    /// So long.
    Time(Duration),
}

/// The way to the engine. All channels made of one line share it.
#[derive(Debug)]
pub struct Line {
    state: watch::Sender<State>,
    carries_handles: bool,
}

#[derive(Clone, Copy, Debug)]
struct State {
    delay: Delay,
    down: bool,
    /// So many calls fail, and then no more.
    failing: u32,
    /// Calls that have set out.
    calls: u64,
}

impl Line {
    /// A line that is up.
    pub fn new(delay: Delay) -> Arc<Self> {
        Arc::new(Self::make(delay, true))
    }

    /// One that takes no handles with frames.
    pub fn without_handles(delay: Delay) -> Arc<Self> {
        Arc::new(Self::make(delay, false))
    }

    fn make(delay: Delay, carries_handles: bool) -> Self {
        let state = State {
            delay,
            down: false,
            failing: 0,
            calls: 0,
        };
        Self {
            state: watch::Sender::new(state),
            carries_handles,
        }
    }

    /// From now on every call fails, those that wait included.
    pub fn cut(&self) {
        self.state.send_modify(|state| state.down = true);
    }

    /// Calls get through again.
    pub fn mend(&self) {
        self.state.send_modify(|state| state.down = false);
    }

    /// The next so many calls fail.
    pub fn fail_next(&self, calls: u32) {
        self.state.send_modify(|state| state.failing = calls);
    }

    /// How long calls take from now on.
    pub fn delay(&self, delay: Delay) {
        self.state.send_modify(|state| state.delay = delay);
    }

    /// Calls that have set out since the line was made.
    pub fn calls_now(&self) -> u64 {
        self.state.borrow().calls
    }

    /// Waits until so many calls have set out since the line was made.
    pub async fn calls(&self, calls: u64) {
        let mut state = self.state.subscribe();
        // The line outlives the wait.
        let _ = state.wait_for(|state| state.calls >= calls).await;
    }

    /// A channel behind it.
    pub fn channel(self: &Arc<Self>, options: Options) -> Channel {
        let capacity = options.capacity;
        let seen = Observation {
            stats: Stats {
                capacity,
                ..Stats::default()
            },
            ..Observation::default()
        };
        Channel::remote(FarChannel {
            line: self.clone(),
            native: Channel::new(options).expect("a channel"),
            seen: Mutex::new(seen),
        })
    }

    /// What a call finds that has got through.
    fn arrive(&self) -> Result<(), Unavailable> {
        let mut fails = false;
        self.state.send_if_modified(|state| {
            fails = state.down || state.failing > 0;
            state.failing = state.failing.saturating_sub(1);
            false
        });
        if fails { Err(Unavailable) } else { Ok(()) }
    }

    async fn cross(&self) -> Result<(), Unavailable> {
        self.state.send_modify(|state| state.calls += 1);
        let delay = self.state.borrow().delay;
        match delay {
            Delay::None => {}
            Delay::Turns(turns) => {
                for _ in 0..turns {
                    tokio::task::yield_now().await;
                }
            }
            Delay::Time(time) => tokio::time::sleep(time).await,
        }
        self.arrive()
    }

    async fn goes_down(&self) {
        let mut state = self.state.subscribe();
        let _ = state.wait_for(|state| state.down).await;
    }

    /// A wait at the far end of the line.
    async fn wait<T, E: From<Unavailable>>(
        &self,
        wait: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.cross().await?;
        tokio::select! {
            biased;
            () = self.goes_down() => Err(Unavailable.into()),
            answer = wait => answer,
        }
    }
}

#[derive(Debug)]
struct FarChannel {
    line: Arc<Line>,
    native: Channel,
    seen: Mutex<Observation>,
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
