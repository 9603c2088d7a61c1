//! The series of a process's metrics, as the kit keeps them.

use crate::bindings::weft::fabric::metrics::Instrument;
use std::cell::RefCell;
use std::mem::discriminant;

/// What a series has measured.
#[derive(Clone, Debug)]
pub(super) enum Measured {
    /// Of a counter.
    Count(f64),
    /// Of a gauge.
    Level(f64),
    /// Of a histogram: every number.
    Observed(Vec<f64>),
}

/// A series.
pub(super) struct Series {
    pub(super) name: String,
    /// By name.
    pub(super) labels: Vec<(String, String)>,
    unit: String,
    description: String,
    bounds: Vec<f64>,
    pub(super) value: RefCell<Measured>,
}

impl Series {
    pub(super) fn new(instrument: &Instrument, value: Measured, bounds: &[f64]) -> Self {
        let labels = instrument.labels.iter();
        let labels = labels.map(|label| (label.name.clone(), label.value.clone()));
        let mut labels: Vec<_> = labels.collect();
        labels.sort();
        Series {
            name: instrument.name.clone(),
            labels,
            unit: instrument.unit.clone(),
            description: instrument.description.clone(),
            bounds: bounds.to_vec(),
            value: RefCell::new(value),
        }
    }

    /// Whether both are of one instrument, if their names are the same.
    pub(super) fn agrees(&self, other: &Series) -> bool {
        let of = |it: &Series| (it.unit.clone(), it.description.clone(), it.bounds.clone());
        let kind = |it: &Series| discriminant(&*it.value.borrow());
        of(self) == of(other) && kind(self) == kind(other)
    }

    /// Whether it has these labels, in any order.
    pub(super) fn is_labelled(&self, labels: &[(&str, &str)]) -> bool {
        let has = |(name, value): &(&str, &str)| {
            let mut own = self.labels.iter();
            own.any(|(known, of)| known == name && of == value)
        };
        labels.len() == self.labels.len() && labels.iter().all(has)
    }

    pub(super) fn add(&self, amount: f64) {
        if let Measured::Count(number) | Measured::Level(number) = &mut *self.value.borrow_mut()
            && (*number + amount).is_finite()
        {
            *number += amount;
        }
    }

    pub(super) fn set(&self, value: f64) {
        if let Measured::Level(number) = &mut *self.value.borrow_mut()
            && value.is_finite()
        {
            *number = value;
        }
    }

    pub(super) fn observe(&self, value: f64) {
        if let Measured::Observed(all) = &mut *self.value.borrow_mut()
            && value.is_finite()
        {
            all.push(value);
        }
    }
}
