//! One process's log, read from its first entry to its last.
//!
//! Where a stream of the process is connected, its lines stand where the stream goes and are not shown again. Those that the reader
//! missed are no loss then, but which they were it cannot see. So the host is asked how many entries stand nowhere else, and what was lost
//! of those is known whenever the reader has come to the end of what there is.

use weft_channel::{Channel, Frame, ReadError, Reader};
use weft_host::{LogEntry, Process};

use super::Streams;

/// Entries and bytes that are taken at once, so that a flood is written with few writes and the lines of
/// others come in between.
const ENTRIES: u32 = 64;
const BYTES: u64 = 64 << 10;

/// The log of one process, being read.
pub(super) struct Log {
    process: Process,
    channel: Channel,
    reader: Reader,
    streams: Streams,
    /// Entries of this channel that stand nowhere else and were read or told as lost.
    originals: u64,
    /// Whether the reader has missed something of which nothing was told yet.
    missed: bool,
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
    /// From the oldest entry there is; these streams are shown.
    pub(super) fn of(process: &Process, streams: Streams) -> Self {
        let channel = process.log_channel();
        Self {
            process: process.clone(),
            reader: channel.weak_reader(),
            channel,
            streams,
            originals: 0,
            missed: false,
        }
    }

    pub(super) fn process(&self) -> &Process {
        &self.process
    }

    /// What comes next; none at the end of the log.
    pub(super) async fn next(&mut self) -> Option<Piece> {
        loop {
            if self.missed {
                match self.after_gap() {
                    Some(piece) => return Some(piece),
                    None => continue,
                }
            }
            match self.reader.read().await {
                Ok(Some(frame)) => return Some(self.read(frame)),
                Err(ReadError::Lagged(lost)) => {
                    if let Some(piece) = self.lagged(lost) {
                        return Some(piece);
                    }
                }
                Ok(None) | Err(ReadError::Terminated | ReadError::WouldBlock) => {
                    // The log may go to another channel by now.
                    let now = self.process.log_channel();
                    if now.same_channel(&self.channel) {
                        return None;
                    }
                    self.reader = now.weak_reader();
                    self.channel = now;
                    self.originals = 0;
                }
            }
        }
    }

    /// What is there beyond that, without waiting.
    pub(super) fn more(&mut self) -> Vec<Piece> {
        match self.reader.try_read_batch(ENTRIES, BYTES) {
            Ok(frames) => frames.iter().map(|frame| self.read(frame)).collect(),
            Err(ReadError::Lagged(lost)) => self.lagged(lost).into_iter().collect(),
            Err(ReadError::Terminated | ReadError::WouldBlock) => Vec::new(),
        }
    }

    fn read(&mut self, frame: Frame) -> Piece {
        if self.streams.are_connected() {
            let entry = LogEntry::read(&frame.payload, self.process.resource());
            let is_copy = entry.is_some_and(|entry| self.streams.show_elsewhere(&entry));
            self.originals += u64::from(!is_copy);
        }
        Piece::Entry(frame)
    }

    /// The reader has missed so many.
    fn lagged(&mut self, lost: u64) -> Option<Piece> {
        self.missed = self.streams.are_connected() && self.process.log_originals().is_some();
        (!self.missed).then_some(Piece::Lost(lost))
    }

    /// What is there after a gap; how much of it was a loss where there is nothing.
    fn after_gap(&mut self) -> Option<Piece> {
        // Asked first: what is counted in it has then been read or is lost.
        let written = self.process.log_originals();
        match self.reader.try_read() {
            Ok(Some(frame)) => return Some(self.read(frame)),
            Err(ReadError::Lagged(_)) => return None,
            Ok(None) | Err(ReadError::Terminated | ReadError::WouldBlock) => self.missed = false,
        }
        let lost = written?.saturating_sub(self.originals);
        self.originals += lost;
        (lost > 0).then_some(Piece::Lost(lost))
    }
}
