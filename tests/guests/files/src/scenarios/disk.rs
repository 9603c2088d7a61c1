//! Everything that takes room on a disk.

use super::{folder, number, text};
use crate::version::{Answer, CREATE, Version};
use weft_guest::{Capability, Process, StartOptions};

/// Bytes of one write.
const PIECE: u64 = 4096;

/// Does one of the things that take room until that fails. Tells how often it went well, and how it failed.
pub async fn fill<V: Version>(arg: &str) -> Answer<String> {
    let folder = folder::<V>()?;
    let bytes = [7; PIECE as usize];
    let file = match arg {
        "create" | "folder" | "symlink" | "link" => None,
        _ => Some(V::open(&folder, "filled", CREATE).await?),
    };
    for done in 0.. {
        let name = format!("{arg}{done}");
        let filled = match (arg, &file) {
            ("create", _) => V::open(&folder, &name, CREATE).await.map(drop),
            ("folder", _) => V::make_folder(&folder, &name).await,
            ("symlink", _) => V::symlink(&folder, "there", &name).await,
            ("link", _) => V::link(&folder, "f", &folder, &name).await,
            ("write", Some(file)) => V::write(file, done * PIECE, &bytes).await,
            ("write-at", Some(file)) => {
                let written = V::write_at(file, done * PIECE, &bytes).await;
                written.map(drop)
            }
            // What is overwritten has been written all the same.
            ("overwrite", Some(file)) => V::write(file, 0, &bytes).await,
            ("append", Some(file)) => V::append(file, &bytes).await,
            ("size", Some(file)) => V::set_size(file, (done + 1) * PIECE).await,
            // One byte, and a hole before it.
            ("hole", Some(file)) => V::write(file, (done + 1) * PIECE - 1, &[7]).await,
            (other, _) => Err(format!("nothing is called {other}")),
        };
        if let Err(error) = filled {
            return Ok(format!("{done}, then {error}"));
        }
    }
    Ok("for ever".into())
}

/// Fails in all these ways, so many times, and then makes files.
pub async fn fail_and_fill<V: Version>(arg: &str) -> Answer<String> {
    let folder = folder::<V>()?;
    for _ in 0..number(arg)? {
        for failed in [
            V::make_folder(&folder, "made").await,
            V::symlink(&folder, "f", "made").await,
            V::link(&folder, "f", &folder, "made").await,
            V::open(&folder, "none/f", CREATE).await.map(drop),
            V::open(&folder, "made", CREATE).await.map(drop),
            // It is there.
            V::open(&folder, "f", CREATE).await.and(Err("no".into())),
        ] {
            failed.err().ok_or("that was not to go well")?;
        }
    }
    fill::<V>("create").await
}

/// The same in a child, which has the first mount.
pub async fn fill_in_child(arg: &str) -> Answer<String> {
    let options = StartOptions::new("files")
        .arg("0.2")
        .arg("fill")
        .arg(arg)
        .capability(Capability::Filesystem {
            source: "/data".into(),
            guest_path: "/data".into(),
            writable: true,
        });
    let process = Process::start(options).map_err(text)?;
    Ok(text(process.wait().await))
}
