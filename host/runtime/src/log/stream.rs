//! One process's log, read from its oldest entry on.
//!
//! A log can move to another channel while it is read, since a process can register one of its own; the stream follows it. If a standard stream
//! of the process is connected, its log lines are copies: a reader that shows the stream itself loses nothing when it misses a copy. But it
//! cannot see which entries it missed. So the host counts the entries that are no copies (`originals`). Whenever the reader has read everything,
//! the difference tells how many originals were lost.
//!
//! Invariants:
//! - The reader is weak: no process waits for a stream. Entries that it was too slow for are counted and reported.
//! - A stream that was opened before the process ran reports every entry that it misses.

use crate::process::Process;
use weft_channel::{Channel, Frame, ReadError, Reader};

/// A piece of a log.
#[derive(Debug)]
pub enum LogPiece {
    /// A frame of the log channel: a [`LogEntry`](crate::log::LogEntry), unless the process has written something else.
    Entry(Frame),
    /// A number of entries that were missed, as they came faster than they were read.
    Missed(u64),
}

/// Whether the entry in a frame is kept elsewhere too.
type IsCopy = Box<dyn Fn(&Frame) -> bool + Send + Sync>;

/// Where a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// At the end of the channel. If the process has registered the channel, others may hold it open.
    Channel,
    /// After the entries that are there when the process ends.
    Process,
    /// After this many more frames, which are there already.
    Left(u64),
}

/// The log of one process, being read. Made by [`Process::log_stream`].
pub struct LogStream {
    process: Process,
    channel: Channel,
    reader: Reader,
    end: End,
    copies: Option<IsCopy>,
    /// Entries of this channel that are no copies and were read or reported as missed.
    originals: u64,
    /// Whether the reader has missed entries that are not reported yet.
    gap: bool,
}

impl LogStream {
    pub(crate) fn of(process: &Process) -> Self {
        let channel = process.log_channel();
        Self {
            process: process.clone(),
            reader: channel.weak_reader(),
            channel,
            end: End::Channel,
            copies: None,
            originals: 0,
            gap: false,
        }
    }

    /// The same stream, but it ends with the process, after the entries of its log at that time, even if others hold the
    /// channel open.
    #[must_use]
    pub fn until_exit(mut self) -> Self {
        self.end = End::Process;
        self
    }

    /// The same stream, limited to the entries that are there now. It never waits, so it ends even if the process writes
    /// faster than it is read.
    #[must_use]
    pub fn now(mut self) -> Self {
        self.end = End::Left(self.channel.stats().frames_held);
        self
    }

    /// The same stream for a reader that gets these entries elsewhere: they do not count as missed.
    #[must_use]
    pub fn with_copies(mut self, is_copy: impl Fn(&Frame) -> bool + Send + Sync + 'static) -> Self {
        self.copies = Some(Box::new(is_copy));
        self
    }

    /// The process whose log it is.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Waits for the next piece; none at the end. Dropping the wait loses nothing.
    pub async fn next(&mut self) -> Option<LogPiece> {
        loop {
            if self.gap {
                match self.after_gap() {
                    Some(piece) => return Some(piece),
                    None => continue,
                }
            }
            let read = match self.end {
                End::Left(0) => return None,
                End::Left(_) => self.reader.try_read(),
                End::Channel => self.reader.read().await,
                End::Process => tokio::select! {
                    biased;
                    read = self.reader.read() => read,
                    _ = self.process.wait() => {
                        self.end = End::Left(self.channel.stats().frames_held);
                        continue;
                    }
                },
            };
            match read {
                Ok(Some(frame)) => return Some(self.read(frame)),
                Err(ReadError::Lagged(missed)) => {
                    if let Some(piece) = self.lagged(missed) {
                        return Some(piece);
                    }
                }
                Ok(None)
                | Err(ReadError::Terminated | ReadError::WouldBlock | ReadError::Unavailable(_)) => {
                    if !self.goes_elsewhere() {
                        return None;
                    }
                }
            }
        }
    }

    /// More pieces without waiting: at most `entries`, and about `bytes`.
    pub fn more(&mut self, entries: u32, bytes: u64) -> Vec<LogPiece> {
        let entries = match self.end {
            End::Left(left) => entries.min(u32::try_from(left).unwrap_or(u32::MAX)),
            End::Channel | End::Process => entries,
        };
        if entries == 0 {
            return Vec::new();
        }
        match self.reader.try_read_batch(entries, bytes) {
            Ok(frames) => frames.iter().map(|frame| self.read(frame)).collect(),
            Err(ReadError::Lagged(missed)) => self.lagged(missed).into_iter().collect(),
            Err(ReadError::Terminated | ReadError::WouldBlock | ReadError::Unavailable(_)) => {
                Vec::new()
            }
        }
    }

    /// Whether the log has moved to another channel. If so, reads that one.
    fn goes_elsewhere(&mut self) -> bool {
        let now = self.process.log_channel();
        if now.same_channel(&self.channel) {
            return false;
        }
        self.reader = now.weak_reader();
        if let End::Left(left) = &mut self.end {
            *left = now.stats().frames_held;
        }
        self.channel = now;
        self.originals = 0;
        true
    }

    fn read(&mut self, frame: Frame) -> LogPiece {
        self.count(1);
        if let Some(is_copy) = &self.copies {
            self.originals += u64::from(!is_copy(&frame));
        }
        LogPiece::Entry(frame)
    }

    fn count(&mut self, frames: u64) {
        if let End::Left(left) = &mut self.end {
            *left = left.saturating_sub(frames);
        }
    }

    /// Counts missed entries.
    fn lagged(&mut self, missed: u64) -> Option<LogPiece> {
        self.count(missed);
        self.gap = self.copies.is_some() && self.process.log_originals().is_some();
        (!self.gap).then_some(LogPiece::Missed(missed))
    }

    /// The next piece after a gap. At the end of the channel: how many originals were lost.
    fn after_gap(&mut self) -> Option<LogPiece> {
        // Asked first: everything counted here has then been read or is lost.
        let written = self.process.log_originals();
        match self.reader.try_read() {
            Ok(Some(frame)) => return Some(self.read(frame)),
            Err(ReadError::Lagged(missed)) => {
                self.count(missed);
                return None;
            }
            Ok(None)
            | Err(ReadError::Terminated | ReadError::WouldBlock | ReadError::Unavailable(_)) => {
                self.gap = false
            }
        }
        let missed = written?.saturating_sub(self.originals);
        self.originals += missed;
        (missed > 0).then_some(LogPiece::Missed(missed))
    }
}

impl std::fmt::Debug for LogStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogStream")
            .field("process", &self.process)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}
