//! One task for each process: reads its log to the end, and then sends the spans of its life.

use super::convert::{self, Entry, Item};
use super::life;
use super::queue::Queue;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::runtime::Handle;
use weft_host::{
    Process,
    log::{LogEntry, LogPiece, LogStream},
};

/// Starts a task for each process.
pub(super) struct Follow {
    to: Queues,
    runtime: Handle,
}

#[derive(Clone)]
struct Queues {
    logs: Queue<Item<LogRecord>>,
    spans: Queue<Item<Span>>,
}

impl Follow {
    pub(super) fn new(logs: Queue<Item<LogRecord>>, spans: Queue<Item<Span>>) -> Self {
        Self {
            to: Queues { logs, spans },
            runtime: Handle::current(),
        }
    }

    /// Starts the task for a process that is about to run.
    pub(super) fn begin(&self, process: &Process) {
        // Open the stream before the task starts: a reader that exists before the first entry misses none.
        let follow = follow(self.to.clone(), process.log_stream());
        self.runtime.spawn(follow);
    }
}

async fn follow(to: Queues, mut log: LogStream) {
    while let Some(piece) = log.next().await {
        let frame = match piece {
            LogPiece::Entry(frame) => frame,
            LogPiece::Missed(missed) => {
                to.logs.lost(missed);
                continue;
            }
        };
        // A guest may write anything to its own log channel.
        let Some(entry) = LogEntry::read(&frame.payload, log.process().resource()) else {
            to.logs.lost(1);
            continue;
        };
        match convert::entry(entry) {
            Entry::Record(record) => to.logs.push(record),
            Entry::Span(span) => to.spans.push(span),
        }
    }
    let status = log.process().wait().await;
    for span in life::of_process(log.process(), &status) {
        to.spans.push(span);
    }
}
