//! One task for each process: reads its log to the end, and tells of its life then.

use super::convert::{self, Entry, Item};
use super::life;
use super::queue::Queue;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::runtime::Handle;
use weft_channel::{Channel, ReadError, Reader};
use weft_host::{LogEntry, Process};

/// Begins such tasks.
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

    /// Of a process that is about to run.
    pub(super) fn begin(&self, process: &Process) {
        // Here and not in the task: a reader that is there before the first entry misses none.
        let channel = process.log_channel();
        let reader = channel.weak_reader();
        let follow = follow(self.to.clone(), process.clone(), channel, reader);
        self.runtime.spawn(follow);
    }
}

async fn follow(to: Queues, process: Process, mut channel: Channel, mut reader: Reader) {
    loop {
        match reader.read().await {
            Ok(Some(frame)) => {
                // A guest may write anything to a channel of its own.
                let Some(entry) = LogEntry::read(&frame.payload, process.resource()) else {
                    to.logs.lost(1);
                    continue;
                };
                match convert::entry(entry) {
                    Entry::Record(record) => to.logs.push(record),
                    Entry::Span(span) => to.spans.push(span),
                }
            }
            Err(ReadError::Lagged(lost)) => to.logs.lost(lost),
            Ok(None) | Err(ReadError::Terminated | ReadError::WouldBlock) => {
                // The process may have put a channel of its own in its place.
                let now = process.log_channel();
                if now.same_channel(&channel) {
                    break;
                }
                channel = now;
                reader = channel.weak_reader();
            }
        }
    }
    let status = process.wait().await;
    for span in life::of_process(&process, &status) {
        to.spans.push(span);
    }
}
