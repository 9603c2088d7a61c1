//! What waits to be sent.
//!
//! Items are taken in batches; a batch is tried until the collector takes it or says that it never will.
//!
//! Invariants:
//! - At most [`QUEUE`] items wait, beside one batch that is being sent; whoever has more never waits, the item is counted
//!   as dropped.
//! - Every item is sent or counted.

use crate::telemetry::source::Source;
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
    /// A queue, and the task that sends what is in it.
    pub(super) fn start<F>(
        source: &Arc<Source>,
        dropped: Dropped,
        send: impl Fn(Vec<T>) -> F + Send + Sync + 'static,
    ) -> (Self, JoinHandle<()>)
    where
        F: Future<Output = Result<(), Status>> + Send + 'static,
    {
        let (items, waiting) = mpsc::channel(QUEUE);
        let losses = Losses {
            source: source.clone(),
            dropped,
        };
        let sender = Sender {
            losses: losses.clone(),
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
    waiting: mpsc::Receiver<T>,
    batch: Vec<T>,
}

impl<T: Clone> Sender<T> {
    async fn run<F>(mut self, send: impl Fn(Vec<T>) -> F)
    where
        F: Future<Output = Result<(), Status>>,
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
        F: Future<Output = Result<(), Status>>,
    {
        let mut pause = FIRST_PAUSE;
        loop {
            match send(self.batch.clone()).await {
                Ok(()) => break,
                Err(status) if may_pass(status.code()) => {
                    tracing::debug!(
                        "the collector did not take a batch, again in {pause:?}: {status}"
                    );
                    tokio::time::sleep(pause).await;
                    pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
                }
                Err(status) => {
                    tracing::warn!("the collector refused {} items: {status}", self.batch.len());
                    self.losses.count(self.batch.len() as u64);
                    break;
                }
            }
        }
        self.batch.clear();
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.losses
            .count((self.waiting.len() + self.batch.len()) as u64);
    }
}

/// Whether the same batch may be taken later: those the OTLP specification says, and what the transport says of a
/// connection that broke.
fn may_pass(code: Code) -> bool {
    matches!(
        code,
        Code::Cancelled
            | Code::DeadlineExceeded
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unavailable
            | Code::DataLoss
            | Code::ResourceExhausted
            | Code::Unknown
    )
}
