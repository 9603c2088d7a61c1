//! Reads files that people write: manifests and documents.
//!
//! Invariant: reading stops at a fixed size, so reading an endless device such as `/dev/zero` ends too.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Maximum size in bytes. A process takes a few hundred bytes of a manifest, so thousands fit.
const MOST_BYTES: u64 = 1 << 20;

/// Reads a text file.
///
/// # Errors
/// When the file cannot be read, is not UTF-8, or has more than [`MOST_BYTES`].
pub(crate) fn read(path: &Path) -> io::Result<String> {
    read_from(File::open(path)?)
}

/// Reads a text from where it is written to, such as stdin.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_from(file: impl Read) -> io::Result<String> {
    let mut text = String::new();
    // Read one byte more, to see whether the file is too large.
    file.take(MOST_BYTES + 1).read_to_string(&mut text)?;
    match text.len() as u64 > MOST_BYTES {
        true => Err(io::Error::other(format!(
            "it has more than {MOST_BYTES} bytes"
        ))),
        false => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_people_write_is_read_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("it");
        let most = usize::try_from(MOST_BYTES).unwrap();
        std::fs::write(&file, "x".repeat(most)).unwrap();
        assert_eq!(read(&file).unwrap().len(), most);
        std::fs::write(&file, "x".repeat(most + 1)).unwrap();
        for endless in [&file, Path::new("/dev/zero")] {
            let said = read(endless).unwrap_err().to_string();
            assert_eq!(said, "it has more than 1048576 bytes");
        }
    }
}
