//! The folder of compiled components.
//!
//! What is in it is loaded as machine code and runs with all the rights of the host. So the folder is used only if nobody
//! else can put anything there: neither into it, nor another in its place.
//!
//! Not how the cache works, which is wasmtime's affair: it opens its files by name.
//!
//! Invariant: who is trusted is this user and root, who could change the host itself.

use super::EngineError;
use std::fs::{self, DirBuilder, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use wasmtime::{Cache, CacheConfig};

/// The mode of a folder that is made: nobody else so much as reads which components there are.
const OURS_ALONE: u32 = 0o700;

/// The bits of a mode that let others than the owner write.
const OTHERS_WRITE: u32 = 0o022;

/// The bit of a mode that lets all write.
const ALL_WRITE: u32 = 0o002;

/// The bits of a folder's mode that let others than the owner reach what is in it.
const OTHERS_ENTER: u32 = 0o011;

/// The bit of a folder's mode by which only the owner of an entry can move or remove it, as in `/tmp`.
const STICKY: u32 = 0o1000;

/// Why a folder for compiled components is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CacheRisk {
    /// It, or a folder above it, is somebody else's.
    #[error(
        "`{}` belongs to the user {owner}, who could put code there that runs with your rights; \
         choose a folder of your own", path.display()
    )]
    Foreign {
        /// The folder, without links.
        path: PathBuf,
        /// Its owner.
        owner: u32,
    },
    /// Others can write to it, to what is in it, or in a folder above it.
    #[error(
        "others can write to `{}` (mode {mode:o}) and so put code there that runs with your rights; \
         `chmod go-w` it, or choose another folder", path.display()
    )]
    Writable {
        /// The folder or file, without links.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
}

/// Opens the cache in this folder, which is made when it is not there.
pub(super) fn open(folder: &Path) -> Result<Cache, EngineError> {
    let failed = |error: io::Error| EngineError::Cache(format!("`{}`: {error}", folder.display()));
    let mut made = DirBuilder::new();
    made.recursive(true).mode(OURS_ALONE);
    made.create(folder).map_err(failed)?;
    // Without links, so that what is looked at is what is used.
    let folder = folder.canonicalize().map_err(failed)?;
    if let Some(risk) = find_risk(&folder).map_err(failed)? {
        return Err(EngineError::UnsafeCache(risk));
    }
    let mut settings = CacheConfig::new();
    settings.with_directory(folder);
    // Left alone, it compresses what is used often once more on a thread of its own: over 100 MiB for a second, for some
    // kilobytes of disk.
    settings.with_optimized_compression_usage_counter_threshold(u64::MAX);
    Cache::new(settings).map_err(|error| EngineError::Cache(format!("{error:#}")))
}

/// What somebody could do to the cache in this folder.
fn find_risk(folder: &Path) -> io::Result<Option<CacheRisk>> {
    let user = rustix::process::geteuid().as_raw();
    for above in folder.ancestors().skip(1) {
        if let Some(risk) = risk_above(above, &fs::symlink_metadata(above)?, user) {
            return Ok(Some(risk));
        }
    }
    // What is made in it is as open as its user's umask lets it be; where nobody else can get in, that does not matter.
    let mut left = vec![folder.to_owned()];
    while let Some(path) = left.pop() {
        let found = match fs::symlink_metadata(&path) {
            // Another host has cleared it away meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            found => found?,
        };
        if found.is_symlink() {
            continue;
        }
        if let Some(risk) = risk(&path, &found, user, OTHERS_WRITE) {
            return Ok(Some(risk));
        }
        if found.is_dir() && found.mode() & OTHERS_ENTER != 0 {
            let entries = fs::read_dir(&path).into_iter().flatten().flatten();
            left.extend(entries.map(|entry| entry.path()));
        }
    }
    Ok(None)
}

/// What somebody could do to a file or a folder.
fn risk(path: &Path, found: &Metadata, user: u32, writes: u32) -> Option<CacheRisk> {
    let (owner, mode) = (found.uid(), found.mode() & 0o7777);
    let path = path.to_owned();
    if owner != user && owner != 0 {
        return Some(CacheRisk::Foreign { path, owner });
    }
    (mode & writes != 0).then_some(CacheRisk::Writable { path, mode })
}

/// What somebody could do to an entry of a folder by way of the folder. A group may write: it is often one of this user alone,
/// and where it is not, its members are trusted with the user's files already.
fn risk_above(path: &Path, found: &Metadata, user: u32) -> Option<CacheRisk> {
    let writes = match found.mode() & STICKY {
        0 => ALL_WRITE,
        _ => 0,
    };
    risk(path, found, user, writes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    fn refused(folder: &Path) -> CacheRisk {
        match open(folder) {
            Err(EngineError::UnsafeCache(risk)) => risk,
            other => panic!("{:?}", other.map(|_| "opened")),
        }
    }

    #[test]
    fn a_folder_is_made_for_its_owner_alone() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a/b");
        open(&folder).unwrap();
        for made in ["a", "a/b"] {
            let found = fs::metadata(root.path().join(made)).unwrap();
            assert_eq!(found.mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn a_folder_that_others_write_in_is_refused_also_behind_a_link_and_above() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("above/cache");
        open(&folder).unwrap();
        let link = root.path().join("link");
        symlink(&folder, &link).unwrap();
        open(&link).unwrap();
        for mode in [0o770, 0o702] {
            set_mode(&folder, mode);
            for named in [&folder, &link] {
                let path = folder.canonicalize().unwrap();
                assert_eq!(refused(named), CacheRisk::Writable { path, mode });
            }
        }
        set_mode(&folder, 0o755);
        let inside = folder.canonicalize().unwrap().join("compiled");
        fs::write(&inside, "").unwrap();
        set_mode(&inside, 0o664);
        let (path, mode) = (inside, 0o664);
        assert_eq!(refused(&folder), CacheRisk::Writable { path, mode });
        // Nobody else gets at it.
        set_mode(&folder, 0o700);
        open(&folder).unwrap();
        let above = root.path().join("above");
        set_mode(&above, 0o777);
        let path = above.canonicalize().unwrap();
        assert_eq!(refused(&folder), CacheRisk::Writable { path, mode: 0o777 });
        // As in `/tmp` nobody can put another folder in the place of this one.
        set_mode(&above, 0o1777);
        open(&folder).unwrap();
    }

    #[test]
    fn a_folder_of_somebody_else_is_refused_but_for_root_s() {
        let root = tempfile::tempdir().unwrap();
        let found = fs::metadata(root.path()).unwrap();
        let owner = found.uid();
        assert_eq!(risk(root.path(), &found, owner, OTHERS_WRITE), None);
        let path = root.path().to_owned();
        let foreign = (owner != 0).then_some(CacheRisk::Foreign { path, owner });
        assert_eq!(risk(root.path(), &found, owner + 1, OTHERS_WRITE), foreign);
        let system = fs::metadata("/").unwrap();
        assert_eq!(risk_above(Path::new("/"), &system, owner), None);
    }
}
