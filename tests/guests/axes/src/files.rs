//! Files and folders of WASI 0.2, in the folder `/data`: the file `f` of some bytes, `big` of a gigabyte of nothing, the FIFO `pipe`, the folder
//! `many` of many long names. `/dev` is there for the axis of devices.

use crate::make::{How, LARGE, MANY, MIB, Made, OFTEN, insist, repeat, said};
use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, DirectoryEntryStream, ErrorCode, NewTimestamp, OpenFlags,
    PathFlags,
};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

/// Bytes that a stream takes at once.
const PERMIT: usize = 64 << 10;

pub fn make(axis: &str, how: How) -> Option<Made> {
    let folder = || {
        get_directories()
            .into_iter()
            .next()
            .map(|(folder, _)| folder)
    };
    let make = match axis {
        "opened-files" => opened,
        "listings" => listings,
        "file-reads" => reads,
        "file-read-streams" => read_streams,
        "file-write-streams" => write_streams,
        "file-writes" => writes,
        "file-sizes" => sizes,
        "file-calls" => calls,
        "file-paths" => paths,
        "folder-entries" => entries,
        "fifos" => fifos,
        "devices" => devices,
        _ => return None,
    };
    Some(match folder() {
        Some(folder) => make(folder, how),
        None => Made::new(0, "no folder", ()),
    })
}

fn open(folder: &Descriptor, path: &str, flags: DescriptorFlags) -> Result<Descriptor, ErrorCode> {
    let create = match flags.contains(DescriptorFlags::WRITE) {
        true => OpenFlags::CREATE,
        false => OpenFlags::empty(),
    };
    folder.open_at(PathFlags::empty(), path, create, flags)
}

const READ: DescriptorFlags = DescriptorFlags::READ;
const WRITE: DescriptorFlags = DescriptorFlags::WRITE;

/// One file, folders, or new files, open as often as they may be.
fn opened(folder: Descriptor, how: How) -> Made {
    repeat(MANY, |n| match how {
        How::Number => open(&folder, "f", READ),
        How::Size => open(&folder, "many", READ),
        How::Both => open(&folder, &format!("new-{n:0>200}"), WRITE),
    })
    .and(folder)
}

/// Listings of a folder of many long names, begun and not read on.
fn listings(folder: Descriptor, how: How) -> Made {
    let many = match open(&folder, "many", READ) {
        Ok(many) => many,
        Err(error) => return Made::new(0, said(error), folder),
    };
    let begin = || {
        let listing = many.read_directory()?;
        listing.read_directory_entry()?;
        Ok::<DirectoryEntryStream, ErrorCode>(listing)
    };
    match how {
        How::Number | How::Size => repeat(MANY, |_| begin()),
        How::Both => repeat(OFTEN, |_| {
            let listing = begin()?;
            while listing.read_directory_entry()?.is_some() {}
            Ok::<_, ErrorCode>(())
        }),
    }
    .and((folder, many))
}

/// As much of a file as there is, by a call.
fn reads(folder: Descriptor, how: How) -> Made {
    let big = match open(&folder, "big", READ) {
        Ok(big) => big,
        Err(error) => return Made::new(0, said(error), folder),
    };
    let most = how.pick(1, u64::MAX, LARGE as u64);
    insist(how.pick(2_000, 50, 50), |n| {
        let _ = (
            big.get_flags(),
            big.get_type(),
            big.stat(),
            big.metadata_hash(),
        );
        match n % 2 {
            0 => big.read(most, 0).map(drop).map_err(said),
            _ => {
                let stream = big.read_via_stream(0).map_err(said)?;
                stream.read(most).map_err(said)?;
                stream.blocking_read(most).map(drop).map_err(said)
            }
        }
    })
    .and((folder, big))
}

/// Streams of a file that have begun to read.
fn read_streams(folder: Descriptor, how: How) -> Made {
    let big = match open(&folder, "big", READ) {
        Ok(big) => big,
        Err(error) => return Made::new(0, said(error), folder),
    };
    let most = how.pick(1, u64::MAX, u64::MAX);
    repeat(MANY, |_| {
        let stream = big.read_via_stream(0).map_err(said)?;
        let pollable = stream.subscribe();
        if how != How::Number {
            stream.read(most).map_err(said)?;
        }
        Ok::<(_, InputStream), String>((pollable, stream))
    })
    .and((folder, big))
}

