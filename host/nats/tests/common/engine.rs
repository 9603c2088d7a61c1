//! The engine as the suite of the contract takes it.

use std::cell::RefCell;

use bytes::Bytes;
use weft_channel::{self as channel, Strength};
use weft_channel_contract as contract;
use weft_nats::{ChannelConfig, Format, Server};

use super::Nats;

thread_local! {
    /// They outlive the test's last task, which has something to tell them, and end with its thread.
    static SERVERS: RefCell<Vec<Nats>> = const { RefCell::new(Vec::new()) };
}

/// An engine with a server of its own.
pub struct Engine<const PLAIN: bool> {
    server: Server,
    made: std::sync::atomic::AtomicU32,
}

#[derive(Debug, Clone)]
pub struct Channel(pub channel::Channel);

#[derive(Debug)]
pub struct Writer(pub channel::Writer);

#[derive(Debug)]
pub struct Reader(pub channel::Reader);

impl<const PLAIN: bool> contract::Engine for Engine<PLAIN> {
    type Channel = Channel;

    async fn start() -> Self {
        let nats = Nats::start().await;
        let server = nats.connect().await;
        SERVERS.with_borrow_mut(|servers| servers.push(nats));
        Self {
            server,
            made: 0.into(),
        }
    }

    async fn create(&self, capacity: u64, backpressure: contract::Backpressure) -> Channel {
        let number = self.made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let options = options(capacity, backpressure);
        let mut config = ChannelConfig::new(format!("channel-{number}"), options);
        if PLAIN {
            config.format = Format::Plain;
        }
        Channel(self.server.channel(config).await.unwrap().channel())
    }
}

fn options(capacity: u64, backpressure: contract::Backpressure) -> channel::Options {
    let backpressure = match backpressure {
        contract::Backpressure::Block => channel::Backpressure::Block,
        contract::Backpressure::Drop => channel::Backpressure::Drop,
    };
    channel::Options::new(capacity).backpressure(backpressure)
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
        // Dropping waits for nothing, and a weak end has nothing left to give back. On a channel that was terminated this changes nothing.
        self.0.ask_weak().await.unwrap();
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
        // Dropping waits for nothing, and a weak end has nothing left to give back. On a channel that was terminated this changes nothing.
        self.0.ask_weak().await.unwrap();
    }
}

fn frame(frame: channel::Frame) -> contract::Frame {
    contract::Frame {
        writer: frame.writer.into(),
        payload: frame.payload,
    }
}

fn batch(frames: &[Bytes]) -> channel::Batch {
    let mut end = 0;
    let ends = frames.iter().map(|frame| {
        end += u32::try_from(frame.len()).unwrap();
        end
    });
    channel::Batch::new(ends.collect(), frames.concat().into()).unwrap()
}

fn open_error(error: channel::OpenError) -> contract::OpenError {
    assert_eq!(error, channel::OpenError::Ended);
    contract::OpenError
}

fn write_error(error: channel::WriteError) -> contract::WriteError {
    match error {
        channel::WriteError::Drained => contract::WriteError::Drained,
        channel::WriteError::Terminated => contract::WriteError::Terminated,
        channel::WriteError::TooLarge { capacity } => contract::WriteError::TooLarge(capacity),
        channel::WriteError::WouldBlock => contract::WriteError::WouldBlock,
        channel::WriteError::NoHandles | channel::WriteError::Unavailable(_) => panic!("{error}"),
    }
}

fn read_error(error: channel::ReadError) -> contract::ReadError {
    match error {
        channel::ReadError::Lagged(lost) => contract::ReadError::Lagged(lost),
        channel::ReadError::Terminated => contract::ReadError::Terminated,
        channel::ReadError::WouldBlock => contract::ReadError::WouldBlock,
        channel::ReadError::Unavailable(_) => panic!("{error}"),
    }
}
