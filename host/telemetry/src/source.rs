//! One snapshot of everything that is measured, independent of any format.
//!
//! Invariant: the snapshot is made on request, so nothing is spent between two scrapes.

use super::catalogue::{self as all, Metric};
use super::guests;
use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use weft_channel::Observation;
use weft_host::{
    Host,
    metrics::{Metrics, SERIES, Times},
    name::HostName,
};

/// What the snapshot covers: a host, with its [named channels](Host::name_channel), and what an exporter has lost.
#[derive(Debug)]
pub struct Source {
    host: Host,
    servers: Servers,
    pub(crate) logs_dropped: AtomicU64,
    pub(crate) spans_dropped: AtomicU64,
}

/// What there is to say of a server that keeps channels.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ServerReading {
    /// Its address, without who logs in.
    pub server: String,
    /// Whether it is there.
    pub connected: bool,
    /// How often the connection was lost and made again.
    pub reconnects: u64,
    /// Messages of channels that it has not acknowledged, now.
    pub waiting: u64,
    /// Messages of channels that were sent again.
    pub retries: u64,
    /// Calls that failed as it was away.
    pub unavailable: u64,
}

/// Reads what there is to say of servers.
struct Servers(Box<dyn Fn() -> Vec<ServerReading> + Send + Sync>);

impl fmt::Debug for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Servers")
    }
}

/// The points of one metric.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) metric: Metric,
    pub(crate) points: Vec<Point>,
}

/// One value, with its labels.
#[derive(Debug)]
pub(crate) struct Point {
    pub(crate) labels: Labels,
    pub(crate) value: Value,
}

/// The labels of a value.
pub(crate) type Labels = Vec<(Cow<'static, str>, String)>;

/// A value.
#[derive(Debug)]
pub(crate) enum Value {
    Count(u64),
    Number(f64),
    Buckets(Buckets),
}

/// The value of a histogram.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    /// For each bucket its upper bound, infinite for the last, and how many numbers are in this bucket alone.
    pub(crate) buckets: Vec<(f64, u64)>,
    pub(crate) sum: f64,
}

impl Buckets {
    /// How many numbers are in all buckets.
    pub(crate) fn count(&self) -> u64 {
        self.buckets.iter().map(|(_, count)| count).sum()
    }
}

impl From<Times> for Value {
    fn from(times: Times) -> Self {
        Value::Buckets(Buckets {
            sum: times.sum.as_secs_f64(),
            buckets: times.buckets,
        })
    }
}

