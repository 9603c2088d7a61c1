//! Streams of bytes in the test kit: frames of at most 64 KiB, read and written one by one.
//!
//! Like the host's: what was written before an error stays sent. Unlike there, a write returns when its bytes are in the channel.

use crate::channel::{Reader, Writer};
use crate::error::{ReadError, WriteError};

/// The largest frame that is made of a stream.
const MOST: usize = 64 * 1024;

/// As the guests' own.
pub(super) struct Source {
    reader: Reader,
    ahead: Vec<u8>,
}

impl Source {
    pub(super) fn new(reader: Reader, ahead: Vec<u8>) -> Self {
        Source { reader, ahead }
    }

    /// Replaces the contents of `buffer` by the next bytes, and returns their number; 0 is the end.
    pub(super) async fn read(&mut self, buffer: &mut Vec<u8>) -> Result<usize, ReadError> {
        let room = match buffer.capacity() {
            0 => MOST,
            room => room,
        };
        buffer.clear();
        while self.ahead.is_empty() {
            match self.reader.read().await? {
                Some(frame) => self.ahead = frame.payload,
                None => return Ok(0),
            }
        }
        buffer.extend(self.ahead.drain(..room.min(self.ahead.len())));
        Ok(buffer.len())
    }
}

/// As the guests' own.
pub(super) struct Target {
    writer: Writer,
    sent: u64,
}

impl Target {
    pub(super) fn new(writer: Writer) -> Self {
        Target { writer, sent: 0 }
    }

    /// Sends bytes.
    pub(super) async fn write(&mut self, bytes: Vec<u8>) -> Result<(), WriteError> {
        for frame in bytes.chunks(MOST) {
            self.writer.write(frame).await?.or_dropped();
            self.sent += frame.len() as u64;
        }
        Ok(())
    }

    /// Ends the stream and returns how many bytes were sent.
    pub(super) async fn finish(mut self) -> Result<u64, WriteError> {
        futures::SinkExt::flush(&mut self.writer).await?;
        Ok(self.sent)
    }
}
