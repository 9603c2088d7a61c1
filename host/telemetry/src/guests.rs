//! The metrics of guests, as families like those of the host: `weft_guest_NAME`, with the labels of the process first.
//!
//! The host has checked names and labels, see `weft:fabric/metrics`: no metric has a name of the host, and no label one that is set here.

use crate::catalogue::{Kind, Metric};
use crate::source::{Buckets, Family, Point, Value, key};
use std::borrow::Cow;
use weft_host::metrics::{GuestFamily, GuestPoint, GuestValue, Instrument, InstrumentKind};

/// What stands before the name.
const PREFIX: &str = "weft_guest_";

/// The help of a metric whose guest says nothing of it: the format wants some.
const NO_HELP: &str = "A metric of a guest, which does not describe it";

/// A metric of guests.
pub(crate) fn family(family: GuestFamily) -> Family {
    Family {
        metric: metric(&family.instrument),
        points: family.points.into_iter().map(point).collect(),
    }
}

fn metric(instrument: &Instrument) -> Metric {
    let Instrument { unit, .. } = instrument;
    // Formats add the unit.
    let full_name = instrument.full_name();
    let name = match unit.is_empty() {
        true => None,
        false => full_name.strip_suffix(&format!("_{unit}")),
    };
    let name = name.unwrap_or(&full_name);
    let help = match instrument.description.trim_end_matches('.') {
        "" => Cow::Borrowed(NO_HELP),
        help => Cow::Owned(help.to_owned()),
    };
    Metric {
        name: format!("{PREFIX}{name}").into(),
        unit: (!unit.is_empty()).then(|| Cow::Owned(unit.clone())),
        kind: match instrument.kind {
            InstrumentKind::Counter => Kind::Counter,
            InstrumentKind::Gauge => Kind::Gauge,
            InstrumentKind::Histogram => Kind::Histogram,
        },
        help,
    }
}

fn point(point: GuestPoint) -> Point {
    let mut labels = vec![
        (key("process"), point.process),
        (key("id"), point.id.to_string()),
        (key("component"), point.component),
    ];
    let own = point.labels.into_iter();
    labels.extend(own.map(|(name, value)| (Cow::Owned(name), value)));
    Point {
        labels,
        value: match point.value {
            GuestValue::Number(number) => Value::Number(number),
            GuestValue::Histogram { buckets, sum } => Value::Buckets(Buckets { buckets, sum }),
        },
    }
}
