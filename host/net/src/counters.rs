//! Every counter of sources, sinks, listeners and services: its name, unit and meaning.
//!
//! A test compares the table in the book's page on metrics with this list.

use weft_host::process::{Context, Counter};

/// A counter, as it is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Declared {
    /// Its name, without what all guests' metrics begin with.
    pub name: &'static str,
    /// Its unit; empty if it counts things.
    pub unit: &'static str,
    /// What counts it.
    pub of: &'static str,
    /// What it counts, with a full stop.
    pub meaning: &'static str,
}

impl Declared {
    /// Its name where metrics are served.
    pub fn served(&self) -> String {
        let unit = if self.unit.is_empty() { "" } else { "_" };
        format!("weft_guest_{}{unit}{}_total", self.name, self.unit)
    }

    /// A counter of this process.
    pub(crate) fn open(&self, context: &Context) -> Counter {
        context.counter(self.name, self.unit, self.meaning)
    }
}

macro_rules! counters {
    ($($id:ident = $name:literal $unit:literal, $of:literal, $meaning:literal;)*) => {
        $(pub(crate) const $id: Declared = Declared {
            name: $name,
            unit: $unit,
            of: $of,
            meaning: $meaning,
        };)*

        /// All of them.
        pub const ALL: &[Declared] = &[$($id),*];
    };
}

counters! {
    SOURCE_FRAMES = "source_frames" "", "source", "Frames written to the channel.";
    SOURCE_BYTES = "source_frame" "bytes", "source", "Bytes of the frames written to the channel.";
    SOURCE_DROPPED = "source_dropped" "", "source", "Frames for which the channel had no room.";
    SOURCE_LOST = "source_lost" "", "source of NATS", "Messages that were lost as the channel had no room.";
    SOURCE_MISSED = "source_missed" "", "source of ticks", "Ticks that were due while the channel had no room.";
    REJECTED = "rejected" "", "source or sink", "Input that made no frame, or frames that made no output.";
    REPORTS_LOST = "rejected_lost" "", "source or sink", "Reports of those that reached no channel.";
    SINK_FRAMES = "sink_frames" "", "sink", "Frames written.";
    SINK_BYTES = "sink_written" "bytes", "sink", "Bytes written.";
    SINK_OVERTAKEN = "sink_overtaken" "", "sink", "Frames that were gone before they were read.";
    SINK_SYNCS = "sink_syncs" "", "sink of a file", "How often the file was brought to the disk.";
    HTTP_REQUESTS = "http_requests" "", "listener", "Requests answered.";
    HTTP_REFUSED = "http_refused" "", "listener", "Requests answered with a status of 400 or more.";
    HTTP_FRAMES = "http_frames" "", "listener", "Frames taken from requests.";
    HTTP_OVERTAKEN = "http_overtaken" "", "listener", "Frames that were gone before a client saw them.";
    HTTP_TURNED_AWAY = "http_turned_away" "", "listener", "Connections for which there was no place.";
    HTTP_DISAGREED = "http_disagreed" "", "listener", "Connections that ended before TLS was agreed on.";
    HTTP_INSTANCES = "http_instances" "", "service", "Instances started.";
}
