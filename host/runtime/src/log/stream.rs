//! One process's log, read from its oldest entry on.
//!
//! A log may go to another channel while it is read, since a process can register one of its own; the stream goes with it. Where a stream of the
//! process is connected, its lines stand where that goes, and a reader that shows them only there has lost nothing with a copy. Which
//! entries it missed it cannot see. So the host is asked how many stand nowhere else, and what was lost of those is known whenever the reader
//! has come to the end of what there is.
//!
//! Invariants:
//! - Reading is weak: no process waits for a stream. What it was too slow for is counted and told.
//! - A stream that was there before the process ran misses nothing that it does not tell of.

use crate::process::Process;
use weft_channel::{Channel, Frame, ReadError, Reader};

/// What comes of a log.
#[derive(Debug)]
pub enum LogPiece {
    /// A frame of the log channel: a [`LogEntry`](crate::LogEntry), unless the process has put something else there.
    Entry(Frame),
    /// So many entries were missed, as they came faster than they were read.
    Missed(u64),
}

/// Whether an entry stands elsewhere too. It is given the frame.
type IsCopy = Box<dyn Fn(&Frame) -> bool + Send + Sync>;

/// How far a stream goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// To the end of the channel, which others may hold open where the process has registered it.
    Channel,
    /// To what there is when the process ends.
    Process,
    /// So many frames more, which are there.
    Left(u64),
}

/// The log of one process, being read. Made by [`Process::log_stream`].
pub struct LogStream {
    process: Process,
    channel: Channel,
    reader: Reader,
    end: End,
    copies: Option<IsCopy>,
    /// Entries of this channel that stand nowhere else and were read or told as missed.
    originals: u64,
    /// Whether the reader has missed something of which nothing was told yet.
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

    /// The same stream, which ends with the process: with what its log has then, also where others hold the channel open.
    #[must_use]
    pub fn until_exit(mut self) -> Self {
        self.end = End::Process;
        self
    }

    /// The same stream, of what there is now. It never waits, so it ends also of a process that writes faster than it is read.
    #[must_use]
    pub fn now(mut self) -> Self {
        self.end = End::Left(self.channel.stats().frames_held);
        self
    }

    /// The same stream for somebody who sees these entries elsewhere: with those nothing is missed.
    #[must_use]
    pub fn with_copies(mut self, is_copy: impl Fn(&Frame) -> bool + Send + Sync + 'static) -> Self {
        self.copies = Some(Box::new(is_copy));
        self
    }

    /// Whose log it is.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// What comes next; none at the end. Who stops waiting for it loses nothing.
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

    /// What is there beyond that, at most so many entries and bytes, without waiting.
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

    /// Whether the log goes to another channel by now, which is then read.
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

    /// The reader has missed so many.
    fn lagged(&mut self, missed: u64) -> Option<LogPiece> {
        self.count(missed);
        self.gap = self.copies.is_some() && self.process.log_originals().is_some();
        (!self.gap).then_some(LogPiece::Missed(missed))
    }

    /// What is there after a gap; how much of it was a loss where there is nothing.
    fn after_gap(&mut self) -> Option<LogPiece> {
        // Asked first: what is counted in it has then been read or is lost.
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
