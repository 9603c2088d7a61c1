//! Names: folders made and removed, files moved and deleted.

use crate::folder::Folder;
use wasi03_programs::bindings::wasi::filesystem::types::ErrorCode;

pub async fn play(at: &Folder) {
    at.create("f").await.unwrap();
    folders(at).await;
    moved(at).await;
    deleted(at).await;
    at.unlink("f").await.unwrap();
}

async fn folders(at: &Folder) {
    // A slash at the end says that it is a folder, which it is.
    for name in ["d", "d/", "d///"] {
        at.make(name).await.unwrap();
        assert_eq!(at.make(name).await, Err(ErrorCode::Exist));
        at.remove(name).await.unwrap();
        assert_eq!(at.remove(name).await, Err(ErrorCode::NoEntry));
    }
    at.make("d").await.unwrap();
    at.make("d/e/").await.unwrap();
    assert_eq!(at.remove("d").await, Err(ErrorCode::NotEmpty));
    at.symlink("d", "l").await.unwrap();
    for (path, made, removed) in [
        ("", ErrorCode::NoEntry, ErrorCode::NoEntry),
        (".", ErrorCode::Exist, ErrorCode::Invalid),
        ("d/e/.", ErrorCode::Exist, ErrorCode::Invalid),
        ("f", ErrorCode::Exist, ErrorCode::NotDirectory),
        ("f/", ErrorCode::Exist, ErrorCode::NotDirectory),
        ("f/d", ErrorCode::NotDirectory, ErrorCode::NotDirectory),
        ("none/d", ErrorCode::NoEntry, ErrorCode::NoEntry),
        ("l", ErrorCode::Exist, ErrorCode::NotDirectory),
    ] {
        assert_eq!(at.make(path).await, Err(made), "{path}");
        assert_eq!(at.remove(path).await, Err(removed), "{path}");
    }
    at.unlink("l").await.unwrap();
    at.remove("d/e//").await.unwrap();
    at.remove("d").await.unwrap();
}

async fn moved(at: &Folder) {
    at.make("d").await.unwrap();
    let inner = at.enter("d").await.unwrap();
    at.rename("f", at, "f").await.unwrap();
    at.rename("f", &inner, "g").await.unwrap();
    assert_eq!(at.rename("f", at, "f").await, Err(ErrorCode::NoEntry));
    inner.rename("g", at, "h").await.unwrap();
    assert_eq!(inner.rename("g", at, "h").await, Err(ErrorCode::NoEntry));
    // What was there is replaced: a link, not what it leads to.
    at.symlink("h", "f").await.unwrap();
    at.rename("h", at, "f").await.unwrap();
    assert_eq!(at.stat("h").await, Err(ErrorCode::NoEntry));
    for (old, new, error) in [
        ("f", "d", ErrorCode::IsDirectory),
        ("d", "f", ErrorCode::NotDirectory),
        ("d", "d/e", ErrorCode::Invalid),
        ("", "g", ErrorCode::NoEntry),
        ("f", "", ErrorCode::NoEntry),
    ] {
        assert_eq!(at.rename(old, at, new).await, Err(error), "{old} {new}");
    }
    let refused = at.rename(".", at, "g").await.unwrap_err();
    let errors = [ErrorCode::Busy, ErrorCode::Invalid];
    assert!(errors.contains(&refused), "{refused:?}");
    at.rename("d/", at, "e/").await.unwrap();
    at.remove("e").await.unwrap();
}

async fn deleted(at: &Folder) {
    at.make("d").await.unwrap();
    for (path, error) in [
        ("", ErrorCode::NoEntry),
        ("none", ErrorCode::NoEntry),
        ("f/", ErrorCode::NotDirectory),
        ("f/g", ErrorCode::NotDirectory),
        ("d", ErrorCode::IsDirectory),
        (".", ErrorCode::IsDirectory),
    ] {
        assert_eq!(at.unlink(path).await, Err(error), "{path}");
    }
    at.remove("d").await.unwrap();
}
