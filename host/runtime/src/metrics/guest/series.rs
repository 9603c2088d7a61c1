//! One series of a guest: its number, or its buckets.
//!
//! Invariant: a value is always finite, and changing it takes no lock.

use super::{GuestSeries, GuestValue, Instrument};
use crate::account::Charge;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A series.
#[derive(Debug)]
pub(crate) struct Series {
    instrument: Arc<Instrument>,
    full_name: String,
    /// By name.
    labels: Vec<(String, String)>,
    /// The number; for a histogram the sum of all.
    number: Number,
    /// One for each bound and one for what is above; none but for histograms.
    buckets: Vec<AtomicU64>,
    _paid: Charge,
}

/// An `f64`, by its bits.
#[derive(Debug)]
struct Number(AtomicU64);

impl Number {
    fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }

    fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Ordering::Relaxed);
    }

    /// Adds, unless the sum would not be finite.
    fn add(&self, amount: f64) {
        let add = |bits| {
            let sum = f64::from_bits(bits) + amount;
            sum.is_finite().then(|| sum.to_bits())
        };
        // An error says that nothing was added.
        let _ = self.0.try_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }
}

impl Series {
    pub(super) fn new(
        instrument: Arc<Instrument>,
        full_name: String,
        labels: Vec<(String, String)>,
        paid: Charge,
    ) -> Self {
        let buckets = match instrument.bounds.len() {
            0 => 0,
            bounds => bounds + 1,
        };
        Self {
            instrument,
            full_name,
            labels,
            number: Number(AtomicU64::new(0)),
            buckets: (0..buckets).map(|_| AtomicU64::new(0)).collect(),
            _paid: paid,
        }
    }

    /// Adds to the number. What is not finite is ignored.
    pub(crate) fn add(&self, amount: f64) {
        self.number.add(amount);
    }

    /// Sets the number. What is not finite is ignored.
    pub(crate) fn set(&self, value: f64) {
        if value.is_finite() {
            self.number.set(value);
        }
    }

    /// Counts a number in its bucket. What is not finite is ignored.
    pub(crate) fn observe(&self, value: f64) {
        if !value.is_finite() {
            return;
        }
        let bucket = self
            .instrument
            .bounds
            .partition_point(|bound| *bound < value);
        if let Some(bucket) = self.buckets.get(bucket) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.number.add(value);
    }

    pub(super) fn instrument(&self) -> &Arc<Instrument> {
        &self.instrument
    }

    pub(super) fn full_name(&self) -> &str {
        &self.full_name
    }

    pub(super) fn labels(&self) -> &[(String, String)] {
        &self.labels
    }

    pub(super) fn value(&self) -> GuestValue {
        if self.buckets.is_empty() {
            return GuestValue::Number(self.number.get());
        }
        let bounds = self.instrument.bounds.iter().copied();
        let counts = self.buckets.iter().map(|it| it.load(Ordering::Relaxed));
        GuestValue::Histogram {
            buckets: bounds.chain([f64::INFINITY]).zip(counts).collect(),
            sum: self.number.get(),
        }
    }

    pub(super) fn read(&self) -> GuestSeries {
        GuestSeries {
            instrument: self.instrument.clone(),
            labels: self.labels.clone(),
            value: self.value(),
        }
    }

    /// About how many bytes exporters make of it, without what stands for its process.
    pub(super) fn bytes(&self, of_process: usize) -> usize {
        /// Bytes of a line besides its names and texts: a number, quotes and commas, the names of the host's labels.
        const LINE: usize = 64;
        let labels = self.labels.iter();
        let labels: usize = labels.map(|(name, value)| name.len() + value.len()).sum();
        // A histogram has a line for each bucket, its sum and its count.
        let lines = match self.buckets.len() {
            0 => 1,
            buckets => buckets + 2,
        };
        lines * (LINE + self.full_name.len() + labels + of_process)
    }
}

#[cfg(test)]
mod tests {
    use super::super::InstrumentKind;
    use super::*;
    use crate::account::{Account, Good};
    use crate::limits::Limits;
    use crate::usage::Counted;

    fn series(kind: InstrumentKind, bounds: &[f64]) -> Series {
        let account = Account::new(&Limits::default(), None, Counted::default());
        let instrument = Instrument {
            name: "it".to_owned(),
            unit: String::new(),
            description: String::new(),
            kind,
            bounds: bounds.to_vec(),
        };
        let paid = Charge::nothing(&account, Good::HostBytes);
        Series::new(Arc::new(instrument), "it".to_owned(), Vec::new(), paid)
    }

    #[test]
    fn a_number_stays_finite_whatever_is_added_or_set() {
        let gauge = series(InstrumentKind::Gauge, &[]);
        gauge.set(f64::MAX);
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX] {
            gauge.add(odd);
            assert_eq!(gauge.value(), GuestValue::Number(f64::MAX));
        }
        gauge.set(f64::NAN);
        gauge.set(f64::INFINITY);
        gauge.add(-f64::MAX);
        gauge.add(0.5);
        assert_eq!(gauge.value(), GuestValue::Number(0.5));
    }

    #[test]
    fn a_number_is_in_the_first_bucket_whose_bound_it_does_not_exceed() {
        let histogram = series(InstrumentKind::Histogram, &[1.0, 2.0]);
        for value in [-1.0, 1.0, 1.5, 2.0, 3.0, f64::NAN, f64::INFINITY] {
            histogram.observe(value);
        }
        let buckets = vec![(1.0, 2), (2.0, 2), (f64::INFINITY, 1)];
        let sum = 6.5;
        assert_eq!(histogram.value(), GuestValue::Histogram { buckets, sum });
    }

    #[test]
    fn threads_that_add_at_once_lose_nothing() {
        let counter = series(InstrumentKind::Counter, &[]);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..10_000).for_each(|_| counter.add(1.0)));
            }
        });
        assert_eq!(counter.value(), GuestValue::Number(40_000.0));
    }
}
