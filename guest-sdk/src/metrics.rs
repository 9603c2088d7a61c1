//! Metrics of this process: counters, gauges and histograms, which whoever watches the host sees beside the host's own numbers of the
//! process. `weft up --metrics` serves them as `weft_guest_NAME`. No capability is needed.
//!
//! ```no_run
//! # async fn f(mut input: weft_guest::Reader) -> weft_guest::Result {
//! use weft_guest::metrics;
//!
//! let flights = metrics::counter("flights_read")
//!     .description("Flights that were read")
//!     .label("airport", "LAX")
//!     .open()?;
//! while let Some(frame) = input.read().await? {
//!     flights.increment();
//! }
//! # Ok(()) }
//! ```
//!
//! Opening a metric again, with the same labels, gives the same series. A series lives as long as its process, also when nothing holds it.
//! A process has at most 128 of them, so a label has few values: an airport, not a flight.

use crate::bindings::weft::fabric::metrics as raw;
use crate::error::CallError;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

/// A metric to open; see [`counter`], [`gauge`] and [`histogram`].
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// use weft_guest::metrics::{self, Counter, Metric};
/// let read: Metric<Counter> = metrics::counter("read").unit("bytes");
/// read.open()?.add(512.0);
/// # Ok(()) }
/// ```
#[must_use = "it is there when it is opened"]
pub struct Metric<T> {
    instrument: raw::Instrument,
    bounds: Vec<f64>,
    kind: PhantomData<fn() -> T>,
}

/// A counter: a number that only grows, such as of the frames that were read.
///
/// The name is 1 to 100 letters of ASCII, digits and `_`, without a digit at its beginning. It has no `_total`: formats add that.
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// let read = weft_guest::metrics::counter("flights_read").open()?;
/// read.increment();
/// # Ok(()) }
/// ```
pub fn counter(name: &str) -> Metric<Counter> {
    Metric::new(name)
}

/// A gauge: a number that goes up and down, such as of the requests that wait. Its name is as that of a [`counter`].
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// let waiting = weft_guest::metrics::gauge("requests_waiting").open()?;
/// waiting.set(3.0);
/// # Ok(()) }
/// ```
pub fn gauge(name: &str) -> Metric<Gauge> {
    Metric::new(name)
}

/// A histogram: numbers counted in buckets, such as how long requests took. Its name is as that of a [`counter`].
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// use std::time::Duration;
/// let took = weft_guest::metrics::histogram("request").unit("seconds").open()?;
/// took.observe_time(Duration::from_millis(20));
/// # Ok(()) }
/// ```
pub fn histogram(name: &str) -> Metric<Histogram> {
    Metric::new(name)
}

impl<T> Metric<T> {
    fn new(name: &str) -> Self {
        Metric {
            instrument: raw::Instrument {
                name: name.to_owned(),
                unit: String::new(),
                description: String::new(),
                labels: Vec::new(),
            },
            bounds: Vec::new(),
            kind: PhantomData,
        }
    }

    /// Its unit in the plural, such as `seconds` or `bytes`. Formats add it to the name.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// // Served as `weft_guest_read_bytes_total`.
    /// let read = weft_guest::metrics::counter("read").unit("bytes").open()?;
    /// # Ok(()) }
    /// ```
    pub fn unit(mut self, unit: &str) -> Self {
        self.instrument.unit = unit.to_owned();
        self
    }

    /// What it means, in one sentence of at most 512 bytes.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// let read = weft_guest::metrics::counter("flights_read").description("Flights that were read").open()?;
    /// # Ok(()) }
    /// ```
    pub fn description(mut self, description: &str) -> Self {
        self.instrument.description = description.to_owned();
        self
    }

    /// One more label, of at most 8. Each value of a label is a series of its own. The names `process`, `id`, `component` and `le` are
    /// the host's.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// use weft_guest::metrics;
    /// let [lax, sfo] = ["LAX", "SFO"].map(|airport| metrics::counter("flights_read").label("airport", airport).open());
    /// lax?.increment();
    /// sfo?.increment();
    /// # Ok(()) }
    /// ```
    pub fn label(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.instrument.labels.push(raw::Label {
            name: name.to_owned(),
            value: value.to_string(),
        });
        self
    }
}

impl Metric<Counter> {
    /// Opens the series, which begins at 0.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// let read = weft_guest::metrics::counter("flights_read").open()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`CallError::InvalidArgument`] for a name, a unit or a label that is not as it has to be, and for the name of another metric of this
    /// process; [`CallError::Exhausted`] when the process has as many series as it may.
    pub fn open(self) -> Result<Counter, CallError> {
        let raw = raw::Counter::open(&self.instrument)?;
        Ok(Counter { raw })
    }
}

