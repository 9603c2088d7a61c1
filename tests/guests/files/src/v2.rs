//! `wasi:filesystem` 0.2.

use crate::version::{Answer, How, Version, kebab};
use wasip2::filesystem::preopens;
use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, DirectoryEntryStream, ErrorCode, NewTimestamp, OpenFlags,
    PathFlags, filesystem_error_code,
};
use wasip2::io::streams::{OutputStream, StreamError};

/// Bytes that a stream takes in one blocking call.
const PIECE: usize = 4096;

pub struct Files;

fn name(code: ErrorCode) -> String {
    code.name().to_owned()
}

fn of_stream(error: StreamError) -> String {
    match error {
        StreamError::Closed => "closed".into(),
        StreamError::LastOperationFailed(error) => match filesystem_error_code(&error) {
            Some(code) => name(code),
            None => error.to_debug_string(),
        },
    }
}

fn path_flags(follow: bool) -> PathFlags {
    match follow {
        true => PathFlags::SYMLINK_FOLLOW,
        false => PathFlags::empty(),
    }
}

fn write_all(stream: &OutputStream, bytes: &[u8]) -> Answer<()> {
    bytes
        .chunks(PIECE)
        .try_for_each(|piece| stream.blocking_write_and_flush(piece))
        .map_err(of_stream)
}

impl Version for Files {
    type Fd = Descriptor;
    type Listing = DirectoryEntryStream;

    fn mounts() -> Vec<Descriptor> {
        let mounts = preopens::get_directories();
        mounts.into_iter().map(|(folder, _)| folder).collect()
    }

    async fn open(at: &Descriptor, path: &str, how: How) -> Answer<Descriptor> {
        let mut open = OpenFlags::empty();
        open.set(OpenFlags::CREATE, how.create);
        open.set(OpenFlags::EXCLUSIVE, how.exclusive);
        open.set(OpenFlags::TRUNCATE, how.truncate);
        open.set(OpenFlags::DIRECTORY, how.directory);
        let mut flags = DescriptorFlags::READ;
        flags.set(DescriptorFlags::WRITE, how.write);
        flags.set(DescriptorFlags::MUTATE_DIRECTORY, how.change);
        at.open_at(path_flags(!how.no_follow), path, open, flags)
            .map_err(name)
    }

    async fn read(file: &Descriptor, offset: u64, size: usize) -> Answer<Vec<u8>> {
        let stream = file.read_via_stream(offset).map_err(name)?;
        match stream.blocking_read(size as u64) {
            Err(StreamError::Closed) => Ok(Vec::new()),
            read => read.map_err(of_stream),
        }
    }

    async fn write(file: &Descriptor, offset: u64, bytes: &[u8]) -> Answer<()> {
        let stream = file.write_via_stream(offset).map_err(name)?;
        write_all(&stream, bytes)
    }

    async fn append(file: &Descriptor, bytes: &[u8]) -> Answer<()> {
        let stream = file.append_via_stream().map_err(name)?;
        write_all(&stream, bytes)
    }

    async fn write_at(file: &Descriptor, offset: u64, bytes: &[u8]) -> Answer<u64> {
        file.write(bytes, offset).map_err(name)
    }

    async fn set_size(file: &Descriptor, size: u64) -> Answer<()> {
        file.set_size(size).map_err(name)
    }

    async fn touch(file: &Descriptor) -> Answer<()> {
        file.set_times(NewTimestamp::Now, NewTimestamp::Now)
            .map_err(name)
    }

    async fn sync(file: &Descriptor) -> Answer<()> {
        file.sync().map_err(name)
    }

    async fn may_change(folder: &Descriptor) -> Answer<bool> {
        let flags = folder.get_flags().map_err(name)?;
        Ok(flags.contains(DescriptorFlags::MUTATE_DIRECTORY))
    }

    async fn size(file: &Descriptor) -> Answer<u64> {
        Ok(file.stat().map_err(name)?.size)
    }

    async fn kind_at(at: &Descriptor, path: &str, follow: bool) -> Answer<String> {
        let found = at.stat_at(path_flags(follow), path).map_err(name)?;
        Ok(kind(&found.type_))
    }

    async fn touch_at(at: &Descriptor, path: &str, follow: bool) -> Answer<()> {
        at.set_times_at(
            path_flags(follow),
            path,
            NewTimestamp::Now,
            NewTimestamp::Now,
        )
        .map_err(name)
    }

    async fn make_folder(at: &Descriptor, path: &str) -> Answer<()> {
        at.create_directory_at(path).map_err(name)
    }

    async fn link(at: &Descriptor, old: &str, to: &Descriptor, new: &str) -> Answer<()> {
        at.link_at(PathFlags::empty(), old, to, new).map_err(name)
    }

    async fn symlink(at: &Descriptor, old: &str, new: &str) -> Answer<()> {
        at.symlink_at(old, new).map_err(name)
    }

    async fn read_link(at: &Descriptor, path: &str) -> Answer<String> {
        at.readlink_at(path).map_err(name)
    }

    async fn rename(at: &Descriptor, old: &str, to: &Descriptor, new: &str) -> Answer<()> {
        at.rename_at(old, to, new).map_err(name)
    }

    async fn unlink(at: &Descriptor, path: &str) -> Answer<()> {
        at.unlink_file_at(path).map_err(name)
    }

    async fn remove_folder(at: &Descriptor, path: &str) -> Answer<()> {
        at.remove_directory_at(path).map_err(name)
    }

    async fn is_same(one: &Descriptor, other: &Descriptor) -> bool {
        one.is_same_object(other)
    }

    async fn hash(file: &Descriptor) -> Answer<(u64, u64)> {
        let hash = file.metadata_hash().map_err(name)?;
        Ok((hash.lower, hash.upper))
    }

    async fn hash_at(at: &Descriptor, path: &str) -> Answer<(u64, u64)> {
        let hash = at.metadata_hash_at(path_flags(true), path).map_err(name)?;
        Ok((hash.lower, hash.upper))
    }

    async fn list(folder: &Descriptor) -> Answer<DirectoryEntryStream> {
        folder.read_directory().map_err(name)
    }

    async fn next(listing: &mut DirectoryEntryStream) -> Answer<Option<(String, String)>> {
        let entry = listing.read_directory_entry().map_err(name)?;
        Ok(entry.map(|entry| (entry.name, kind(&entry.type_))))
    }
}

fn kind(kind: &impl std::fmt::Debug) -> String {
    let text = format!("{kind:?}");
    kebab(text.rsplit("::").next().unwrap_or_default())
}
