//! Metrics of its own.

use crate::make::{How, LARGE, MANY, Made, OFTEN, insist, repeat};
use weft_guest::bindings::weft::fabric::metrics::{Counter, Gauge, Histogram, Instrument, Label};

/// The longest texts that are taken, and the most labels and bounds.
const NAME: usize = 100;
const DESCRIPTION: usize = 512;
const LABELS: usize = 8;
const LABEL_NAME: usize = 64;
const LABEL_VALUE: usize = 256;
const BOUNDS: usize = 32;

/// A number that doubles as a bound.
const NUMBERS: usize = LARGE / size_of::<f64>();

pub fn make(axis: &str, how: How) -> Option<Made> {
    Some(match axis {
        "counters" => each(how, |of| {
            let counter = Counter::open(of)?;
            counter.add(1.0);
            Ok(counter)
        }),
        "gauges" => each(how, |of| {
            let gauge = Gauge::open(of)?;
            gauge.set(1.0);
            gauge.add(f64::MAX);
            Ok(gauge)
        }),
        "histograms" => {
            let number = how.pick(1, NUMBERS, BOUNDS);
            let bounds: Vec<f64> = (0..number).map(|n| n as f64).collect();
            each(how, |of| {
                // Of a list that is too long, its length is what is refused.
                let small = matches!(how, How::Size).then(|| instrument(0, How::Number));
                let histogram = Histogram::open(small.as_ref().unwrap_or(of), &bounds)?;
                histogram.observe(1.0);
                Ok(histogram)
            })
        }
        "series-handles" => {
            let of = instrument(0, How::Number);
            repeat(MANY, |_| Counter::open(&of))
        }
        "series-labels" => {
            let number = how.pick(100_000, 1, 100_000);
            let value = "v".repeat(how.pick(0, LARGE, 100));
            let labels = (0..number).map(|n| Label {
                name: format!("l{n}"),
                value: value.clone(),
            });
            let of = Instrument {
                labels: labels.collect(),
                ..instrument(0, How::Number)
            };
            insist(OFTEN, |_| Gauge::open(&of))
        }
        _ => return None,
    })
}

type Opened<T> = Result<T, weft_guest::bindings::weft::fabric::types::Error>;

fn each<T: 'static>(how: How, open: impl Fn(&Instrument) -> Opened<T>) -> Made {
    match how {
        How::Size => {
            let of = instrument(0, how);
            insist(OFTEN, |_| open(&of))
        }
        _ => repeat(MANY, |n| open(&instrument(n as usize, how))),
    }
}

/// One of the smallest, one that is too large in every text, one of the largest that are taken.
fn instrument(n: usize, how: How) -> Instrument {
    let of = |most: usize| how.pick(0, LARGE / 8, most);
    let labels = (0..how.pick(0, 1, LABELS)).map(|label| Label {
        name: padded(format!("l{label}"), of(LABEL_NAME)),
        value: "v".repeat(of(LABEL_VALUE)),
    });
    Instrument {
        name: padded(format!("n{n}"), of(NAME)),
        unit: "u".repeat(how.pick(0, LARGE / 8, 0)),
        description: "d".repeat(of(DESCRIPTION)),
        labels: labels.collect(),
    }
}

/// The name with as much behind it that it has so many bytes.
fn padded(name: String, bytes: usize) -> String {
    let rest = bytes.saturating_sub(name.len());
    name + &"_".repeat(rest)
}
