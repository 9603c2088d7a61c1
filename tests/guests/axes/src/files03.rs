//! Files and folders of WASI 0.3, in the folder `/data` as `files` has it. Calls run beside the guest, so many can be under way.

use crate::make::{How, LARGE, MANY, MIB, Made, hold, said};
use crate::wasi03::bindings::wasi::filesystem::preopens;
use crate::wasi03::bindings::wasi::filesystem::types::{
    Descriptor, DescriptorFlags, ErrorCode, NewTimestamp, OpenFlags, PathFlags,
};
use crate::wasi03::offered;
use weft_guest::futures::future::poll_immediate;

/// Calls that wait, at the most: the guest's own part of each is a kilobyte.
const WAITING: u64 = 40_000;

pub async fn make(axis: &str, how: How) -> Option<Made> {
    match axis {
        "opened-files-03" | "listings-03" | "file-streams-03" | "fifos-03" | "file-sizes-03"
        | "file-calls-03" | "file-paths-03" => {}
        _ => return None,
    }
    let Some((folder, _)) = preopens::get_directories().into_iter().next() else {
        return Some(Made::new(0, "no folder", ()));
    };
    Some(match axis {
        "file-calls-03" => calls(how, folder).await,
        "file-paths-03" => paths(how, folder).await,
        _ => files(axis, how, folder).await,
    })
}

/// Calls of one file, as many as may be under way at once.
async fn calls(how: How, folder: Descriptor) -> Made {
    let file = match open(&folder, "called-03", DescriptorFlags::WRITE).await {
        Ok(file) => hold(file),
        Err(error) => return Made::new(0, said(error), folder),
    };
    let folder = hold(folder);
    // Whatever is answered at once is no reason to stop.
    let mut under_way = Vec::new();
    let most = how.pick(WAITING, 1, 1);
    for n in 0..most {
        let mut call = Box::pin(async move {
            match n % 6 {
                0 => file.sync().await.map_err(said),
                1 => file.stat().await.map(drop).map_err(said),
                2 => file.metadata_hash().await.map(drop).map_err(said),
                3 => {
                    file.is_same_object(folder).await;
                    Ok(())
                }
                4 => {
                    let times = (NewTimestamp::Now, NewTimestamp::NoChange);
                    file.set_times(times.0, times.1).await.map_err(said)
                }
                _ => file.set_size(1).await.map_err(said),
            }
        });
        match poll_immediate(&mut call).await {
            Some(Err(error)) => return Made::new(n, error, under_way),
            Some(Ok(())) => {}
            None => under_way.push(call),
        }
    }
    Made::new(most, "all", under_way)
}

/// Paths of the largest size, in every function that takes one.
async fn paths(how: How, folder: Descriptor) -> Made {
    let path = match how {
        How::Number => "many/../f".to_owned(),
        How::Size => "x".repeat(LARGE / 2),
        How::Both => "./".repeat(MIB / 2),
    };
    let mut answer = "all".to_owned();
    let most = how.pick(1000, 11, 22);
    for n in 0..most {
        if let Err(error) = path_call(&folder, &path, n).await {
            answer = said(error);
        }
    }
    Made::new(most, answer, folder)
}

async fn path_call(folder: &Descriptor, path: &str, n: u64) -> Result<(), ErrorCode> {
    let (none, now) = (PathFlags::empty(), NewTimestamp::Now);
    let path = path.to_owned();
    match n % 11 {
        0 => folder.stat_at(none, path).await.map(drop),
        1 => folder.metadata_hash_at(none, path).await.map(drop),
        2 => folder.readlink_at(path).await.map(drop),
        3 => folder.create_directory_at(path).await,
        4 => folder.rename_at(path.clone(), folder, path).await,
        5 => folder.link_at(none, path.clone(), folder, path).await,
        6 => folder.symlink_at("f".to_owned(), path).await,
        7 => folder.remove_directory_at(path).await,
        8 => {
            folder
                .set_times_at(none, path, now, NewTimestamp::NoChange)
                .await
        }
        9 => folder.unlink_file_at(path + "-").await,
        _ => folder.symlink_at(path, format!("link-03-{n}")).await,
    }
}

async fn open(
    folder: &Descriptor,
    path: &str,
    flags: DescriptorFlags,
) -> Result<Descriptor, ErrorCode> {
    let create = match flags.contains(DescriptorFlags::WRITE) {
        true => OpenFlags::CREATE,
        false => OpenFlags::empty(),
    };
    folder
        .open_at(PathFlags::empty(), path.to_owned(), create, flags)
        .await
}

async fn files(axis: &str, how: How, folder: Descriptor) -> Made {
    let mut kept: Vec<Box<dyn std::any::Any>> = Vec::new();
    let most = match axis {
        "opened-files-03" => MANY,
        "fifos-03" => 300,
        _ => how.pick(WAITING / 4, 100, 1000),
    };
    for n in 0..most {
        match one_file(axis, how, &folder, n).await {
            Ok(one) => kept.push(one),
            Err(error) => return Made::new(n, said(error), (kept, folder)),
        }
    }
    Made::new(most, "all", (kept, folder))
}

async fn one_file(
    axis: &str,
    how: How,
    folder: &Descriptor,
    n: u64,
) -> Result<Box<dyn std::any::Any>, ErrorCode> {
    let read = DescriptorFlags::READ;
    Ok(match axis {
        "opened-files-03" => Box::new(open(folder, "f", read).await?),
        "fifos-03" => {
            let mut opening = Box::pin(open(folder, "pipe", read));
            match poll_immediate(&mut opening).await {
                Some(opened) => Box::new(opened?),
                None => Box::new(opening.await?),
            }
        }
        "listings-03" => {
            let many = open(folder, "many", read).await?;
            let (mut names, end) = many.read_directory();
            let first = names.next().await.map(|entry| entry.name);
            Box::new((names, end, first))
        }
        "file-sizes-03" => {
            let file = open(folder, &format!("sized-03-{n}"), DescriptorFlags::WRITE).await?;
            file.set_size(how.pick(1, 1 << 40, 16 * MIB as u64)).await?;
            Box::new(())
        }
        _ => {
            let file = open(folder, "big", read | DescriptorFlags::WRITE).await?;
            let (mut bytes, end) = file.read_via_stream(0);
            let first = bytes.next().await;
            let (written, from) = offered(how.pick(0, MIB / 4, 10_000)).await;
            let to = match n % 2 {
                0 => file.write_via_stream(from, 0),
                _ => file.append_via_stream(from),
            };
            Box::new((bytes, end, first, written, to))
        }
    })
}
