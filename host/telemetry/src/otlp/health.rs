//! Whether anything gets through to the collector.
//!
//! A collector may start later than the hosts that send to it, and may be restarted; that is not reported. When nothing
//! has got through for [`PATIENCE`], a warning says so, with the cause. A second message says when sending works again.
//!
//! Invariant: each outage is reported once, however many batches fail.

use super::Warn;
use std::error::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tonic::Status;

/// How long sending must fail before the warning: a collector that restarts is back by then.
const PATIENCE: Duration = Duration::from_secs(15);

/// A hint for when something other than a collector listens.
const OTHER_PORT: &str = "what listens there speaks no gRPC; collectors take OTLP over gRPC at port 4317, over HTTP at 4318";

/// What is known of one collector.
pub(super) struct Health {
    url: String,
    warn: Warn,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Since when nothing has got through.
    failing: Option<Instant>,
    /// Why the last failed attempt failed.
    cause: Option<String>,
    /// Whether the warning about the current outage was given.
    said: bool,
    /// Whether the warning about a refused batch was given.
    said_refused: bool,
}

impl Health {
    pub(super) fn new(url: String, warn: Warn) -> Self {
        let state = Mutex::default();
        Self { url, warn, state }
    }

    /// Passes a message to the program.
    pub(super) fn warn(&self, text: &str) {
        (self.warn)(text);
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Why the last failed attempt failed.
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

    /// A batch could not be sent, and will be sent again.
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

    /// A batch was refused for good.
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

/// The error's message with all its causes: the transport's own message says only that there was an error.
pub(super) fn cause_of(status: &Status) -> String {
    let mut words = vec![status.message().to_owned()];
    let mut other_port = false;
    let mut next = status.source();
    while let Some(cause) = next {
        // An invalid frame, and not a broken connection.
        let frames = cause.downcast_ref::<h2::Error>();
        other_port |= frames.is_some_and(|error| !error.is_io() && !error.is_remote());
        let text = cause.to_string();
        // Some messages include the message of their cause.
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
