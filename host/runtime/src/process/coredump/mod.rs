//! Core dumps: files about traps, in a folder, if the embedder asks for them.
//!
//! `folder` is that folder, opened once. wasmtime defines the format and writes it. Its writer panics at the globals by which the parts of a composed
//! component call each other, so composed components get no dump. A dump has no locals.
//!
//! Invariant: if a dump fails, the process ends as it would without one.

mod folder;

use super::handle::ProcessShared;
use super::state::ProcessState;
use crate::engine::EngineError;
use folder::Folder;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use wasmtime::{Store, WasmCoreDump};

/// Most dumps of one host: the first traps show what is wrong, and a process that is restarted forever must not fill the
/// disk.
const MOST_FILES: u32 = 16;

/// Most bytes of memory of a dumped process: the default memory limit. The file is about as large, and the writer
/// needs as much memory again.
const MOST_BYTES: usize = 256 << 20;

/// Most characters of the process's name in the file name; file systems allow 255 bytes in all.
const MOST_OF_NAME: usize = 64;

/// The attribute with the name of the core dump's file, in the last log entry of a process that trapped.
pub const CORE_DUMP: &str = "weft.coredump";
/// The attribute with the reason why there is no core dump, in the same entry.
pub const CORE_DUMP_MISSING: &str = "weft.coredump.missing";

/// The folder for dumps, and how many more are allowed.
#[derive(Debug)]
pub(crate) struct CoreDumps {
    folder: Folder,
    left: AtomicU32,
}

/// Why a trap has no dump.
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

/// The log attribute of a dump: the name of its file, or why there is none.
pub(super) fn attribute(dumped: Result<String, NoDump>) -> (&'static str, String) {
    match dumped {
        Ok(file) => (CORE_DUMP, file),
        Err(reason) => (CORE_DUMP_MISSING, reason.to_string()),
    }
}

impl CoreDumps {
    /// Opens the folder. Dumps go to it even if its path leads elsewhere later.
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

    /// Writes the dump of an error, and returns the name of the file. Gives the store back unless the runtime is shutting down.
    pub(super) async fn write(
        self: std::sync::Arc<Self>,
        error: wasmtime::Error,
        mut store: Store<ProcessState>,
        shared: &ProcessShared,
    ) -> (Option<Store<ProcessState>>, Result<String, NoDump>) {
        let file = file_name(&shared.name, shared.id);
        // Copies and writes megabytes, so it does not run on a thread that guests run on.
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
        // The writer can panic: it indexes slices and has unreachable branches.
        let dump = catch_unwind(AssertUnwindSafe(|| dump.serialize(&mut *store, file)));
        let dump = dump.map_err(|_| NoDump::Failed)?;
        Ok(self.folder.put(file, &dump)?)
    }
}

/// Whether the component has adapter modules, which wasmtime makes for calls between its parts. They import
/// from a module named `flags`.
fn calls_between_parts(dump: &WasmCoreDump) -> bool {
    let mut modules = dump.modules().iter();
    modules.any(|module| module.imports().any(|import| import.module() == "flags"))
}

/// The file name: the process's name, in characters that every file system allows, and its id.
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
