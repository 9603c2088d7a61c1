//! How many instances a service has, and how long they may take.

use std::num::NonZeroUsize;
use std::time::Duration;

/// How a service is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// Most instances at once. Default: 32; each has the limits of a process for itself.
    pub instances: NonZeroUsize,
    /// Instances that are kept though there is no request. Default: 1, so that the next one finds it warm.
    pub warm: usize,
    /// Requests that an instance answers in its life. None: one for guests of 0.2, which are made for that, and any number for those of 0.3.
    pub requests: Option<NonZeroUsize>,
    /// Requests that an instance of 0.3 answers at the same time. Default: 16. One of 0.2 answers one.
    pub at_once: NonZeroUsize,
    /// Requests that wait for an instance. Default: 128; more are refused.
    pub waiting: NonZeroUsize,
    /// Time until an answer begins, the wait for an instance included. Default: 30 s.
    pub answer_time: Duration,
    /// Time after which an instance without a request ends, if there are more than are kept. Default: 30 s.
    pub idle_time: Duration,
}

/// A number that is not zero.
const fn some(number: usize) -> NonZeroUsize {
    match NonZeroUsize::new(number) {
        Some(number) => number,
        None => NonZeroUsize::MIN,
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            instances: some(32),
            warm: 1,
            requests: None,
            at_once: some(16),
            waiting: some(128),
            answer_time: Duration::from_secs(30),
            idle_time: Duration::from_secs(30),
        }
    }
}
