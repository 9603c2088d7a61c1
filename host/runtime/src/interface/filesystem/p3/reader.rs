//! Reading a file as a `stream<u8>`.

use super::super::calls::Flight;
use super::super::chunk::Chunk;
use super::super::open_file::OpenFile;
use super::super::operations::CHUNK_BYTES;
use super::End;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use wasmtime::StoreContextMut;
use wasmtime::component::{Destination, StreamProducer, StreamResult, VecBuffer};

/// Bytes to read when the reader does not say how many it wants.
const UNASKED_BYTES: usize = 8 << 10;

/// A stream of a file's bytes from a position on. One call runs at a time.
///
/// A dropped read goes on, and the next read gets its result: no bytes are lost, and nothing waits.
pub(super) struct Reader {
    file: Arc<OpenFile>,
    position: u64,
    reading: Option<Flight<Chunk>>,
    /// Bytes that were read and not taken yet.
    chunk: Option<Chunk>,
    end: End,
}

impl Reader {
    pub(super) fn new(file: Arc<OpenFile>, position: u64, end: End) -> Self {
        Self {
            file,
            position,
            reading: None,
            chunk: None,
            end,
        }
    }
}

impl<D: 'static> StreamProducer<D> for Reader {
    type Item = u8;
    type Buffer = VecBuffer<u8>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut store: StoreContextMut<'a, D>,
        destination: Destination<'a, u8, Self::Buffer>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let room = destination.remaining(&mut store).unwrap_or(UNASKED_BYTES);
        if room == 0 {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        let me = &mut *self;
        if me.chunk.is_none() {
            let read = || me.file.read_chunk(me.position, room.min(CHUNK_BYTES));
            let reading = me.reading.get_or_insert_with(read);
            let read = match reading.as_mut().poll(cx) {
                Poll::Pending if finish => return Poll::Ready(Ok(StreamResult::Cancelled)),
                polled => ready!(polled),
            };
            me.reading = None;
            match read {
                Ok(chunk) if !chunk.bytes.is_empty() => me.chunk = Some(chunk),
                ended => {
                    me.end.tell(ended.map(drop).map_err(Into::into));
                    return Poll::Ready(Ok(StreamResult::Dropped));
                }
            }
        }
        let Some(chunk) = &mut me.chunk else {
            return Poll::Ready(Ok(StreamResult::Completed));
        };
        // Only as many as the destination has room for: more would be buffered where nobody counts them.
        let taken = chunk.bytes.split_to(room.min(chunk.bytes.len()));
        if chunk.bytes.is_empty() {
            me.chunk = None;
        }
        me.position += taken.len() as u64;
        let mut direct = destination.as_direct(store, taken.len());
        if let Some(room) = direct.remaining().get_mut(..taken.len()) {
            room.copy_from_slice(&taken);
        }
        direct.mark_written(taken.len());
        Poll::Ready(Ok(StreamResult::Completed))
    }
}
