//! Mounts are handles: whatever is moved or linked meanwhile, a folder stays the one that was granted.

use super::{READ, VERSIONS, WRITE, files, host, told};
use crate::support::{block_on, end};
use std::os::unix::fs::symlink;
use std::path::Path;
use weft_host::ExitStatus;

/// A folder `data` with what is granted, and one `secret` beside it with the file `flag`.
fn beside_a_secret() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for folder in ["data/a", "data/sub/deep", "secret"] {
        std::fs::create_dir_all(root.path().join(folder)).unwrap();
    }
    std::fs::write(root.path().join("secret/flag"), "secret").unwrap();
    std::fs::write(root.path().join("data/sub/b"), "").unwrap();
    symlink("../secret", root.path().join("data/l")).unwrap();
    symlink("sub/deep/..", root.path().join("data/in")).unwrap();
    root
}

#[test]
fn a_child_never_gets_a_folder_outside_whatever_others_swap_meanwhile() {
    let root = beside_a_secret();
    let data = root.path().join("data");
    block_on(async {
        let host = host().await;
        let folders = [(data.as_path(), WRITE)];
        let start = |scenario, times| {
            let options = files("0.2", scenario, times, &folders);
            host.start(options).unwrap()
        };
        let (swaps, starts) = (start("swap", "4000"), start("race", "600"));
        let tries = ExitStatus::Returned("\"600 tries\"".into());
        assert_eq!(end(&starts).await, tries);
        end(&swaps).await;
    });
    assert!(!root.path().join("secret/written-by-guest").exists());
}

#[test]
fn a_link_in_a_mount_leads_a_child_where_it_stays_inside_and_nowhere_else() {
    let root = beside_a_secret();
    let data = root.path().join("data");
    symlink("/", data.join("root")).unwrap();
    symlink(root.path().join("data/sub"), data.join("absolute")).unwrap();
    std::fs::write(data.join("file"), "").unwrap();
    block_on(async {
        let host = host().await;
        let folders = [(data.as_path(), WRITE)];
        let child_of = async |source: &str| {
            let options = files("0.2", "peek-child", source, &folders);
            crate::support::outcome(&host, options).await
        };
        let inside = ExitStatus::Returned(r#""Returned(\"\\\"b deep\\\"\")""#.into());
        for good in ["/data/sub", "/data/in", "/data/./sub", "/data/sub/"] {
            assert_eq!(child_of(good).await, inside, "{good}");
        }
        for bad in ["l", "root", "absolute", "l/.", "none", "file", "sub/../sub"] {
            let source = format!("/data/{bad}");
            let denied = format!("PermissionDenied(\"filesystem({source})\")");
            assert_eq!(child_of(&source).await, ExitStatus::Failed(denied));
        }
    });
}

#[test]
fn a_mount_stays_the_folder_that_it_was_at_the_start() {
    for version in VERSIONS {
        let root = beside_a_secret();
        let at = |path: &str| root.path().join(path);
        block_on(async {
            let host = host().await;
            let data = at("data/sub");
            let options = files(version, "peek-later", "go", &[(&data, READ)]);
            let process = host.start(options).unwrap();
            std::fs::rename(&data, at("moved")).unwrap();
            std::fs::rename(at("secret"), &data).unwrap();
            std::fs::write(data.join("other"), "").unwrap();
            std::fs::write(at("moved/go"), "").unwrap();
            let said = ExitStatus::Returned("\"b deep go\"".into());
            assert_eq!(end(&process).await, said, "{version}");
        });
    }
}

#[test]
fn a_list_of_folders_is_refused_by_its_length_before_any_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let host = host().await;
        let folders = [(folder.path(), WRITE)];
        for (count, refusal) in [
            (
                "17",
                "mounted folders of one process: 17 given, 16 is the most",
            ),
            (
                "1025",
                "capabilities of one process: 1025 given, 1024 is the most",
            ),
            (
                "500000",
                "capabilities of one process: 500000 given, 1024 is the most",
            ),
        ] {
            let said = told(&host, files("0.2", "many-folders", count, &folders)).await;
            assert_eq!(said, format!(r#"InvalidArgument(\"{refusal}\")"#));
        }
        // Sixteen are looked at.
        let said = told(&host, files("0.2", "many-folders", "16", &folders)).await;
        assert_eq!(said, r#"PermissionDenied(\"filesystem(/data/d/d/d/d)\")"#);
    });
}

#[test]
fn a_mount_that_is_no_folder_is_refused_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f"), "").unwrap();
    block_on(async {
        let host = host().await;
        for (name, reason) in [("none", "No such file"), ("f", "Not a directory")] {
            let path = folder.path().join(name);
            let options = files("0.2", "peek", "", &[(Path::new(&path), READ)]);
            let error = host.start(options).unwrap_err().to_string();
            let begin = format!("cannot mount {} at /data: {reason}", path.display());
            assert!(error.starts_with(&begin), "{error}");
        }
    });
}
