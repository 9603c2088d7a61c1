//! The native engine is held to the contract of channels: see `weft-channel-contract`.
//!
//! Only what can be done with any engine is there. What is said of this one alone, such as who is
//! woken when, is in the files beside this one.
#![allow(missing_docs, clippy::panic, clippy::unwrap_used)]

use bytes::Bytes;
use weft_channel as native;
use weft_channel_contract as contract;

#[derive(Debug)]
struct Native;

#[derive(Debug, Clone)]
struct Channel(native::Channel);

#[derive(Debug)]
struct Writer(native::Writer);

#[derive(Debug)]
struct Reader(native::Reader);

contract::contract_tests!(Native);

impl contract::Engine for Native {
    type Channel = Channel;

    async fn start() -> Self {
        Self
    }

    async fn create(&self, capacity: u64, backpressure: contract::Backpressure) -> Channel {
        let backpressure = match backpressure {
            contract::Backpressure::Block => native::Backpressure::Block,
            contract::Backpressure::Drop => native::Backpressure::Drop,
        };
        let options = native::Options {
            capacity,
            backpressure,
        };
        Channel(native::Channel::new(options).unwrap())
    }
}

impl contract::Channel for Channel {
    type Writer = Writer;
    type Reader = Reader;

    async fn strong_writer(&self) -> Result<Writer, contract::OpenError> {
        self.0.strong_writer().map(Writer).map_err(open_error)
    }

    async fn weak_writer(&self) -> Result<Writer, contract::OpenError> {
        self.0.weak_writer().map(Writer).map_err(open_error)
    }

    async fn strong_reader(&self) -> Reader {
        Reader(self.0.strong_reader())
    }

    async fn weak_reader(&self) -> Reader {
        Reader(self.0.weak_reader())
    }

    async fn drain(&self) {
        self.0.drain();
    }

    async fn terminate(&self) {
        self.0.terminate();
    }

    async fn stats(&self) -> contract::Stats {
        let stats = self.0.stats();
        contract::Stats {
            frames_written: stats.frames_written,
            frames_dropped: stats.frames_dropped,
            bytes_held: stats.bytes_held,
        }
    }
}

impl contract::Writer for Writer {
    fn id(&self) -> u64 {
        self.0.id().into()
    }

    async fn write(&self, payload: Bytes) -> Result<bool, contract::WriteError> {
        self.0.write(payload).await.map_err(write_error)
    }

    async fn try_write(&self, payload: Bytes) -> Result<bool, contract::WriteError> {
        self.0.try_write(payload).map_err(write_error)
    }

    async fn write_batch(&self, frames: Vec<Bytes>) -> Result<u64, contract::WriteError> {
        let sent = self.0.write_batch(batch(&frames)).await;
        sent.map(u64::from).map_err(write_error)
    }

    async fn try_write_batch(&self, frames: Vec<Bytes>) -> Result<u64, contract::WriteError> {
        let sent = self.0.try_write_batch(batch(&frames));
        sent.map(u64::from).map_err(write_error)
    }

    async fn downgrade(self) -> Self {
        Self(self.0.downgrade())
    }

    async fn close(self) {}
}

impl contract::Reader for Reader {
    async fn read(&self) -> Result<Option<contract::Frame>, contract::ReadError> {
        let read = self.0.read().await;
        read.map(|one| one.map(frame)).map_err(read_error)
    }

    async fn try_read(&self) -> Result<Option<contract::Frame>, contract::ReadError> {
        let read = self.0.try_read();
        read.map(|one| one.map(frame)).map_err(read_error)
    }

    async fn read_batch(
        &self,
        max_frames: u32,
        max_bytes: u64,
    ) -> Result<Vec<contract::Frame>, contract::ReadError> {
        let read = self.0.read_batch(max_frames, max_bytes).await;
        read.map(|many| many.iter().map(frame).collect())
            .map_err(read_error)
    }

    async fn try_read_batch(
        &self,
        max_frames: u32,
        max_bytes: u64,
    ) -> Result<Vec<contract::Frame>, contract::ReadError> {
        let read = self.0.try_read_batch(max_frames, max_bytes);
        read.map(|many| many.iter().map(frame).collect())
            .map_err(read_error)
    }

    async fn downgrade(self) -> Self {
        Self(self.0.downgrade())
    }

    async fn close(self) {}
}

fn frame(frame: native::Frame) -> contract::Frame {
    contract::Frame {
        writer: frame.writer.into(),
        payload: frame.payload,
    }
}

fn batch(frames: &[Bytes]) -> native::Batch {
    let mut end = 0;
    let ends = frames.iter().map(|frame| {
        end += u32::try_from(frame.len()).unwrap();
        end
    });
    native::Batch::new(ends.collect(), frames.concat().into()).unwrap()
}

fn open_error(error: native::OpenError) -> contract::OpenError {
    assert_eq!(error, native::OpenError::Ended);
    contract::OpenError
}

fn write_error(error: native::WriteError) -> contract::WriteError {
    match error {
        native::WriteError::Drained => contract::WriteError::Drained,
        native::WriteError::Terminated => contract::WriteError::Terminated,
        native::WriteError::TooLarge { capacity } => contract::WriteError::TooLarge(capacity),
        native::WriteError::WouldBlock => contract::WriteError::WouldBlock,
        native::WriteError::Unavailable(_) => panic!("the native engine is always there"),
    }
}

fn read_error(error: native::ReadError) -> contract::ReadError {
    match error {
        native::ReadError::Lagged(lost) => contract::ReadError::Lagged(lost),
        native::ReadError::Terminated => contract::ReadError::Terminated,
        native::ReadError::WouldBlock => contract::ReadError::WouldBlock,
        native::ReadError::Unavailable(_) => panic!("the native engine is always there"),
    }
}
