//! Every metric of the host: its name, kind, unit and meaning. Those of guests are not here: `guests` makes them of what guests declare.
//!
//! A test compares the table in the book's page on metrics with what is served.

use std::borrow::Cow;

/// The kind of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Only grows.
    Counter,
    /// The current value.
    Gauge,
    /// Numbers in buckets.
    Histogram,
}

/// A metric. Each format adds the unit to the name and, if it does so by convention, `_total` to a counter's.
#[derive(Debug)]
pub(crate) struct Metric {
    pub(crate) name: Cow<'static, str>,
    pub(crate) unit: Option<Cow<'static, str>>,
    pub(crate) kind: Kind,
    /// One line, without a full stop.
    pub(crate) help: Cow<'static, str>,
}

const SECONDS: Option<Cow<'static, str>> = Some(Cow::Borrowed("seconds"));
const BYTES: Option<Cow<'static, str>> = Some(Cow::Borrowed("bytes"));

macro_rules! metrics {
    ($($id:ident = $name:literal $unit:expr, $kind:ident, $help:literal;)*) => {
        $(pub(crate) const $id: Metric = Metric {
            name: Cow::Borrowed($name),
            unit: $unit,
            kind: Kind::$kind,
            help: Cow::Borrowed($help),
        };)*
    };
}

metrics! {
    PROCESSES = "weft_processes" None, Gauge, "Live processes";
    STARTS = "weft_process_starts" None, Counter, "Processes that began to run";
    ENDS = "weft_process_ends" None, Counter, "Processes that have ended, by status";
    RESTARTS = "weft_process_restarts" None, Counter, "How often a process of a manifest was started again";
    REFUSALS = "weft_start_refusals" None, Counter, "Starts that were refused, by the check that failed";
    START_PHASES = "weft_start_phase" SECONDS, Histogram, "How long each phase of starts took";
    LOAD_PHASES = "weft_component_load_phase" SECONDS, Histogram, "How long each phase of loads of components took";
    HOSTCALLS = "weft_hostcall" SECONDS, Histogram, "How long the host took for calls of guests, by function; those that waited apart";
    CPU_TIME = "weft_process_cpu" SECONDS, Counter, "Time a live process has held a processor";
    MEMORY = "weft_process_memory" BYTES, Gauge, "Bytes of the linear memories of a live process";
    TABLE_ELEMENTS = "weft_process_table_elements" None, Gauge, "Elements of the tables of a live process";
    HANDLES = "weft_process_handles" None, Gauge, "Handles a live process holds";
    CHILDREN = "weft_process_children" None, Gauge, "Live processes it has started";
    LOG_DROPPED = "weft_process_log_entries_dropped" None, Counter, "Entries of the log of a live process that were lost for good";
    PROCESSES_LEFT_OUT = "weft_processes_left_out" None, Gauge, "Live processes without series of their own, as there are too many";
    FRAMES_WRITTEN = "weft_channel_frames_written" None, Counter, "Frames a channel has accepted";
    BYTES_WRITTEN = "weft_channel_written" BYTES, Counter, "Bytes of payload a channel has accepted";
    FRAMES_DROPPED = "weft_channel_frames_dropped" None, Counter, "Frames lost as a channel was full";
    FRAMES_HELD = "weft_channel_frames_held" None, Gauge, "Frames a channel retains";
    BYTES_HELD = "weft_channel_held" BYTES, Gauge, "Bytes of payload a channel retains";
    CAPACITY = "weft_channel_capacity" BYTES, Gauge, "Bytes a channel may retain";
    LAG = "weft_channel_lag_frames" None, Gauge, "Frames the slowest open reader of a channel has not read";
    READERS = "weft_channel_readers" None, Gauge, "Open readers of a channel";
    WRITERS = "weft_channel_writers" None, Gauge, "Open writers of a channel";
    CHANNELS_LEFT_OUT = "weft_channels_left_out" None, Gauge, "Channels without series of their own, as there are too many";
    SERVER_CONNECTED = "weft_server_connected" None, Gauge, "Whether the server of durable channels is there";
    SERVER_RECONNECTS = "weft_server_reconnects" None, Counter, "How often the connection to it was lost and made again";
    SERVER_WAITING = "weft_server_waiting" None, Gauge, "Messages of channels that it has not acknowledged";
    SERVER_RETRIES = "weft_server_retries" None, Counter, "Messages of channels that were sent again";
    SERVER_UNAVAILABLE = "weft_server_unavailable" None, Counter, "Calls that failed as it was away";
    GUEST_SERIES_LEFT_OUT = "weft_series_left_out" None, Gauge, "Series of guests' own metrics that are not served";
    OTLP_DROPPED = "weft_otlp_dropped" None, Counter, "Log entries and spans that were not delivered to the collector";
}
