//! Reads components from files, within the bounds of the caller.
//!
//! Invariant: at most one byte more than the bound is read, even from a file without an end.

use super::budget::Sum;
use super::earlier;
use super::error::LoadError;
use super::load;
use super::weight::Instrumented;
use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Reads a file of at most `most` bytes.
pub(super) fn read_file(name: &str, path: &Path, most: u64) -> Result<Vec<u8>, LoadError> {
    let mut bytes = Vec::new();
    // One byte more, to detect a file that is too large.
    let read = File::open(path).and_then(|file| {
        // Reserved, as growing would need twice the memory for a moment. A file without an end, such as a
        // device, has no length.
        let length = file.metadata()?.len().min(most);
        bytes.reserve_exact(
            usize::try_from(length)
                .unwrap_or_default()
                .saturating_add(1),
        );
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

/// Checks that a component has at most `most` bytes.
pub(super) fn within(name: &str, bytes: &[u8], most: u64) -> Result<(), LoadError> {
    match bytes.len() as u64 > most {
        true => Err(LoadError::TooLarge {
            name: name.to_owned(),
            most,
        }),
        false => Ok(()),
    }
}

/// Reads components for a consumer other than a host, which takes all of them at once. Applies the bounds of a host to the bytes of
/// each, and to the memory for parsing all of them together.
#[derive(Debug)]
pub struct ComponentReader {
    /// Most bytes of a component.
    most: u64,
    /// The parsing memory of all components so far.
    taken: Sum,
}

impl ComponentReader {
    /// For components of at most `most` bytes, such as [`HostConfig::max_component_bytes`](crate::HostConfig::max_component_bytes).
    pub fn new(most: u64) -> Self {
        Self {
            most,
            taken: Sum::default(),
        }
    }

    /// Reads one more. A component for an earlier version of the contract is returned as one for the current version. Does not check whether the
    /// bytes are valid, or a component at all. Blocks.
    ///
    /// # Errors
    /// [`LoadError`] as for loading; [`LoadError::TooMuchTogether`] if this component and those before it exceed the bound.
    pub fn read(&mut self, name: &str, path: &Path) -> Result<Vec<u8>, LoadError> {
        let bytes = read_file(name, path, self.most)?;
        let is_readable = match load::within_budget(name, &bytes) {
            Ok(sum) => {
                self.taken.merge(&sum);
                true
            }
            // The consumer reports better what is wrong with it.
            Err(LoadError::Invalid { .. }) => false,
            Err(over) => return Err(over),
        };
        let together = |over| LoadError::too_much_together(name, over);
        self.taken.check().map_err(together)?;
        if is_readable && let Cow::Owned(current) = earlier::as_current(&bytes) {
            return Ok(current);
        }
        Ok(bytes)
    }
}

/// Checks that a generated component, such as a composed one, is valid and within the bounds of an ordinary host: its size (`most`), the
/// memory for loading it, and the work for the compiler. Blocks. Does not compile.
///
/// # Errors
/// [`LoadError`] as for loading.
pub fn verify_component(name: &str, bytes: &[u8], most: u64) -> Result<(), LoadError> {
    within(name, bytes, most)?;
    component_weight(name, bytes).map(drop)
}

/// Bytes of memory that a host of the ordinary profile expects a load of this component to take. For tests of that
/// estimate.
///
/// # Errors
/// As for loading.
#[doc(hidden)]
pub fn component_weight(name: &str, bytes: &[u8]) -> Result<u64, LoadError> {
    load::verify(name, bytes, Instrumented::default()).map(|plan| plan.bytes)
}
