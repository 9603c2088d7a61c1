//! Writing a `stream<u8>` to a file.

use super::super::calls::Flight;
use super::super::library::At;
use super::super::open_file::OpenFile;
use super::super::operations::CHUNK_BYTES;
use super::End;
use bytes::Bytes;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use wasmtime::StoreContextMut;
use wasmtime::component::{Source, StreamConsumer, StreamResult};

/// Writes the bytes of a stream to a file. One call runs at a time.
///
/// A dropped write is finished: its bytes count as taken only when they are written.
pub(super) struct Writer {
    file: Arc<OpenFile>,
    at: At,
    /// With the number of bytes.
    writing: Option<(Flight<()>, usize)>,
    end: End,
}

impl Writer {
    pub(super) fn new(file: Arc<OpenFile>, at: At, end: End) -> Self {
        Self {
            file,
            at,
            writing: None,
            end,
        }
    }
}

impl<D: 'static> StreamConsumer<D> for Writer {
    type Item = u8;

    fn poll_consume(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        store: StoreContextMut<'_, D>,
        source: Source<'_, u8>,
        _finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let mut source = source.as_direct(store);
        let me = &mut *self;
        let (writing, length) = me.writing.get_or_insert_with(|| {
            let bytes = source.remaining();
            let bytes = bytes.get(..CHUNK_BYTES).unwrap_or(bytes);
            let bytes = Bytes::copy_from_slice(bytes);
            let length = bytes.len();
            (me.file.write_chunk(me.at, bytes), length)
        });
        let length = *length;
        let written = ready!(writing.as_mut().poll(cx));
        me.writing = None;
        if let Err(error) = written {
            me.end.tell(Err(error.into()));
            return Poll::Ready(Ok(StreamResult::Dropped));
        }
        source.mark_read(length);
        if let At::Position(position) = &mut me.at {
            *position = position.saturating_add(length as u64);
        }
        Poll::Ready(Ok(StreamResult::Completed))
    }
}
