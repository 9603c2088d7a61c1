//! The folder of compiled components.
//!
//! Its files are loaded as machine code and run with all the rights of the host. So the folder is used only if nobody
//! else can put a file into it or replace the folder.
//!
//! wasmtime implements the cache and opens its files by name.
//!
//! Invariant: only this user and root are trusted; root could change the host itself.

use super::EngineError;
use std::fs::{self, DirBuilder, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use wasmtime::{Cache, CacheConfig};

/// The mode of a new folder: nobody else may even list it.
const OURS_ALONE: u32 = 0o700;

/// The mode bits that let somebody besides the owner write.
const OTHERS_WRITE: u32 = 0o022;

/// The mode bit that lets everybody write.
const ALL_WRITE: u32 = 0o002;

/// The mode bits of a folder that let somebody besides the owner reach its entries.
const OTHERS_ENTER: u32 = 0o011;

/// The mode bit of a folder by which only the owner of an entry can move or remove it, as in `/tmp`.
const STICKY: u32 = 0o1000;

/// Why a folder for compiled components is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CacheRisk {
    /// The folder, or one above it, belongs to somebody else.
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
    /// Others can write to the folder, to something in it, or to a folder above it.
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

/// Opens the cache in this folder, and creates the folder if it does not exist.
pub(super) fn open(folder: &Path) -> Result<Cache, EngineError> {
    let failed = |error: io::Error| EngineError::Cache(format!("`{}`: {error}", folder.display()));
    let mut made = DirBuilder::new();
    made.recursive(true).mode(OURS_ALONE);
    made.create(folder).map_err(failed)?;
    // Links are resolved first, so that the checked folder is the one that is used.
    let folder = folder.canonicalize().map_err(failed)?;
    if let Some(risk) = find_risk(&folder).map_err(failed)? {
        return Err(EngineError::UnsafeCache(risk));
    }
    let mut settings = CacheConfig::new();
    settings.with_directory(folder);
    // By default wasmtime compresses frequently used files once more on a background thread. That takes over 100 MiB for
    // a second and saves some kilobytes of disk.
    settings.with_optimized_compression_usage_counter_threshold(u64::MAX);
    Cache::new(settings).map_err(|error| EngineError::Cache(format!("{error:#}")))
}

/// What somebody else could do to the cache in this folder.
fn find_risk(folder: &Path) -> io::Result<Option<CacheRisk>> {
    let user = rustix::process::geteuid().as_raw();
    for above in folder.ancestors().skip(1) {
        if let Some(risk) = risk_above(above, &fs::symlink_metadata(above)?, user) {
            return Ok(Some(risk));
        }
    }
    // The mode of files in the folder depends on the user's umask. That does not matter if nobody else can enter the
    // folder.
    let mut left = vec![folder.to_owned()];
    while let Some(path) = left.pop() {
        let found = match fs::symlink_metadata(&path) {
            // Another host has removed it meanwhile.
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

/// What somebody else could do to a file or a folder.
fn risk(path: &Path, found: &Metadata, user: u32, writes: u32) -> Option<CacheRisk> {
    let (owner, mode) = (found.uid(), found.mode() & 0o7777);
    let path = path.to_owned();
    if owner != user && owner != 0 {
        return Some(CacheRisk::Foreign { path, owner });
    }
    (mode & writes != 0).then_some(CacheRisk::Writable { path, mode })
}

/// What somebody else could do to an entry of a folder through that folder. A group may write: often it is this user's own
/// group, and otherwise its members are trusted with the user's files already.
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
        // Nobody else can enter it.
        set_mode(&folder, 0o700);
        open(&folder).unwrap();
        let above = root.path().join("above");
        set_mode(&above, 0o777);
        let path = above.canonicalize().unwrap();
        assert_eq!(refused(&folder), CacheRisk::Writable { path, mode: 0o777 });
        // As in `/tmp`, nobody else can replace this folder.
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
