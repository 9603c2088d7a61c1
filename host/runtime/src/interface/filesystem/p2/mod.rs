//! `wasi:filesystem` 0.2: thin adapters over an open file's calls.
//!
//! Invariant: an `Err` that is not a WASI code traps the guest. So such errors are only for handles that the guest does not have and for a
//! full table.

mod reader;
mod writer;

use super::library::At;
use super::listing::{Listing, Next};
use super::open::Opening;
use super::open_file::OpenFile;
use super::times::Times;
use crate::process::ProcessState;
use reader::Reader;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use wasmtime::component::{HasSelf, Linker, Resource};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;
use wasmtime_wasi::p2::bindings::filesystem::preopens;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    self, Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry,
    DirectoryEntryStream, ErrorCode, Filesize, HostDescriptor, HostDirectoryEntryStream,
    MetadataHashValue, NewTimestamp, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsError, FsResult};
use writer::Writer;

type Fd = Resource<Descriptor>;

/// The entry behind a `directory-entry-stream`; none while its next part is read.
type ListingEntry = Option<Listing>;

/// Links these, and replaces the library's.
pub(super) fn link(linker: &mut Linker<ProcessState>) -> wasmtime::Result<()> {
    types::add_to_linker::<_, HasSelf<ProcessState>>(linker, |state| state)?;
    preopens::add_to_linker::<_, HasSelf<ProcessState>>(linker, |state| state)
}

impl preopens::Host for ProcessState {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Fd, String)>> {
        self.mounted()
    }
}

impl types::Host for ProcessState {
    fn convert_error_code(&mut self, error: FsError) -> wasmtime::Result<ErrorCode> {
        error.downcast()
    }

    fn filesystem_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> wasmtime::Result<Option<ErrorCode>> {
        self.filesystem().filesystem_error_code(error)
    }
}

impl ProcessState {
    fn at(&mut self, fd: &Fd) -> FsResult<Arc<OpenFile>> {
        Ok(self.open_file(fd)?)
    }

    fn pair(&mut self, one: &Fd, other: &Fd) -> FsResult<(Arc<OpenFile>, Arc<OpenFile>)> {
        Ok((self.open_file(one)?, self.open_file(other)?))
    }

    fn output_stream(&mut self, fd: &Fd, at: At) -> FsResult<Resource<DynOutputStream>> {
        let file = self.at(fd)?;
        file.as_file()?;
        if !file.is_writable() {
            return Err(ErrorCode::NotPermitted.into());
        }
        let stream: DynOutputStream = Box::new(Writer::new(file, at));
        Ok(self.files_table().push(stream)?)
    }
}

impl HostDescriptor for ProcessState {
    async fn advise(
        &mut self,
        fd: Fd,
        offset: Filesize,
        length: Filesize,
        advice: Advice,
    ) -> FsResult<()> {
        Ok(self.at(&fd)?.advise(offset, length, advice).await?)
    }

    async fn sync_data(&mut self, fd: Fd) -> FsResult<()> {
        Ok(self.at(&fd)?.sync_data().await?)
    }

    async fn get_flags(&mut self, fd: Fd) -> FsResult<DescriptorFlags> {
        Ok(self.at(&fd)?.get_flags().await?)
    }

    async fn get_type(&mut self, fd: Fd) -> FsResult<DescriptorType> {
        Ok(self.at(&fd)?.get_type().await?)
    }

    async fn set_size(&mut self, fd: Fd, size: Filesize) -> FsResult<()> {
        Ok(self.at(&fd)?.set_size(size).await?)
    }

    async fn set_times(
        &mut self,
        fd: Fd,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> FsResult<()> {
        let times = times(accessed, modified)?;
        Ok(self.at(&fd)?.set_times(times).await?)
    }

    async fn read(
        &mut self,
        fd: Fd,
        length: Filesize,
        offset: Filesize,
    ) -> FsResult<(Vec<u8>, bool)> {
        Ok(self.at(&fd)?.read(length, offset).await?)
    }

    async fn write(&mut self, fd: Fd, bytes: Vec<u8>, offset: Filesize) -> FsResult<Filesize> {
        Ok(self.at(&fd)?.write(bytes, offset).await?)
    }

    async fn read_directory(&mut self, fd: Fd) -> FsResult<Resource<DirectoryEntryStream>> {
        let listing: ListingEntry = Some(Listing::open(self.at(&fd)?).await?);
        let entry = self.files_table().push(listing)?;
        Ok(Resource::new_own(entry.rep()))
    }

    async fn sync(&mut self, fd: Fd) -> FsResult<()> {
        Ok(self.at(&fd)?.sync().await?)
    }

    async fn create_directory_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        Ok(self.at(&fd)?.create_directory_at(path).await?)
    }

    async fn stat(&mut self, fd: Fd) -> FsResult<DescriptorStat> {
        Ok(self.at(&fd)?.stat().await?)
    }

    async fn stat_at(
        &mut self,
        fd: Fd,
        flags: PathFlags,
        path: String,
    ) -> FsResult<DescriptorStat> {
        Ok(self.at(&fd)?.stat_at(flags, path).await?)
    }