impl Metric<Gauge> {
    /// Opens the series, which begins at 0.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// let waiting = weft_guest::metrics::gauge("requests_waiting").open()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As for a [`Counter`].
    pub fn open(self) -> Result<Gauge, CallError> {
        let raw = raw::Gauge::open(&self.instrument)?;
        Ok(Gauge { raw })
    }
}

impl Metric<Histogram> {
    /// The upper bounds of its buckets: at most 32, finite and ascending. Without this they are from 0.005 to 10, which fits requests
    /// that are timed in seconds.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// let sizes = weft_guest::metrics::histogram("batch_frames").bounds(&[1.0, 10.0, 100.0]).open()?;
    /// sizes.observe(42.0);
    /// # Ok(()) }
    /// ```
    pub fn bounds(mut self, bounds: &[f64]) -> Self {
        self.bounds = bounds.to_vec();
        self
    }

    /// Opens the series, which has counted nothing.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// let took = weft_guest::metrics::histogram("request").unit("seconds").open()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As for a [`Counter`], and for wrong bounds.
    pub fn open(self) -> Result<Histogram, CallError> {
        let raw = raw::Histogram::open(&self.instrument, &self.bounds)?;
        Ok(Histogram { raw })
    }
}

impl<T> fmt::Debug for Metric<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metric")
            .field("instrument", &self.instrument)
            .field("bounds", &self.bounds)
            .finish()
    }
}

/// A series of a counter.
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// use weft_guest::metrics::{self, Counter};
/// let read: Counter = metrics::counter("flights_read").open()?;
/// read.increment();
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Counter {
    raw: raw::Counter,
}

impl Counter {
    /// Adds to it. Negative amounts, NaN and infinities are ignored.
    ///
    /// ```no_run
    /// # fn f(frame: &[u8]) -> weft_guest::Result {
    /// let read = weft_guest::metrics::counter("read").unit("bytes").open()?;
    /// read.add(frame.len() as f64);
    /// # Ok(()) }
    /// ```
    pub fn add(&self, amount: f64) {
        self.raw.add(amount);
    }

    /// Adds 1.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// weft_guest::metrics::counter("flights_read").open()?.increment();
    /// # Ok(()) }
    /// ```
    pub fn increment(&self) {
        self.add(1.0);
    }
}

/// A series of a gauge.
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// use weft_guest::metrics::{self, Gauge};
/// let waiting: Gauge = metrics::gauge("requests_waiting").open()?;
/// waiting.set(3.0);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Gauge {
    raw: raw::Gauge,
}

impl Gauge {
    /// Sets it. NaN and infinities are ignored.
    ///
    /// ```no_run
    /// # fn f(queue: &[u32]) -> weft_guest::Result {
    /// let waiting = weft_guest::metrics::gauge("requests_waiting").open()?;
    /// waiting.set(queue.len() as f64);
    /// # Ok(()) }
    /// ```
    pub fn set(&self, value: f64) {
        self.raw.set(value);
    }

    /// Adds to it; a negative amount lessens it. NaN and infinities are ignored.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// let waiting = weft_guest::metrics::gauge("requests_waiting").open()?;
    /// waiting.add(1.0);
    /// // It was answered.
    /// waiting.add(-1.0);
    /// # Ok(()) }
    /// ```
    pub fn add(&self, amount: f64) {
        self.raw.add(amount);
    }
}

/// A series of a histogram.
///
/// ```no_run
/// # fn f() -> weft_guest::Result {
/// use weft_guest::metrics::{self, Histogram};
/// let took: Histogram = metrics::histogram("request").unit("seconds").open()?;
/// took.observe(0.02);
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Histogram {
    raw: raw::Histogram,
}

impl Histogram {
    /// Counts a number in its bucket. NaN and infinities are ignored.
    ///
    /// ```no_run
    /// # fn f(batch: &[u32]) -> weft_guest::Result {
    /// let sizes = weft_guest::metrics::histogram("batch_frames").bounds(&[1.0, 10.0, 100.0]).open()?;
    /// sizes.observe(batch.len() as f64);
    /// # Ok(()) }
    /// ```
    pub fn observe(&self, value: f64) {
        self.raw.observe(value);
    }

    /// Counts a time, in seconds.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// use std::time::Instant;
    /// let took = weft_guest::metrics::histogram("request").unit("seconds").open()?;
    /// let began = Instant::now();
    /// // ...
    /// took.observe_time(began.elapsed());
    /// # Ok(()) }
    /// ```
    pub fn observe_time(&self, time: Duration) {
        self.observe(time.as_secs_f64());
    }
}
