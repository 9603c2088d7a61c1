//! An open file or folder of a guest: one descriptor of the host, and its charge.
//!
//! The table of a process holds it behind WASI's `descriptor`, of 0.2 and of 0.3. The type of that resource is the library's [`Descriptor`]:
//! the component model identifies a resource by the type in an interface, the table by the entry. Streams, listings and running calls share
//! it.
//!
//! Invariant: when the last holder drops it, the descriptor is closed and then its share is given back.

use super::calls::Calls;
use super::shares::Share;
use crate::process::ProcessState;
use std::sync::Arc;
use wasmtime::component::{Resource, ResourceTable, ResourceTableError};
use wasmtime_wasi::WasiView as _;
use wasmtime_wasi::filesystem::{Descriptor, Dir, File};
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;
use wasmtime_wasi::{FsPerms, OpenMode};

/// An open file or folder.
pub(super) struct OpenFile {
    // Dropped in this order.
    descriptor: Descriptor,
    _share: Share,
    pub(super) calls: Arc<Calls>,
}

/// The library makes its system calls on the calling thread, which belongs to `calls`.
const ON_THIS_THREAD: bool = true;

impl OpenFile {
    pub(super) fn file(
        file: std::fs::File,
        permissions: FsPerms,
        mode: OpenMode,
        share: Share,
        calls: &Arc<Calls>,
    ) -> Arc<Self> {
        let file = File::new(file, permissions, mode, ON_THIS_THREAD);
        Self::new(Descriptor::File(file), share, calls)
    }

    pub(super) fn folder(
        folder: std::fs::File,
        permissions: FsPerms,
        mode: OpenMode,
        share: Share,
        calls: &Arc<Calls>,
    ) -> Arc<Self> {
        let folder = Dir::new(folder, permissions, mode, ON_THIS_THREAD);
        Self::new(Descriptor::Dir(folder), share, calls)
    }

    fn new(descriptor: Descriptor, share: Share, calls: &Arc<Calls>) -> Arc<Self> {
        Arc::new(Self {
            descriptor,
            _share: share,
            calls: calls.clone(),
        })
    }

    /// The library's form of it. Must not outlive this.
    pub(super) fn descriptor(&self) -> Descriptor {
        self.descriptor.clone()
    }

    /// A folder beneath this one, with the same rights.
    pub(super) fn folder_in(&self, folder: std::fs::File) -> Result<Descriptor, ErrorCode> {
        let Dir {
            perms, open_mode, ..
        } = self.as_folder()?;
        let folder = Dir::new(folder, *perms, *open_mode, ON_THIS_THREAD);
        Ok(Descriptor::Dir(folder))
    }

    /// A file or folder for inspection only.
    pub(super) fn looked_at(found: std::fs::File) -> Descriptor {
        let found = File::new(found, FsPerms::ReadOnly, OpenMode::empty(), ON_THIS_THREAD);
        Descriptor::File(found)
    }

    /// The file; an error if it is a folder.
    pub(super) fn as_file(&self) -> Result<&File, ErrorCode> {
        match &self.descriptor {
            Descriptor::File(file) => Ok(file),
            Descriptor::Dir(_) => Err(ErrorCode::BadDescriptor),
        }
    }

    /// The folder; an error if it is a file.
    pub(super) fn as_folder(&self) -> Result<&Dir, ErrorCode> {
        match &self.descriptor {
            Descriptor::Dir(folder) => Ok(folder),
            Descriptor::File(_) => Err(ErrorCode::NotDirectory),
        }
    }

    /// The file handle of the system.
    pub(super) fn of_system(&self) -> &std::fs::File {
        match &self.descriptor {
            Descriptor::File(file) => &file.file,
            Descriptor::Dir(folder) => &folder.dir,
        }
    }

    /// Whether its contents may be changed.
    pub(super) fn is_writable(&self) -> bool {
        let permissions = match &self.descriptor {
            Descriptor::File(file) => file.perms,
            Descriptor::Dir(folder) => folder.perms,
        };
        !permissions.write_not_permitted()
    }
}

impl ProcessState {
    /// The table with the entries behind WASI's resources.
    pub(super) fn files_table(&mut self) -> &mut ResourceTable {
        self.ctx().table
    }

    /// Puts an open file into the table.
    pub(super) fn push_file(
        &mut self,
        file: Arc<OpenFile>,
    ) -> Result<Resource<Descriptor>, ResourceTableError> {
        let entry = self.files_table().push(file)?;
        Ok(Resource::new_own(entry.rep()))
    }

    /// The open file behind a handle.
    pub(super) fn open_file(
        &mut self,
        handle: &Resource<Descriptor>,
    ) -> Result<Arc<OpenFile>, ResourceTableError> {
        let entry = Resource::new_borrow(handle.rep());
        self.files_table().get(&entry).cloned()
    }

    /// Drops a handle.
    pub(super) fn drop_file(
        &mut self,
        handle: &Resource<Descriptor>,
    ) -> Result<(), ResourceTableError> {
        let entry = Resource::<Arc<OpenFile>>::new_own(handle.rep());
        self.files_table().delete(entry).map(drop)
    }
}
