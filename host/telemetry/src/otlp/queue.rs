//! The queues of items to be sent.
//!
//! Items are sent in batches. A batch is sent again until the collector takes it or refuses it for good. A batch that
//! is too large is sent in smaller parts: collectors limit the size of a message, gRPC's default is 4 MiB.
//!
//! Invariants:
//! - At most [`QUEUE`] items wait, beside one batch that is being sent. Adding an item never waits: without room, the
//!   item is counted as dropped.
//! - Every item is sent or counted.

use super::health::{Health, cause_of};
use crate::source::Source;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tonic::{Code, Status};

/// Items that may wait: a few megabytes of ordinary ones.
const QUEUE: usize = 8_192;
/// Items in a batch: the same number as in OpenTelemetry's SDKs.
const BATCH: usize = 512;
/// Time for a batch to fill.
const FILL_TIME: Duration = Duration::from_millis(500);
/// The back-off before a batch is sent again.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The back-off doubles up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Selects a queue's counter of dropped items.
type Dropped = fn(&Source) -> &AtomicU64;

/// Counts the items that were not sent.
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

/// The sending half of a queue. When the last clone is dropped, the task sends the rest and ends.
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
    /// A queue, and the task that sends its items. `send` returns how many items of a batch the collector rejected.
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

    /// Queues an item, if there is room.
    pub(super) fn push(&self, item: T) {
        if self.items.try_send(item).is_err() {
            self.losses.count(1);
        }
    }

    /// Counts items that were lost before they got here.
    pub(super) fn lost(&self, items: u64) {
        self.losses.count(items);
    }
}

/// The receiving half. Dropping it counts the unsent items as lost.
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
            // Send what has arrived by the timeout.
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

/// Whether the message may have been too large, by its gRPC code. A busy collector may send `ResourceExhausted` too.
/// But then, as the OTLP specification requires, the details say when to retry.
fn is_too_large(status: &Status) -> bool {
    match status.code() {
        Code::OutOfRange => true,
        Code::ResourceExhausted => status.details().is_empty(),
        _ => false,
    }
}

/// Whether the collector may take the same batch later: the retryable codes of the OTLP specification, and the codes of
/// the transport for a broken connection.
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
