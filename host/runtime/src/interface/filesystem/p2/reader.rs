//! Reading a file as an `input-stream`.

use super::super::calls::Flight;
use super::super::chunk::Chunk;
use super::super::open_file::OpenFile;
use bytes::Bytes;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{InputStream, Pollable, StreamError, StreamResult};

/// Bytes to read when a guest waits for data and has not said how much it wants.
const UNASKED_BYTES: usize = 4 << 10;

/// A stream of a file's bytes from a position on. One call runs at a time.
pub(super) struct Reader {
    file: Arc<OpenFile>,
    position: u64,
    state: State,
}

enum State {
    Idle,
    Reading(Flight<Chunk>),
    Ready(Chunk),
    Failed(io::Error),
    Ended,
}

impl Reader {
    pub(super) fn new(file: Arc<OpenFile>, position: u64) -> Self {
        Self {
            file,
            position,
            state: State::Idle,
        }
    }

    fn start(&mut self, size: usize) {
        self.state = State::Reading(self.file.read_chunk(self.position, size));
    }

    fn done(&mut self, read: io::Result<Chunk>) {
        self.state = match read {
            Ok(chunk) if chunk.bytes.is_empty() => State::Ended,
            Ok(chunk) => State::Ready(chunk),
            Err(error) => State::Failed(error),
        };
    }

    async fn finish(&mut self) {
        if let State::Reading(reading) = &mut self.state {
            let read = reading.await;
            self.done(read);
        }
    }
}

#[async_trait]
impl InputStream for Reader {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        match &mut self.state {
            State::Idle if size > 0 => {
                self.start(size);
                // Polled once, so that the call begins even if nobody waits for it.
                if let State::Reading(reading) = &mut self.state {
                    let mut context = Context::from_waker(Waker::noop());
                    if let Poll::Ready(read) = reading.as_mut().poll(&mut context) {
                        self.done(read);
                    }
                }
                Ok(Bytes::new())
            }
            State::Idle | State::Reading(_) => Ok(Bytes::new()),
            State::Ready(chunk) => {
                let taken = chunk.bytes.split_to(size.min(chunk.bytes.len()));
                self.position += taken.len() as u64;
                if chunk.bytes.is_empty() {
                    self.state = State::Idle;
                }
                Ok(taken)
            }
            State::Failed(_) => match std::mem::replace(&mut self.state, State::Ended) {
                State::Failed(error) => Err(StreamError::LastOperationFailed(error.into())),
                _ => Err(StreamError::Closed),
            },
            State::Ended => Err(StreamError::Closed),
        }
    }

    async fn blocking_read(&mut self, size: usize) -> StreamResult<Bytes> {
        self.finish().await;
        if let State::Idle = self.state
            && size > 0
        {
            self.start(size);
            self.finish().await;
        }
        self.read(size)
    }
}

#[async_trait]
impl Pollable for Reader {
    async fn ready(&mut self) {
        if let State::Idle = self.state {
            self.start(UNASKED_BYTES);
        }
        self.finish().await;
    }
}
