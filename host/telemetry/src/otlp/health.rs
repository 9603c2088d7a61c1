//! Whether anything gets through to the collector.
//!
//! A collector may come later than those who send to it, and be restarted: of that nobody is told. When nothing has got through for
//! [`PATIENCE`] it is said, with the cause, and once more when it does again.
//!
//! Invariant: it is said once for each time that nothing gets through, however many batches there are.

use super::Warn;
use std::error::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tonic::Status;

/// Time that nothing gets through before it is said: a collector that is restarted is back by then.
const PATIENCE: Duration = Duration::from_secs(15);

/// What helps where something else than a collector listens.
const OTHER_PORT: &str = "what listens there speaks no gRPC; collectors take OTLP over gRPC at port 4317, over HTTP at 4318";

/// What is known of one collector.
pub(super) struct Health {
    url: String,
    warn: Warn,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Since when nothing gets through.
    failing: Option<Instant>,
    /// Why the last failed that did.
    cause: Option<String>,
    /// Whether it was said that nothing gets through.
    said: bool,
    /// Whether it was said that something was refused.
    said_refused: bool,
}

impl Health {
    pub(super) fn new(url: String, warn: Warn) -> Self {
        let state = Mutex::default();
        Self { url, warn, state }
    }

    /// Says something to whoever is to know.
    pub(super) fn warn(&self, text: &str) {
        (self.warn)(text);
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Why the last failed that did.
    pub(super) fn cause(&self) -> Option<String> {
        self.lock().cause.clone()
    }

    /// The collector has taken something.
    pub(super) fn got_through(&self) {
        let mut state = self.lock();
        state.failing = None;
        let was_said = std::mem::take(&mut state.said);
        drop(state);
        if was_said {
            self.warn(&format!("{} takes what it is sent again", self.url));
        }
    }

    /// Something could not be sent, and will be tried again.
    pub(super) fn failed(&self, status: &Status) {
        self.failed_at(status, Instant::now());
    }

    fn failed_at(&self, status: &Status, now: Instant) {
        let cause = cause_of(status);
        let mut state = self.lock();
        state.cause = Some(cause.clone());
        let since = *state.failing.get_or_insert(now);
        if state.said || now.saturating_duration_since(since) < PATIENCE {
            return;
        }
        state.said = true;
        drop(state);
        self.warn(&format!(
            "nothing gets through to {} for {PATIENCE:?} and more; it is tried on, and what finds no room is dropped: {cause}",
            self.url
        ));
    }

    /// Something was refused for good.
    pub(super) fn refused(&self, items: u64, why: &str) {
        let mut state = self.lock();
        state.cause = Some(why.to_owned());
        let was_said = std::mem::replace(&mut state.said_refused, true);
        drop(state);
        if !was_said {
            self.warn(&format!("{} refused {items} items: {why}", self.url));
        }
    }

    #[cfg(test)]
    fn is_said(&self) -> bool {
        self.lock().said
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Health {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Health")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// What is wrong, with all causes below it: the transport's own words say only that there was an error.
pub(super) fn cause_of(status: &Status) -> String {
    let mut words = vec![status.message().to_owned()];
    let mut other_port = false;
    let mut next = status.source();
    while let Some(cause) = next {
        // A frame that made no sense, and not a connection that broke.
        let frames = cause.downcast_ref::<h2::Error>();
        other_port |= frames.is_some_and(|error| !error.is_io() && !error.is_remote());
        let text = cause.to_string();
        // Some say the words of their cause themselves.
        if !words.iter().any(|before| before.contains(&text)) {
            words.push(text);
        }
        next = cause.source();
    }
    words.retain(|text| !text.is_empty());
    if words.is_empty() {
        words.push(status.code().to_string());
    }
    if other_port {
        words.push(OTHER_PORT.to_owned());
    }
    words.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn that_nothing_gets_through_is_said_once_and_not_of_a_restart() {
        let health = Health::new("http://127.0.0.1:1".into(), Arc::new(|_| ()));
        let start = Instant::now();
        let failed = |after| health.failed_at(&Status::unavailable("away"), start + after);
        failed(Duration::ZERO);
        failed(PATIENCE / 2);
        health.got_through();
        failed(PATIENCE);
        assert!(!health.is_said());
        failed(PATIENCE * 2);
        assert!(health.is_said());
        assert_eq!(health.cause().as_deref(), Some("away"));
        health.got_through();
        assert!(!health.is_said());
    }
}
