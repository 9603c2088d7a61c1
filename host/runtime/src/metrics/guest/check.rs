//! What an instrument and its labels may look like: the rules of Prometheus for names, and bounds on the size of texts.
//!
//! Prometheus also takes colons in names, for the rules of whoever watches. A guest does not get them.

use super::{DEFAULT_BOUNDS, Instrument, InstrumentKind, OpenSeriesError};
use std::collections::BTreeSet;

/// Bytes of a name: longer ones fit no screen.
const NAME: usize = 100;
/// Bytes of a unit: one or two words.
const UNIT: usize = 32;
/// Bytes of a description: a few sentences.
const DESCRIPTION: usize = 512;
/// Labels of a series: each multiplies the number of series.
const LABELS: usize = 8;
/// Bytes of a label's name.
const LABEL_NAME: usize = 64;
/// Bytes of a label's value: a path or a URL. It stands in every line of its series.
const LABEL_VALUE: usize = 256;
/// Bounds of a histogram's buckets: each is a line.
const BOUNDS: usize = 32;
/// Bytes of a wrong text that a message repeats.
const SHOWN: usize = 64;

/// What a name is made of.
const WORD: &str = "it has letters of ASCII, digits and `_`, and no digit at the beginning";
/// Endings that the formats give to samples. A name with one could be that of another metric's sample.
const RESERVED_ENDS: [&str; 6] = ["_total", "_sum", "_count", "_bucket", "_created", "_info"];
/// Labels that the host sets, and that of a histogram's buckets.
const RESERVED_LABELS: [&str; 4] = ["process", "id", "component", "le"];

/// Checks an instrument, and fills in what it leaves to the host.
pub(super) fn instrument(it: &mut Instrument) -> Result<(), OpenSeriesError> {
    word(&it.name, "name of an instrument", NAME)?;
    if !it.unit.is_empty() {
        let any = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if it.unit.len() > UNIT || !it.unit.chars().all(any) {
            let wanted = "it has at most 32 letters of ASCII, digits and `_`";
            return Err(wrong(&it.unit, "unit", wanted));
        }
    }
    // With what stands before it in the formats, a name may be an ending alone.
    let full_name = format!("_{}", it.full_name());
    if RESERVED_ENDS.iter().any(|end| full_name.ends_with(end)) {
        let wanted = "the formats add the endings `_total`, `_sum`, `_count`, `_bucket`, `_created` and `_info`";
        return Err(wrong(&it.full_name(), "name of an instrument", wanted));
    }
    if it.description.len() > DESCRIPTION {
        return Err(OpenSeriesError::TooLong {
            what: "description",
            bytes: it.description.len(),
            most: DESCRIPTION,
        });
    }
    it.description = one_line(&it.description);
    if it.kind == InstrumentKind::Histogram {
        bounds(&mut it.bounds)?;
    }
    Ok(())
}

/// Checks labels, and sorts them by name.
pub(super) fn labels(labels: &mut [(String, String)]) -> Result<(), OpenSeriesError> {
    if labels.len() > LABELS {
        return Err(OpenSeriesError::TooMany {
            what: "labels",
            given: labels.len(),
            most: LABELS,
        });
    }
    let mut names = BTreeSet::new();
    for (name, value) in labels.iter() {
        word(name, "name of a label", LABEL_NAME)?;
        if name.starts_with("__") || RESERVED_LABELS.contains(&name.as_str()) {
            let wanted = "the host sets `process`, `id`, `component` and `le`, and Prometheus what begins with `__`";
            return Err(wrong(name, "name of a label of a guest", wanted));
        }
        if value.len() > LABEL_VALUE {
            return Err(OpenSeriesError::TooLong {
                what: "value of a label",
                bytes: value.len(),
                most: LABEL_VALUE,
            });
        }
        if !names.insert(name) {
            return Err(OpenSeriesError::LabelTwice(name.clone()));
        }
    }
    labels.sort();
    Ok(())
}

fn bounds(bounds: &mut Vec<f64>) -> Result<(), OpenSeriesError> {
    if bounds.is_empty() {
        bounds.extend(DEFAULT_BOUNDS);
    }
    if bounds.len() > BOUNDS {
        return Err(OpenSeriesError::TooMany {
            what: "bounds",
            given: bounds.len(),
            most: BOUNDS,
        });
    }
    let finite = bounds.iter().all(|bound| bound.is_finite());
    match finite && bounds.is_sorted_by(|one, next| one < next) {
        true => Ok(()),
        false => Err(OpenSeriesError::Bounds),
    }
}

