//! What is in a file: read and written at positions, appended, cut and extended.

use crate::folder::{Answer, Folder};
use wasi03_programs::bindings::wasi::filesystem::types::{Advice, Descriptor, ErrorCode};
use wasi03_programs::bindings::wit_stream;

pub async fn play(at: &Folder) {
    written(at).await;
    sized(at).await;
    advised(at).await;
}

/// What a stream brings from a position on.
async fn read(file: &Descriptor, from: u64) -> Answer<Vec<u8>> {
    let (bytes, ended) = file.read_via_stream(from);
    let bytes = bytes.collect().await;
    ended.await.map(|()| bytes)
}

/// Writes at a position, or at the end.
async fn write(file: &Descriptor, position: Option<u64>, bytes: &[u8]) -> Answer<()> {
    let (mut to, from) = wit_stream::new();
    let written = match position {
        Some(position) => file.write_via_stream(from, position),
        None => file.append_via_stream(from),
    };
    let left = to.write_all(bytes.to_vec()).await;
    drop(to);
    written.await?;
    assert!(left.is_empty());
    Ok(())
}

async fn written(at: &Folder) {
    let file = at.create("f").await.unwrap();
    assert_eq!(read(&file, 0).await.unwrap(), b"");
    write(&file, Some(0), b"hello!").await.unwrap();
    write(&file, Some(0), b"Hey").await.unwrap();
    write(&file, None, b" You!").await.unwrap();
    for (from, bytes) in [(0, "Heylo! You!"), (10, "!"), (11, ""), (100, "")] {
        assert_eq!(read(&file, from).await.unwrap(), bytes.as_bytes());
    }
    assert_eq!(read(&file, u64::MAX).await, Err(ErrorCode::Invalid));
    write(&file, Some(13), b".").await.unwrap();
    assert_eq!(read(&file, 10).await.unwrap(), b"!\0\0.");

    let long: Vec<u8> = (0..300_000u32).map(|n| n as u8).collect();
    write(&file, Some(0), &long).await.unwrap();
    file.sync_data().await.unwrap();
    file.sync().await.unwrap();
    let other = at.read("f").await.unwrap();
    assert!(read(&other, 0).await.unwrap() == long);
    assert!(write(&other, Some(0), b"x").await.is_err());
    assert!(write(&other, None, b"x").await.is_err());
    at.unlink("f").await.unwrap();
    // Who has it open has it still.
    assert_eq!(read(&other, 299_999).await.unwrap(), [299_999u32 as u8]);
    assert!(read(&at.0, 0).await.is_err());
}

async fn sized(at: &Folder) {
    let file = at.create("f").await.unwrap();
    let other = at.read("f").await.unwrap();
    for size in [42, 7, 0, 69] {
        file.set_size(size).await.unwrap();
        for handle in [&file, &other] {
            assert_eq!(handle.stat().await.unwrap().size, size);
        }
    }
    let refused = other.set_size(1).await.unwrap_err();
    let errors = [ErrorCode::BadDescriptor, ErrorCode::Invalid];
    assert!(errors.contains(&refused), "{refused:?}");
    let refused = file.set_size(u64::MAX).await.unwrap_err();
    let errors = [ErrorCode::FileTooLarge, ErrorCode::Invalid];
    assert!(errors.contains(&refused), "{refused:?}");
    at.unlink("f").await.unwrap();
    file.set_size(3).await.unwrap();
    assert_eq!(other.stat().await.unwrap().size, 3);
}

async fn advised(at: &Folder) {
    let file = at.create("f").await.unwrap();
    for advice in [
        Advice::Normal,
        Advice::Sequential,
        Advice::Random,
        Advice::WillNeed,
        Advice::DontNeed,
        Advice::NoReuse,
    ] {
        file.advise(0, 0, advice).await.unwrap();
        file.advise(4096, 10, advice).await.unwrap();
        let folder = at.0.advise(0, 0, advice).await;
        assert_eq!(folder, Err(ErrorCode::BadDescriptor));
    }
    at.unlink("f").await.unwrap();
}
