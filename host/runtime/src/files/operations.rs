//! The calls of `wasi:filesystem` on an open file or folder, as 0.2 and 0.3 both make them.
//!
//! Types are those of 0.2; `p3::convert` maps the others. Times are the system's, as 0.3 knows some before 1970 that 0.2 has no
//! form for; what `stat` tells of those is nothing, in both.
//!
//! Invariant: bounds are checked before anything is done: a path has at most [`PATH_BYTES`], one call reads or writes at most
//! [`CHUNK_BYTES`].

use super::calls::ENTRY_BYTES;
use super::library::{self, Fd, View};
use super::open::{self, Opening};
use super::open_file::OpenFile;
use cap_primitives::fs::{SystemTimeSpec, set_times_nofollow};
use cap_primitives::time::SystemTime as CapTime;
use std::fs::FileTimes;
use std::io;
use std::sync::Arc;
use std::time::SystemTime;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    Advice, DescriptorFlags, DescriptorStat, DescriptorType, ErrorCode, HostDescriptor as _,
    MetadataHashValue, PathFlags,
};
use wasmtime_wasi::p2::{FsError, FsResult};

/// Bytes of a path; no system takes longer ones.
pub(crate) const PATH_BYTES: usize = 4096;

/// Bytes that one call reads or writes, as in the library: a guest that wants more calls again.
pub(super) const CHUNK_BYTES: usize = 64 << 10;

type Answer<T> = Result<T, ErrorCode>;

/// Times to set: of the last access, of the last change.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) accessed: Option<SystemTime>,
    pub(super) modified: Option<SystemTime>,
}

impl OpenFile {
    /// Makes a call of the library with this and `kept` bytes of arguments.
    async fn library<T: Send + 'static>(
        self: &Arc<Self>,
        kept: usize,
        method: impl AsyncFnOnce(&mut View<'_>, [Fd; 1]) -> FsResult<T> + Send + 'static,
    ) -> Answer<T> {
        let file = self.clone();
        let call = move || library::call([&file], method);
        self.calls.run(kept, call).await
    }

