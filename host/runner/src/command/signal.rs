//! The signals that ask the command to end: Ctrl-C, Ctrl-\, SIGTERM, and SIGHUP, which says that the terminal is gone.
//!
//! Until [`Signals`] is made, a signal ends the command by default, which is right while it reads and compiles. From
//! then on no signal is lost. Signals are received on a thread of their own, because every other thread can block, for
//! example in a write to a pipe that nobody reads.
//!
//! Invariants:
//! - The command always ends after a signal. If it has not ended shortly after the grace period, or shortly after a
//!   second signal, this thread exits the program.
//! - A command takes the signals over once. If it comes back to reading and compiling, [`Signals::end_at_once`] makes a signal end it
//!   as one did before.
//! - A signal that was ignored when the command was started, for example under `nohup`, stays ignored.

use crate::outcome::SIGNAL_BASE;
use futures::future::select_all;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{Receiver, channel};
use weft_host::Host;

/// Time after the grace period to kill the remaining processes and to show the last logs. It is long, since a busy
/// machine needs it, and only blocked output uses it up.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// The same after a second signal, which says that the user is impatient.
const LAST_WORDS_IN_HASTE: Duration = Duration::from_secs(2);

/// Signals that are passed on: the first stops, the second kills. A third changes nothing.
const MOST_HEARD: usize = 2;

/// The longest grace period: a year, which clocks can still add.
const MAX_GRACE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The signals that ask the command to end.
pub(crate) struct Signals {
    heard: Receiver<u8>,
    grace: Duration,
    /// Whether the first signal ends the command at once.
    at_once: Arc<AtomicBool>,
}

impl Signals {
    /// Takes over the signals. After the first one, processes have `grace` to end.
    pub(crate) fn take(grace: Duration) -> std::io::Result<Self> {
        let grace = grace.min(MAX_GRACE);
        let (tell, heard) = channel(MOST_HEARD);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let entered = runtime.enter();
        let mut asking = Asking::take()?;
        drop(entered);
        let at_once = Arc::new(AtomicBool::new(false));
        let ends_at_once = at_once.clone();
        let watch = async move {
            let first = asking.next().await;
            if ends_at_once.load(Ordering::Relaxed) {
                std::process::exit(i32::from(SIGNAL_BASE + first));
            }
            let _ = tell.try_send(first);
            tokio::select! {
                () = tokio::time::sleep(grace.saturating_add(LAST_WORDS)) => {}
                second = asking.next_in_haste() => {
                    let _ = tell.try_send(second);
                    tokio::time::sleep(LAST_WORDS_IN_HASTE).await;
                }
            }
            std::process::exit(i32::from(SIGNAL_BASE + first));
        };
        std::thread::Builder::new()
            .name("weft-signals".into())
            .spawn(move || runtime.block_on(watch))?;
        Ok(Self {
            heard,
            grace,
            at_once,
        })
    }

    /// Nothing runs that has to be stopped: until [`Signals::hold`] the first signal ends the command, whatever it does.
    pub(crate) fn end_at_once(&self) {
        self.at_once.store(true, Ordering::Relaxed);
    }

    /// From now on signals are passed on.
    pub(crate) fn hold(&self) {
        self.at_once.store(false, Ordering::Relaxed);
    }

    /// Waits for the next signal and returns its number. Cancel safe: a dropped call loses no signal.
    pub(crate) async fn next(&mut self) -> u8 {
        match self.heard.recv().await {
            Some(signal) => signal,
            // The thread lives as long as the command.
            None => std::future::pending().await,
        }
    }

    /// Stops the remaining processes of the host. A signal in the meantime kills them and is returned.
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

    /// The grace period of processes after the first signal.
    pub(crate) fn grace(&self) -> Duration {
        self.grace
    }
}

/// From now on a write beyond `ulimit -f` fails. Without this, SIGXFSZ would end the program and all its guests.
pub(crate) fn outlive_file_limits() {
    let number = rustix::process::Signal::XFSZ.as_raw();
    if let Err(error) = signal(SignalKind::from_raw(number)) {
        tracing::warn!("a write beyond the limit of file sizes will end this program: {error}");
    }
}

/// The signals that ask a program to end, except those that were ignored when the program was started.
pub(super) struct Asking(Vec<(Signal, u8)>);

impl Asking {
    /// Takes over the signals, for the current runtime.
    pub(super) fn take() -> std::io::Result<Self> {
        let kinds = [
            SignalKind::hangup(),
            SignalKind::interrupt(),
            SignalKind::quit(),
            SignalKind::terminate(),
        ];
        let ignored = ignored();
        let taken = kinds.into_iter().filter_map(|kind| {
            let number = u8::try_from(kind.as_raw_value()).ok()?;
            let bit = 1u64.checked_shl(u32::from(number).checked_sub(1)?)?;
            (ignored & bit == 0).then(|| signal(kind).map(|signal| (signal, number)))
        });
        Ok(Self(taken.collect::<Result<_, _>>()?))
    }

    /// Waits for the next signal and returns its number.
    pub(super) async fn next(&mut self) -> u8 {
        next(self.0.iter_mut()).await
    }

    /// Waits for a signal that means impatience. SIGHUP does not: when a terminal is gone, the system and the shell may
    /// both send one.
    async fn next_in_haste(&mut self) -> u8 {
        let hangup = u8::try_from(SignalKind::hangup().as_raw_value()).unwrap_or_default();
        next(self.0.iter_mut().filter(|(_, number)| *number != hangup)).await
    }
}

async fn next<'a>(signals: impl Iterator<Item = &'a mut (Signal, u8)>) -> u8 {
    let heard = signals.map(|(signal, number)| {
        Box::pin(async move {
            signal.recv().await;
            *number
        })
    });
    let heard: Vec<_> = heard.collect();
    match heard.is_empty() {
        true => std::future::pending().await,
        false => select_all(heard).await.0,
    }
}

/// The signals that this program ignores, one bit each, if the system tells. Before any signal is taken over, these are
/// the signals that were ignored at the start.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    line.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok())
        .unwrap_or(0)
}
