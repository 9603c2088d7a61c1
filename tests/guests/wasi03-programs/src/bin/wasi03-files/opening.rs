//! What a file is opened for, what its handle then says, and what cannot be opened.

use crate::folder::{BOTH, Folder, NEW, READ};
use wasi03_programs::bindings::wasi::filesystem::types::{
    DescriptorFlags, DescriptorType, ErrorCode, OpenFlags,
};

const WRITE: DescriptorFlags = DescriptorFlags::WRITE;
const MUTATE: DescriptorFlags = DescriptorFlags::MUTATE_DIRECTORY;
const NOTHING: DescriptorFlags = DescriptorFlags::empty();
const PLAIN: OpenFlags = OpenFlags::empty();

pub async fn play(at: &Folder) {
    folders(at).await;
    files(at).await;
    refused(at).await;
    at.unlink("f").await.unwrap();
}

async fn folders(at: &Folder) {
    assert_eq!(at.0.get_flags().await, Ok(READ | MUTATE));
    assert_eq!(at.0.get_type().await, Ok(DescriptorType::Directory));
    for (how, asked, said) in [
        (PLAIN, NOTHING, READ),
        (PLAIN, READ, READ),
        (PLAIN, MUTATE, READ | MUTATE),
        (OpenFlags::DIRECTORY, READ | MUTATE, READ | MUTATE),
    ] {
        let folder = at.open(".", how, asked).await.unwrap();
        assert_eq!(folder.get_flags().await, Ok(said), "{asked:?}");
        assert_eq!(folder.get_type().await, Ok(DescriptorType::Directory));
    }
}

async fn files(at: &Folder) {
    for (asked, said) in [(NOTHING, BOTH), (READ, BOTH), (WRITE, WRITE), (BOTH, BOTH)] {
        let made = at.open("f", NEW, asked).await.unwrap();
        assert_eq!(made.get_flags().await, Ok(said), "{asked:?}");
        assert_eq!(made.get_type().await, Ok(DescriptorType::RegularFile));
        at.unlink("f").await.unwrap();
    }
    at.create("f").await.unwrap().set_size(5).await.unwrap();
    for (how, asked, said) in [
        (PLAIN, NOTHING, READ),
        (PLAIN, WRITE, WRITE),
        (OpenFlags::EXCLUSIVE, READ, READ),
        (OpenFlags::CREATE, BOTH, BOTH),
    ] {
        let file = at.open("f", how, asked).await.unwrap();
        assert_eq!(file.get_flags().await, Ok(said), "{how:?} {asked:?}");
        assert_eq!(file.stat().await.unwrap().size, 5);
    }
    let emptied = at.open("f", OpenFlags::TRUNCATE, BOTH).await.unwrap();
    assert_eq!(emptied.stat().await.unwrap().size, 0);
}

async fn refused(at: &Folder) {
    for (path, how, asked, error) in [
        ("", PLAIN, READ, ErrorCode::NoEntry),
        ("none", PLAIN, READ, ErrorCode::NoEntry),
        ("none/f", NEW, BOTH, ErrorCode::NoEntry),
        ("f/f", PLAIN, READ, ErrorCode::NotDirectory),
        ("f", OpenFlags::DIRECTORY, READ, ErrorCode::NotDirectory),
        ("f", NEW, BOTH, ErrorCode::Exist),
        ("n", NEW | OpenFlags::DIRECTORY, BOTH, ErrorCode::Invalid),
        (".", PLAIN, WRITE, ErrorCode::IsDirectory),
        ("..", PLAIN, READ, ErrorCode::NotPermitted),
        ("/", PLAIN, READ, ErrorCode::NotPermitted),
        ("/etc/passwd", PLAIN, READ, ErrorCode::NotPermitted),
    ] {
        let opened = at.open(path, how, asked).await;
        assert_eq!(opened.err(), Some(error), "{path} {how:?}");
    }
    let file = Folder(at.read("f").await.unwrap());
    for path in [".", "f"] {
        assert_eq!(file.read(path).await.err(), Some(ErrorCode::NotDirectory));
        assert_eq!(file.stat(path).await, Err(ErrorCode::NotDirectory));
    }
}
