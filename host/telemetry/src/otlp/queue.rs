//! What waits to be sent.
//!
//! Items are taken in batches; a batch is tried until the collector takes it or says that it never will, in smaller
//! parts where it is too large: collectors bound the bytes of a message, by 4 MiB as gRPC comes.
//!
//! Invariants:
//! - At most [`QUEUE`] items wait, beside one batch that is being sent; whoever has more never waits, the item is counted
//!   as dropped.
//! - Every item is sent or counted.

use super::health::{Health, cause_of};
use crate::source::Source;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tonic::{Code, Status};

/// Items that wait: a few megabytes of ordinary ones.
const QUEUE: usize = 8_192;
/// Items of a batch: OpenTelemetry's SDKs send as many.
const BATCH: usize = 512;
/// Time for a batch to fill up.
const FILL_TIME: Duration = Duration::from_millis(500);
/// The wait before a batch is tried again,
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// doubled up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Which counter of the source is a queue's.
type Dropped = fn(&Source) -> &AtomicU64;

/// Counts what was not sent.
#[derive(Clone)]
struct Losses {
    source: Arc<Source>,
    dropped: Dropped,
}

impl Losses {
    fn count(&self, items: u64) {
        (self.dropped)(&self.source).fetch_add(items, Ordering::Relaxed);
    }
}

/// The way into a queue. When the last one is gone, the rest is sent.
pub(super) struct Queue<T> {
    items: mpsc::Sender<T>,
    losses: Losses,
}

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Self {
            items: self.items.clone(),
            losses: self.losses.clone(),
        }
    }
}

impl<T: Clone + Send + 'static> Queue<T> {
    /// A queue, and the task that sends what is in it. `send` says how many of a batch the collector took and threw away.
    pub(super) fn start<F>(
        source: &Arc<Source>,
        health: &Arc<Health>,
        dropped: Dropped,
        send: impl Fn(Vec<T>) -> F + Send + Sync + 'static,
    ) -> (Self, JoinHandle<()>)
    where
        F: Future<Output = Result<u64, Status>> + Send + 'static,
    {
        let (items, waiting) = mpsc::channel(QUEUE);
        let losses = Losses {
            source: source.clone(),
            dropped,
        };
        let sender = Sender {
            losses: losses.clone(),
            health: health.clone(),
            waiting,
            batch: Vec::new(),
        };
        (Self { items, losses }, tokio::spawn(sender.run(send)))
    }

    /// Has an item sent, if there is room.
    pub(super) fn push(&self, item: T) {
        if self.items.try_send(item).is_err() {
            self.losses.count(1);
        }
    }

    /// So many were lost before they came here.
    pub(super) fn lost(&self, items: u64) {
        self.losses.count(items);
    }
}

/// The other end. Dropped, it counts what it has not sent.
struct Sender<T> {
    losses: Losses,
    health: Arc<Health>,
    waiting: mpsc::Receiver<T>,
    batch: Vec<T>,
}

impl<T: Clone> Sender<T> {
    async fn run<F>(mut self, send: impl Fn(Vec<T>) -> F)
    where
        F: Future<Output = Result<u64, Status>>,
    {
        while let Some(first) = self.waiting.recv().await {
            self.batch.push(first);
            // What came in time goes.
            let _ = tokio::time::timeout(FILL_TIME, self.fill()).await;
            self.send(&send).await;
        }
    }

    async fn fill(&mut self) {
        while self.batch.len() < BATCH {
            let room = BATCH - self.batch.len();
            if self.waiting.recv_many(&mut self.batch, room).await == 0 {
                return;
            }
        }
    }

    async fn send<F>(&mut self, send: impl Fn(Vec<T>) -> F)
    where
        F: Future<Output = Result<u64, Status>>,
    {
        let mut pause = FIRST_PAUSE;
        let mut most = self.batch.len();
        while !self.batch.is_empty() {
            let part: Vec<_> = self.batch.iter().take(most).cloned().collect();
            let items = part.len();
            match send(part).await {
                Ok(rejected) => {
                    self.health.got_through();
                    if rejected > 0 {
                        let why = "it took a batch in part";
                        self.health.refused(rejected, why);
                    }
                    self.losses.count(rejected.min(items as u64));
                    self.batch.drain(..items);
                    pause = FIRST_PAUSE;
                }
                Err(status) if is_too_large(&status) && items > 1 => most = items / 2,
                Err(status) if may_pass(&status) => {
                    self.health.failed(&status);
                    tracing::debug!(
                        "the collector did not take a batch, again in {pause:?}: {status}"
                    );
                    tokio::time::sleep(pause).await;
                    pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
                }
                Err(status) => {
                    self.health.refused(items as u64, &cause_of(&status));
                    self.losses.count(items as u64);
                    self.batch.drain(..items);
                }
            }
        }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.losses
            .count((self.waiting.len() + self.batch.len()) as u64);
    }
}

/// Whether the message may have been too large: what gRPC says of that. A collector that is busy says one of them too, and
/// then, as the OTLP specification wants it, when to come again.
fn is_too_large(status: &Status) -> bool {
    match status.code() {
        Code::OutOfRange => true,
        Code::ResourceExhausted => status.details().is_empty(),
        _ => false,
    }
}

/// Whether the same batch may be taken later: those the OTLP specification says, and what the transport says of a
/// connection that broke.
fn may_pass(status: &Status) -> bool {
    let passes = matches!(
        status.code(),
        Code::Cancelled
            | Code::DeadlineExceeded
            | Code::Aborted
            | Code::Unavailable
            | Code::DataLoss
            | Code::ResourceExhausted
            | Code::Unknown
    );
    passes && !is_too_large(status)
}
