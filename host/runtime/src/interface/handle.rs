//! What stands behind the resources of the WIT.
//!
//! Ends are shared between the table and the calls of `channel-async` that wait on them,
//! so that no such call borrows the table while it waits.

use crate::access::Access;
use crate::channel::{Committed, Redelivery};
use crate::process::{Process, ProcessShared};
use crate::share::ShareCell;
use std::pin::pin;
use std::sync::{Arc, Weak};
use weft_channel::{Channel, Frame, Frames, ReadError, Reader, Writer};

/// A `channel` in a process's table.
#[derive(Clone, Debug)]
pub struct ChannelHandle {
    pub(crate) channel: Channel,
    /// What it may be used for.
    pub(crate) access: Access,
    /// The token it was shared by, if it was; one for all handles attached by it.
    pub(crate) share: Arc<ShareCell>,
}

/// A `reader` in a process's table.
#[derive(Clone, Debug)]
pub struct ReaderHandle {
    pub(crate) reader: Arc<Reader>,
    /// Of a committed reader.
    pub(crate) committed: Option<Arc<Committed>>,
    /// Whether its reads end when the process that holds it is asked to stop.
    pub(crate) ends_at_stop: bool,
}

/// A `writer` in a process's table.
#[derive(Clone, Debug)]
pub struct WriterHandle(pub(crate) Arc<Writer>);

/// A `process` in a process's table.
///
/// A leash is its starter's alone: a handle that moves to another process goes without.
#[derive(Debug)]
pub struct ProcessHandle {
    pub(crate) process: Process,
    /// Whose linked child it is, if this is the handle that its start returned.
    leash: Option<Weak<ProcessShared>>,
}

impl ChannelHandle {
    pub(crate) fn new(channel: Channel, access: Access) -> Self {
        Self {
            channel,
            access,
            share: Arc::default(),
        }
    }
}

impl ProcessHandle {
    pub(crate) fn new(process: Process) -> Self {
        Self {
            process,
            leash: None,
        }
    }

    /// The handle by which `starter` holds its linked child: dropping it stops the child.
    pub(crate) fn leash(process: Process, starter: &Arc<ProcessShared>) -> Self {
        Self {
            process,
            leash: Some(Arc::downgrade(starter)),
        }
    }

    /// The same without its leash: dropping it stops nobody. The process stays its starter's child
    /// and linked with it. A start that fails drops its arguments, and those have their leash still.
    pub(crate) fn unleashed(mut self) -> Self {
        self.leash = None;
        self
    }
}

/// A clone has no leash: the process is stopped once, with the handle that its start returned.
impl Clone for ProcessHandle {
    fn clone(&self) -> Self {
        Self::new(self.process.clone())
    }
}

impl Drop for ProcessHandle {
    fn drop(&mut self) {
        if let Some(starter) = self.leash.as_ref().and_then(Weak::upgrade) {
            starter.let_go(&self.process.shared);
        }
    }
}

impl From<Channel> for ChannelHandle {
    fn from(channel: Channel) -> Self {
        Self::new(channel, Access::all())
    }
}

impl From<Reader> for ReaderHandle {
    fn from(reader: Reader) -> Self {
        Self {
            reader: Arc::new(reader),
            committed: None,
            ends_at_stop: false,
        }
    }
}

impl ReaderHandle {
    /// A committed reader, for processes that are restarted. What such a process has read and not finished when it fails, is
    /// killed or reaches a limit comes again to the process that is started with a clone of this handle. It has finished with
    /// what it has read when it reads on, or returns.
    pub fn committed(reader: Reader, redelivery: Redelivery) -> Self {
        let handle = Self::from(reader);
        let committed = Committed::new(redelivery, &handle.reader);
        Self {
            committed: Some(Arc::new(committed)),
            ..handle
        }
    }

    /// Whether its reads end now: the process that holds it was asked to stop, and more frames may come. What is left in a channel
    /// that takes no more frames is read to its end.
    #[inline]
    pub(crate) fn is_stopped(&self, holder: &ProcessShared) -> bool {
        self.ends_at_stop && holder.stop_requested() && !self.reader.is_ending()
    }

    /// Waits for a read of it, and no longer than its reads go on. None: they have ended.
    pub(crate) async fn unless_stopped<T>(
        &self,
        holder: &ProcessShared,
        read: impl Future<Output = T>,
    ) -> Option<T> {
        if !self.ends_at_stop {
            return Some(read.await);
        }
        if self.is_stopped(holder) {
            return None;
        }
        let mut read = pin!(read);
        tokio::select! {
            biased;
            read = &mut read => Some(read),
            () = holder.stop_request() => match self.reader.is_ending() {
                true => Some(read.await),
                false => None,
            },
        }
    }

    /// The next frame; none at the end of the channel, or when its reads have ended.
    ///
    /// What waits is boxed, here and in [`read_batch`](Self::read_batch): the future of a call is moved several times before it is polled.
    pub(crate) async fn read(&self, holder: &ProcessShared) -> Result<Option<Frame>, ReadError> {
        match self.try_read(holder) {
            Err(ReadError::WouldBlock) => {
                let read = Box::pin(self.unless_stopped(holder, self.reader.read()));
                read.await.unwrap_or(Ok(None))
            }
            read => read,
        }
    }

    /// The same without waiting.
    #[inline]
    pub(crate) fn try_read(&self, holder: &ProcessShared) -> Result<Option<Frame>, ReadError> {
        match self.is_stopped(holder) {
            true => Ok(None),
            false => self.reader.try_read(),
        }
    }

    /// The next frames within these bounds; none at the end of the channel, or when its reads have ended.
    pub(crate) async fn read_batch(
        &self,
        holder: &ProcessShared,
        (frames, bytes): (u32, u64),
    ) -> Result<Frames, ReadError> {
        match self.try_read_batch(holder, (frames, bytes)) {
            Err(ReadError::WouldBlock) => {
                let read = self.reader.read_batch(frames, bytes);
                let read = Box::pin(self.unless_stopped(holder, read));
                read.await.unwrap_or_else(|| Ok(Frames::default()))
            }
            read => read,
        }
    }

    /// The same without waiting.
    #[inline]
    pub(crate) fn try_read_batch(
        &self,
        holder: &ProcessShared,
        (frames, bytes): (u32, u64),
    ) -> Result<Frames, ReadError> {
        match self.is_stopped(holder) {
            true => Ok(Frames::default()),
            false => self.reader.try_read_batch(frames, bytes),
        }
    }

    /// Begins a read: what was read before is finished, unless its holder says so itself.
    #[inline]
    pub(crate) fn read_on(&self) {
        if let Some(committed) = &self.committed {
            committed.read_on();
        }
    }

    /// Begins a read of many frames, and gives its bounds.
    #[inline]
    pub(crate) fn read_on_within(&self, max_frames: u32, max_bytes: u64) -> (u32, u64) {
        self.read_on();
        let committed = self.committed.as_ref();
        committed.map_or((max_frames, max_bytes), |committed| {
            committed.bounds(max_frames, max_bytes)
        })
    }
}

impl From<Writer> for WriterHandle {
    fn from(writer: Writer) -> Self {
        Self(Arc::new(writer))
    }
}
