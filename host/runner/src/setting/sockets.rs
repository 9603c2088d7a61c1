//! In which folders control sockets are.
//!
//! `weft` in `XDG_RUNTIME_DIR`, else `weft-UID` in the folder for temporary files.

use rustix::fs::{Access, access};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use weft_control::{Folders, user};

/// Where sockets of this user are made, and where others may have made them.
pub(crate) fn folders() -> Folders {
    let session = of_session(Some(format!("/run/user/{}", user()).into()));
    let others = [session, Some(of_machine())];
    Folders {
        usual: of_session(std::env::var_os("XDG_RUNTIME_DIR")).unwrap_or_else(of_machine),
        others: others.into_iter().flatten().collect(),
    }
}

/// In the folder of a session. A variable that names no folder of this user's, as after `su` or in a container, is as good as none.
fn of_session(folder: Option<OsString>) -> Option<PathBuf> {
    let folder = folder.map(PathBuf::from)?;
    // A relative one is to be ignored, says its specification.
    let found = folder.is_absolute().then(|| fs::metadata(&folder).ok())??;
    let can_use = Access::WRITE_OK | Access::EXEC_OK;
    let ours = found.is_dir() && found.uid() == user();
    (ours && access(&folder, can_use).is_ok()).then(|| folder.join("weft"))
}

/// Where there is no session.
fn of_machine() -> PathBuf {
    std::env::temp_dir().join(format!("weft-{}", user()))
}