    /// The same for what makes an entry in a folder.
    async fn making(
        self: &Arc<Self>,
        kept: usize,
        other: Arc<Self>,
        method: impl AsyncFnOnce(&mut View<'_>, [Fd; 2]) -> FsResult<()> + Send + 'static,
    ) -> Answer<()> {
        let file = self.clone();
        let make = move || {
            let paid = file.calls.pay(ENTRY_BYTES)?;
            library::call([&file, &other], method)?;
            paid.spend(ENTRY_BYTES);
            Ok(())
        };
        self.calls.run(kept, make).await
    }

    pub(super) async fn advise(
        self: &Arc<Self>,
        offset: u64,
        length: u64,
        advice: Advice,
    ) -> Answer<()> {
        self.library(0, async move |view, [fd]| {
            view.advise(fd, offset, length, advice).await
        })
        .await
    }

    pub(super) async fn sync_data(self: &Arc<Self>) -> Answer<()> {
        self.library(0, async |view, [fd]| view.sync_data(fd).await)
            .await
    }

    pub(super) async fn sync(self: &Arc<Self>) -> Answer<()> {
        self.library(0, async |view, [fd]| view.sync(fd).await)
            .await
    }

    pub(super) async fn get_flags(self: &Arc<Self>) -> Answer<DescriptorFlags> {
        self.library(0, async |view, [fd]| view.get_flags(fd).await)
            .await
    }

    pub(super) async fn get_type(self: &Arc<Self>) -> Answer<DescriptorType> {
        self.library(0, async |view, [fd]| view.get_type(fd).await)
            .await
    }

    pub(super) async fn stat(self: &Arc<Self>) -> Answer<DescriptorStat> {
        self.library(0, async |view, [fd]| view.stat(fd).await)
            .await
    }

    pub(super) async fn metadata_hash(self: &Arc<Self>) -> Answer<MetadataHashValue> {
        self.library(0, async |view, [fd]| view.metadata_hash(fd).await)
            .await
    }

    pub(super) async fn set_size(self: &Arc<Self>, size: u64) -> Answer<()> {
        let file = self.clone();
        let set = move || {
            let growth = file.growth(size)?;
            let paid = file.calls.pay(growth)?;
            library::call([&file], async |view, [fd]| view.set_size(fd, size).await)?;
            paid.spend(growth);
            Ok(())
        };
        self.calls.run(0, set).await
    }

    pub(super) async fn set_times(self: &Arc<Self>, times: Times) -> Answer<()> {
        self.writable()?;
        let file = self.clone();
        let set = move || Ok(file.of_system().set_times(times.of_file())?);
        self.calls.run(0, set).await
    }

    pub(super) async fn read(
        self: &Arc<Self>,
        length: u64,
        offset: u64,
    ) -> Answer<(Vec<u8>, bool)> {
        let length = length.min(CHUNK_BYTES as u64);
        self.library(length as usize, async move |view, [fd]| {
            view.read(fd, length, offset).await
        })
        .await
    }

    pub(super) async fn write(self: &Arc<Self>, mut bytes: Vec<u8>, offset: u64) -> Answer<u64> {
        bytes.truncate(CHUNK_BYTES);
        bytes.shrink_to_fit();
        let (file, kept) = (self.clone(), bytes.len());
        let write = move || {
            let growth = match kept {
                0 => 0,
                _ => file.growth(offset)?,
            };
            let paid = file.calls.pay(growth.saturating_add(kept as u64))?;
            let written = library::call([&file], async |view, [fd]| {
                view.write(fd, bytes, offset).await
            })?;
            paid.spend(growth.saturating_add(written));
            Ok(written)
        };
        self.calls.run(kept, write).await
    }

    pub(super) async fn create_directory_at(self: &Arc<Self>, path: String) -> Answer<()> {
        let path = bounded(path)?;
        let kept = path.len();
        let make =
            async |view: &mut View<'_>, [fd, _]: [Fd; 2]| view.create_directory_at(fd, path).await;
        self.making(kept, self.clone(), make).await
    }

    pub(super) async fn symlink_at(self: &Arc<Self>, old: String, new: String) -> Answer<()> {
        let (old, new) = (bounded(old)?, bounded(new)?);
        let kept = old.len() + new.len();
        let make =
            async |view: &mut View<'_>, [fd, _]: [Fd; 2]| view.symlink_at(fd, old, new).await;
        self.making(kept, self.clone(), make).await
    }

    pub(super) async fn link_at(
        self: &Arc<Self>,
        flags: PathFlags,
        old: String,
        other: Arc<Self>,
        new: String,
    ) -> Answer<()> {
        let (old, new) = (bounded(old)?, bounded(new)?);
        let kept = old.len() + new.len();
        let make = async move |view: &mut View<'_>, [fd, other]: [Fd; 2]| {
            view.link_at(fd, flags, old, other, new).await
        };
        self.making(kept, other, make).await
    }

    pub(super) async fn rename_at(
        self: &Arc<Self>,
        old: String,
        other: Arc<Self>,
        new: String,
    ) -> Answer<()> {
        let (old, new) = (bounded(old)?, bounded(new)?);
        let kept = old.len() + new.len();
        let folder = self.clone();
        let rename = move || {
            library::call([&folder, &other], async |view, [fd, other]| {
                view.rename_at(fd, old, other, new).await
            })
        };
        self.calls.run(kept, rename).await
    }

    pub(super) async fn stat_at(
        self: &Arc<Self>,
        flags: PathFlags,
        path: String,
    ) -> Answer<DescriptorStat> {
        let path = bounded(path)?;
        self.library(path.len(), async move |view, [fd]| {
            view.stat_at(fd, flags, path).await
        })
        .await
    }

