//! The command's stdout and stderr, for processes to write to.

use super::queue::{Item, Queue};
use super::{Stream, queue};
use bytes::Bytes;
use std::io::{self, IsTerminal};
use std::sync::Arc;
use weft_host::process::{OutputSink, Room};

struct Sink {
    stream: Stream,
    queue: Arc<Queue>,
}

/// A sink for this stream of the command.
pub(crate) fn sink(stream: Stream) -> Arc<dyn OutputSink> {
    let queue = queue(stream).clone();
    Arc::new(Sink { stream, queue })
}

impl OutputSink for Sink {
    fn write(&self, bytes: Bytes, room: Room) -> io::Result<()> {
        match self.queue.broken(self.stream) {
            Some(error) => Err(error),
            None => {
                self.queue.push(Item::Bytes(self.stream, bytes, room));
                Ok(())
            }
        }
    }

    fn is_terminal(&self) -> bool {
        match self.stream {
            Stream::Stdout => io::stdout().is_terminal(),
            Stream::Stderr => io::stderr().is_terminal(),
        }
    }
}
