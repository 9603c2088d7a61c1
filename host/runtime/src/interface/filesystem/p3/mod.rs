//! `wasi:filesystem` 0.3: thin adapters over an open file's calls.
//!
//! Invariant: no adapter borrows the store across a wait.

mod convert;
mod lister;
mod reader;
mod writer;

use super::library::At;
use super::open::Opening;
use super::open_file::OpenFile;
use crate::process::ProcessState;
use lister::Lister;
use reader::Reader;
use std::sync::Arc;
use tokio::sync::oneshot;
use wasmtime::component::{
    Access, Accessor, FutureReader, HasSelf, Linker, Resource, StreamReader,
};
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p3::bindings::filesystem::preopens;
use wasmtime_wasi::p3::bindings::filesystem::types::{
    self, Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, ErrorCode,
    Filesize, MetadataHashValue, NewTimestamp, OpenFlags, PathFlags,
};
use wasmtime_wasi::p3::filesystem::{FilesystemError, FilesystemResult};
use writer::Writer;

/// The context of the adapters.
type State = HasSelf<ProcessState>;

type Fd = Resource<Descriptor>;

/// How a stream ended, for the guest that reads or writes it.
type Ending = Result<(), ErrorCode>;

/// Links these, and replaces the library's.
pub(super) fn link(linker: &mut Linker<ProcessState>) -> wasmtime::Result<()> {
    types::add_to_linker::<_, State>(linker, |state| state)?;
    preopens::add_to_linker::<_, State>(linker, |state| state)
}

impl preopens::Host for ProcessState {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Fd, String)>> {
        self.mounted()
    }
}

impl types::Host for ProcessState {
    fn convert_error_code(&mut self, error: FilesystemError) -> wasmtime::Result<ErrorCode> {
        error.downcast()
    }
}

impl types::HostDescriptor for ProcessState {
    fn drop(&mut self, fd: Fd) -> wasmtime::Result<()> {
        Ok(self.drop_file(&fd)?)
    }
}

/// The open file behind a handle.
fn at(store: &Accessor<ProcessState, State>, fd: &Fd) -> FilesystemResult<Arc<OpenFile>> {
    Ok(store.with(|mut store| store.get().open_file(fd))?)
}

impl types::HostDescriptorWithStore<ProcessState> for State {
    fn read_via_stream(
        mut store: Access<'_, ProcessState, Self>,
        fd: Fd,
        offset: Filesize,
    ) -> wasmtime::Result<(StreamReader<u8>, FutureReader<Ending>)> {
        let file = store.get().open_file(&fd)?;
        let (mut end, ending) = End::new();
        let bytes = match file.as_file() {
            Ok(_) => StreamReader::new(&mut store, Reader::new(file, offset, end))?,
            Err(_) => {
                // The usual error of systems for a folder.
                end.tell(Err(ErrorCode::IsDirectory));
                StreamReader::new(&mut store, std::iter::empty())?
            }
        };
        Ok((bytes, FutureReader::new(&mut store, ending)?))
    }

    fn write_via_stream(
        store: Access<'_, ProcessState, Self>,
        fd: Fd,
        bytes: StreamReader<u8>,
        offset: Filesize,
    ) -> wasmtime::Result<FutureReader<Ending>> {
        write(store, &fd, bytes, At::Position(offset))
    }

    fn append_via_stream(
        store: Access<'_, ProcessState, Self>,
        fd: Fd,
        bytes: StreamReader<u8>,
    ) -> wasmtime::Result<FutureReader<Ending>> {
        write(store, &fd, bytes, At::End)
    }

    fn read_directory(
        mut store: Access<'_, ProcessState, Self>,
        fd: Fd,
    ) -> wasmtime::Result<(StreamReader<DirectoryEntry>, FutureReader<Ending>)> {
        let folder = store.get().open_file(&fd)?;
        let (end, ending) = End::new();
        let entries = StreamReader::new(&mut store, Lister::new(folder, end))?;
        Ok((entries, FutureReader::new(&mut store, ending)?))
    }