    pub(super) async fn metadata_hash_at(
        self: &Arc<Self>,
        flags: PathFlags,
        path: String,
    ) -> Answer<MetadataHashValue> {
        let path = bounded(path)?;
        self.library(path.len(), async move |view, [fd]| {
            view.metadata_hash_at(fd, flags, path).await
        })
        .await
    }

    pub(super) async fn readlink_at(self: &Arc<Self>, path: String) -> Answer<String> {
        let path = bounded(path)?;
        self.library(path.len(), async |view, [fd]| {
            view.readlink_at(fd, path).await
        })
        .await
    }

    pub(super) async fn remove_directory_at(self: &Arc<Self>, path: String) -> Answer<()> {
        let path = bounded(path)?;
        self.library(path.len(), async |view, [fd]| {
            view.remove_directory_at(fd, path).await
        })
        .await
    }

    pub(super) async fn unlink_file_at(self: &Arc<Self>, path: String) -> Answer<()> {
        let path = bounded(path)?;
        self.library(path.len(), async |view, [fd]| {
            view.unlink_file_at(fd, path).await
        })
        .await
    }

    pub(super) async fn set_times_at(
        self: &Arc<Self>,
        flags: PathFlags,
        path: String,
        times: Times,
    ) -> Answer<()> {
        self.as_folder()?;
        self.writable()?;
        let path = bounded(path)?;
        let (folder, kept) = (self.clone(), path.len());
        let set = move || {
            if flags.contains(PathFlags::SYMLINK_FOLLOW) {
                let file = open::for_its_times(&folder, path)?;
                return Ok(file.set_times(times.of_file())?);
            }
            let [accessed, modified] = [times.accessed, times.modified].map(of_link);
            let at = folder.of_system();
            Ok(set_times_nofollow(at, path.as_ref(), accessed, modified)?)
        };
        self.calls.run(kept, set).await
    }

    pub(super) async fn open_at(self: &Arc<Self>, opening: Opening) -> Answer<Arc<Self>> {
        let permissions = self.as_folder()?.perms;
        let opening = Opening {
            path: bounded(opening.path)?,
            ..opening
        };
        let mode = opening.check(permissions)?;
        let share = self.calls.descriptor()?;
        let folder = self.clone();
        let kept = opening.path.len();
        let open = move || opening.open(&folder, mode, share);
        self.calls.run(kept, open).await
    }

    pub(super) async fn is_same_object(self: &Arc<Self>, other: Arc<Self>) -> Answer<bool> {
        let file = self.clone();
        let compare = move || {
            library::call([&file, &other], async |view, [one, other]| {
                view.is_same_object(one, other).await.map_err(FsError::trap)
            })
        };
        // It has no error, so it is not refused for want of room.
        self.calls.run_unpaid(compare).await
    }

    fn writable(&self) -> Answer<()> {
        self.is_writable()
            .then_some(())
            .ok_or(ErrorCode::NotPermitted)
    }

    /// Bytes that are missing between the end of the file and this position, as far as anybody counts them.
    pub(super) fn growth(&self, to: u64) -> io::Result<u64> {
        Ok(match self.calls.counts_disk() {
            true => to.saturating_sub(self.of_system().metadata()?.len()),
            false => 0,
        })
    }
}

impl Times {
    fn of_file(self) -> FileTimes {
        let mut times = FileTimes::new();
        if let Some(time) = self.accessed {
            times = times.set_accessed(time);
        }
        if let Some(time) = self.modified {
            times = times.set_modified(time);
        }
        times
    }
}

/// A time for a link itself.
fn of_link(time: Option<SystemTime>) -> Option<SystemTimeSpec> {
    time.map(|time| SystemTimeSpec::Absolute(CapTime::from_std(time)))
}

/// Checks the length of a path.
fn bounded(path: String) -> Answer<String> {
    match path.len() > PATH_BYTES {
        true => Err(ErrorCode::NameTooLong),
        false => Ok(path),
    }
}