/// The key of a label of the host.
pub(crate) const fn key(name: &'static str) -> Cow<'static, str> {
    Cow::Borrowed(name)
}

impl Source {
    /// The host's name.
    pub(crate) fn host_name(&self) -> &HostName {
        self.host.name()
    }

    /// The source for this host.
    pub fn new(host: &Host) -> Self {
        Self {
            host: host.clone(),
            servers: Servers(Box::new(Vec::new)),
            logs_dropped: AtomicU64::new(0),
            spans_dropped: AtomicU64::new(0),
        }
    }

    /// The same, with the servers that keep channels. `read` is called at each scrape and must not wait.
    #[must_use]
    pub fn servers(
        mut self,
        read: impl Fn() -> Vec<ServerReading> + Send + Sync + 'static,
    ) -> Self {
        self.servers = Servers(Box::new(read));
        self
    }

    /// The current values of every metric in the catalogue, and of those of guests.
    pub(crate) fn read(&self) -> Vec<Family> {
        let mut metrics = self.host.metrics();
        let of_guests = std::mem::take(&mut metrics.guests);
        let mut families = of_host(&metrics);
        families.extend(of_processes(&metrics));
        families.extend(self.of_channels(&metrics));
        families.extend(of_servers(&(self.servers.0)()));
        families.push(single(
            all::GUEST_SERIES_LEFT_OUT,
            metrics.guest_series_left_out,
        ));
        families.extend(of_guests.into_iter().map(guests::family));
        let dropped = [("logs", &self.logs_dropped), ("spans", &self.spans_dropped)];
        let dropped = dropped.map(|(signal, count)| (signal, count.load(Ordering::Relaxed)));
        families.push(counters(all::OTLP_DROPPED, "signal", &dropped));
        families
    }

    fn of_channels(&self, metrics: &Metrics) -> Vec<Family> {
        let own = self.host.named_channels().into_iter().filter_map(|named| {
            let observation = named.observer.observe()?;
            let labels = vec![(key("channel"), named.name), (key("maker"), String::new())];
            Some((labels, observation))
        });
        let made = metrics.channels.iter().map(|it| {
            let labels = vec![
                (key("channel"), it.id.to_string()),
                (key("maker"), it.maker_name.clone()),
            ];
            (labels, it.observation)
        });
        let mut channels: Vec<_> = own.chain(made).collect();
        let left_out = channels.len().saturating_sub(SERIES) as u64 + metrics.channels_left_out;
        channels.truncate(SERIES);
        let family = |metric, value: fn(&Observation) -> u64| Family {
            metric,
            points: channels
                .iter()
                .map(|(labels, it)| count(labels.clone(), value(it)))
                .collect(),
        };
        let ends = |metric, strong: fn(&Observation) -> u32, weak: fn(&Observation) -> u32| {
            let points = channels.iter().flat_map(|(labels, it)| {
                [("strong", strong(it)), ("weak", weak(it))].map(|(strength, ends)| {
                    let mut labels = labels.clone();
                    labels.push((key("strength"), strength.to_owned()));
                    count(labels, ends.into())
                })
            });
            Family {
                metric,
                points: points.collect(),
            }
        };
        vec![
            family(all::FRAMES_WRITTEN, |it| it.stats.frames_written),
            family(all::BYTES_WRITTEN, |it| it.bytes_written),
            family(all::FRAMES_DROPPED, |it| it.stats.frames_dropped),
            family(all::FRAMES_HELD, |it| it.stats.frames_held),
            family(all::BYTES_HELD, |it| it.stats.bytes_held),
            family(all::CAPACITY, |it| it.stats.capacity),
            family(all::LAG, |it| it.lag),
            ends(
                all::READERS,
                |it| it.stats.strong_readers,
                |it| it.stats.weak_readers,
            ),
            ends(
                all::WRITERS,
                |it| it.stats.strong_writers,
                |it| it.stats.weak_writers,
            ),
            single(all::CHANNELS_LEFT_OUT, left_out),
        ]
    }
}

fn of_servers(servers: &[ServerReading]) -> Vec<Family> {
    let family = |metric, value: fn(&ServerReading) -> u64| {
        let points = servers.iter().map(|it| {
            let labels = vec![(key("server"), it.server.clone())];
            count(labels, value(it))
        });
        Family {
            metric,
            points: points.collect(),
        }
    };
    vec![
        family(all::SERVER_CONNECTED, |it| it.connected.into()),
        family(all::SERVER_RECONNECTS, |it| it.reconnects),
        family(all::SERVER_WAITING, |it| it.waiting),
        family(all::SERVER_RETRIES, |it| it.retries),
        family(all::SERVER_UNAVAILABLE, |it| it.unavailable),
    ]
}

fn of_host(metrics: &Metrics) -> Vec<Family> {
    let calls = metrics.hostcalls.iter().map(|it| Point {
        labels: vec![
            (key("interface"), it.interface.to_owned()),
            (key("function"), it.function.to_owned()),
            (key("waited"), it.waited.to_string()),
        ],
        value: it.times.clone().into(),
    });
    vec![
        single(all::PROCESSES, metrics.live),
        single(all::STARTS, metrics.starts),
        counters(all::ENDS, "status", &metrics.ends),
        counters(all::RESTARTS, "process", &metrics.restarts),
        counters(all::REFUSALS, "reason", &metrics.refusals),
        times(all::START_PHASES, &metrics.start_phases),
        times(all::LOAD_PHASES, &metrics.load_phases),
        Family {
            metric: all::HOSTCALLS,
            points: calls.collect(),
        },
    ]
}

fn of_processes(metrics: &Metrics) -> Vec<Family> {
    let family = |metric, value: fn(&weft_host::metrics::ProcessMetrics) -> Value| {
        let points = metrics.processes.iter().map(|it| Point {
            labels: vec![
                (key("process"), it.name.clone()),
                (key("id"), it.id.to_string()),
                (key("component"), it.component.clone()),
            ],
            value: value(it),
        });
        Family {
            metric,
            points: points.collect(),
        }
    };
    vec![
        family(all::CPU_TIME, |it| {
            Value::Number(it.usage.cpu_time.as_secs_f64())
        }),
        family(all::MEMORY, |it| Value::Count(it.usage.memory)),
        family(all::TABLE_ELEMENTS, |it| {
            Value::Count(it.usage.table_elements)
        }),
        family(all::HANDLES, |it| Value::Count(it.usage.handles)),
        family(all::CHILDREN, |it| Value::Count(it.usage.children)),
        family(all::LOG_DROPPED, |it| Value::Count(it.log_dropped)),
        single(all::PROCESSES_LEFT_OUT, metrics.processes_left_out()),
    ]
}

fn count(labels: Labels, count: u64) -> Point {
    Point {
        labels,
        value: Value::Count(count),
    }
}

fn single(metric: Metric, value: u64) -> Family {
    let points = vec![count(Vec::new(), value)];
    Family { metric, points }
}

fn counters(metric: Metric, label: &'static str, counters: &[(impl AsRef<str>, u64)]) -> Family {
    let points = counters.iter();
    Family {
        metric,
        points: points
            .map(|(name, value)| count(vec![(key(label), name.as_ref().to_owned())], *value))
            .collect(),
    }
}

fn times(metric: Metric, phases: &[(&'static str, Times)]) -> Family {
    let points = phases.iter().map(|(name, times)| Point {
        labels: vec![(key("phase"), (*name).to_owned())],
        value: times.clone().into(),
    });
    Family {
        metric,
        points: points.collect(),
    }
}
