//! What stands behind the resources of the WIT.
//!
//! Ends are shared between the table and the calls that wait on them, so that no
//! call borrows the table while it waits.

use crate::process::Process;
use crate::share::ShareCell;
use std::sync::Arc;
use weft_channel::{Channel, Reader, Writer};

/// A `channel` in a process's table.
#[derive(Clone, Debug)]
pub struct ChannelHandle {
    pub(crate) channel: Channel,
    /// A log looked up through a process: it can be read with weak readers, and
    /// nothing else, so that a reader can neither hold it back nor forge it.
    pub(crate) log: bool,
    /// The token it was shared by, if it was; one for all handles made of this one.
    pub(crate) share: Arc<ShareCell>,
}

/// A `reader` in a process's table.
#[derive(Clone, Debug)]
pub struct ReaderHandle(pub(crate) Arc<Reader>);

/// A `writer` in a process's table.
#[derive(Clone, Debug)]
pub struct WriterHandle(pub(crate) Arc<Writer>);

/// A `process` in a process's table.
#[derive(Clone, Debug)]
pub struct ProcessHandle(pub(crate) Process);

impl From<Channel> for ChannelHandle {
    fn from(channel: Channel) -> Self {
        Self {
            channel,
            log: false,
            share: Arc::default(),
        }
    }
}

impl From<Reader> for ReaderHandle {
    fn from(reader: Reader) -> Self {
        Self(Arc::new(reader))
    }
}

impl From<Writer> for WriterHandle {
    fn from(writer: Writer) -> Self {
        Self(Arc::new(writer))
    }
}
