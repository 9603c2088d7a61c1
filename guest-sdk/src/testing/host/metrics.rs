//! `metrics`: series are kept with their process. Names and labels are not checked, but for one name having one kind, unit and meaning.

use crate::bindings::weft::fabric::metrics::Instrument;
use crate::bindings::weft::fabric::types::Error;
use crate::testing::series::{Measured, Series};
use crate::testing::world::{Held, world};
use std::rc::Rc;

/// Opens a series of the process that runs, and holds it.
fn open(instrument: &Instrument, value: Measured, bounds: &[f64]) -> Result<u32, Error> {
    let world = world();
    let series = Rc::new(Series::new(instrument, value, bounds));
    let Some(process) = world.process() else {
        // Nobody reads what the test itself measures.
        return Ok(world.hold(Held::Series(series)));
    };
    let mut all = process.metrics.borrow_mut();
    let named = |one: &&Rc<Series>| one.name == series.name;
    if all
        .iter()
        .find(named)
        .is_some_and(|one| !one.agrees(&series))
    {
        let name = &series.name;
        let text = format!("`{name}` is known with another kind, unit, description or bounds");
        return Err(Error::InvalidArgument(text));
    }
    let same = |one: &&Rc<Series>| one.name == series.name && one.labels == series.labels;
    let there = all.iter().find(same).map(Rc::clone);
    let series = there.unwrap_or_else(|| {
        all.push(Rc::clone(&series));
        series
    });
    Ok(world.hold(Held::Series(series)))
}

/// The series behind a handle.
fn held(handle: u32) -> Rc<Series> {
    world().held(handle, |held| match held {
        Held::Series(series) => Some(Rc::clone(series)),
        _ => None,
    })
}

pub(crate) mod counter {
    use super::{Measured, held};
    use crate::bindings::weft::fabric::metrics::{Counter, Instrument};
    use crate::bindings::weft::fabric::types::Error;

    pub(crate) fn open(instrument: &Instrument) -> Result<Counter, Error> {
        super::open(instrument, Measured::Count(0.0), &[]).map(crate::bindings::new_counter)
    }

    pub(crate) fn add(this: &Counter, amount: f64) {
        if amount >= 0.0 {
            held(this.handle()).add(amount);
        }
    }
}

pub(crate) mod gauge {
    use super::{Measured, held};
    use crate::bindings::weft::fabric::metrics::{Gauge, Instrument};
    use crate::bindings::weft::fabric::types::Error;

    pub(crate) fn open(instrument: &Instrument) -> Result<Gauge, Error> {
        super::open(instrument, Measured::Level(0.0), &[]).map(crate::bindings::new_gauge)
    }

    pub(crate) fn set(this: &Gauge, value: f64) {
        held(this.handle()).set(value);
    }

    pub(crate) fn add(this: &Gauge, amount: f64) {
        held(this.handle()).add(amount);
    }
}

pub(crate) mod histogram {
    use super::{Measured, held};
    use crate::bindings::weft::fabric::metrics::{Histogram, Instrument};
    use crate::bindings::weft::fabric::types::Error;

    pub(crate) fn open(instrument: &Instrument, bounds: &[f64]) -> Result<Histogram, Error> {
        let value = Measured::Observed(Vec::new());
        super::open(instrument, value, bounds).map(crate::bindings::new_histogram)
    }

    pub(crate) fn observe(this: &Histogram, value: f64) {
        held(this.handle()).observe(value);
    }
}
