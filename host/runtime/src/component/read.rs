//! Reading components from files, within the bounds of those who load them.
//!
//! Invariant: no more of a file is read than a component may have, also of one without an end.

use super::load::{self, LoadError};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Reads a file of at most so many bytes.
pub(super) fn read_file(name: &str, path: &Path, most: u64) -> Result<Vec<u8>, LoadError> {
    let mut bytes = Vec::new();
    // One byte more, to see that there are too many.
    let read = File::open(path).and_then(|file| {
        let mut file = file.take(most.saturating_add(1));
        file.read_to_end(&mut bytes)
    });
    read.map_err(|cause| LoadError::Read {
        name: name.to_owned(),
        path: path.to_owned(),
        cause,
    })?;
    within(name, &bytes, most)?;
    Ok(bytes)
}

/// Checks that a component has at most so many bytes.
pub(super) fn within(name: &str, bytes: &[u8], most: u64) -> Result<(), LoadError> {
    match bytes.len() as u64 > most {
        true => Err(LoadError::TooLarge {
            name: name.to_owned(),
            most,
        }),
        false => Ok(()),
    }
}

/// Reads a component for whoever is to take it in by other means than a host, within the bounds that a host has: of its
/// bytes (`most`, such as [`HostConfig::max_component_bytes`](crate::HostConfig::max_component_bytes)) and of the memory that parsing
/// it takes. Whether it is valid, or a component at all, is not looked at. Blocks.
///
/// # Errors
/// [`LoadError`], as for a component that is loaded.
pub fn read_component(name: &str, path: &Path, most: u64) -> Result<Vec<u8>, LoadError> {
    let bytes = read_file(name, path, most)?;
    match load::within_budget(name, &bytes) {
        // Those who take it in say better what is wrong with it.
        Ok(()) | Err(LoadError::Invalid { .. }) => Ok(bytes),
        Err(over) => Err(over),
    }
}
