//! Files: the file system as a guest sees it, by `wasi:filesystem` of 0.2 and 0.3.
//!
//! ```text
//! p2/ p3/      the interfaces: thin adapters over the calls of an open file, and their streams
//! operations   those calls; `chunk` what a stream reads or writes at a time, `listing` a folder's entries, `times` times to set
//! open         opens a path, `resolve` finds it
//! open_file    one open descriptor with its charge; `mounts` the folders that a process starts with
//! library      wasmtime-wasi's own calls, made on the calling thread
//! calls        where a call runs and what it is charged to; `shares` how threads and descriptors are divided
//! ```
//!
//! The library defines what a call means. We define who pays for it: threads, processor time, descriptors, host memory and bytes on
//! disks. We replace the parts of the library that could not be paid for: it blocks on pipes (`open`), walks paths with a descriptor
//! for each step (`resolve`), collects whole listings (`listing`), and gives no thread, time or descriptor an owner (`calls`,
//! `shares`).
//!
//! Invariants:
//! - A path of a guest is only resolved beneath an open folder of that guest.
//! - No file call runs on a thread of the runtime. A call that hangs blocks only its own thread.

mod calls;
mod chunk;
mod library;
mod listing;
mod mounts;
mod open;
mod open_file;
mod operations;
mod p2;
mod p3;
mod resolve;
mod shares;
mod times;

pub(crate) use calls::Calls;
pub use mounts::MountError;
pub(crate) use mounts::{Beneath, Folders, KeptFolders, NoMount, OpenMount};
pub(crate) use operations::PATH_BYTES;
pub(crate) use shares::{FamilyShare, HostShare, NoDescriptor, Share};

use super::Unit;
use crate::capability::{Capability, Mount};
use crate::engine::EngineKind;
use crate::process::ProcessState;
use std::sync::Arc;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::filesystem::Descriptor;

/// The files of one process.
pub(crate) struct Files {
    mounts: Vec<OpenMount>,
    calls: Arc<Calls>,
}

impl Files {
    /// Opens the mounts that a process starts with.
    ///
    /// # Errors
    /// [`NoMount`]; nothing is open then.
    pub(crate) fn open(
        calls: Arc<Calls>,
        mounts: &[Mount],
        folders: &Folders<'_>,
    ) -> Result<Self, NoMount> {
        let mounts = mounts::open(mounts, folders, &calls)?;
        Ok(Self { mounts, calls })
    }

    /// The mounts, in the order of the process's capabilities.
    pub(crate) fn mounts(&self) -> &[OpenMount] {
        &self.mounts
    }

    /// The share of its family.
    pub(crate) fn family(&self) -> &Arc<FamilyShare> {
        self.calls.family()
    }
}

impl ProcessState {
    /// The folders that the process was started with, for both versions of `preopens`.
    fn mounted(&mut self) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
        let mounts = self.files.mounts().to_vec();
        let handles = mounts.into_iter().map(|mount| {
            let handle = self.push_file(mount.folder)?;
            Ok((handle, mount.guest_path))
        });
        handles.collect()
    }
}

/// The folder.
pub(super) const UNIT: Unit = Unit {
    needs: &[(
        "wasi:filesystem/preopens",
        "get-directories",
        Capability::Filesystem,
    )],
    link,
};

/// Links `wasi:filesystem`, and replaces the library's, which is linked already.
fn link(linker: &mut Linker<ProcessState>, kind: EngineKind) -> wasmtime::Result<()> {
    p2::link(linker)?;
    if kind == EngineKind::Concurrent {
        p3::link(linker)?;
    }
    Ok(())
}