/// Checks a name of ASCII letters, digits and underscores.
fn word(text: &str, what: &'static str, most: usize) -> Result<(), OpenSeriesError> {
    if text.len() > most {
        let bytes = text.len();
        return Err(OpenSeriesError::TooLong { what, bytes, most });
    }
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_word = text.starts_with(first) && text.chars().all(|c| first(c) || c.is_ascii_digit());
    match is_word {
        true => Ok(()),
        false => Err(wrong(text, what, WORD)),
    }
}

fn wrong(text: &str, what: &'static str, wanted: &'static str) -> OpenSeriesError {
    let shown = text
        .get(..text.floor_char_boundary(SHOWN))
        .unwrap_or_default();
    OpenSeriesError::Text {
        text: shown.to_owned(),
        what,
        wanted,
    }
}

fn one_line(text: &str) -> String {
    let space = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(space).collect::<String>().trim().into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn named(name: &str) -> Instrument {
        Instrument {
            name: name.to_owned(),
            unit: String::new(),
            description: String::new(),
            kind: InstrumentKind::Gauge,
            bounds: Vec::new(),
        }
    }

    #[test]
    fn names_are_those_of_prometheus_without_colons_and_without_the_endings_of_samples() {
        let longest = "n".repeat(NAME);
        for name in ["a", "_", "flights_read", "A1", &longest] {
            instrument(&mut named(name)).unwrap();
        }
        let long = "n".repeat(NAME + 1);
        for name in ["", "total", "1a", "a-b", "a:b", "a b", "é", "a\n", &long] {
            assert!(instrument(&mut named(name)).is_err(), "{name}");
        }
        for end in RESERVED_ENDS {
            assert!(instrument(&mut named(&format!("a{end}"))).is_err(), "{end}");
            let mut with_unit = named("a");
            with_unit.unit = end.trim_start_matches('_').to_owned();
            assert!(instrument(&mut with_unit).is_err(), "{end}");
        }
    }

    #[test]
    fn labels_are_bounded_are_there_once_and_are_none_of_the_hosts() {
        let one = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
        let longest = "v".repeat(LABEL_VALUE);
        labels(&mut one("airport", &longest)).unwrap();
        labels(&mut one("_", "any \"text\"\n")).unwrap();
        let long = "v".repeat(LABEL_VALUE + 1);
        assert!(labels(&mut one("airport", &long)).is_err());
        let long = "n".repeat(LABEL_NAME + 1);
        for name in [
            "",
            "1",
            "a-b",
            "__a",
            "process",
            "id",
            "component",
            "le",
            &long,
        ] {
            assert!(labels(&mut one(name, "")).is_err(), "{name}");
        }
        let twice = [one("a", "1"), one("a", "2")].concat();
        assert!(labels(&mut twice.clone()).is_err());
        let many = |n| (0..n).map(|n| (format!("l{n}"), String::new()));
        labels(&mut many(LABELS).collect::<Vec<_>>()).unwrap();
        assert!(labels(&mut many(LABELS + 1).collect::<Vec<_>>()).is_err());
    }

    #[test]
    fn bounds_ascend_are_finite_and_have_defaults() {
        let check = |list: &[f64]| {
            let mut list = list.to_vec();
            bounds(&mut list).map(|()| list)
        };
        assert_eq!(check(&[]).unwrap(), DEFAULT_BOUNDS);
        assert_eq!(check(&[-1.0, 0.0]).unwrap(), [-1.0, 0.0]);
        for wrong in [&[1.0, 1.0][..], &[2.0, 1.0], &[f64::NAN], &[f64::INFINITY]] {
            assert!(check(wrong).is_err(), "{wrong:?}");
        }
        let many = |n: usize| (0..n).map(|n| n as f64).collect::<Vec<_>>();
        assert!(check(&many(BOUNDS)).is_ok());
        assert!(check(&many(BOUNDS + 1)).is_err());
    }

    #[test]
    fn a_unit_and_a_description_are_bounded_and_a_description_is_one_line() {
        let mut it = named("a");
        it.unit = "u".repeat(UNIT + 1);
        assert!(instrument(&mut it).is_err());
        it.unit = "a b".to_owned();
        assert!(instrument(&mut it).is_err());
        it.unit = "per_second".to_owned();
        it.description = "d".repeat(DESCRIPTION + 1);
        assert!(instrument(&mut it).is_err());
        it.description = "one\ntwo\u{7}\n".to_owned();
        instrument(&mut it).unwrap();
        assert_eq!(it.description, "one two");
    }

    #[test]
    fn a_message_repeats_little_of_a_wrong_name() {
        let Err(error) = instrument(&mut named(&"é".repeat(NAME / 2))) else {
            unreachable!("it is no name")
        };
        assert!(error.to_string().len() < 200, "{error}");
    }
}
