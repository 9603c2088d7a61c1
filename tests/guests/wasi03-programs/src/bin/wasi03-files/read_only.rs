//! A folder that is only to be read: its file `f` can be, and nothing can be changed.

use crate::folder::{BOTH, Folder, NEW, READ};
use wasi03_programs::bindings::wasi::filesystem::types::{
    DescriptorFlags, ErrorCode, NewTimestamp, OpenFlags,
};

pub async fn play(at: &Folder) {
    assert_eq!(at.0.get_flags().await, Ok(READ));
    let asked = READ | DescriptorFlags::MUTATE_DIRECTORY;
    let again = at.open(".", OpenFlags::DIRECTORY, asked).await.unwrap();
    assert_eq!(again.get_flags().await, Ok(READ));
    let file = at.read("f").await.unwrap();
    assert_eq!(file.get_flags().await, Ok(READ));
    file.sync().await.unwrap();

    let denied = Err(ErrorCode::NotPermitted);
    for (path, how) in [
        ("n", NEW),
        ("f", OpenFlags::TRUNCATE),
        ("f", OpenFlags::empty()),
    ] {
        assert_eq!(at.open(path, how, BOTH).await.map(drop), denied);
    }
    let now = NewTimestamp::Now;
    assert_eq!(at.set_times("f", now).await, denied);
    assert_eq!(file.set_times(now, now).await, denied);
    assert_eq!(file.set_size(0).await, denied);
    assert_eq!(at.make("n").await, denied);
    assert_eq!(at.remove("n").await, denied);
    assert_eq!(at.unlink("f").await, denied);
    assert_eq!(at.link("f", "n").await, denied);
    assert_eq!(at.symlink("f", "n").await, denied);
    assert_eq!(at.rename("f", at, "n").await, denied);
}
