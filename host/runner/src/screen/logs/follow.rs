//! One process's log, read from its first entry to its last.

use weft_channel::{Channel, Frame, ReadError, Reader};
use weft_host::Process;

/// Entries and bytes that are taken at once, so that a flood is written with few writes and the lines of
/// others come in between.
const ENTRIES: u32 = 64;
const BYTES: u64 = 64 << 10;

/// The log of one process, being read.
pub(super) struct Log {
    process: Process,
    channel: Channel,
    reader: Reader,
}

/// What comes of a log.
#[derive(Debug)]
pub(super) enum Piece {
    /// A frame of the log channel.
    Entry(Frame),
    /// So many entries were lost, as they came faster than they were read.
    Lost(u64),
}

impl Log {
    /// From the oldest entry there is.
    pub(super) fn of(process: &Process) -> Self {
        let channel = process.log_channel();
        Self {
            process: process.clone(),
            reader: channel.weak_reader(),
            channel,
        }
    }

    pub(super) fn process(&self) -> &Process {
        &self.process
    }

    /// What comes next; none at the end of the log.
    pub(super) async fn next(&mut self) -> Option<Piece> {
        loop {
            match self.reader.read().await {
                Ok(Some(frame)) => return Some(Piece::Entry(frame)),
                Err(ReadError::Lagged(lost)) => return Some(Piece::Lost(lost)),
                Ok(None) | Err(ReadError::Terminated | ReadError::WouldBlock) => {
                    // The log may go to another channel by now.
                    let now = self.process.log_channel();
                    if now.same_channel(&self.channel) {
                        return None;
                    }
                    self.reader = now.weak_reader();
                    self.channel = now;
                }
            }
        }
    }

    /// What is there beyond that, without waiting.
    pub(super) fn more(&self) -> Vec<Piece> {
        match self.reader.try_read_batch(ENTRIES, BYTES) {
            Ok(frames) => frames.iter().map(Piece::Entry).collect(),
            Err(ReadError::Lagged(lost)) => vec![Piece::Lost(lost)],
            Err(ReadError::Terminated | ReadError::WouldBlock) => Vec::new(),
        }
    }
}
