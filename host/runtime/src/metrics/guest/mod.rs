//! Metrics of a process's own: what guests count, set and observe by `weft:fabric/metrics`.
//!
//! ```text
//! guest/check     what an instrument and its labels may look like
//! guest/series    one series: its number or its buckets
//! guest/families  the series of all processes, by metric, as part of the snapshot
//! ```
//!
//! Not the adapters: those are in `interface/metrics`. Not the formats: exporters have those.
//!
//! Invariants:
//! - Changing a series takes no lock.
//! - A process has at most [`SERIES_OF_PROCESS`] series, and pays for each. They live as long as the record of the process, so that an
//!   embedder can read them after the end.

mod check;
mod families;
mod series;

pub(super) use families::families;
pub use families::{GuestFamily, GuestPoint};
pub(crate) use series::Series;

use crate::account::{Account, Exhausted, Good};
use crate::kept;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most series of a process: some dozen instruments with a few labels each. More come of labels whose values are without bound, such as
/// the id of a request, and each series costs the collector.
pub const SERIES_OF_PROCESS: usize = 128;

/// Upper bounds of buckets when a guest names none, those that Prometheus' own clients have. They fit requests timed in seconds.
const DEFAULT_BOUNDS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The kind of an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstrumentKind {
    /// A number that only grows.
    Counter,
    /// A number that goes up and down.
    Gauge,
    /// Numbers counted in buckets.
    Histogram,
}

/// What a guest measures.
#[derive(Clone, Debug, PartialEq)]
pub struct Instrument {
    /// The name, as the guest gave it.
    pub name: String,
    /// The unit, such as `seconds`; empty when there is none.
    pub unit: String,
    /// What it means, on one line; may be empty.
    pub description: String,
    /// The kind.
    pub kind: InstrumentKind,
    /// The upper bounds of a histogram's buckets, ascending, without the last one, which has none. Empty for other kinds.
    pub bounds: Vec<f64>,
}

impl Instrument {
    /// The name with the unit at its end: `NAME_UNIT`, or the name alone if it ends with the unit already.
    pub fn full_name(&self) -> String {
        let Self { name, unit, .. } = self;
        let ends_with_it = name
            .strip_suffix(unit)
            .is_some_and(|rest| rest.ends_with('_'));
        match unit.is_empty() || ends_with_it {
            true => name.clone(),
            false => format!("{name}_{unit}"),
        }
    }
}

/// One series of a process, read.
#[derive(Clone, Debug, PartialEq)]
pub struct GuestSeries {
    /// What is measured.
    pub instrument: Arc<Instrument>,
    /// The guest's labels, by name.
    pub labels: Vec<(String, String)>,
    /// The value now.
    pub value: GuestValue,
}

/// The value of a series.
#[derive(Clone, Debug, PartialEq)]
pub enum GuestValue {
    /// Of a counter or a gauge.
    Number(f64),
    /// Of a histogram.
    Histogram {
        /// For each bucket its upper bound, infinite for the last, and how many numbers are in this bucket alone.
        buckets: Vec<(f64, u64)>,
        /// The sum of all numbers.
        sum: f64,
    },
}

/// Why a series was not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OpenSeriesError {
    /// A name, a unit or the name of a label is not as it has to be.
    #[error("`{text}` is no {what}: {wanted}")]
    Text {
        /// The part of it that fits a message.
        text: String,
        what: &'static str,
        wanted: &'static str,
    },
    #[error("the {what} has {bytes} bytes and may have {most}")]
    TooLong {
        what: &'static str,
        bytes: usize,
        most: usize,
    },
    #[error("there are {given} {what} and may be {most}")]
    TooMany {
        what: &'static str,
        given: usize,
        most: usize,
    },
    #[error("the label `{0}` is given twice")]
    LabelTwice(String),
    #[error("the bounds of a histogram are finite and ascending")]
    Bounds,
    #[error("`{name}` is known as {known}: its name, unit, description and bounds stay the same")]
    Differs { name: String, known: String },
    #[error("the process has {SERIES_OF_PROCESS} series, and may have no more")]
    TooManySeries,
    #[error(transparent)]
    Unpaid(#[from] Exhausted),
}

/// The series of one process.
#[derive(Debug, Default)]
pub(crate) struct OwnMetrics {
    series: Mutex<Vec<Arc<Series>>>,
    /// The metrics whose absence in the snapshot its log has said.
    said: Mutex<BTreeSet<String>>,
}

impl OwnMetrics {
    /// The series of this instrument with these labels: the one that there is, or a new one that the account pays for.
    pub(crate) fn open(
        &self,
        mut instrument: Instrument,
        mut labels: Vec<(String, String)>,
        account: &Arc<Account>,
    ) -> Result<Arc<Series>, OpenSeriesError> {
        check::instrument(&mut instrument)?;
        check::labels(&mut labels)?;
        let full_name = instrument.full_name();
        let mut all = self.all();
        let mut known = None;
        for series in all.iter() {
            let other = series.instrument();
            if *other.as_ref() == instrument {
                if series.labels() == labels {
                    return Ok(series.clone());
                }
                known = Some(other.clone());
            } else if other.name == instrument.name || series.full_name() == full_name {
                return Err(OpenSeriesError::Differs {
                    name: instrument.name,
                    known: described(other),
                });
            }
        }
        if all.len() >= SERIES_OF_PROCESS {
            return Err(OpenSeriesError::TooManySeries);
        }
        let instrument = known.unwrap_or_else(|| Arc::new(instrument));
        let paid = account.charge(Good::HostBytes, weight(&instrument, &labels))?;
        let series = Arc::new(Series::new(instrument, full_name, labels, paid));
        all.push(series.clone());
        Ok(series)
    }

