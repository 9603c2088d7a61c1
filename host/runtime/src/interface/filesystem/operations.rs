//! The calls of `wasi:filesystem` on an open file or folder, shared by 0.2 and 0.3.
//!
//! The types are those of 0.2; `p3::convert` maps the others. 0.2 cannot express times before 1970, so `stat` omits them in both
//! versions.
//!
//! Invariant: bounds are checked first. A path has at most [`PATH_BYTES`]; one call reads or writes at most [`CHUNK_BYTES`].

use super::calls::ENTRY_BYTES;
use super::library::{self, Fd, View};
use super::open::{self, Opening};
use super::open_file::OpenFile;
use super::resolve::{self, Slash};
use super::times::Times;
use rustix::fs::{AtFlags, utimensat};
use std::io;
use std::sync::Arc;
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    Advice, DescriptorFlags, DescriptorStat, DescriptorType, ErrorCode, HostDescriptor as _,
    MetadataHashValue, PathFlags,
};
use wasmtime_wasi::p2::{FsError, FsResult};

/// Most bytes of a path; no system accepts longer ones.
pub(crate) const PATH_BYTES: usize = 4096;

/// Most bytes that one call reads or writes, as in the library: a guest that wants more calls again.
pub(super) const CHUNK_BYTES: usize = 64 << 10;

type Answer<T> = Result<T, ErrorCode>;

impl OpenFile {
    /// Makes a library call on this file or folder.
    async fn library<T: Send + 'static>(
        self: &Arc<Self>,
        kept: usize,
        method: impl AsyncFnOnce(&mut View<'_>, [Fd; 1]) -> FsResult<T> + Send + 'static,
    ) -> Answer<T> {
        let file = self.clone();
        let call = move || library::call([file.descriptor()], method);
        self.calls.run(kept, call).await
    }

    /// Makes a library call on the file or folder at a path.
    async fn looking<T: Send + 'static>(
        self: &Arc<Self>,
        flags: PathFlags,
        path: String,
        method: impl AsyncFnOnce(&mut View<'_>, [Fd; 1]) -> FsResult<T> + Send + 'static,
    ) -> Answer<T> {
        let path = bounded(path)?;
        let (folder, kept) = (self.clone(), path.len());
        let look = move || {
            let at = &folder.as_folder()?.dir;
            let follow = flags.contains(PathFlags::SYMLINK_FOLLOW);
            let found = resolve::look(at, &path, follow)?;
            library::call([Self::looked_at(found)], method)
        };
        self.calls.run(kept, look).await
    }

    /// Makes a library call with the folder of a path's last name, and that name. `costs` are bytes charged for the disk.
    async fn naming<T: Send + 'static>(
        self: &Arc<Self>,
        path: String,
        slash: Slash,
        costs: u64,
        method: impl AsyncFnOnce(&mut View<'_>, Fd, String) -> FsResult<T> + Send + 'static,
    ) -> Answer<T> {
        let path = bounded(path)?;
        let (folder, kept) = (self.clone(), path.len());
        let call = move || {
            let (parent, name) = folder.parent(&path, slash)?;
            let paid = folder.calls.pay(costs)?;
            let done = library::call([parent], async |view, [fd]| method(view, fd, name).await)?;
            paid.spend(costs);
            Ok(done)
        };
        self.calls.run(kept, call).await
    }

    /// The same for two paths.
    async fn between(
        self: &Arc<Self>,
        (old, other, new): (String, Arc<Self>, String),
        slash: Slash,
        costs: u64,
        method: impl AsyncFnOnce(&mut View<'_>, [Fd; 2], [String; 2]) -> FsResult<()> + Send + 'static,
    ) -> Answer<()> {
        let (old, new) = (bounded(old)?, bounded(new)?);
        let (folder, kept) = (self.clone(), old.len() + new.len());
        let call = move || {
            let (from, old) = folder.parent(&old, slash)?;
            let (to, new) = other.parent(&new, slash)?;
            let paid = folder.calls.pay(costs)?;
            library::call([from, to], async |view, fds| {
                method(view, fds, [old, new]).await
            })?;
            paid.spend(costs);
            Ok(())
        };
        self.calls.run(kept, call).await
    }

    /// The folder of a path's last name, and that name.
    fn parent(&self, path: &str, slash: Slash) -> Answer<(Descriptor, String)> {
        let (parent, name) = resolve::parent(&self.as_folder()?.dir, path, slash)?;
        let parent = match parent {
            Some(parent) => self.folder_in(parent)?,
            None => self.descriptor(),
        };
        Ok((parent, name.to_owned()))
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
            library::call([file.descriptor()], async |view, [fd]| {
                view.set_size(fd, size).await
            })?;
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
            let written = library::call([file.descriptor()], async |view, [fd]| {
                view.write(fd, bytes, offset).await
            })?;
            paid.spend(growth.saturating_add(written));
            Ok(written)
        };
        self.calls.run(kept, write).await
    }

