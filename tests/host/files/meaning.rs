//! Calls mean what they do in wasmtime-wasi, whoever pays for them.

use super::{READ, VERSIONS, WRITE, both_tell, files, host, told};
use crate::support::block_on;

#[test]
fn files_are_opened_written_moved_linked_and_deleted() {
    both_tell("change-everything", "", WRITE, |_| {}, "as it should be");
}

#[test]
fn reads_and_writes_of_streams_that_are_given_up_lose_and_repeat_nothing() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let folders = [(folder.path(), WRITE)];
        let options = files("0.3", "copy-and-cancel", "200000", &folders);
        let said = told(&host().await, options).await;
        assert_eq!(said, "the same: true, some given up: true");
    });
}

#[test]
fn what_is_in_a_mount_that_is_only_to_be_read_cannot_be_changed() {
    let fill = |folder: &std::path::Path| {
        std::fs::write(folder.join("f"), "hello").unwrap();
        std::fs::create_dir(folder.join("d")).unwrap();
    };
    both_tell("read-only", "", READ, fill, "as it was");
}

#[test]
fn files_move_between_writable_mounts_and_neither_into_nor_out_of_another() {
    for version in VERSIONS {
        let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
        let [one, two, read_only] = folders.each_ref().map(|folder| folder.path());
        std::fs::write(read_only.join("r"), "").unwrap();
        block_on(async {
            let folders = [(one, WRITE), (two, WRITE), (read_only, READ)];
            let said = told(&host().await, files(version, "two-mounts", "", &folders)).await;
            assert_eq!(said, "as it should be", "{version}");
        });
        assert!(read_only.join("r").exists());
    }
}
