//! A histogram of durations: fixed buckets, counted without locks.
//!
//! Invariant: counting takes two atomic additions, no allocation, and only the search for the bucket.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the buckets in nanoseconds. They are close together at the times of host calls, and reach to the
/// compile time of the largest component.
const BOUNDS: [u64; 16] = [
    125,
    250,
    500,
    1_000,
    2_000,
    4_000,
    16_000,
    64_000,
    256_000,
    1_000_000,
    4_000_000,
    16_000_000,
    64_000_000,
    256_000_000,
    4_000_000_000,
    64_000_000_000,
];

/// Counts durations.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    /// The last bucket is for durations beyond all bounds.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    /// Nanoseconds.
    sum: AtomicU64,
}

/// The counts of a histogram.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Times {
    /// For each bucket: its upper bound in seconds, infinite for the last, and the number of durations in this bucket
    /// alone.
    pub buckets: Vec<(f64, u64)>,
    /// The sum of all durations.
    pub sum: Duration,
}

impl Times {
    /// The number of durations.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|(_, count)| count).sum()
    }
}

impl Histogram {
    pub(crate) fn record(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let within = BOUNDS.iter().position(|bound| nanoseconds <= *bound);
        if let Some(bucket) = self.buckets.get(within.unwrap_or(BOUNDS.len())) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.sum.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Times {
        let bounds = BOUNDS.iter().map(|bound| *bound as f64 / 1e9);
        let counts = self.buckets.iter().map(|it| it.load(Ordering::Relaxed));
        Times {
            buckets: bounds.chain([f64::INFINITY]).zip(counts).collect(),
            sum: Duration::from_nanos(self.sum.load(Ordering::Relaxed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_in_the_first_bucket_whose_bound_it_does_not_exceed() {
        let histogram = Histogram::default();
        for nanoseconds in [0, 125, 126, u64::MAX / 4] {
            histogram.record(Duration::from_nanos(nanoseconds));
        }
        let times = histogram.read();
        let filled: Vec<_> = times
            .buckets
            .iter()
            .filter(|(_, count)| *count > 0)
            .collect();
        assert_eq!(filled, [&(125e-9, 2), &(250e-9, 1), &(f64::INFINITY, 1)]);
        assert_eq!(times.count(), 4);
    }
}
