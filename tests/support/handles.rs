//! The handles of channels as the suite of the contract takes them, for any engine behind them.
//!
//! The file that takes this in has a constant `CLOSES_BY_ASKING`. It is false if the engine hears of a dropped end at once. If it is true, closing
//! an end first makes it weak, which is waited for, and then drops it.

use bytes::Bytes;
use weft_channel::{self as engine, Strength};
use weft_channel_contract as contract;

#[derive(Debug, Clone)]
pub struct Channel(pub engine::Channel);

#[derive(Debug)]
pub struct Writer(engine::Writer);

#[derive(Debug)]
pub struct Reader(engine::Reader);

pub fn options(capacity: u64, backpressure: contract::Backpressure) -> engine::Options {
    let backpressure = match backpressure {
        contract::Backpressure::Block => engine::Backpressure::Block,
        contract::Backpressure::Drop => engine::Backpressure::Drop,
    };
    engine::Options::new(capacity).backpressure(backpressure)
}

impl contract::Channel for Channel {
    type Writer = Writer;
    type Reader = Reader;

    async fn strong_writer(&self) -> Result<Writer, contract::OpenError> {
        let opened = self.0.open_writer(Strength::Strong).await;
        opened.map(Writer).map_err(open_error)
    }

    async fn weak_writer(&self) -> Result<Writer, contract::OpenError> {
        let opened = self.0.open_writer(Strength::Weak).await;
        opened.map(Writer).map_err(open_error)
    }

    async fn strong_reader(&self) -> Reader {
        Reader(self.0.open_reader(Strength::Strong).await.unwrap())
    }

    async fn weak_reader(&self) -> Reader {
        Reader(self.0.open_reader(Strength::Weak).await.unwrap())
    }

    async fn drain(&self) {
        self.0.ask_drain().await.unwrap();
    }

    async fn terminate(&self) {
        self.0.ask_terminate().await.unwrap();
    }

    async fn stats(&self) -> contract::Stats {
        let stats = self.0.ask_stats().await;
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
        self.0.ask_write(payload).await.map_err(write_error)
    }

    async fn write_batch(&self, frames: Vec<Bytes>) -> Result<u64, contract::WriteError> {
        let sent = self.0.write_batch(batch(&frames)).await;
        sent.map(u64::from).map_err(write_error)
    }

    async fn try_write_batch(&self, frames: Vec<Bytes>) -> Result<u64, contract::WriteError> {
        let sent = self.0.ask_write_batch(batch(&frames)).await;
        sent.map(u64::from).map_err(write_error)
    }

    async fn downgrade(self) -> Self {
        self.0.ask_weak().await.unwrap();
        self
    }

    async fn close(self) {
        if super::CLOSES_BY_ASKING {
            self.0.ask_weak().await.unwrap();
        }
    }
}

impl contract::Reader for Reader {
    async fn read(&self) -> Result<Option<contract::Frame>, contract::ReadError> {
        let read = self.0.read().await;
        read.map(|one| one.map(frame)).map_err(read_error)
    }

    async fn try_read(&self) -> Result<Option<contract::Frame>, contract::ReadError> {
        let read = self.0.ask_read().await;
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
        let read = self.0.ask_read_batch(max_frames, max_bytes).await;
        read.map(|many| many.iter().map(frame).collect())
            .map_err(read_error)
    }

    async fn downgrade(self) -> Self {
        self.0.ask_weak().await.unwrap();
        self
    }

    async fn close(self) {
        if super::CLOSES_BY_ASKING {
            self.0.ask_weak().await.unwrap();
        }
    }
}

fn frame(frame: engine::Frame) -> contract::Frame {
    contract::Frame {
        writer: frame.writer.into(),
        payload: frame.payload,
    }
}

fn batch(frames: &[Bytes]) -> engine::Batch {
    let mut end = 0;
    let ends = frames.iter().map(|frame| {
        end += u32::try_from(frame.len()).unwrap();
        end
    });
    engine::Batch::new(ends.collect(), frames.concat().into()).unwrap()
}

fn open_error(error: engine::OpenError) -> contract::OpenError {
    assert_eq!(error, engine::OpenError::Ended);
    contract::OpenError
}

fn write_error(error: engine::WriteError) -> contract::WriteError {
    match error {
        engine::WriteError::Drained => contract::WriteError::Drained,
        engine::WriteError::Terminated => contract::WriteError::Terminated,
        engine::WriteError::TooLarge { capacity } => contract::WriteError::TooLarge(capacity),
        engine::WriteError::WouldBlock => contract::WriteError::WouldBlock,
        engine::WriteError::NoHandles | engine::WriteError::Unavailable(_) => panic!("{error}"),
    }
}

fn read_error(error: engine::ReadError) -> contract::ReadError {
    match error {
        engine::ReadError::Lagged(lost) => contract::ReadError::Lagged(lost),
        engine::ReadError::Terminated => contract::ReadError::Terminated,
        engine::ReadError::WouldBlock => contract::ReadError::WouldBlock,
        engine::ReadError::Unavailable(_) => panic!("{error}"),
    }
}