    async fn advise(
        store: &Accessor<ProcessState, Self>,
        fd: Fd,
        offset: Filesize,
        length: Filesize,
        advice: Advice,
    ) -> FilesystemResult<()> {
        let advice = convert::advice(advice);
        let advised = at(store, &fd)?.advise(offset, length, advice).await;
        Ok(advised.map_err(convert::code)?)
    }

    async fn sync_data(store: &Accessor<ProcessState, Self>, fd: Fd) -> FilesystemResult<()> {
        let answer = at(store, &fd)?.sync_data().await;
        Ok(answer.map_err(convert::code)?)
    }

    async fn get_flags(
        store: &Accessor<ProcessState, Self>,
        fd: Fd,
    ) -> FilesystemResult<DescriptorFlags> {
        let answer = at(store, &fd)?.get_flags().await;
        Ok(answer.map(convert::flags).map_err(convert::code)?)
    }

    async fn get_type(
        store: &Accessor<ProcessState, Self>,
        fd: Fd,
    ) -> FilesystemResult<DescriptorType> {
        let answer = at(store, &fd)?.get_type().await;
        Ok(answer.map(convert::kind).map_err(convert::code)?)
    }

    async fn set_size(
        store: &Accessor<ProcessState, Self>,
        fd: Fd,
        size: Filesize,
    ) -> FilesystemResult<()> {
        let answer = at(store, &fd)?.set_size(size).await;
        Ok(answer.map_err(convert::code)?)
    }

