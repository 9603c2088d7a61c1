//! What a listener counts.

use crate::counters;
use hyper::StatusCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use weft_host::process::{Context, Counter};

/// What is counted.
pub(super) struct Counts {
    requests: Counter,
    pub(super) frames: Counter,
    refused: Counter,
    pub(super) lost: Counter,
    /// Connections for which there was no place.
    pub(super) turned_away: Counter,
    /// Connections on which TLS was not agreed on.
    disagreed: Counter,
    is_disagreement_told: AtomicBool,
    all: AtomicU64,
}

impl Counts {
    pub(super) fn new(context: &Context) -> Self {
        Self {
            requests: counters::HTTP_REQUESTS.open(context),
            frames: counters::HTTP_FRAMES.open(context),
            refused: counters::HTTP_REFUSED.open(context),
            lost: counters::HTTP_OVERTAKEN.open(context),
            turned_away: counters::HTTP_TURNED_AWAY.open(context),
            disagreed: counters::HTTP_DISAGREED.open(context),
            is_disagreement_told: AtomicBool::new(false),
            all: AtomicU64::new(0),
        }
    }

    pub(super) fn answered(&self, status: StatusCode) {
        self.all.fetch_add(1, Ordering::Relaxed);
        self.requests.add(1);
        if status.is_client_error() || status.is_server_error() {
            self.refused.add(1);
        }
    }

    /// A connection on which TLS was not agreed on. Whether it is the first.
    pub(super) fn disagreed(&self) -> bool {
        self.disagreed.add(1);
        !self.is_disagreement_told.swap(true, Ordering::Relaxed)
    }

    pub(super) fn total(&self) -> u64 {
        self.all.load(Ordering::Relaxed)
    }
}
