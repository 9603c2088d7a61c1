//! Writing to a file as an `output-stream`.

use super::super::calls::Flight;
use super::super::library::At;
use super::super::open_file::OpenFile;
use super::super::operations::CHUNK_BYTES;
use bytes::Bytes;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

/// A stream of bytes into a file. One call runs at a time.
pub(super) struct Writer {
    file: Arc<OpenFile>,
    at: At,
    state: State,
}

enum State {
    Idle,
    /// With the number of bytes.
    Writing(Flight<()>, u64),
    Failed(io::Error),
    Closed,
}

impl Writer {
    pub(super) fn new(file: Arc<OpenFile>, at: At) -> Self {
        Self {
            file,
            at,
            state: State::Idle,
        }
    }

    fn start(&mut self, bytes: Bytes) {
        let length = bytes.len() as u64;
        self.state = State::Writing(self.file.write_chunk(self.at, bytes), length);
    }

    fn done(&mut self, written: io::Result<()>, length: u64) {
        self.state = match written {
            Ok(()) => {
                if let At::Position(position) = &mut self.at {
                    *position = position.saturating_add(length);
                }
                State::Idle
            }
            Err(error) => State::Failed(error),
        };
    }

    async fn finish(&mut self) {
        if let State::Writing(writing, length) = &mut self.state {
            let (written, length) = (writing.await, *length);
            self.done(written, length);
        }
    }

    /// The error of the last call, once. Then the stream is closed.
    fn check(&mut self) -> StreamResult<()> {
        match std::mem::replace(&mut self.state, State::Closed) {
            State::Closed => Err(StreamError::Closed),
            State::Failed(error) => Err(StreamError::LastOperationFailed(error.into())),
            state => {
                self.state = state;
                Ok(())
            }
        }
    }
}

#[async_trait]
impl OutputStream for Writer {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        match &self.state {
            State::Idle => {}
            State::Closed => return Err(StreamError::Closed),
            State::Writing(..) | State::Failed(_) => {
                return Err(StreamError::trap("a write without a permit for it"));
            }
        }
        self.start(bytes);
        // Polled once, so that the call begins even if nobody waits for it.
        if let State::Writing(writing, length) = &mut self.state {
            let (mut context, length) = (Context::from_waker(Waker::noop()), *length);
            if let Poll::Ready(written) = writing.as_mut().poll(&mut context) {
                self.done(written, length);
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.check()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.check()?;
        Ok(match self.state {
            State::Idle => CHUNK_BYTES,
            _ => 0,
        })
    }

    async fn blocking_write_and_flush(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.finish().await;
        self.check()?;
        self.start(bytes);
        self.finish().await;
        self.check()
    }

    /// Accepted bytes are written even if the guest drops the stream at once.
    async fn cancel(&mut self) {
        self.finish().await;
    }
}

#[async_trait]
impl Pollable for Writer {
    async fn ready(&mut self) {
        self.finish().await;
    }
}