    pub(super) async fn create_directory_at(self: &Arc<Self>, path: String) -> Answer<()> {
        self.changeable()?;
        self.naming(path, Slash::Ignored, ENTRY_BYTES, async |view, fd, name| {
            view.create_directory_at(fd, name).await
        })
        .await
    }

    pub(super) async fn symlink_at(self: &Arc<Self>, old: String, new: String) -> Answer<()> {
        self.changeable()?;
        let old = bounded(old)?;
        let _kept = self.calls.keep(old.len())?;
        self.naming(new, Slash::Entered, ENTRY_BYTES, async |view, fd, name| {
            view.symlink_at(fd, old, name).await
        })
        .await
    }

    pub(super) async fn readlink_at(self: &Arc<Self>, path: String) -> Answer<String> {
        self.naming(path, Slash::Entered, 0, async |view, fd, name| {
            view.readlink_at(fd, name).await
        })
        .await
    }

    pub(super) async fn remove_directory_at(self: &Arc<Self>, path: String) -> Answer<()> {
        self.changeable()?;
        self.naming(path, Slash::Ignored, 0, async |view, fd, name| {
            // The system removes `a/` like `a`; the library would refuse it.
            let name = name.trim_end_matches('/').to_owned();
            view.remove_directory_at(fd, name).await
        })
        .await
    }

    pub(super) async fn unlink_file_at(self: &Arc<Self>, path: String) -> Answer<()> {
        self.changeable()?;
        self.naming(path, Slash::Entered, 0, async |view, fd, name| {
            view.unlink_file_at(fd, name).await
        })
        .await
    }

    pub(super) async fn link_at(
        self: &Arc<Self>,
        flags: PathFlags,
        old: String,
        other: Arc<Self>,
        new: String,
    ) -> Answer<()> {
        other.as_folder()?;
        self.changeable()?;
        other.changeable()?;
        let paths = (old, other, new);
        self.between(
            paths,
            Slash::Entered,
            ENTRY_BYTES,
            async move |view, [fd, other], [old, new]| {
                view.link_at(fd, flags, old, other, new).await
            },
        )
        .await
    }

    pub(super) async fn rename_at(
        self: &Arc<Self>,
        old: String,
        other: Arc<Self>,
        new: String,
    ) -> Answer<()> {
        other.as_folder()?;
        self.changeable()?;
        other.changeable()?;
        let paths = (old, other, new);
        self.between(
            paths,
            Slash::Ignored,
            0,
            async |view, [fd, other], [old, new]| view.rename_at(fd, old, other, new).await,
        )
        .await
    }

    pub(super) async fn stat_at(
        self: &Arc<Self>,
        flags: PathFlags,
        path: String,
    ) -> Answer<DescriptorStat> {
        self.looking(flags, path, async |view, [fd]| view.stat(fd).await)
            .await
    }

    pub(super) async fn metadata_hash_at(
        self: &Arc<Self>,
        flags: PathFlags,
        path: String,
    ) -> Answer<MetadataHashValue> {
        self.looking(flags, path, async |view, [fd]| view.metadata_hash(fd).await)
            .await
    }

    pub(super) async fn set_times_at(
        self: &Arc<Self>,
        flags: PathFlags,
        path: String,
        times: Times,
    ) -> Answer<()> {
        self.changeable()?;
        let path = bounded(path)?;
        let (folder, kept) = (self.clone(), path.len());
        let set = move || {
            if flags.contains(PathFlags::SYMLINK_FOLLOW) {
                let file = open::for_its_times(&folder, path)?;
                return Ok(file.set_times(times.of_file())?);
            }
            let (parent, name) = resolve::parent(&folder.as_folder()?.dir, &path, Slash::Entered)?;
            let at = parent.as_ref().unwrap_or(folder.of_system());
            let set = utimensat(at, name, &times.of_link(), AtFlags::SYMLINK_NOFOLLOW);
            Ok(set.map_err(io::Error::from)?)
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
            let pair = [file.descriptor(), other.descriptor()];
            library::call(pair, async |view, [one, other]| {
                view.is_same_object(one, other).await.map_err(FsError::trap)
            })
        };
        // This call has no error, so it is not refused for lack of memory.
        self.calls.run_unpaid(compare).await
    }

    /// An error unless it is a folder with contents that may be changed.
    fn changeable(&self) -> Answer<()> {
        self.as_folder()?;
        self.writable()
    }

    fn writable(&self) -> Answer<()> {
        self.is_writable()
            .then_some(())
            .ok_or(ErrorCode::NotPermitted)
    }

    /// Bytes between the end of the file and this position; 0 if nobody counts them.
    pub(super) fn growth(&self, to: u64) -> io::Result<u64> {
        Ok(match self.calls.counts_disk() {
            true => to.saturating_sub(self.of_system().metadata()?.len()),
            false => 0,
        })
    }
}

/// Checks the length of a path.
fn bounded(path: String) -> Answer<String> {
    match path.len() > PATH_BYTES {
        true => Err(ErrorCode::NameTooLong),
        false => Ok(path),
    }
}
