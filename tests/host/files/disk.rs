//! `disk-bytes` counts whatever takes room on a disk, by whichever way it is asked for.

use super::{VERSIONS, WRITE, attribute, files, host, told, told_with_log};
use crate::support::block_on;
use std::path::Path;
use weft_host::StartOptions;

/// Room for ten pieces of 4 KiB.
const TEN: u64 = 10 * 4096;

/// Whatever takes room, and how often it goes well: files that are written take one piece for themselves.
const WAYS: [(&str, u32); 10] = [
    ("create", 10),
    ("folder", 10),
    ("symlink", 10),
    ("link", 10),
    ("write", 9),
    ("write-at", 9),
    ("overwrite", 9),
    ("append", 9),
    ("size", 9),
    ("hole", 9),
];

fn with_file() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f"), "").unwrap();
    folder
}

fn filling(version: &str, scenario: &str, way: &str, folder: &Path) -> StartOptions {
    let mut options = files(version, scenario, way, &[(folder, WRITE)]);
    options.limits.disk_bytes = Some(TEN);
    options
}

#[test]
fn every_way_to_fill_a_disk_ends_at_the_limit_and_the_log_says_so_once() {
    block_on(async {
        let host = host().await;
        for version in VERSIONS {
            for (way, times) in WAYS {
                let folder = with_file();
                let options = filling(version, "fill", way, folder.path());
                let (said, entries) = told_with_log(&host, options).await;
                let wanted = format!("{times}, then insufficient-space");
                assert_eq!(said, wanted, "{version} {way}");
                assert_eq!(attribute(&entries, "weft.limit"), ["disk-bytes"]);
                let filled = folder.path().join("filled").metadata();
                let size = filled.map_or(0, |filled| filled.len());
                assert!(size <= TEN, "{version} {way}: {size}");
            }
        }
    });
}

#[test]
fn what_children_write_counts_for_their_parent() {
    block_on(async {
        let host = host().await;
        let folder = with_file();
        let options = filling("0.2", "fill-in-child", "write", folder.path());
        let said = told(&host, options).await;
        assert!(said.contains("9, then insufficient-space"), "{said}");
    });
}

#[test]
fn what_fails_costs_nothing() {
    block_on(async {
        let host = host().await;
        let folder = with_file();
        std::fs::create_dir(folder.path().join("made")).unwrap();
        let options = filling("0.2", "fail-and-fill", "100", folder.path());
        let said = told(&host, options).await;
        assert_eq!(said, "10, then insufficient-space");
    });
}
