//! Listings: all entries, once, whatever the size of the folder, and no more of them kept than are about to be read.

use super::{MANY, READ, VERSIONS, both_tell, files, host, many_files, told};
use crate::support::{block_on, outcome};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use weft_host::ExitStatus;

#[test]
fn an_empty_folder_has_no_entries() {
    both_tell("list", "2", READ, |_| {}, "0 entries, 0 files, last ");
}

#[test]
fn each_entry_is_told_with_its_type() {
    let fill = |folder: &std::path::Path| {
        std::fs::write(folder.join("a"), "").unwrap();
        std::fs::create_dir(folder.join("b")).unwrap();
        std::os::unix::fs::symlink("a", folder.join("c")).unwrap();
    };
    both_tell("list", "1", READ, fill, "3 entries, 1 files, last c");
}

#[test]
fn a_folder_larger_than_what_the_host_may_keep_is_read_in_parts() {
    block_on(async {
        let host = host().await;
        for version in VERSIONS {
            let mut options = files(version, "list", "1", &[(&many_files(), READ)]);
            // All names together take five million bytes.
            options.limits.host_bytes = Some(3 << 20);
            let said = told(&host, options).await;
            let wanted = format!("{MANY} entries, {MANY} files, last made");
            assert_eq!(said, wanted, "{version}");
        }
    });
}

#[test]
fn a_name_that_is_no_text_is_an_error_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join(OsStr::from_bytes(b"\xff"));
    std::fs::write(name, "").unwrap();
    block_on(async {
        for version in VERSIONS {
            let options = files(version, "list", "1", &[(folder.path(), READ)]);
            let status = outcome(&host().await, options).await;
            let wanted = ExitStatus::Failed("illegal-byte-sequence".into());
            assert_eq!(status, wanted, "{version}");
        }
    });
}
