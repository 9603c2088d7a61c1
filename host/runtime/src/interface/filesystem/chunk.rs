//! Chunks: the unit in which the streams of a file read and write, in 0.2 and in 0.3.
//!
//! Invariant: the bytes of a chunk are charged to `host-bytes` for as long as the host keeps them.

use super::calls::Flight;
use super::library::{self, At};
use super::open_file::OpenFile;
use super::operations::CHUNK_BYTES;
use crate::account::Charge;
use bytes::Bytes;
use std::sync::Arc;

/// Bytes that were read and not taken yet.
pub(super) struct Chunk {
    pub(super) bytes: Bytes,
    _charge: Charge,
}

impl OpenFile {
    /// Reads up to `size` bytes at a position. An empty chunk means the end of the file.
    pub(super) fn read_chunk(self: &Arc<Self>, position: u64, size: usize) -> Flight<Chunk> {
        let (file, size) = (self.clone(), size.min(CHUNK_BYTES));
        Box::pin(async move {
            let charge = file.calls.keep(size)?;
            let calls = file.calls.clone();
            let read = move || {
                let bytes = library::read(&file, position, size)?;
                Ok(Chunk {
                    bytes,
                    _charge: charge,
                })
            };
            calls.run(0, read).await
        })
    }

    /// Writes bytes. A gap between the end of the file and the position counts for `disk-bytes` too.
    pub(super) fn write_chunk(self: &Arc<Self>, at: At, bytes: Bytes) -> Flight<()> {
        let (file, kept) = (self.clone(), bytes.len());
        Box::pin(async move {
            let calls = file.calls.clone();
            let write = move || {
                let growth = match at {
                    At::Position(position) if kept > 0 => file.growth(position)?,
                    _ => 0,
                };
                let whole = growth.saturating_add(kept as u64);
                let paid = file.calls.pay(whole)?;
                let written = library::write(&file, at, bytes);
                // Charged in full: after an error nobody knows how much was written.
                paid.spend(whole);
                written
            };
            calls.run(kept, write).await
        })
    }
}
