//! Calls wasmtime-wasi's file system on this thread. The library defines what a call means; we define where it runs and who
//! pays.
//!
//! Its methods are async and need a table with the descriptors. The table is made for one call. The descriptors are set to
//! work on the calling thread, so each method is done at its first poll.
//!
//! Opening and listing are our own: opening must not block, and listings must not be collected.

use super::open_file::OpenFile;
use bytes::Bytes;
use futures::FutureExt as _;
use rustix::io::Errno;
use std::io;
use wasmtime::component::{Resource, ResourceTable};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemCtx, WasiFilesystemCtxView};
use wasmtime_wasi::p2::bindings::filesystem::types::{ErrorCode, HostDescriptor as _};
use wasmtime_wasi::p2::{FsError, FsResult, StreamError};

/// The context for calling the library's methods.
pub(super) type View<'a> = WasiFilesystemCtxView<'a>;

/// A descriptor in that context.
pub(super) type Fd = Resource<Descriptor>;

/// The position in a file for a write.
#[derive(Clone, Copy, Debug)]
pub(super) enum At {
    Position(u64),
    End,
}

/// Calls a method of the library.
pub(super) fn call<const N: usize, T>(
    descriptors: [Descriptor; N],
    method: impl AsyncFnOnce(&mut View<'_>, [Fd; N]) -> FsResult<T>,
) -> Result<T, ErrorCode> {
    let mut table = ResourceTable::new();
    let mut context = WasiFilesystemCtx::default();
    let mut handles = Vec::with_capacity(N);
    for descriptor in descriptors {
        let handle = table.push(descriptor);
        handles.push(handle.map_err(|_| ErrorCode::InsufficientMemory)?);
    }
    let handles = handles.try_into().map_err(|_| ErrorCode::Io)?;
    let mut view = WasiFilesystemCtxView {
        ctx: &mut context,
        table: &mut table,
    };
    let answer = method(&mut view, handles).now_or_never();
    answer
        .unwrap_or_else(|| Err(ErrorCode::WouldBlock.into()))
        .map_err(code)
}

/// The code of a library error. A trap would be a bug of ours.
fn code(error: FsError) -> ErrorCode {
    error.downcast().unwrap_or(ErrorCode::Io)
}

/// Reads at a position, like a stream: no bytes mean the end of the file.
pub(super) fn read(file: &OpenFile, position: u64, size: usize) -> io::Result<Bytes> {
    stream(file, async |view, [fd]| {
        let stream = view.read_via_stream(fd, position)?;
        let stream = view.table.get_mut(&stream)?;
        Ok(stream.blocking_read(size).await)
    })
    .or_else(|error| match error {
        StreamError::Closed => Ok(Bytes::new()),
        error => Err(of_stream(error)),
    })
}

/// Writes all of the bytes.
pub(super) fn write(file: &OpenFile, at: At, bytes: Bytes) -> io::Result<()> {
    stream(file, async |view, [fd]| {
        let stream = match at {
            At::Position(position) => view.write_via_stream(fd, position)?,
            At::End => view.append_via_stream(fd)?,
        };
        let stream = view.table.get_mut(&stream)?;
        Ok(stream.blocking_write_and_flush(bytes).await)
    })
    .map_err(of_stream)
}

/// The same as `call`, for a method of a stream.
fn stream<T>(
    file: &OpenFile,
    method: impl AsyncFnOnce(&mut View<'_>, [Fd; 1]) -> FsResult<Result<T, StreamError>>,
) -> Result<T, StreamError> {
    call([file.descriptor()], method)
        .unwrap_or_else(|code| Err(StreamError::LastOperationFailed(code.into())))
}

/// The system's error.
fn of_stream(error: StreamError) -> io::Error {
    match error {
        StreamError::LastOperationFailed(error) => error.downcast().unwrap_or(Errno::IO.into()),
        StreamError::Closed | StreamError::Trap(_) => Errno::IO.into(),
    }
}