    /// The values of all series, in the order in which they were opened.
    pub(crate) fn read(&self) -> Vec<GuestSeries> {
        let all = self.all().clone();
        all.iter().map(|series| series.read()).collect()
    }

    /// Whether the log of the process has to say that this is left out of the snapshot: the first time.
    fn has_to_say(&self, what: &str) -> bool {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        !said.contains(what) && said.insert(what.to_owned())
    }

    fn all(&self) -> MutexGuard<'_, Vec<Arc<Series>>> {
        self.series.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A known instrument for a message about another of its name.
fn described(instrument: &Instrument) -> String {
    let Instrument { name, unit, .. } = instrument;
    let kind = match instrument.kind {
        InstrumentKind::Counter => "counter",
        InstrumentKind::Gauge => "gauge",
        InstrumentKind::Histogram => "histogram",
    };
    let unit = match unit.as_str() {
        "" => "without a unit".to_owned(),
        unit => format!("in {unit}"),
    };
    let description = &instrument.description;
    format!("the {kind} `{name}` {unit}, described as \"{description}\"")
}

/// What the host keeps for a series.
fn weight(instrument: &Instrument, labels: &[(String, String)]) -> u64 {
    let Instrument {
        name,
        unit,
        description,
        bounds,
        ..
    } = instrument;
    let labels = labels.iter();
    let labels: usize = labels
        .map(|(name, value)| kept::FIELD + name.len() + value.len())
        .sum();
    // The name is there twice, once with the unit.
    let texts = 2 * (name.len() + unit.len()) + description.len() + labels;
    kept::SERIES + (texts + kept::BUCKET * bounds.len()) as u64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::limits::Limits;
    use crate::usage::Counted;

    fn account() -> Arc<Account> {
        Account::new(&Limits::default(), None, Counted::default())
    }

    fn counter(name: &str, unit: &str) -> Instrument {
        Instrument {
            name: name.to_owned(),
            unit: unit.to_owned(),
            description: String::new(),
            kind: InstrumentKind::Counter,
            bounds: Vec::new(),
        }
    }

    #[test]
    fn the_unit_stands_at_the_end_of_the_full_name_once() {
        for (name, unit, full) in [
            ("read", "", "read"),
            ("read", "bytes", "read_bytes"),
            ("read_bytes", "bytes", "read_bytes"),
            ("kilobytes", "bytes", "kilobytes_bytes"),
            ("bytes", "bytes", "bytes_bytes"),
        ] {
            assert_eq!(counter(name, unit).full_name(), full);
        }
    }

    #[test]
    fn one_instrument_with_the_same_labels_is_one_series_whatever_their_order() {
        let (own, account) = (OwnMetrics::default(), account());
        let label = |name: &str| (name.to_owned(), "x".to_owned());
        let open = |labels| own.open(counter("read", ""), labels, &account).unwrap();
        let first = open(vec![label("a"), label("b")]);
        assert!(Arc::ptr_eq(&first, &open(vec![label("b"), label("a")])));
        assert!(!Arc::ptr_eq(&first, &open(vec![label("a")])));
        assert_eq!(own.read().len(), 2);
    }

    #[test]
    fn a_name_that_is_written_as_another_with_its_unit_is_refused() {
        let (own, account) = (OwnMetrics::default(), account());
        let open = |name, unit| own.open(counter(name, unit), Vec::new(), &account);
        open("read", "bytes").unwrap();
        for (name, unit) in [("read", ""), ("read_bytes", ""), ("read_bytes", "bytes")] {
            let Err(OpenSeriesError::Differs { known, .. }) = open(name, unit) else {
                panic!("{name} {unit}")
            };
            assert!(known.contains("`read` in bytes"), "{known}");
        }
    }

    #[test]
    fn series_are_bounded_and_given_back_with_the_process() {
        let account = account();
        let own = OwnMetrics::default();
        let open = |n: usize| own.open(counter(&format!("n{n}"), ""), Vec::new(), &account);
        for n in 0..SERIES_OF_PROCESS {
            open(n).unwrap();
        }
        let refused = open(SERIES_OF_PROCESS).unwrap_err();
        assert_eq!(refused, OpenSeriesError::TooManySeries);
        // Those that there are can still be opened.
        open(0).unwrap();
        assert!(account.own(Good::HostBytes) >= kept::SERIES * SERIES_OF_PROCESS as u64);
        drop(own);
        assert_eq!(account.own(Good::HostBytes), 0);
    }
}
