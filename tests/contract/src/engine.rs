//! What an engine offers to the suite, and the values that go in and out.
//!
//! Everything is `async`, as an engine may be at the far end of a network. A `try_` call says what
//! would happen now, once the engine has been asked; it must not wait for anything else.
//!
//! Futures may be dropped at any time. Handles that are dropped are released in the
//! end; `close` returns when that has happened.

use std::fmt::Debug;

use bytes::Bytes;

/// What a write does when a strong reader still needs the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backpressure {
    /// The writer waits.
    Block,
    /// The frame is dropped and counted, and the write returns false.
    Drop,
}

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Id of the writer that sent it.
    pub writer: u64,
    /// Its bytes.
    pub payload: Bytes,
}

/// Why a writer was not made: the channel takes no more frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenError;

/// Why a write sent nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteError {
    /// The channel was drained, or its last strong writer is gone.
    Drained,
    /// The channel was terminated.
    Terminated,
    /// Larger than this, the capacity.
    TooLarge(u64),
    /// Only from `try_` calls on a `Block` channel: no room, or others wait for it.
    WouldBlock,
}

/// Why a read returned no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadError {
    /// The reader was overtaken and lost this many frames.
    Lagged(u64),
    /// The channel was terminated.
    Terminated,
    /// Only from `try_` calls: nothing to read yet.
    WouldBlock,
}

/// Counters of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Frames accepted so far.
    pub frames_written: u64,
    /// Frames dropped by full-channel writes so far.
    pub frames_dropped: u64,
    /// Bytes of payload retained now.
    pub bytes_held: u64,
}

/// An engine: something that makes channels.
pub trait Engine: Sized + Send + Sync + 'static {
    /// A channel of it, held as a whole.
    type Channel: Channel;

    /// Starts it, or connects to it. Each test does so once.
    fn start() -> impl Future<Output = Self> + Send;

    /// Makes a channel.
    fn create(
        &self,
        capacity: u64,
        backpressure: Backpressure,
    ) -> impl Future<Output = Self::Channel> + Send;
}

/// A channel, held as a whole. Keeps nothing open.
pub trait Channel: Clone + Send + Sync + 'static {
    /// Its writing ends.
    type Writer: Writer;
    /// Its reading ends.
    type Reader: Reader;

    /// Makes a writer that keeps the channel open.
    fn strong_writer(&self) -> impl Future<Output = Result<Self::Writer, OpenError>> + Send;
    /// Makes a writer that keeps nothing open.
    fn weak_writer(&self) -> impl Future<Output = Result<Self::Writer, OpenError>> + Send;
    /// Makes a reader that holds writers back.
    fn strong_reader(&self) -> impl Future<Output = Self::Reader> + Send;
    /// Makes a reader that may be overtaken.
    fn weak_reader(&self) -> impl Future<Output = Self::Reader> + Send;
    /// Takes no more frames; readers finish what is there.
    fn drain(&self) -> impl Future<Output = ()> + Send;
    /// Fails every pending and later operation.
    fn terminate(&self) -> impl Future<Output = ()> + Send;
    /// Reads the counters.
    fn stats(&self) -> impl Future<Output = Stats> + Send;
}

/// A writing end.
pub trait Writer: Debug + Sized + Send + Sync + 'static {
    /// Names it in the frames it sends.
    fn id(&self) -> u64;
    /// Sends a frame, waiting for room. False: it was dropped.
    fn write(&self, payload: Bytes) -> impl Future<Output = Result<bool, WriteError>> + Send;
    /// Sends a frame without waiting for room.
    fn try_write(&self, payload: Bytes) -> impl Future<Output = Result<bool, WriteError>> + Send;
    /// Sends a batch, waiting for room; returns the number of frames sent.
    fn write_batch(
        &self,
        frames: Vec<Bytes>,
    ) -> impl Future<Output = Result<u64, WriteError>> + Send;
    /// Sends a batch without waiting for room.
    fn try_write_batch(
        &self,
        frames: Vec<Bytes>,
    ) -> impl Future<Output = Result<u64, WriteError>> + Send;
    /// Makes it a weak one.
    fn downgrade(self) -> impl Future<Output = Self> + Send;
    /// Drops it.
    fn close(self) -> impl Future<Output = ()> + Send;
}

/// A reading end.
pub trait Reader: Debug + Sized + Send + Sync + 'static {
    /// Takes the next frame, waiting for it; `None` is the end.
    fn read(&self) -> impl Future<Output = Result<Option<Frame>, ReadError>> + Send;
    /// Takes the next frame without waiting for it.
    fn try_read(&self) -> impl Future<Output = Result<Option<Frame>, ReadError>> + Send;
    /// Takes the frames that are there, waiting for the first; none is the end.
    fn read_batch(
        &self,
        max_frames: u32,
        max_bytes: u64,
    ) -> impl Future<Output = Result<Vec<Frame>, ReadError>> + Send;
    /// Takes the frames that are there.
    fn try_read_batch(
        &self,
        max_frames: u32,
        max_bytes: u64,
    ) -> impl Future<Output = Result<Vec<Frame>, ReadError>> + Send;
    /// Makes it a weak one, at the same place.
    fn downgrade(self) -> impl Future<Output = Self> + Send;
    /// Drops it.
    fn close(self) -> impl Future<Output = ()> + Send;
}
