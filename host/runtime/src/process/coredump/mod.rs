//! Core dumps: what a trap leaves in a folder, where the embedder asked for it.
//!
//! `folder` is the folder, opened once. The format and its writer are wasmtime's. The writer does not know the globals by which the parts of a composed
//! component call each other and panics at them, so those have no dump; locals are not in it either.
//!
//! Invariant: whatever goes wrong with a dump, the process ends as it would have without.

mod folder;

use super::handle::Shared;
use super::state::ProcessState;
use crate::engine::EngineError;
use folder::Folder;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use wasmtime::{Store, WasmCoreDump};

/// Dumps of one host: the first traps tell what is wrong, and a process that is restarted for ever must not fill a disk.
const MOST_FILES: u32 = 16;

/// Bytes of the memories of a process that is dumped, about as many as the file then has: what a process may have
/// unless told otherwise. The writer needs as many again.
const MOST_BYTES: usize = 256 << 20;

/// Characters of a process's name in the name of its file; file systems take 255 bytes in all.
const MOST_OF_NAME: usize = 64;

/// The attribute in the last entry of a process that trapped with the name of its core dump's file.
pub const CORE_DUMP: &str = "weft.coredump";
/// The attribute in that entry that says why there is no core dump.
pub const CORE_DUMP_MISSING: &str = "weft.coredump.missing";

/// Where dumps go, and how many more may.
#[derive(Debug)]
pub(crate) struct CoreDumps {
    folder: Folder,
    left: AtomicU32,
}

/// Why there is no dump.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoDump {
    #[error("the host has written its {MOST_FILES} already")]
    Enough,
    #[error("its memories have {0} bytes, and at most {MOST_BYTES} are dumped")]
    TooLarge(usize),
    #[error("a component whose parts call each other cannot be dumped")]
    Composed,
    #[error("the trap was not one of wasm")]
    NotOfWasm,
    #[error("the dump could not be made")]
    Failed,
    #[error("cannot write to the folder: {0}")]
    Write(#[from] std::io::Error),
}

/// What the log says about a dump: the name of its file, or why there is none.
pub(super) fn attribute(dumped: Result<String, NoDump>) -> (&'static str, String) {
    match dumped {
        Ok(file) => (CORE_DUMP, file),
        Err(reason) => (CORE_DUMP_MISSING, reason.to_string()),
    }
}

impl CoreDumps {
    /// Dumps go to this folder, wherever its name leads later.
    pub(crate) fn open(path: &Path) -> Result<Self, EngineError> {
        let folder = Folder::open(path).map_err(|error| EngineError::CoreDumps {
            folder: path.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            folder,
            left: AtomicU32::new(MOST_FILES),
        })
    }

    /// Writes the dump that came with an error, and gives the store back if the runtime still lives. Returns the name of the file.
    pub(super) async fn write(
        self: std::sync::Arc<Self>,
        error: wasmtime::Error,
        mut store: Store<ProcessState>,
        shared: &Shared,
    ) -> (Option<Store<ProcessState>>, Result<String, NoDump>) {
        let file = file_name(&shared.name, shared.id);
        // Megabytes are copied and written: not on a thread that guests run on.
        let writing = tokio::task::spawn_blocking(move || {
            let written = self.write_now(&error, &mut store, &file);
            (store, written.map(|()| file))
        });
        match writing.await {
            Ok((store, written)) => (Some(store), written),
            Err(_) => (None, Err(NoDump::Failed)),
        }
    }

    fn write_now(
        &self,
        error: &wasmtime::Error,
        store: &mut Store<ProcessState>,
        file: &str,
    ) -> Result<(), NoDump> {
        let dump = error
            .downcast_ref::<WasmCoreDump>()
            .ok_or(NoDump::NotOfWasm)?;
        let memories = dump.memories().iter();
        let bytes: usize = memories.map(|memory| memory.data_size(&mut *store)).sum();
        if bytes > MOST_BYTES {
            return Err(NoDump::TooLarge(bytes));
        }
        if calls_between_parts(dump) {
            return Err(NoDump::Composed);
        }
        let one_less = |left: u32| left.checked_sub(1);
        self.left
            .try_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
            .map_err(|_| NoDump::Enough)?;
        // The writer indexes and has cases that it calls unreachable.
        let dump = catch_unwind(AssertUnwindSafe(|| dump.serialize(&mut *store, file)));
        let dump = dump.map_err(|_| NoDump::Failed)?;
        Ok(self.folder.put(file, &dump)?)
    }
}

/// Whether there are modules that wasmtime has made for calls between parts of a component: they import what
/// is told of an instance under this name.
fn calls_between_parts(dump: &WasmCoreDump) -> bool {
    let mut modules = dump.modules().iter();
    modules.any(|module| module.imports().any(|import| import.module() == "flags"))
}

/// The process's name, in characters that every file system takes, and its id.
fn file_name(name: &str, id: u64) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let name = name.chars().take(MOST_OF_NAME);
    let name: String = name.map(|c| if plain(c) { c } else { '_' }).collect();
    format!("{name}-{id}.coredump")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_a_process_leads_out_of_the_folder() {
        assert_eq!(file_name("flights parse", 7), "flights_parse-7.coredump");
        assert_eq!(file_name("../../etc/x", 7), "______etc_x-7.coredump");
        assert_eq!(file_name("", 7), "-7.coredump");
        assert!(file_name(&"ä".repeat(255), u64::MAX).len() < 255);
    }
}
