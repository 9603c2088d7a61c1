//! What can be known of a file: type, size, times, whether two are one, and what is in a folder.

use crate::folder::Folder;
use wasi03_programs::bindings::wasi::clocks::system_clock::Instant;
use wasi03_programs::bindings::wasi::filesystem::types::{
    Descriptor, DescriptorType, ErrorCode, NewTimestamp,
};

pub async fn play(at: &Folder) {
    at.create("f").await.unwrap().set_size(5).await.unwrap();
    at.make("d").await.unwrap();
    at.link("f", "d/g").await.unwrap();
    at.symlink("f", "l").await.unwrap();
    told(at).await;
    times(at).await;
    same(at).await;
    listed(at).await;
    for name in ["l", "d/g", "f"] {
        at.unlink(name).await.unwrap();
    }
    at.remove("d").await.unwrap();
    assert_eq!(entries(&at.0).await, Ok(Vec::new()));
}

async fn told(at: &Folder) {
    let file = at.read("f").await.unwrap();
    let stat = file.stat().await.unwrap();
    assert_eq!(stat.type_, DescriptorType::RegularFile);
    assert_eq!((stat.size, stat.link_count), (5, 2));
    let times = [
        stat.data_access_timestamp,
        stat.data_modification_timestamp,
        stat.status_change_timestamp,
    ];
    for time in times.into_iter().flatten() {
        assert!(time.nanoseconds < 1_000_000_000, "{time:?}");
    }
    assert_eq!(at.stat("f").await, Ok(stat));
    assert_eq!(at.stat(".").await, at.0.stat().await);
    assert_eq!(at.stat("").await, Err(ErrorCode::NoEntry));
    assert_eq!(at.stat("none").await, Err(ErrorCode::NoEntry));
}

async fn times(at: &Folder) {
    let file = at.read("f").await.unwrap();
    let moments = [(42, 1), (1_000_000_000, 999_999_999), (-1, 0), (-3, 5)];
    for (seconds, nanoseconds) in moments {
        let time = Instant {
            seconds,
            nanoseconds,
        };
        let to = NewTimestamp::Timestamp(time);
        file.set_times(to, to).await.unwrap();
        at.set_times("f", to).await.unwrap();
        at.set_times("l", to).await.unwrap();
        let stat = file.stat().await.unwrap();
        // What was before 1970 can be set, and is told as far as both versions of WASI can tell it.
        let told = (seconds >= 0).then_some(time);
        assert_eq!(stat.data_access_timestamp, told);
        assert_eq!(stat.data_modification_timestamp, told);
    }
    let changed = Instant {
        seconds: 7,
        nanoseconds: 0,
    };
    let to = NewTimestamp::Timestamp(changed);
    file.set_times(NewTimestamp::Now, to).await.unwrap();
    file.set_times(NewTimestamp::NoChange, NewTimestamp::NoChange)
        .await
        .unwrap();
    let stat = file.stat().await.unwrap();
    assert_eq!(stat.data_modification_timestamp, Some(changed));
    assert!(stat.data_access_timestamp.unwrap().seconds > 1_700_000_000);
    for (path, error) in [("", ErrorCode::NoEntry), ("none", ErrorCode::NoEntry)] {
        assert_eq!(at.set_times(path, to).await, Err(error));
    }
}

async fn same(at: &Folder) {
    let file = at.read("f").await.unwrap();
    let linked = at.read("d/g").await.unwrap();
    let again = at.read(".").await.unwrap();
    assert!(file.is_same_object(&file).await);
    assert!(file.is_same_object(&linked).await);
    assert!(at.0.is_same_object(&again).await);
    assert!(!file.is_same_object(&at.0).await);
    let hash = file.metadata_hash().await.unwrap();
    assert_eq!(linked.metadata_hash().await, Ok(hash));
    assert_eq!(at.hash("d/g").await, Ok(hash));
    assert_ne!(at.hash("l").await, Ok(hash));
    assert_ne!(at.hash(".").await, Ok(hash));
    assert_eq!(at.hash("").await.err(), Some(ErrorCode::NoEntry));
    assert_eq!(at.hash("/").await.err(), Some(ErrorCode::NotPermitted));
}

async fn entries(folder: &Descriptor) -> Result<Vec<(String, DescriptorType)>, ErrorCode> {
    let (entries, ended) = folder.read_directory();
    let entries = entries.collect().await.into_iter();
    let mut entries: Vec<_> = entries.map(|entry| (entry.name, entry.type_)).collect();
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    ended.await.map(|()| entries)
}

async fn listed(at: &Folder) {
    let wanted = [
        ("d", DescriptorType::Directory),
        ("f", DescriptorType::RegularFile),
        ("l", DescriptorType::SymbolicLink),
    ];
    let wanted = wanted.map(|(name, kind)| (name.to_owned(), kind));
    assert_eq!(entries(&at.0).await.unwrap(), wanted);
    let file = at.read("f").await.unwrap();
    assert_eq!(entries(&file).await.err(), Some(ErrorCode::NotDirectory));
}
