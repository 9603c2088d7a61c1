//! What both versions can do, under one name each.

/// What a call answers: WASI's name of the error.
pub type Answer<T> = Result<T, String>;

/// How a path is opened: to be read, links followed, unless something else is said.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    pub write: bool,
    pub create: bool,
    pub exclusive: bool,
    pub truncate: bool,
    pub directory: bool,
    /// What is in the folder is to be changed.
    pub change: bool,
    pub no_follow: bool,
}

/// Opened to be read.
pub const READ: How = How {
    write: false,
    create: false,
    exclusive: false,
    truncate: false,
    directory: false,
    change: false,
    no_follow: false,
};

/// Opened to be written.
pub const WRITE: How = How {
    write: true,
    ..READ
};

/// Made if it is not there, and opened to be written.
pub const CREATE: How = How {
    create: true,
    ..WRITE
};

/// A version of `wasi:filesystem`.
pub trait Version {
    /// An open file or folder.
    type Fd;
    /// A listing that goes on.
    type Listing;

    /// The mounted folders.
    fn mounts() -> Vec<Self::Fd>;
    async fn open(at: &Self::Fd, path: &str, how: How) -> Answer<Self::Fd>;
    /// What one read of a stream brings; nothing at the end.
    async fn read(file: &Self::Fd, offset: u64, size: usize) -> Answer<Vec<u8>>;
    /// By a stream.
    async fn write(file: &Self::Fd, offset: u64, bytes: &[u8]) -> Answer<()>;
    async fn append(file: &Self::Fd, bytes: &[u8]) -> Answer<()>;
    /// Without a stream, where there is such a call.
    async fn write_at(file: &Self::Fd, offset: u64, bytes: &[u8]) -> Answer<u64>;
    async fn set_size(file: &Self::Fd, size: u64) -> Answer<()>;
    async fn touch(file: &Self::Fd) -> Answer<()>;
    async fn sync(file: &Self::Fd) -> Answer<()>;
    /// Whether the handle of a folder says that what is in it may be changed.
    async fn may_change(folder: &Self::Fd) -> Answer<bool>;
    async fn size(file: &Self::Fd) -> Answer<u64>;
    async fn kind_at(at: &Self::Fd, path: &str, follow: bool) -> Answer<String>;
    /// Sets both times.
    async fn touch_at(at: &Self::Fd, path: &str, follow: bool) -> Answer<()>;
    async fn make_folder(at: &Self::Fd, path: &str) -> Answer<()>;
    async fn link(at: &Self::Fd, old: &str, to: &Self::Fd, new: &str) -> Answer<()>;
    async fn symlink(at: &Self::Fd, old: &str, new: &str) -> Answer<()>;
    async fn read_link(at: &Self::Fd, path: &str) -> Answer<String>;
    async fn rename(at: &Self::Fd, old: &str, to: &Self::Fd, new: &str) -> Answer<()>;
    async fn unlink(at: &Self::Fd, path: &str) -> Answer<()>;
    async fn remove_folder(at: &Self::Fd, path: &str) -> Answer<()>;
    async fn is_same(one: &Self::Fd, other: &Self::Fd) -> bool;
    async fn hash(file: &Self::Fd) -> Answer<(u64, u64)>;
    async fn hash_at(at: &Self::Fd, path: &str) -> Answer<(u64, u64)>;
    async fn list(folder: &Self::Fd) -> Answer<Self::Listing>;
    /// Its name and type.
    async fn next(listing: &mut Self::Listing) -> Answer<Option<(String, String)>>;
}

/// `InsufficientSpace` as `insufficient-space`.
pub fn kebab(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}
