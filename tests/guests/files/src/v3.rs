//! `wasi:filesystem` 0.3, against the raw interfaces, since Rust's standard library still speaks 0.2.

pub mod bindings {
    #![allow(missing_docs, unsafe_code, clippy::all)]
    wit_bindgen::generate!({ path: "wit", world: "weft:files/imports", generate_all });
}

use crate::version::{Answer, How, Version, kebab};
use bindings::wasi::filesystem::preopens;
use bindings::wasi::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, DirectoryEntry, ErrorCode, NewTimestamp,
    OpenFlags, PathFlags,
};
use bindings::wit_stream;
use wit_bindgen::{FutureReader, StreamReader};

pub struct Files;

/// Of a path whose links are followed.
pub const FOLLOW: PathFlags = PathFlags::SYMLINK_FOLLOW;

/// A listing and how it ends, until it has ended.
pub struct Listing(Option<(StreamReader<DirectoryEntry>, Ending)>);

type Ending = FutureReader<Result<(), ErrorCode>>;

fn name(code: ErrorCode) -> String {
    match code {
        ErrorCode::Other(what) => what.unwrap_or_default(),
        code => {
            let text = format!("{code:?}");
            kebab(text.rsplit("::").next().unwrap_or_default())
        }
    }
}

fn kind(kind: &DescriptorType) -> String {
    match kind {
        DescriptorType::Other(_) => "unknown".into(),
        kind => {
            let text = format!("{kind:?}");
            kebab(text.rsplit("::").next().unwrap_or_default())
        }
    }
}

fn path_flags(follow: bool) -> PathFlags {
    match follow {
        true => PathFlags::SYMLINK_FOLLOW,
        false => PathFlags::empty(),
    }
}

impl Version for Files {
    type Fd = Descriptor;
    type Listing = Listing;

    fn mounts() -> Vec<Descriptor> {
        let mounts = preopens::get_directories();
        mounts.into_iter().map(|(folder, _)| folder).collect()
    }

    async fn open(at: &Descriptor, path: &str, how: How) -> Answer<Descriptor> {
        let mut open = OpenFlags::empty();
        for (flag, wanted) in [
            (OpenFlags::CREATE, how.create),
            (OpenFlags::EXCLUSIVE, how.exclusive),
            (OpenFlags::TRUNCATE, how.truncate),
            (OpenFlags::DIRECTORY, how.directory),
        ] {
            if wanted {
                open |= flag;
            }
        }
        let mut flags = DescriptorFlags::READ;
        if how.write {
            flags |= DescriptorFlags::WRITE;
        }
        if how.change {
            flags |= DescriptorFlags::MUTATE_DIRECTORY;
        }
        at.open_at(path_flags(!how.no_follow), path.into(), open, flags)
            .await
            .map_err(name)
    }

    async fn read(file: &Descriptor, offset: u64, size: usize) -> Answer<Vec<u8>> {
        let (mut bytes, ending) = file.read_via_stream(offset);
        let (_, read) = bytes.read(Vec::with_capacity(size)).await;
        drop(bytes);
        ending.await.map_err(name)?;
        Ok(read)
    }

    async fn write(file: &Descriptor, offset: u64, bytes: &[u8]) -> Answer<()> {
        let (mut out, piped) = wit_stream::new();
        let written = file.write_via_stream(piped, offset);
        out.write_all(bytes.to_vec()).await;
        drop(out);
        written.await.map_err(name)
    }

    async fn append(file: &Descriptor, bytes: &[u8]) -> Answer<()> {
        let (mut out, piped) = wit_stream::new();
        let written = file.append_via_stream(piped);
        out.write_all(bytes.to_vec()).await;
        drop(out);
        written.await.map_err(name)
    }

    async fn write_at(file: &Descriptor, offset: u64, bytes: &[u8]) -> Answer<u64> {
        Self::write(file, offset, bytes).await?;
        Ok(bytes.len() as u64)
    }

    async fn set_size(file: &Descriptor, size: u64) -> Answer<()> {
        file.set_size(size).await.map_err(name)
    }

    async fn touch(file: &Descriptor) -> Answer<()> {
        file.set_times(NewTimestamp::Now, NewTimestamp::Now)
            .await
            .map_err(name)
    }

    async fn sync(file: &Descriptor) -> Answer<()> {
        file.sync().await.map_err(name)
    }

    async fn may_change(folder: &Descriptor) -> Answer<bool> {
        let flags = folder.get_flags().await.map_err(name)?;
        Ok(flags.contains(DescriptorFlags::MUTATE_DIRECTORY))
    }

    async fn size(file: &Descriptor) -> Answer<u64> {
        Ok(file.stat().await.map_err(name)?.size)
    }

    async fn kind_at(at: &Descriptor, path: &str, follow: bool) -> Answer<String> {
        let found = at.stat_at(path_flags(follow), path.into()).await;
        Ok(kind(&found.map_err(name)?.type_))
    }

    async fn touch_at(at: &Descriptor, path: &str, follow: bool) -> Answer<()> {
        let now = NewTimestamp::Now;
        at.set_times_at(path_flags(follow), path.into(), now, now)
            .await
            .map_err(name)
    }

    async fn make_folder(at: &Descriptor, path: &str) -> Answer<()> {
        at.create_directory_at(path.into()).await.map_err(name)
    }

    async fn link(at: &Descriptor, old: &str, to: &Descriptor, new: &str) -> Answer<()> {
        at.link_at(PathFlags::empty(), old.into(), to, new.into())
            .await
            .map_err(name)
    }

    async fn symlink(at: &Descriptor, old: &str, new: &str) -> Answer<()> {
        at.symlink_at(old.into(), new.into()).await.map_err(name)
    }

    async fn read_link(at: &Descriptor, path: &str) -> Answer<String> {
        at.readlink_at(path.into()).await.map_err(name)
    }

    async fn rename(at: &Descriptor, old: &str, to: &Descriptor, new: &str) -> Answer<()> {
        at.rename_at(old.into(), to, new.into()).await.map_err(name)
    }

    async fn unlink(at: &Descriptor, path: &str) -> Answer<()> {
        at.unlink_file_at(path.into()).await.map_err(name)
    }

    async fn remove_folder(at: &Descriptor, path: &str) -> Answer<()> {
        at.remove_directory_at(path.into()).await.map_err(name)
    }

    async fn is_same(one: &Descriptor, other: &Descriptor) -> bool {
        one.is_same_object(other).await
    }

    async fn hash(file: &Descriptor) -> Answer<(u64, u64)> {
        let hash = file.metadata_hash().await.map_err(name)?;
        Ok((hash.lower, hash.upper))
    }

    async fn hash_at(at: &Descriptor, path: &str) -> Answer<(u64, u64)> {
        let hash = at.metadata_hash_at(path_flags(true), path.into()).await;
        let hash = hash.map_err(name)?;
        Ok((hash.lower, hash.upper))
    }

    async fn list(folder: &Descriptor) -> Answer<Listing> {
        Ok(Listing(Some(folder.read_directory())))
    }

    async fn next(listing: &mut Listing) -> Answer<Option<(String, String)>> {
        let Some((entries, _)) = &mut listing.0 else {
            return Ok(None);
        };
        if let Some(entry) = entries.next().await {
            return Ok(Some((entry.name, kind(&entry.type_))));
        }
        // A stream that has ended is not to be read again.
        match listing.0.take() {
            Some((_, ending)) => ending.await.map(|()| None).map_err(name),
            None => Ok(None),
        }
    }
}
