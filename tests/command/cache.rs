//! The folder of compiled components: used only if nobody else can put code there.

use crate::weft::run;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;

/// What is said when a component is run with this cache.
fn said(cache: &Path) -> String {
    let assert = run("hello")
        .env("WEFT_CACHE", cache)
        .args(["--invoke", "run(\"x\")"])
        .assert()
        .success();
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn one_that_is_made_is_its_user_s_alone() {
    let root = tempfile::tempdir().unwrap();
    let cache = root.path().join("made/cache");
    assert!(!said(&cache).contains("warning"));
    assert!(!is_empty(&cache));
    assert_eq!(fs::metadata(cache).unwrap().mode() & 0o777, 0o700);
}

#[test]
fn one_in_which_others_can_put_code_is_not_used_and_that_is_said_once() {
    let root = tempfile::tempdir().unwrap();
    let (open, link) = (root.path().join("open"), root.path().join("link"));
    fs::create_dir(&open).unwrap();
    symlink(&open, &link).unwrap();
    fs::set_permissions(&open, Permissions::from_mode(0o777)).unwrap();
    for cache in [&open, &link, &open.join("below")] {
        let said = said(cache);
        let wanted = format!(
            "warning: the compile cache is not used: others can write to `{}`",
            open.canonicalize().unwrap().display()
        );
        assert_eq!(said.matches("warning").count(), 1, "{said}");
        assert!(said.contains(&wanted), "{said}");
    }
    assert!(is_empty(&open.join("below")));
    fs::set_permissions(&open, Permissions::from_mode(0o755)).unwrap();
    // Only root can give a folder away.
    if chown(&open, Some(65_534), None).is_ok() {
        let said = said(&open);
        assert!(said.contains("belongs to the user 65534"), "{said}");
    }
}
