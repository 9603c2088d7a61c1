//! The limit of restarts in a window.

use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// The restarts in the window, oldest first.
pub(super) struct Budget {
    most: u32,
    within: Duration,
    spent: VecDeque<Instant>,
}

impl Budget {
    pub(super) fn new(most: u32, within: Duration) -> Self {
        Self {
            most,
            within,
            spent: VecDeque::new(),
        }
    }

    /// Counts a restart. Returns how many are in the window, this one included; none if the limit is reached.
    pub(super) fn spend(&mut self, now: Instant) -> Option<u32> {
        let old = |then: &Instant| now.saturating_duration_since(*then) >= self.within;
        while self.spent.front().is_some_and(old) {
            self.spent.pop_front();
        }
        let count = u32::try_from(self.spent.len()).unwrap_or(u32::MAX);
        if count >= self.most {
            return None;
        }
        self.spent.push_back(now);
        Some(count.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_restarts_within_the_window_count() {
        let second = Duration::from_secs(1);
        let start = Instant::now();
        let mut budget = Budget::new(2, 10 * second);
        let mut spend = |seconds: u32| budget.spend(start + seconds * second);
        assert_eq!(spend(0), Some(1));
        assert_eq!(spend(6), Some(2));
        assert_eq!(spend(9), None);
        assert_eq!(spend(10), Some(2));
        assert_eq!(spend(15), None);
        assert_eq!(spend(16), Some(2));
    }

    #[test]
    fn a_limit_of_none_allows_none() {
        assert_eq!(Budget::new(0, Duration::MAX).spend(Instant::now()), None);
    }
}
