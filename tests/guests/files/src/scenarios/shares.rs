//! As many descriptors, and as much of the host's memory, as there are.

use super::{folder, number, text};
use crate::version::{Answer, CREATE, READ, Version};
use std::time::Duration;
use weft_guest::process::stop_request;
use weft_guest::{Capability, Process, StartOptions, time};

/// Opens the file `f` so many times, or until that fails. Returns what it holds, and how many there were and why no more.
async fn opened<V: Version>(arg: &str) -> Answer<(Vec<V::Fd>, String)> {
    let folder = folder::<V>()?;
    let mut held = Vec::new();
    for _ in 0..number(arg)? {
        match V::open(&folder, "f", READ).await {
            Ok(file) => held.push(file),
            Err(error) => {
                let said = format!("{} open, then {error}", held.len());
                return Ok((held, said));
            }
        }
    }
    let said = format!("{} open", held.len());
    Ok((held, said))
}

/// Opens, closes all, and opens again.
pub async fn open_many<V: Version>(arg: &str) -> Answer<String> {
    let (held, first) = opened::<V>(arg).await?;
    drop(held);
    let (_, second) = opened::<V>(arg).await?;
    Ok(format!("{first}; {second}"))
}

/// Opens, says so on stdout, and holds them until it is asked to stop.
pub async fn open_and_wait<V: Version>(arg: &str) -> Answer<String> {
    let (_held, said) = opened::<V>(arg).await?;
    println!("{said}");
    stop_request().await;
    Ok(said)
}

/// Opens and reads the file `f` so many times.
pub async fn read_often<V: Version>(arg: &str) -> Answer<String> {
    let folder = folder::<V>()?;
    for at in 0..number(arg)? {
        let file = V::open(&folder, "f", READ).await;
        let file = file.map_err(|error| format!("{at}: {error}"))?;
        V::read(&file, 0, 100).await?;
        time::sleep(Duration::from_millis(1)).await;
    }
    Ok("read".into())
}

/// Begins so many listings, or until that fails, and says how many entries the first has.
pub async fn list_many<V: Version>(arg: &str) -> Answer<String> {
    let folder = folder::<V>()?;
    let mut held = Vec::new();
    let mut why = String::from("all");
    for _ in 0..number(arg)? {
        let begun = async {
            let mut listing = V::list(&folder).await?;
            V::next(&mut listing).await?;
            Ok::<_, String>(listing)
        };
        match begun.await {
            Ok(listing) => held.push(listing),
            Err(error) => {
                why = error;
                break;
            }
        }
    }
    let begun = held.len();
    let Some(mut first) = held.into_iter().next() else {
        return Ok(why);
    };
    let mut entries = 1;
    while V::next(&mut first).await?.is_some() {
        entries += 1;
    }
    Ok(format!("{begun} listings, {why}, {entries} entries"))
}

/// Reads one byte of each of so many streams of the file `f`, and keeps those streams, in 0.2.
pub async fn streams_many<V: Version>(arg: &str) -> Answer<String> {
    use wasip2::filesystem::types::{DescriptorFlags, OpenFlags, PathFlags};
    let mounts = wasip2::filesystem::preopens::get_directories();
    let (folder, _) = mounts.first().ok_or("no mount")?;
    let file = folder
        .open_at(
            PathFlags::empty(),
            "f",
            OpenFlags::empty(),
            DescriptorFlags::READ,
        )
        .map_err(|code| code.name())?;
    let mut held = Vec::new();
    for _ in 0..number(arg)? {
        let stream = file.read_via_stream(0).map_err(|code| code.name())?;
        // What is ready is kept for whoever reads it.
        stream.read(64 << 10).map_err(text)?;
        stream.subscribe().block();
        match stream.read(1) {
            Ok(_) => held.push(stream),
            Err(error) => return Ok(format!("{} streams, then {error:?}", held.len())),
        }
    }
    Ok(format!("{} streams", held.len()))
}

/// Starts children that hold one mount each, until that fails.
pub async fn mount_many(arg: &str) -> Answer<String> {
    let mut held = Vec::new();
    for _ in 0..number(arg)? {
        let options = StartOptions::new("files")
            .arg("0.2")
            .arg("open-and-wait")
            .arg("0")
            .capability(Capability::Filesystem {
                source: "/data".into(),
                guest_path: "/data".into(),
                writable: false,
            });
        match Process::start(options) {
            Ok(process) => held.push(process),
            Err(error) => return Ok(format!("{} started, then {}", held.len(), text(error))),
        }
    }
    Ok(format!("{} started", held.len()))
}

/// What calls say of a path that is longer than any system takes.
pub async fn long_paths<V: Version>() -> Answer<String> {
    let folder = folder::<V>()?;
    let long = "a/".repeat(8 << 20);
    let said = [
        V::open(&folder, &long, CREATE).await.map(drop),
        V::kind_at(&folder, &long, true).await.map(drop),
        V::make_folder(&folder, &long).await,
        V::symlink(&folder, &long, "link").await,
        V::rename(&folder, "f", &folder, &long).await,
        V::link(&folder, &long, &folder, "link").await,
        V::unlink(&folder, &long).await,
        V::remove_folder(&folder, &long).await,
        V::read_link(&folder, &long).await.map(drop),
        V::touch_at(&folder, &long, true).await,
        V::hash_at(&folder, &long).await.map(drop),
    ];
    let said = said.map(|said| said.err().unwrap_or("done".into()));
    Ok(said.join(", "))
}

/// Folders in one another.
const DEPTH: usize = 600;

/// Makes folders in one another and names the way back up, in every call with a path, so many times.
pub async fn deep_paths<V: Version>(arg: &str) -> Answer<String> {
    let root = folder::<V>()?;
    let mut inner = folder::<V>()?;
    for _ in 0..DEPTH {
        V::make_folder(&inner, "a").await?;
        inner = V::open(&inner, "a", READ).await?;
    }
    let up = format!("{}..", "a/".repeat(DEPTH));
    let at = |name: &str| format!("{up}/{name}");
    for _ in 0..number(arg)? {
        V::kind_at(&root, &up, true).await?;
        V::open(&root, &at("f"), CREATE).await?;
        V::touch_at(&root, &at("f"), true).await?;
        V::touch_at(&root, &at("f"), false).await?;
        V::hash_at(&root, &at("f")).await?;
        V::make_folder(&root, &at("d")).await?;
        V::symlink(&root, &at("f"), &at("s")).await?;
        V::read_link(&root, &at("s")).await?;
        V::link(&root, &at("f"), &root, &at("l")).await?;
        V::rename(&root, &at("l"), &root, &at("f")).await?;
        V::remove_folder(&root, &at("d")).await?;
        for name in ["f", "s", "l"] {
            V::unlink(&root, &at(name)).await?;
        }
    }
    Ok("up and down".into())
}
