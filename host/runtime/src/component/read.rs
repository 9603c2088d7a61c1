//! Reading components from files, within the bounds of those who load them.
//!
//! Invariant: no more of a file is read than a component may have, also of one without an end.

use super::budget::Sum;
use super::earlier;
use super::error::LoadError;
use super::load;
use super::weight::Instrumented;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Reads a file of at most so many bytes.
pub(super) fn read_file(name: &str, path: &Path, most: u64) -> Result<Vec<u8>, LoadError> {
    let mut bytes = Vec::new();
    // One byte more, to see that there are too many.
    let read = File::open(path).and_then(|file| {
        // Growing takes twice as much on the way. A file without an end has no length.
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

/// Reads components for whoever is to take them in by other means than a host, all at once: within the bounds that a host has, each of its
/// bytes, and all together of the memory that parsing them takes.
#[derive(Debug)]
pub struct ComponentReader {
    /// Bytes of the largest component.
    most: u64,
    /// What parsing those takes that were read so far.
    taken: Sum,
}

impl ComponentReader {
    /// Of components of at most so many bytes, such as [`HostConfig::max_component_bytes`](crate::HostConfig::max_component_bytes).
    pub fn new(most: u64) -> Self {
        Self {
            most,
            taken: Sum::default(),
        }
    }

    /// Reads one more. One that was made for an earlier version of the contract is returned as one made for this. Whether it is valid, or a component at all, is not looked at. Blocks.
    ///
    /// # Errors
    /// [`LoadError`], as for a component that is loaded; [`LoadError::TooMuchTogether`] for one that is too much with those before it.
    pub fn read(&mut self, name: &str, path: &Path) -> Result<Vec<u8>, LoadError> {
        let bytes = read_file(name, path, self.most)?;
        let budget = load::within_budget(name, &bytes);
        let within = budget.is_ok();
        match budget {
            Ok(sum) => self.taken.merge(&sum),
            // Those who take it in say better what is wrong with it.
            Err(LoadError::Invalid { .. }) => {}
            Err(over) => return Err(over),
        }
        let together = |over| LoadError::too_much_together(name, over);
        self.taken.check().map_err(together)?;
        Ok(match within {
            true => earlier::as_current(&bytes).into_owned(),
            false => bytes,
        })
    }
}

/// Checks that a component which somebody made, such as one composed of others, is valid and within the bounds that an ordinary host has: of
/// its bytes (`most`), of the memory that loading it takes, and of the work for the compiler. Blocks, and compiles nothing.
///
/// # Errors
/// [`LoadError`], as for a component that is loaded.
pub fn verify_component(name: &str, bytes: &[u8], most: u64) -> Result<(), LoadError> {
    within(name, bytes, most)?;
    component_weight(name, bytes).map(drop)
}

/// Bytes of memory that a host of the ordinary profile reckons with to load a component, for tests that hold it to them.
///
/// # Errors
/// As for a component that is loaded.
#[doc(hidden)]
pub fn component_weight(name: &str, bytes: &[u8]) -> Result<u64, LoadError> {
    load::verify(name, bytes, Instrumented::default()).map(|plan| plan.bytes)
}
