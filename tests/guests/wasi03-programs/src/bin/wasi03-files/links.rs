//! Links: more names of one file, and links with a path in them.

use crate::folder::Folder;
use wasi03_programs::bindings::wasi::filesystem::types::{DescriptorType, ErrorCode};

pub async fn play(at: &Folder) {
    at.create("f").await.unwrap();
    at.make("d").await.unwrap();
    names(at).await;
    paths(at).await;
    at.remove("d").await.unwrap();
    at.unlink("f").await.unwrap();
}

async fn names(at: &Folder) {
    at.link("f", "d/g").await.unwrap();
    assert_eq!(at.stat("f").await.unwrap().link_count, 2);
    for (old, new, error) in [
        ("f", "f", ErrorCode::Exist),
        ("f", "d", ErrorCode::Exist),
        ("", "g", ErrorCode::NoEntry),
        ("f", "", ErrorCode::NoEntry),
        ("none", "g", ErrorCode::NoEntry),
        ("f", "none/g", ErrorCode::NoEntry),
        ("d", "g", ErrorCode::NotPermitted),
        (".", "g", ErrorCode::NotPermitted),
    ] {
        assert_eq!(at.link(old, new).await, Err(error), "{old} {new}");
    }
    at.unlink("d/g").await.unwrap();
    assert_eq!(at.stat("f").await.unwrap().link_count, 1);
}

async fn paths(at: &Folder) {
    at.symlink("f", "l").await.unwrap();
    at.symlink("self", "self").await.unwrap();
    assert_eq!(at.read_link("l").await.unwrap(), "f");
    assert_eq!(
        at.stat("l").await.unwrap().type_,
        DescriptorType::SymbolicLink
    );
    let found = at.stat_followed("l").await.unwrap();
    assert_eq!(found.type_, DescriptorType::RegularFile);
    at.read_followed("l").await.unwrap();
    assert_eq!(at.read("l").await.err(), Some(ErrorCode::Loop));
    assert_eq!(at.read_followed("self").await.err(), Some(ErrorCode::Loop));
    assert_eq!(at.stat_followed("self").await, Err(ErrorCode::Loop));
    for (path, error) in [
        ("", ErrorCode::NoEntry),
        ("none", ErrorCode::NoEntry),
        (".", ErrorCode::Invalid),
        ("f", ErrorCode::Invalid),
        ("f/l", ErrorCode::NotDirectory),
    ] {
        assert_eq!(at.read_link(path).await, Err(error), "{path}");
    }
    for (text, path, error) in [
        ("", "n", ErrorCode::NoEntry),
        ("f", "", ErrorCode::NoEntry),
        ("f", "l", ErrorCode::Exist),
        ("/etc", "n", ErrorCode::NotPermitted),
    ] {
        assert_eq!(at.symlink(text, path).await, Err(error), "{text} {path}");
    }
    at.unlink("l").await.unwrap();
    at.unlink("self").await.unwrap();
}