/// Streams to a file that have something to write.
fn write_streams(folder: Descriptor, how: How) -> Made {
    let file = match open(&folder, "streamed", WRITE) {
        Ok(file) => file,
        Err(error) => return Made::new(0, said(error), folder),
    };
    let bytes = vec![7; how.pick(1, PERMIT, PERMIT)];
    repeat(how.pick(MANY, 300, MANY), |n| {
        let stream: OutputStream = match n % 2 {
            0 => file.write_via_stream(0).map_err(said)?,
            _ => file.append_via_stream().map_err(said)?,
        };
        let written: Result<(), StreamError> = (|| {
            stream.check_write()?;
            stream.write(&bytes)
        })();
        written.map_err(said)?;
        Ok::<_, String>(stream)
    })
    .and((folder, file))
}

/// Bytes written, of files that are then deleted too.
fn writes(folder: Descriptor, how: How) -> Made {
    let bytes = vec![7; how.pick(1, LARGE, MIB)];
    repeat(how.pick(2_000, OFTEN, OFTEN), |n| {
        let name = how.pick(
            "written".to_owned(),
            "written".to_owned(),
            format!("written-{n}"),
        );
        let file = open(&folder, &name, WRITE)?;
        file.write(&bytes, n * bytes.len() as u64)?;
        if how == How::Both {
            folder.unlink_file_at(&name)?;
        }
        Ok::<_, ErrorCode>(())
    })
    .and(folder)
}

/// Sizes without bytes.
fn sizes(folder: Descriptor, how: How) -> Made {
    let size = how.pick(1, 1 << 40, 16 * MIB as u64);
    repeat(how.pick(200, 1, OFTEN), |n| {
        let file = open(&folder, &format!("sized-{n}"), WRITE)?;
        file.set_size(size)
    })
    .and(folder)
}

/// Paths of the largest size, in every function that takes one.
fn paths(folder: Descriptor, how: How) -> Made {
    let path = match how {
        How::Number => "many/../f".to_owned(),
        How::Size => "x".repeat(LARGE / 2),
        How::Both => "./".repeat(MIB / 2),
    };
    let none = PathFlags::empty();
    insist(how.pick(2_000, 10, 20), |n| match n % 10 {
        0 => open(&folder, &path, READ).map(drop),
        1 => folder.stat_at(none, &path).map(drop),
        2 => folder.metadata_hash_at(none, &path).map(drop),
        3 => folder.readlink_at(&path).map(drop),
        4 => folder.create_directory_at(&path),
        5 => folder.rename_at(&path, &folder, &path),
        6 => folder.link_at(none, &path, &folder, &path),
        7 => folder.symlink_at("f", &path),
        8 => folder.remove_directory_at(&path),
        _ => folder.symlink_at(&path, &format!("link-{n}")),
    })
    .and(folder)
}

/// What is asked of a file, and told to it, again and again.
fn calls(folder: Descriptor, how: How) -> Made {
    let file = match open(&folder, "called", WRITE) {
        Ok(file) => file,
        Err(error) => return Made::new(0, said(error), folder),
    };
    let none = PathFlags::empty();
    repeat(how.pick(500, 1, 1), |_| {
        file.write(b"x", 0)?;
        file.set_times(NewTimestamp::Now, NewTimestamp::NoChange)?;
        folder.set_times_at(none, "called", NewTimestamp::Now, NewTimestamp::Now)?;
        file.is_same_object(&folder);
        file.sync()
    })
    .and((folder, file))
}

/// Folders and links in a folder.
fn entries(folder: Descriptor, how: How) -> Made {
    let name = |kind: &str, n: u64| format!("{kind}-{n:0>0$}", how.pick(1, 200, 200));
    repeat(200, |n| match n % 2 {
        0 => folder.create_directory_at(&name("folder", n)),
        _ => folder.symlink_at(&"f".repeat(how.pick(1, 4000, 4000)), &name("link", n)),
    })
    .and(folder)
}

/// A FIFO that nobody writes to, opened to read and to write.
fn fifos(folder: Descriptor, how: How) -> Made {
    insist(how.pick(300, 1, 1), |n| match n % 2 {
        0 => open(&folder, "pipe", READ),
        _ => folder.open_at(PathFlags::empty(), "pipe", OpenFlags::empty(), WRITE),
    })
    .and(folder)
}

/// Devices: one that never ends, one that waits, one that is full.
fn devices(folder: Descriptor, how: How) -> Made {
    let most = how.pick(1, u64::MAX, LARGE as u64);
    insist(how.pick(300, 20, 20), |n| {
        let name = ["zero", "null", "full", "random", "tty"];
        let device = open(&folder, name[n as usize % name.len()], READ)?;
        let _ = device.write(&[7; 1000], 0);
        device.read(most, 0)?;
        Ok::<_, ErrorCode>(device)
    })
    .and(folder)
}
