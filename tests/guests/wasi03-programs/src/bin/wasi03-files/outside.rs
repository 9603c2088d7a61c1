//! Nothing is reached outside of the folder that a handle is for: not by `..`, not by an absolute path, not by a link.

use crate::folder::{BOTH, FOLLOW, Folder, NEW, NONE};
use wasi03_programs::bindings::wasi::filesystem::types::{ErrorCode, NewTimestamp};

pub async fn play(at: &Folder) {
    at.make("d").await.unwrap();
    at.make("d/e").await.unwrap();
    at.create("f").await.unwrap();
    at.create("d/g").await.unwrap();
    // Within the folder `..` is a path like any other.
    at.read("d/e/../../f").await.unwrap();
    let inner = at.enter("d").await.unwrap();
    inner.symlink("..", "up").await.unwrap();
    for path in ["../f", "e/../../f", "../d/g", "/f", "up/f"] {
        refused(&inner, path).await;
    }
    followed(&inner).await;
    for name in ["up", "g"] {
        inner.unlink(name).await.unwrap();
    }
    inner.remove("e").await.unwrap();
    at.remove("d").await.unwrap();
    at.unlink("f").await.unwrap();
}

/// Every call that takes a path.
async fn refused(at: &Folder, path: &str) {
    let out = Err(ErrorCode::NotPermitted);
    assert_eq!(at.read(path).await.map(drop), out, "open {path}");
    assert_eq!(at.open(path, NEW, BOTH).await.map(drop), out, "new {path}");
    assert_eq!(at.stat(path).await.map(drop), out, "stat {path}");
    assert_eq!(at.hash(path).await.map(drop), out, "hash {path}");
    assert_eq!(at.read_link(path).await.map(drop), out, "link {path}");
    assert_eq!(at.set_times(path, NewTimestamp::Now).await, out, "{path}");
    assert_eq!(at.make(path).await, out, "make {path}");
    assert_eq!(at.remove(path).await, out, "remove {path}");
    assert_eq!(at.unlink(path).await, out, "unlink {path}");
    assert_eq!(at.symlink("g", path).await, out, "symlink {path}");
    assert_eq!(at.link("g", path).await, out, "link to {path}");
    assert_eq!(at.link(path, "n").await, out, "link from {path}");
    assert_eq!(at.rename("g", at, path).await, out, "rename to {path}");
    assert_eq!(at.rename(path, at, "n").await, out, "rename from {path}");
}

/// A link that leads out is there, and what it leads to is not.
async fn followed(at: &Folder) {
    let out = Some(ErrorCode::NotPermitted);
    assert_eq!(at.read_link("up").await.unwrap(), "..");
    at.stat("up").await.unwrap();
    at.set_times("up", NewTimestamp::Now).await.unwrap();
    assert_eq!(at.read_followed("up").await.err(), out);
    assert_eq!(at.stat_followed("up").await.err(), out);
    let hash = at.0.metadata_hash_at(FOLLOW, "up".into()).await;
    assert_eq!(hash.err(), out);
    at.0.metadata_hash_at(NONE, "up".into()).await.unwrap();
    let now = NewTimestamp::Now;
    let set = at.0.set_times_at(FOLLOW, "up".into(), now, now).await;
    assert_eq!(set.err(), out);
}
