//! Metrics of a guest's own.

use crate::row::End::{Exhausted, Told};
use crate::row::{Row, row};

const TOO_MANY: &str = "the process has 128 series";
const INVALID: &str = "InvalidArgument";

pub fn rows() -> Vec<Row> {
    vec![
        row("counters", &["metrics#counter.open", "metrics#counter.add"])
            .number(&[Told(TOO_MANY)])
            .size(&[Told(INVALID)])
            .both(&[Told(TOO_MANY)]),
        row(
            "gauges",
            &[
                "metrics#gauge.open",
                "metrics#gauge.set",
                "metrics#gauge.add",
            ],
        )
        .number(&[Told(TOO_MANY)])
        .size(&[Told(INVALID)])
        .both(&[Told(TOO_MANY)]),
        row(
            "histograms",
            &["metrics#histogram.open", "metrics#histogram.observe"],
        )
        .number(&[Told(TOO_MANY)])
        .size(&[Told(INVALID)])
        .both(&[Told(TOO_MANY)]),
        row("series-handles", &["metrics#counter.open"]).number(&[Exhausted("handles")]),
        row("series-labels", &["metrics#gauge.open"])
            .number(&[Told(INVALID)])
            .size(&[Told(INVALID)])
            .both(&[Told(INVALID)]),
    ]
}
