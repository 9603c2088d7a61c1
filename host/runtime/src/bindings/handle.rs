//! What stands behind the resources of the WIT.
//!
//! Ends are shared between the table and the calls of `channel-async` that wait on them,
//! so that no such call borrows the table while it waits.

use crate::access::Access;
use crate::process::Process;
use crate::share::ShareCell;
use std::sync::Arc;
use weft_channel::{Channel, Reader, Writer};

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
pub struct ReaderHandle(pub(crate) Arc<Reader>);

/// A `writer` in a process's table.
#[derive(Clone, Debug)]
pub struct WriterHandle(pub(crate) Arc<Writer>);

/// A `process` in a process's table.
#[derive(Clone, Debug)]
pub struct ProcessHandle(pub(crate) Process);

impl ChannelHandle {
    pub(crate) fn new(channel: Channel, access: Access) -> Self {
        Self {
            channel,
            access,
            share: Arc::default(),
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
        Self(Arc::new(reader))
    }
}

impl From<Writer> for WriterHandle {
    fn from(writer: Writer) -> Self {
        Self(Arc::new(writer))
    }
}
