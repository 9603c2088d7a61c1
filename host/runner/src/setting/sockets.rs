//! The folders of control sockets.
//!
//! That is `weft` in `XDG_RUNTIME_DIR`, or else `weft-UID` in the folder for temporary files.

use rustix::fs::{Access, access};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use weft_control::{Folders, user};

/// The folder for this user's new sockets, and other folders where earlier runners may have made some.
pub(crate) fn folders() -> Folders {
    let session = of_session(Some(format!("/run/user/{}", user()).into()));
    let others = [session, Some(of_machine())];
    Folders {
        usual: of_session(std::env::var_os("XDG_RUNTIME_DIR")).unwrap_or_else(of_machine),
        others: others.into_iter().flatten().collect(),
    }
}

/// The folder in a session's runtime folder. A variable that names a folder of another user, as after `su` or in a
/// container, counts as unset.
fn of_session(folder: Option<OsString>) -> Option<PathBuf> {
    let folder = folder.map(PathBuf::from)?;
    // The specification says to ignore a relative path.
    let found = folder.is_absolute().then(|| fs::metadata(&folder).ok())??;
    let can_use = Access::WRITE_OK | Access::EXEC_OK;
    let ours = found.is_dir() && found.uid() == user();
    (ours && access(&folder, can_use).is_ok()).then(|| folder.join("weft"))
}

/// The folder without a session.
fn of_machine() -> PathBuf {
    std::env::temp_dir().join(format!("weft-{}", user()))
}
