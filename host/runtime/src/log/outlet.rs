//! The channel that the entries of a log go to, and the count of lost entries.
//!
//! If the channel has no room, it drops entries; the log never waits. With only weak readers, which is what
//! logs are handed out as, it drops its oldest entries.
//!
//! Invariant: lost entries are counted, and the next entry that is kept says how many.

use super::entry::LogEntry;
use super::rate::Rate;
use bytes::Bytes;
use weft_channel::{Backpressure, Channel, Options, OptionsError, WriteError, Writer};

/// The attribute of an entry that was too large for its channel: the bytes of the whole body.
pub(super) const TRUNCATED: &str = "weft.truncated.bytes";
/// The attribute of an entry after a loss: how many entries were lost.
pub const DROPPED: &str = "weft.log.dropped";
/// The attribute beside it: how many of those were lines of a connected stream, which received them anyway.
pub const DROPPED_COPIES: &str = "weft.log.dropped.copies";
/// Bytes kept of the body of a truncated entry.
const TRUNCATED_BODY: usize = 8 << 10;
/// Bytes kept of the name of its scope.
const TRUNCATED_SCOPE: usize = 1 << 10;
/// Most bytes of text of an entry that is written in full, if its channel has room. As JSON it can be six times as long, and
/// a guest may write megabytes.
const TEXT: usize = 1 << 20;

/// The channel of a log.
#[derive(Debug)]
pub(super) struct Outlet {
    channel: Channel,
    /// None once the process has ended: readers then see the end of the log.
    writer: Option<Writer>,
    /// Whether the guest registered the channel.
    registered: bool,
    /// Frames that were evicted from the channel.
    evicted: u64,
    /// Frames that were evicted unread and that no entry has reported yet.
    unread: u64,
    /// Entries written to the channel that are kept nowhere else: all but the lines of connected streams.
    originals: u64,
    pub(super) rate: Rate,
}

/// The channel that the guest registered has ended.
#[derive(Debug)]
pub(super) struct Ended;

impl Outlet {
    pub(super) fn new(channel: Channel, rate: Rate) -> Self {
        let writer = channel.strong_writer().ok();
        Self {
            channel,
            writer,
            registered: false,
            evicted: 0,
            unread: 0,
            originals: 0,
            rate,
        }
    }

    pub(super) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// Sends entries to this channel from now on. Returns the writer of the previous channel.
    pub(super) fn go_to(
        &mut self,
        channel: Channel,
        writer: Writer,
        registered: bool,
    ) -> Option<Writer> {
        self.evicted = gone(&channel);
        self.channel = channel;
        self.registered = registered;
        self.originals = 0;
        self.writer.replace(writer)
    }

    /// Entries written to the current channel that are kept nowhere else. None for a channel of the guest's: others may write to it too.
    pub(super) fn originals(&self) -> Option<u64> {
        (!self.registered).then_some(self.originals)
    }

    /// Whether the channel that the guest registered has ended and the process has not.
    pub(super) fn has_ended(&self) -> bool {
        self.registered && self.writer.is_some() && self.channel.weak_writer().is_err()
    }

    /// Ends sending. Returns the writer, for the caller to drop.
    pub(super) fn close(&mut self) -> Option<Writer> {
        self.writer.take()
    }

    /// Sends an entry, truncated if it is too large for the channel, and counts losses. Fails if the guest
    /// registered the channel and it has ended.
    pub(super) fn send(&mut self, entry: &mut LogEntry, copy: bool) -> Result<(), Ended> {
        let Some(writer) = &self.writer else {
            return Ok(());
        };
        let dropped = self.rate.dropped();
        if dropped + self.unread > 0 {
            let lost = (dropped + self.unread).to_string();
            entry.attributes.insert(DROPPED.to_owned(), lost);
        }
        let copies = self.rate.dropped_copies();
        if copies > 0 {
            let copies = copies.to_string();
            entry.attributes.insert(DROPPED_COPIES.to_owned(), copies);
        }
        if text_bytes(entry) > TEXT {
            cut(entry);
        }
        let mut sent = writer.try_write(frame(entry));
        if let Err(WriteError::TooLarge { .. }) = sent {
            cut(entry);
            sent = writer.try_write(frame(entry));
        }
        match sent {
            Ok(true) => {
                self.rate.said(dropped, copies);
                // The channel tells a reader what it missed. Without a reader, the next entry has to report the
                // loss.
                let evicted = gone(&self.channel);
                let now = evicted.saturating_sub(self.evicted);
                self.unread = if is_read(&self.channel) { 0 } else { now };
                self.rate.lost_unread(self.unread);
                self.evicted = evicted;
                self.originals += u64::from(!copy);
            }
            Err(WriteError::Drained | WriteError::Terminated) if self.registered => {
                return Err(Ended);
            }
            // The guest's own channel is full, or the log was terminated from outside.
            Ok(false) | Err(_) => self.rate.lost(1, copy),
        }
        Ok(())
    }
}

/// A channel of the host's own for a log: it drops its oldest frames.
pub(super) fn own_channel(capacity: u64) -> Result<Channel, OptionsError> {
    Channel::new(Options::new(capacity).backpressure(Backpressure::Drop))
}

/// Frames that a channel accepted and no longer retains.
fn gone(channel: &Channel) -> u64 {
    let stats = channel.stats();
    stats.frames_written.saturating_sub(stats.frames_held)
}

fn is_read(channel: &Channel) -> bool {
    let stats = channel.stats();
    stats.strong_readers > 0 || stats.weak_readers > 0
}

/// Truncates an entry so that it fits any channel with room for some text.
fn cut(entry: &mut LogEntry) {
    let bytes = entry.body.len().to_string();
    entry
        .attributes
        .retain(|name, _| name == DROPPED || name == DROPPED_COPIES);
    entry.attributes.insert(TRUNCATED.to_owned(), bytes);
    let end = entry.body.floor_char_boundary(TRUNCATED_BODY);
    entry.body.truncate(end);
    let scope = &mut entry.instrumentation_scope.name;
    scope.truncate(scope.floor_char_boundary(TRUNCATED_SCOPE));
}

/// Bytes of the text of an entry.
pub(super) fn text_bytes(entry: &LogEntry) -> usize {
    let attributes = entry.attributes.iter().map(|(k, v)| k.len() + v.len());
    entry.body.len() + entry.instrumentation_scope.name.len() + attributes.sum::<usize>()
}

/// An entry as a frame. Serialising plain text and numbers cannot fail.
fn frame(entry: &LogEntry) -> Bytes {
    Bytes::from(serde_json::to_vec(entry).unwrap_or_default())
}