    async fn set_times(
        store: &Accessor<ProcessState, Self>,
        fd: Fd,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> FilesystemResult<()> {
        let times = convert::times(accessed, modified)?;
        let answer = at(store, &fd)?.set_times(times).await;
        Ok(answer.map_err(convert::code)?)
    }

    async fn sync(store: &Accessor<ProcessState, Self>, fd: Fd) -> FilesystemResult<()> {
        let answer = at(store, &fd)?.sync().await;
        Ok(answer.map_err(convert::code)?)
    }

    async fn create_directory_at(
        store: &Accessor<ProcessState, Self>,
        fd: Fd,
        path: String,
    ) -> FilesystemResult<()> {
        let answer = at(store, &fd)?.create_directory_at(path).await;
        Ok(answer.map_err(convert::code)?)
    }

    async fn stat(
        store: &Accessor<ProcessState, Self>,
        fd: Fd,
    ) -> FilesystemResult<DescriptorStat> {
        let answer = at(store, &fd)?.stat().await;
        Ok(answer.map(convert::stat).map_err(convert::code)?)
    }

    async fn stat_at(
        store: &Accessor<ProcessState, Self>,
        fd: Fd,
        flags: PathFlags,
        path: String,
    ) -> FilesystemResult<DescriptorStat> {
        let answer = at(store, &fd)?
            .stat_at(convert::path_flags(flags), path)
            .await;
        Ok(answer.map(convert::stat).map_err(convert::code)?)
    }

    async fn set_times_at(
        store: &Accessor<ProcessState, Self>,
        fd: Fd,
        flags: PathFlags,
        path: String,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> FilesystemResult<()> {
        let (flags, times) = (
            convert::path_flags(flags),
            convert::times(accessed, modified)?,
        );
        let answer = at(store, &fd)?.set_times_at(flags, path, times).await;
        Ok(answer.map_err(convert::code)?)
    }

    async fn readlink_at(
        store: &Accessor<ProcessState, Self>,
        fd: Fd,
        path: String,
    ) -> FilesystemResult<String> {
        let answer = at(store, &fd)?.readlink_at(path).await;
        Ok(answer.map_err(convert::code)?)
    }

    async fn remove_directory_at(
        store: &Accessor<ProcessState, Self>,
        fd: Fd,
        path: String,
    ) -> FilesystemResult<()> {
        let answer = at(store, &fd)?.remove_directory_at(path).await;
        Ok(answer.map_err(convert::code)?)
    }

    async fn symlink_at(
        store: &Accessor<ProcessState, Self>,
        fd: Fd,
        old: String,
        new: String,
    ) -> FilesystemResult<()> {
        let answer = at(store, &fd)?.symlink_at(old, new).await;
        Ok(answer.map_err(convert::code)?)
    }

    async fn unlink_file_at(
        store: &Accessor<ProcessState, Self>,
        fd: Fd,
        path: String,
    ) -> FilesystemResult<()> {
        let answer = at(store, &fd)?.unlink_file_at(path).await;
        Ok(answer.map_err(convert::code)?)
    }

    async fn metadata_hash(
        store: &Accessor<ProcessState, Self>,
        fd: Fd,
    ) -> FilesystemResult<MetadataHashValue> {
        let answer = at(store, &fd)?.metadata_hash().await;
        Ok(answer.map(convert::hash).map_err(convert::code)?)
    }

    async fn metadata_hash_at(
        store: &Accessor<ProcessState, Self>,
        fd: Fd,
        flags: PathFlags,
        path: String,
    ) -> FilesystemResult<MetadataHashValue> {
        let answer = at(store, &fd)?
            .metadata_hash_at(convert::path_flags(flags), path)
            .await;
        Ok(answer.map(convert::hash).map_err(convert::code)?)
    }

    async fn link_at(
        store: &Accessor<ProcessState, Self>,
        fd: Fd,
        flags: PathFlags,
        old: String,
        other: Fd,
        new: String,
    ) -> FilesystemResult<()> {
        let (flags, other) = (convert::path_flags(flags), at(store, &other)?);
        let linked = at(store, &fd)?.link_at(flags, old, other, new).await;
        Ok(linked.map_err(convert::code)?)
    }

    async fn rename_at(
        store: &Accessor<ProcessState, Self>,
        fd: Fd,
        old: String,
        other: Fd,
        new: String,
    ) -> FilesystemResult<()> {
        let other = at(store, &other)?;
        let renamed = at(store, &fd)?.rename_at(old, other, new).await;
        Ok(renamed.map_err(convert::code)?)
    }

    async fn open_at(
        store: &Accessor<ProcessState, Self>,
        fd: Fd,
        path_flags: PathFlags,
        path: String,
        open_flags: OpenFlags,
        flags: DescriptorFlags,
    ) -> FilesystemResult<Fd> {
        let opening = Opening {
            path_flags: convert::path_flags(path_flags),
            path,
            open_flags: convert::open_flags(open_flags),
            flags: convert::flags_of_guest(flags),
        };
        let opened = at(store, &fd)?.open_at(opening).await;
        let opened = opened.map_err(convert::code)?;
        Ok(store.with(|mut store| store.get().push_file(opened))?)
    }

    async fn is_same_object(
        store: &Accessor<ProcessState, Self>,
        one: Fd,
        other: Fd,
    ) -> wasmtime::Result<bool> {
        let (one, other) = (at(store, &one)?, at(store, &other)?);
        Ok(one.is_same_object(other).await?)
    }
}

/// Writes the bytes of a stream to a file.
fn write(
    mut store: Access<'_, ProcessState, State>,
    fd: &Fd,
    mut bytes: StreamReader<u8>,
    at: At,
) -> wasmtime::Result<FutureReader<Ending>> {
    let file = store.get().open_file(fd)?;
    let (mut end, ending) = End::new();
    let allowed = match file.as_file() {
        Ok(_) if file.is_writable() => Ok(()),
        Ok(_) => Err(ErrorCode::NotPermitted),
        Err(code) => Err(convert::code(code)),
    };
    match allowed {
        Ok(()) => bytes.pipe(&mut store, Writer::new(file, at, end))?,
        Err(code) => {
            bytes.close(&mut store)?;
            end.tell(Err(code));
        }
    }
    FutureReader::new(&mut store, ending)
}

/// Reports the end of a stream, once.
struct End(Option<oneshot::Sender<Ending>>);

impl End {
    fn new() -> (Self, oneshot::Receiver<Ending>) {
        let (sender, receiver) = oneshot::channel();
        (Self(Some(sender)), receiver)
    }

    /// Reports the end, unless it was reported.
    fn tell(&mut self, ending: Ending) {
        if let Some(sender) = self.0.take() {
            // The receiver may be gone.
            let _ = sender.send(ending);
        }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.tell(Ok(()));
    }
}
