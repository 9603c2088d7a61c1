//! Handles that travel with frames: out of the sender's table, through the channel, into
//! the reader's table.
//!
//! Invariant: a handle sent has left the sender's table whatever comes of the write,
//! and is charged to the sender until somebody has read it.
//!
//! An end that a supervisor keeps for the next incarnation of the sender cannot travel: it would have
//! two owners, one of whom reads nothing and holds writers back.

use crate::access::Access;
use crate::account::Good;
use crate::capability::Right;
use crate::interface::generated::weft::fabric::channel::{Handle, WriteError};
use crate::interface::{ChannelHandle, ReaderHandle, WriterHandle};
use crate::process::ProcessState;
use std::result::Result as Answer;
use std::sync::Arc;
use wasmtime::Result;
use weft_channel::{Attachment, Attachments};

/// What a write is told that would send an end which is kept.
const KEPT: &str = "kept for a restart";

/// What was in the table.
enum Taken {
    Whole(Attachment),
    /// A handle that was lost before.
    Nothing,
    /// An end that is kept for another process too.
    Kept(Right),
}

impl ProcessState {
    /// Takes handles out of the table and pays for them.
    pub(super) fn attach(
        &mut self,
        handles: Vec<Handle>,
    ) -> Result<Answer<Attachments, WriteError>> {
        let mut attached =
            Vec::with_capacity(handles.len().min(self.limits.handles_per_frame as usize));
        // A permit to write has a share of its writer.
        self.permits.clear();
        let mut kept = None;
        // One by one to the last, or those left would stay in the table with nobody to drop them.
        for handle in handles {
            match self.take_handle(handle)? {
                Taken::Whole(handle) => attached.push(handle),
                Taken::Nothing => {}
                Taken::Kept(right) => kept = Some(right),
            }
        }
        if let Some(right) = kept {
            let name = format!("{}({KEPT})", right.name());
            return Ok(Err(WriteError::PermissionDenied(name)));
        }
        let most = self.limits.handles_per_frame;
        if attached.len() > most as usize {
            return Ok(Err(WriteError::TooManyHandles(most)));
        }
        let charge = self
            .account
            .charge(Good::SentHandles, attached.len() as u64);
        Ok(charge
            .map(|charge| Attachments::with_charge(attached, Arc::new(charge)))
            .map_err(|error| WriteError::Exhausted(error.to_string())))
    }

    fn take_handle(&mut self, handle: Handle) -> Result<Taken> {
        // The component model passes on no handle that a call waits on; so who else has a share of
        // the end keeps it for another process.
        Ok(match handle {
            Handle::Channel(handle) => {
                let ChannelHandle {
                    channel, access, ..
                } = self.table.delete(handle)?;
                Taken::Whole(Attachment::Channel(channel, access.bits()))
            }
            Handle::Reader(handle) => Arc::into_inner(self.table.delete(handle)?.reader).map_or(
                Taken::Kept(Right::ChannelReader),
                |reader| {
                    // In a frame they would keep channels alive that nobody can reach.
                    reader.strip_returned();
                    Taken::Whole(Attachment::Reader(reader))
                },
            ),
            Handle::Writer(handle) => Arc::into_inner(self.table.delete(handle)?.0)
                .map_or(Taken::Kept(Right::ChannelWriter), |writer| {
                    Taken::Whole(Attachment::Writer(writer))
                }),
            Handle::Lost => Taken::Nothing,
        })
    }

    /// Puts handles that came with a frame into the table.
    pub(super) fn detach(&mut self, attached: Vec<Attachment>) -> Option<Vec<Handle>> {
        if attached.is_empty() {
            return None;
        }
        Some(
            attached
                .into_iter()
                .map(|handle| self.give_handle(handle))
                .collect(),
        )
    }

    fn give_handle(&mut self, handle: Attachment) -> Handle {
        let given = match handle {
            Attachment::Channel(channel, access) => {
                let access = Access::from_bits_truncate(access);
                let handle = ChannelHandle::new(channel, access);
                self.table.push(handle).map(Handle::Channel)
            }
            Attachment::Reader(reader) => self
                .table
                .push(ReaderHandle::from(reader))
                .map(Handle::Reader),
            Attachment::Writer(writer) => self
                .table
                .push(WriterHandle::from(writer))
                .map(Handle::Writer),
        };
        given.unwrap_or(Handle::Lost)
    }
}
