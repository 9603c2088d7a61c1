//! The rate of a log: how many bytes of entries a process may write in a second.
//!
//! A token bucket that holds one second's worth, so that a burst is not cut.
//!
//! Invariant: a refused entry is never serialised, and lost entries are counted until an entry reports them.

use std::time::Instant;

/// Bytes of an entry in addition to its text: time, severity and the process's names.
const ENTRY_BYTES: u64 = 256;

/// The bucket of one log.
#[derive(Debug)]
pub(super) struct Rate {
    per_second: u64,
    left: u64,
    filled: Instant,
    dropped: u64,
    /// How many of `dropped` are kept elsewhere too.
    copies: u64,
    lost: u64,
}

impl Rate {
    pub(super) fn new(per_second: u64) -> Self {
        Self {
            per_second,
            left: per_second,
            filled: Instant::now(),
            dropped: 0,
            copies: 0,
            lost: 0,
        }
    }

    /// Admits an entry with `text` bytes of text, or drops it. `copy`: the entry is kept elsewhere too.
    pub(super) fn admit(&mut self, text: usize, copy: bool) -> bool {
        self.admit_at(text, copy, Instant::now())
    }

    fn admit_at(&mut self, text: usize, copy: bool, now: Instant) -> bool {
        let nanoseconds = now.saturating_duration_since(self.filled).as_nanos();
        let more = nanoseconds.saturating_mul(self.per_second.into()) / 1_000_000_000;
        // Less than a byte is not lost: `filled` stays, so the time counts for the next refill.
        if more > 0 {
            let more = u64::try_from(more).unwrap_or(u64::MAX);
            self.left = self.left.saturating_add(more).min(self.per_second);
            self.filled = now;
        }
        // The largest entry is admitted when the bucket is full.
        let cost = (text as u64).saturating_add(ENTRY_BYTES);
        // Copies may use only half of the bucket; the other half is for entries that are kept nowhere else.
        let kept = if copy { self.per_second / 2 } else { 0 };
        let cost = cost.min(self.per_second - kept);
        if cost + kept > self.left || self.per_second == 0 {
            self.lost(1, copy);
            return false;
        }
        self.left -= cost;
        true
    }

    /// How many entries were lost and not reported yet.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// How many of those are kept elsewhere.
    pub(super) fn dropped_copies(&self) -> u64 {
        self.copies
    }

    /// Counts entries that were lost for another reason.
    pub(super) fn lost(&mut self, entries: u64, copies: bool) {
        self.dropped += entries;
        if copies {
            self.copies += entries;
        }
        self.lost += entries;
    }

    /// Counts entries evicted from the channel unread. The outlet reports those itself.
    pub(super) fn lost_unread(&mut self, entries: u64) {
        self.lost += entries;
    }

    /// How many entries were lost in all.
    pub(super) fn all_lost(&self) -> u64 {
        self.lost
    }

    /// An entry has reported this many lost entries, and this many copies among them.
    pub(super) fn said(&mut self, entries: u64, copies: u64) {
        self.dropped = self.dropped.saturating_sub(entries);
        self.copies = self.copies.saturating_sub(copies);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_second_s_worth_passes_at_once_and_the_rest_with_time() {
        let mut rate = Rate::new(10 * ENTRY_BYTES);
        let start = rate.filled;
        let passed = |rate: &mut Rate, at| (0..30).filter(|_| rate.admit_at(0, false, at)).count();
        assert_eq!(passed(&mut rate, start), 10);
        assert_eq!(passed(&mut rate, start), 0);
        let later = start + Duration::from_millis(500);
        assert_eq!(rate.dropped(), 20 + 30);
        assert_eq!(passed(&mut rate, later), 5);
        assert_eq!(passed(&mut rate, later + Duration::from_secs(3600)), 10);
    }

    #[test]
    fn an_entry_larger_than_a_second_s_worth_takes_all_of_it() {
        let mut rate = Rate::new(1000);
        let start = rate.filled;
        assert!(rate.admit_at(1 << 20, false, start));
        assert!(!rate.admit_at(0, true, start));
        assert!(rate.admit_at(1 << 20, false, start + Duration::from_secs(1)));
        assert_eq!((rate.dropped(), rate.dropped_copies()), (1, 1));
        rate.said(1, 1);
        assert_eq!((rate.dropped(), rate.dropped_copies()), (0, 0));
        assert!(!Rate::new(0).admit_at(0, false, start));
    }

    #[test]
    fn copies_of_what_stands_elsewhere_leave_half_to_the_others() {
        let mut rate = Rate::new(10 * ENTRY_BYTES);
        let start = rate.filled;
        let passed =
            |rate: &mut Rate, copy| (0..30).filter(|_| rate.admit_at(0, copy, start)).count();
        assert_eq!(passed(&mut rate, true), 5);
        assert_eq!(passed(&mut rate, false), 5);
        assert_eq!((rate.dropped(), rate.dropped_copies()), (50, 25));
    }
}
