//! What this host sees of a server that answers late, takes nothing, or takes what others send first.
//!
//! Invariant: whoever waits for such a server waits no longer than the patience of the configuration.

use std::{sync::atomic::Ordering, time::Duration};

use tokio::{sync::oneshot, time::Instant};
use weft_channel::Unavailable;

use super::shared::Shared;
use crate::{config::ANSWER_WITHIN, stats::count};

/// How often a log has a line for what is begun anew.
const WARN_EVERY: Duration = Duration::from_secs(10);

impl Shared {
    /// A record of this host came too late.
    pub fn is_overtaken(&self) {
        self.lost.fetch_add(1, Ordering::Relaxed);
    }

    /// Records in a row that came too late.
    pub fn lost(&self) -> u32 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Whether it may be said aloud that something is begun anew, which comes again and again as long as it has a reason.
    pub fn may_warn(&self) -> bool {
        let mut warned = self.warned.lock();
        let may = warned.is_none_or(|it| it.elapsed() >= WARN_EVERY);
        if may {
            *warned = Some(Instant::now());
        }
        may
    }

    /// What the last round trip took.
    pub fn round_trip(&self) -> Duration {
        Duration::from_micros(self.round_trip.load(Ordering::Relaxed))
    }

    pub fn took(&self, round_trip: Duration) {
        let micros = round_trip.as_micros() as u64;
        self.round_trip.store(micros, Ordering::Relaxed);
    }

    /// The lease was renewed, or that was not answered.
    pub fn is_renewed(&self, renewed: bool) {
        let mut since = self.renewed.lock();
        *since = match renewed {
            true => since.or_else(|| Some(Instant::now())),
            false => None,
        };
    }

    /// For how long the server has taken what hosts say of themselves, without a break.
    pub fn renewed_for(&self) -> Duration {
        let since = *self.renewed.lock();
        let renewed = since.map_or(Duration::ZERO, |it| it.elapsed());
        renewed.min(self.server.up_for())
    }

    /// Waits for an answer that `append` gives. Fails once the server has been away, or has taken nothing, for too long.
    pub async fn answered<T>(&self, answer: oneshot::Receiver<T>) -> Result<T, Unavailable> {
        tokio::select! {
            biased;
            answer = answer => answer.map_err(|_| self.unavailable()),
            () = self.server.out_of_patience() => Err(self.unavailable()),
            () = self.refused_for_too_long() => Err(self.unavailable()),
        }
    }

    /// Why a call fails that has waited for too long.
    pub fn unavailable(&self) -> Unavailable {
        count(&self.server.counters.unavailable);
        Unavailable
    }

    /// The server takes nothing of what was tried from `since` on.
    pub fn is_refused(&self, since: Instant) {
        self.refuses.send_if_modified(|it| {
            let new = it.is_none();
            it.get_or_insert(since);
            new
        });
    }

    /// The server has taken something, or nothing is left that it should take.
    pub fn is_taken(&self) {
        self.lost.store(0, Ordering::Relaxed);
        self.is_answered();
    }

    /// The server takes something, even if it is of others. One that has lost the others of its cluster may say that somebody was quicker, and
    /// takes nothing.
    pub fn is_answered(&self) {
        let refused = *self.refuses.borrow();
        if let Some(since) = refused {
            self.refuses.send_replace(None);
            let after = since.elapsed();
            if after > ANSWER_WITHIN {
                let stream = &self.names.stream;
                tracing::info!(?after, stream, "what was sent is taken, or given up");
            }
        }
    }

    /// For how long the server has taken nothing.
    pub fn refused_for(&self) -> Duration {
        self.refuses
            .borrow()
            .map_or(Duration::ZERO, |it| it.elapsed())
    }

    async fn refused_for_too_long(&self) {
        let patience = self.server.config.patience;
        let mut refuses = self.refuses.subscribe();
        loop {
            let since = *refuses.borrow_and_update();
            // The sender is a part of this.
            let changed = async { drop(refuses.changed().await) };
            match since {
                None => changed.await,
                Some(since) => {
                    // A connection that has been made again begins anew.
                    let until = since.max(self.server.changed_at()) + patience;
                    tokio::select! {
                        () = tokio::time::sleep_until(until) => {
                            if self.server.changed_at() <= since.max(until - patience) {
                                return;
                            }
                        }
                        () = changed => {}
                    }
                }
            }
        }
    }
}
