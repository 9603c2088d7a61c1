//! `weft:fabric/metrics`: metrics of a process's own. No capability is needed. What they are is in `metrics/guest`.

mod calls;

pub(crate) use calls::metrics_calls;

use super::Fabric;
use super::generated::weft::fabric::metrics as wit;
use super::generated::weft::fabric::types::Error;
use crate::engine::EngineKind;
use crate::extension::{Extension, Import};
use crate::hostcalls::{Call, imports_of};
use crate::metrics::{Instrument, InstrumentKind, OpenSeriesError, Series};
use crate::process::ProcessState;
use std::sync::Arc;
use wasmtime::Result;
use wasmtime::component::{Linker, Resource};

/// The folder.
pub(super) struct Unit;

impl Extension for Unit {
    fn name(&self) -> &'static str {
        "metrics"
    }

    fn imports(&self) -> &'static [Import] {
        metrics_calls!(imports_of [])
    }

    fn link(&self, linker: &mut Linker<ProcessState>, _: EngineKind) -> Result<()> {
        wit::add_to_linker::<_, Fabric>(linker, |state| state)
    }
}

/// A `counter` in a process's table.
#[derive(Debug)]
pub struct Counter(Arc<Series>);

/// A `gauge` in a process's table.
#[derive(Debug)]
pub struct Gauge(Arc<Series>);

/// A `histogram` in a process's table.
#[derive(Debug)]
pub struct Histogram(Arc<Series>);

type Answer<T> = Result<std::result::Result<Resource<T>, Error>>;

impl From<OpenSeriesError> for Error {
    fn from(error: OpenSeriesError) -> Self {
        let text = error.to_string();
        match error {
            OpenSeriesError::TooManySeries | OpenSeriesError::Unpaid(_) => Self::Exhausted(text),
            _ => Self::InvalidArgument(text),
        }
    }
}

impl ProcessState {
    /// Opens a series, and holds it as `T`.
    fn open_series<T: Send + 'static>(
        &mut self,
        of: wit::Instrument,
        kind: InstrumentKind,
        bounds: Vec<f64>,
        handle: fn(Arc<Series>) -> T,
    ) -> std::result::Result<Resource<T>, Error> {
        let instrument = Instrument {
            name: of.name,
            unit: of.unit,
            description: of.description,
            kind,
            bounds,
        };
        let labels = of.labels.into_iter();
        let labels = labels.map(|label| (label.name, label.value)).collect();
        let own = &self.shared.own_metrics;
        let series = own.open(instrument, labels, &self.account)?;
        Ok(self.table.push(handle(series))?)
    }
}

impl wit::Host for ProcessState {}

impl wit::HostCounter for ProcessState {
    fn open(&mut self, instrument: wit::Instrument) -> Answer<Counter> {
        let _timed = self.timed(Call::MetricsCounterOpen);
        Ok(self.open_series(instrument, InstrumentKind::Counter, Vec::new(), Counter))
    }

    fn add(&mut self, this: Resource<Counter>, amount: f64) -> Result<()> {
        let _timed = self.timed(Call::MetricsCounterAdd);
        let series = &self.table.get(&this)?.0;
        // NaN is no such amount either.
        if amount >= 0.0 {
            series.add(amount);
        }
        Ok(())
    }

    fn drop(&mut self, this: Resource<Counter>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl wit::HostGauge for ProcessState {
    fn open(&mut self, instrument: wit::Instrument) -> Answer<Gauge> {
        let _timed = self.timed(Call::MetricsGaugeOpen);
        Ok(self.open_series(instrument, InstrumentKind::Gauge, Vec::new(), Gauge))
    }

    fn set(&mut self, this: Resource<Gauge>, value: f64) -> Result<()> {
        let _timed = self.timed(Call::MetricsGaugeSet);
        self.table.get(&this)?.0.set(value);
        Ok(())
    }

    fn add(&mut self, this: Resource<Gauge>, amount: f64) -> Result<()> {
        let _timed = self.timed(Call::MetricsGaugeAdd);
        self.table.get(&this)?.0.add(amount);
        Ok(())
    }

    fn drop(&mut self, this: Resource<Gauge>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl wit::HostHistogram for ProcessState {
    fn open(&mut self, instrument: wit::Instrument, bounds: Vec<f64>) -> Answer<Histogram> {
        let _timed = self.timed(Call::MetricsHistogramOpen);
        Ok(self.open_series(instrument, InstrumentKind::Histogram, bounds, Histogram))
    }

    fn observe(&mut self, this: Resource<Histogram>, value: f64) -> Result<()> {
        let _timed = self.timed(Call::MetricsHistogramObserve);
        self.table.get(&this)?.0.observe(value);
        Ok(())
    }

    fn drop(&mut self, this: Resource<Histogram>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}