    async fn set_times_at(
        &mut self,
        fd: Fd,
        flags: PathFlags,
        path: String,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> FsResult<()> {
        let times = times(accessed, modified)?;
        Ok(self.at(&fd)?.set_times_at(flags, path, times).await?)
    }

    async fn link_at(
        &mut self,
        fd: Fd,
        flags: PathFlags,
        old: String,
        other: Fd,
        new: String,
    ) -> FsResult<()> {
        let (folder, other) = self.pair(&fd, &other)?;
        Ok(folder.link_at(flags, old, other, new).await?)
    }

    async fn open_at(
        &mut self,
        fd: Fd,
        path_flags: PathFlags,
        path: String,
        open_flags: OpenFlags,
        flags: DescriptorFlags,
    ) -> FsResult<Fd> {
        let opening = Opening {
            path_flags,
            path,
            open_flags,
            flags,
        };
        let opened = self.at(&fd)?.open_at(opening).await?;
        Ok(self.push_file(opened)?)
    }

    async fn readlink_at(&mut self, fd: Fd, path: String) -> FsResult<String> {
        Ok(self.at(&fd)?.readlink_at(path).await?)
    }

    async fn remove_directory_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        Ok(self.at(&fd)?.remove_directory_at(path).await?)
    }

    async fn rename_at(&mut self, fd: Fd, old: String, other: Fd, new: String) -> FsResult<()> {
        let (folder, other) = self.pair(&fd, &other)?;
        Ok(folder.rename_at(old, other, new).await?)
    }

    async fn symlink_at(&mut self, fd: Fd, old: String, new: String) -> FsResult<()> {
        Ok(self.at(&fd)?.symlink_at(old, new).await?)
    }

    async fn unlink_file_at(&mut self, fd: Fd, path: String) -> FsResult<()> {
        Ok(self.at(&fd)?.unlink_file_at(path).await?)
    }

    fn read_via_stream(&mut self, fd: Fd, offset: Filesize) -> FsResult<Resource<DynInputStream>> {
        let file = self.at(&fd)?;
        // The usual error of systems for a folder.
        file.as_file().map_err(|_| ErrorCode::IsDirectory)?;
        let stream: DynInputStream = Box::new(Reader::new(file, offset));
        Ok(self.files_table().push(stream)?)
    }

    fn write_via_stream(
        &mut self,
        fd: Fd,
        offset: Filesize,
    ) -> FsResult<Resource<DynOutputStream>> {
        self.output_stream(&fd, At::Position(offset))
    }

    fn append_via_stream(&mut self, fd: Fd) -> FsResult<Resource<DynOutputStream>> {
        self.output_stream(&fd, At::End)
    }

    async fn is_same_object(&mut self, one: Fd, other: Fd) -> wasmtime::Result<bool> {
        let (one, other) = (self.open_file(&one)?, self.open_file(&other)?);
        Ok(one.is_same_object(other).await?)
    }

    async fn metadata_hash(&mut self, fd: Fd) -> FsResult<MetadataHashValue> {
        Ok(self.at(&fd)?.metadata_hash().await?)
    }

    async fn metadata_hash_at(
        &mut self,
        fd: Fd,
        flags: PathFlags,
        path: String,
    ) -> FsResult<MetadataHashValue> {
        Ok(self.at(&fd)?.metadata_hash_at(flags, path).await?)
    }

    fn drop(&mut self, fd: Fd) -> wasmtime::Result<()> {
        Ok(self.drop_file(&fd)?)
    }
}

impl HostDirectoryEntryStream for ProcessState {
    async fn read_directory_entry(
        &mut self,
        stream: Resource<DirectoryEntryStream>,
    ) -> FsResult<Option<DirectoryEntry>> {
        let key = Resource::<ListingEntry>::new_borrow(stream.rep());
        loop {
            let entry = self.files_table().get_mut(&key)?;
            let Some(listing) = entry else {
                return Ok(None);
            };
            match listing.next() {
                Next::Entry(entry) => return Ok(Some(entry?)),
                Next::End => return Ok(None),
                Next::Read => {}
            }
            // Nobody else uses the entry meanwhile: the call has exclusive access to the table.
            if let Some(listing) = entry.take() {
                let listing = listing.read_on().await?;
                *self.files_table().get_mut(&key)? = Some(listing);
            }
        }
    }

    fn drop(&mut self, stream: Resource<DirectoryEntryStream>) -> wasmtime::Result<()> {
        let key = Resource::<ListingEntry>::new_own(stream.rep());
        self.files_table().delete(key)?;
        Ok(())
    }
}

fn times(accessed: NewTimestamp, modified: NewTimestamp) -> Result<Times, ErrorCode> {
    Ok(Times {
        accessed: time(accessed)?,
        modified: time(modified)?,
    })
}

fn time(time: NewTimestamp) -> Result<Option<SystemTime>, ErrorCode> {
    let Datetime {
        seconds,
        nanoseconds,
    } = match time {
        NewTimestamp::NoChange => return Ok(None),
        NewTimestamp::Now => return Ok(Some(SystemTime::now())),
        NewTimestamp::Timestamp(time) => time,
    };
    let since = Duration::from_secs(seconds).checked_add(Duration::from_nanos(nanoseconds.into()));
    let time = since.and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since));
    time.map(Some).ok_or(ErrorCode::Overflow)
}
