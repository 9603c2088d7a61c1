//! The contract of channels, sentence by sentence: the same suite that the host's engine is held to.

use super::{Channel, Reader, Writer};
use super::{ReadFault, WriteFault, state::Delivered};
use bytes::Bytes;
use std::sync::Arc;
use weft_channel_contract as contract;

weft_channel_contract::contract_tests!(Kit);

struct Kit;

#[derive(Clone)]
struct Common(Arc<Channel>);

impl contract::Engine for Kit {
    type Channel = Common;

    async fn start() -> Self {
        Kit
    }

    async fn create(&self, capacity: u64, backpressure: contract::Backpressure) -> Common {
        let dropping = backpressure == contract::Backpressure::Drop;
        Common(Arc::new(Channel::new(capacity, dropping)))
    }
}

impl contract::Channel for Common {
    type Writer = Writer;
    type Reader = Reader;

    async fn strong_writer(&self) -> Result<Writer, contract::OpenError> {
        self.0.writer(true).ok_or(contract::OpenError)
    }

    async fn weak_writer(&self) -> Result<Writer, contract::OpenError> {
        self.0.writer(false).ok_or(contract::OpenError)
    }

    async fn strong_reader(&self) -> Reader {
        self.0.reader(true)
    }

    async fn weak_reader(&self) -> Reader {
        self.0.reader(false)
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
            frames_written: stats.written,
            frames_dropped: stats.dropped,
            bytes_held: stats.bytes,
        }
    }
}

fn slices(frames: &[Bytes]) -> Vec<&[u8]> {
    frames.iter().map(|frame| &**frame).collect()
}

impl contract::Writer for Writer {
    fn id(&self) -> u64 {
        Writer::id(self).into()
    }

    async fn write(&self, payload: Bytes) -> Result<bool, contract::WriteError> {
        let sent = self.send(&[&payload], &mut Vec::new()).await;
        sent.map(|sent| sent > 0).map_err(write_error)
    }

    async fn try_write(&self, payload: Bytes) -> Result<bool, contract::WriteError> {
        let sent = self.try_send(&[&payload], &mut Vec::new());
        sent.map(|sent| sent > 0).map_err(write_error)
    }

    async fn write_batch(&self, frames: Vec<Bytes>) -> Result<u64, contract::WriteError> {
        let sent = self.send(&slices(&frames), &mut Vec::new()).await;
        sent.map(u64::from).map_err(write_error)
    }

    async fn try_write_batch(&self, frames: Vec<Bytes>) -> Result<u64, contract::WriteError> {
        let sent = self.try_send(&slices(&frames), &mut Vec::new());
        sent.map(u64::from).map_err(write_error)
    }

    async fn downgrade(self) -> Self {
        self.weaken();
        self
    }

    async fn close(self) {}
}

impl contract::Reader for Reader {
    async fn read(&self) -> Result<Option<contract::Frame>, contract::ReadError> {
        let taken = self.take(1, usize::MAX).await;
        taken
            .map(|mut taken| taken.pop().map(frame))
            .map_err(read_error)
    }

    async fn try_read(&self) -> Result<Option<contract::Frame>, contract::ReadError> {
        let taken = self.try_take(1, usize::MAX);
        taken
            .map(|mut taken| taken.pop().map(frame))
            .map_err(read_error)
    }

    async fn read_batch(
        &self,
        max_frames: u32,
        max_bytes: u64,
    ) -> Result<Vec<contract::Frame>, contract::ReadError> {
        let taken = self.take(max_frames as usize, max_bytes as usize).await;
        taken.map(frames).map_err(read_error)
    }

    async fn try_read_batch(
        &self,
        max_frames: u32,
        max_bytes: u64,
    ) -> Result<Vec<contract::Frame>, contract::ReadError> {
        let taken = self.try_take(max_frames as usize, max_bytes as usize);
        taken.map(frames).map_err(read_error)
    }

    async fn downgrade(self) -> Self {
        self.weaken();
        self
    }

    async fn close(self) {}
}

fn frames(taken: Vec<Delivered>) -> Vec<contract::Frame> {
    taken.into_iter().map(frame).collect()
}

fn frame(taken: Delivered) -> contract::Frame {
    contract::Frame {
        writer: taken.writer.into(),
        payload: Bytes::copy_from_slice(&taken.payload),
    }
}

fn write_error(fault: WriteFault) -> contract::WriteError {
    match fault {
        WriteFault::Drained => contract::WriteError::Drained,
        WriteFault::Terminated => contract::WriteError::Terminated,
        WriteFault::TooLarge(most) => contract::WriteError::TooLarge(most),
        WriteFault::WouldBlock => contract::WriteError::WouldBlock,
    }
}

fn read_error(fault: ReadFault) -> contract::ReadError {
    match fault {
        ReadFault::Lagged(lost) => contract::ReadError::Lagged(lost),
        ReadFault::Terminated => contract::ReadError::Terminated,
        ReadFault::WouldBlock => contract::ReadError::WouldBlock,
    }
}
