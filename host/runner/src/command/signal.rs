//! Ctrl-C and SIGTERM.
//!
//! Until [`Signals`] is made they end the command by themselves, which is right
//! while it reads and compiles; from then on none is lost. They are heard on a thread of its
//! own, since the others can be stuck: a write to a pipe that nobody reads
//! blocks whoever makes it.
//!
//! Invariant: the command ends after a signal, come what may: when it has not
//! ended by itself shortly after the grace, or after a second signal, it is ended here.

use crate::outcome::SIGNAL_BASE;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use weft_host::Host;

/// Time to kill what is left and to show the last logs, once the grace is over: long,
/// since a busy machine needs it and only stuck output uses it up.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// The same after a second signal, by which somebody has said that it takes too long.
const LAST_WORDS_IN_HASTE: Duration = Duration::from_secs(2);

/// The longest grace: a year, which clocks can still add.
const MAX_GRACE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The signals that ask the command to end.
pub(crate) struct Signals {
    heard: UnboundedReceiver<u8>,
    grace: Duration,
}

impl Signals {
    /// Takes the signals over. After the first, processes have `grace` to end.
    pub(crate) fn take(grace: Duration) -> std::io::Result<Self> {
        let grace = grace.min(MAX_GRACE);
        let (tell, heard) = unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let entered = runtime.enter();
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        drop(entered);
        let watch = async move {
            let first = next(&mut interrupt, &mut terminate).await;
            let _ = tell.send(first);
            tokio::select! {
                () = tokio::time::sleep(grace.saturating_add(LAST_WORDS)) => {}
                second = next(&mut interrupt, &mut terminate) => {
                    let _ = tell.send(second);
                    tokio::time::sleep(LAST_WORDS_IN_HASTE).await;
                }
            }
            std::process::exit(i32::from(SIGNAL_BASE + first));
        };
        std::thread::Builder::new()
            .name("weft-signals".into())
            .spawn(move || runtime.block_on(watch))?;
        Ok(Self { heard, grace })
    }

    /// Waits for the next one and returns its number. Losing the future loses no signal.
    pub(crate) async fn next(&mut self) -> u8 {
        match self.heard.recv().await {
            Some(signal) => signal,
            // The thread lives as long as the command.
            None => std::future::pending().await,
        }
    }

    /// Stops what is left in the host. A signal meanwhile hurries it and is returned.
    pub(crate) async fn wind_down(&mut self, host: &Host) -> Option<u8> {
        let grace = self.grace;
        tokio::select! {
            () = host.shutdown(grace) => None,
            heard = self.next() => {
                host.shutdown(Duration::ZERO).await;
                Some(heard)
            }
        }
    }

    /// Time that processes have to end after the first signal.
    pub(crate) fn grace(&self) -> Duration {
        self.grace
    }
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal) -> u8 {
    tokio::select! {
        _ = interrupt.recv() => 2,
        _ = terminate.recv() => 15,
    }
}
