//! Short names for the calls on a folder. A path's link is not followed unless the name says so.

use wasi03_programs::bindings::wasi::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorStat, ErrorCode, MetadataHashValue, NewTimestamp,
    OpenFlags, PathFlags,
};

pub type Answer<T> = Result<T, ErrorCode>;

pub const NONE: PathFlags = PathFlags::empty();
pub const FOLLOW: PathFlags = PathFlags::SYMLINK_FOLLOW;

/// Made, and not if it is there.
pub const NEW: OpenFlags = OpenFlags::CREATE.union(OpenFlags::EXCLUSIVE);

pub const READ: DescriptorFlags = DescriptorFlags::READ;
pub const BOTH: DescriptorFlags = DescriptorFlags::READ.union(DescriptorFlags::WRITE);

/// An open folder, or what is used as one.
pub struct Folder(pub Descriptor);

impl Folder {
    pub async fn open(
        &self,
        path: &str,
        how: OpenFlags,
        flags: DescriptorFlags,
    ) -> Answer<Descriptor> {
        self.0.open_at(NONE, path.into(), how, flags).await
    }

    /// Opens it to be read.
    pub async fn read(&self, path: &str) -> Answer<Descriptor> {
        self.open(path, OpenFlags::empty(), READ).await
    }

    pub async fn read_followed(&self, path: &str) -> Answer<Descriptor> {
        let how = OpenFlags::empty();
        self.0.open_at(FOLLOW, path.into(), how, READ).await
    }

    /// Makes a file, to be read and written.
    pub async fn create(&self, path: &str) -> Answer<Descriptor> {
        self.open(path, NEW, BOTH).await
    }

    /// Opens a folder in which things are to be changed.
    pub async fn enter(&self, path: &str) -> Answer<Folder> {
        let flags = READ | DescriptorFlags::MUTATE_DIRECTORY;
        self.open(path, OpenFlags::DIRECTORY, flags)
            .await
            .map(Folder)
    }

    pub async fn make(&self, path: &str) -> Answer<()> {
        self.0.create_directory_at(path.into()).await
    }

    pub async fn remove(&self, path: &str) -> Answer<()> {
        self.0.remove_directory_at(path.into()).await
    }

    pub async fn unlink(&self, path: &str) -> Answer<()> {
        self.0.unlink_file_at(path.into()).await
    }

    pub async fn link(&self, old: &str, new: &str) -> Answer<()> {
        self.0.link_at(NONE, old.into(), &self.0, new.into()).await
    }

    pub async fn rename(&self, old: &str, to: &Folder, new: &str) -> Answer<()> {
        self.0.rename_at(old.into(), &to.0, new.into()).await
    }

    pub async fn symlink(&self, text: &str, path: &str) -> Answer<()> {
        self.0.symlink_at(text.into(), path.into()).await
    }

    pub async fn read_link(&self, path: &str) -> Answer<String> {
        self.0.readlink_at(path.into()).await
    }

    pub async fn stat(&self, path: &str) -> Answer<DescriptorStat> {
        self.0.stat_at(NONE, path.into()).await
    }

    pub async fn stat_followed(&self, path: &str) -> Answer<DescriptorStat> {
        self.0.stat_at(FOLLOW, path.into()).await
    }

    pub async fn hash(&self, path: &str) -> Answer<MetadataHashValue> {
        self.0.metadata_hash_at(NONE, path.into()).await
    }

    /// Sets both times.
    pub async fn set_times(&self, path: &str, to: NewTimestamp) -> Answer<()> {
        self.0.set_times_at(NONE, path.into(), to, to).await
    }
}
