//! A remote engine for tests: channels in memory behind a line that delays each call and fails at will.
//!
//! Behind the line is the native engine, so what a channel does is right by construction. What is tested is what stands around a remote
//! engine: the handles, and the host.
//!
//! Invariants: a call that has not got through has changed nothing. A call that waits fails when the line goes down. A call that is
//! given up takes and sends nothing: it is the native engine's last step, or it has not come to that.

#![allow(dead_code, reason = "each suite uses its own part")]

// The path is the same from whichever suite this file is a part of.
#[path = "remote/channel.rs"]
mod channel;

use channel::FarChannel;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use weft_channel::{Channel, Observation, Options, Stats, Unavailable};

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
