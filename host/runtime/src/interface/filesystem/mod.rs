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

use crate::capability::{Capabilities, Mount};
use crate::engine::EngineKind;
use crate::extension::{Extension, ExtensionRight, Import};
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

/// To see a folder. It is in no list of capabilities: mounts have settings of their own.
pub(crate) const FILESYSTEM: &ExtensionRight = &ExtensionRight {
    name: "filesystem",
    value: None,
    help: "see a folder, and maybe change what is in it",
};

/// A folder of the second set that is within none of the first, as the child sees it. Folders are compared by their paths on the host, as they are
/// written.
pub(crate) fn unheld(held: &Capabilities, asked: &Capabilities) -> Option<String> {
    let within = |mount: &Mount| {
        held.mounts.iter().any(|own| {
            mount.host_path.starts_with(&own.host_path) && (own.writable || !mount.writable)
        })
    };
    let unheld = asked.mounts.iter().find(|mount| !within(mount))?;
    Some(unheld.guest_path.clone())
}

/// The folder. What a process has of it, its [`Files`], is made before other extensions: it has errors of its own, and may be its parent's in
/// part.
pub(super) struct Unit;

/// What gives nothing without the right.
const NEEDS: &[(&str, &ExtensionRight)] = &[("get-directories", FILESYSTEM)];

impl Extension for Unit {
    fn name(&self) -> &'static str {
        "filesystem"
    }

    fn rights(&self) -> &'static [&'static ExtensionRight] {
        &[FILESYSTEM]
    }

    fn imports(&self) -> &'static [Import] {
        &[
            Import {
                interface: "wasi:filesystem/types@0.2.12",
                needs: &[],
            },
            Import {
                interface: "wasi:filesystem/preopens@0.2.12",
                needs: NEEDS,
            },
            Import {
                interface: "wasi:filesystem/types@0.3.0",
                needs: &[],
            },
            Import {
                interface: "wasi:filesystem/preopens@0.3.0",
                needs: NEEDS,
            },
        ]
    }

    /// Replaces the library's, which is linked already.
    fn link(&self, linker: &mut Linker<ProcessState>, engine: EngineKind) -> wasmtime::Result<()> {
        p2::link(linker)?;
        if engine == EngineKind::Concurrent {
            p3::link(linker)?;
        }
        Ok(())
    }
}
