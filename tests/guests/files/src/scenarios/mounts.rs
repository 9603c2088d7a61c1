//! Folders that are given to children while others move them about.

use super::{folder, number, text};
use crate::version::{Answer, READ, Version};
use std::fs;
use std::time::Duration;
use weft_guest::{Capability, Process, StartOptions, time};

/// What no guest may read.
const FLAG: &str = "flag";

fn child(scenario: &str, arg: &str) -> StartOptions {
    StartOptions::new("files")
        .name(scenario)
        .arg("0.2")
        .arg(scenario)
        .arg(arg)
}

fn mounted(source: &str, guest_path: &str) -> Capability {
    Capability::Filesystem {
        source: source.into(),
        guest_path: guest_path.into(),
        writable: true,
    }
}

/// Puts the link `l` in the place of the folder `a` and back, so many times.
pub fn swap(arg: &str) -> Answer<String> {
    for _ in 0..number(arg)? {
        for (from, to) in [("a", "x"), ("l", "a"), ("a", "l"), ("x", "a")] {
            // The other may have it open just now.
            let _ = fs::rename(format!("/data/{from}"), format!("/data/{to}"));
        }
    }
    Ok("swapped".into())
}

/// Starts so many children with the folder `a`, and folders that take long to open before it.
pub async fn race(arg: &str) -> Answer<String> {
    let deep = format!("/data{}", "/d".repeat(60));
    fs::create_dir_all(&deep).map_err(text)?;
    let (mut started, mut denied) = (0, 0);
    for _ in 0..number(arg)? {
        let mut options = child("peek", "");
        options = options.capability(mounted("/data/a", "/s"));
        for at in 0..8 {
            options = options.capability(mounted(&deep, &format!("/d{at}")));
        }
        match Process::start(options) {
            Ok(process) => {
                let end = text(process.wait().await);
                if end.contains(FLAG) {
                    return Err(format!("a child saw {end}"));
                }
                started += 1;
            }
            Err(error) if text(&error).contains("PermissionDenied") => denied += 1,
            Err(error) => return Err(text(error)),
        }
    }
    Ok(format!("{} tries", started + denied))
}

/// What is in the first mount, and what the file `flag` says; writes another beside it.
pub async fn peek<V: Version>() -> Answer<String> {
    let folder = folder::<V>()?;
    let mut listing = V::list(&folder).await?;
    let mut names = Vec::new();
    while let Some((name, _)) = V::next(&mut listing).await? {
        names.push(name);
    }
    names.sort();
    if let Ok(flag) = V::open(&folder, FLAG, READ).await {
        names.push(text(V::read(&flag, 0, 100).await));
        let _ = fs::write("/s/written-by-guest", "x");
    }
    Ok(names.join(" "))
}

/// Starts a child with a folder and tells what it saw.
pub async fn peek_child(arg: &str) -> Answer<String> {
    let options = child("peek", "").capability(mounted(arg, "/s"));
    let process = Process::start(options).map_err(text)?;
    Ok(text(process.wait().await))
}

/// Waits until the file of this name is there, and tells what is in the first mount then.
pub async fn peek_later<V: Version>(arg: &str) -> Answer<String> {
    let folder = folder::<V>()?;
    while V::kind_at(&folder, arg, true).await.is_err() {
        time::sleep(Duration::from_millis(1)).await;
    }
    peek::<V>().await
}

/// Asks for a child with so many folders.
pub fn many_folders(arg: &str) -> Answer<String> {
    let options = (0..number(arg)?).fold(child("peek", ""), |options, _| {
        options.capability(mounted("/data/d/d/d/d", "/d"))
    });
    match Process::start(options) {
        Ok(_) => Err("it started".into()),
        Err(error) => Ok(text(error)),
    }
}
