//! What calls mean: the same as with the library that the host's are made of.

use super::folder;
use crate::version::{Answer, CREATE, How, READ, Version, WRITE};

/// Fails with what was to be true.
fn holds(what: &str, holds: bool) -> Answer<()> {
    match holds {
        true => Ok(()),
        false => Err(format!("not so: {what}")),
    }
}

/// Fails unless a call has failed like this.
fn fails<T>(what: &str, with: &str, answer: Answer<T>) -> Answer<()> {
    match answer {
        Err(error) if error == with => Ok(()),
        Err(error) => Err(format!("{what} failed with {error}")),
        Ok(_) => Err(format!("{what} went well")),
    }
}

/// Makes, changes and deletes whatever there is, in an empty writable mount.
pub async fn change_everything<V: Version>() -> Answer<String> {
    let at = folder::<V>()?;
    opening::<V>(&at).await?;
    bytes::<V>(&at).await?;
    names::<V>(&at).await?;
    links::<V>(&at).await?;
    Ok("as it should be".into())
}

async fn opening<V: Version>(at: &V::Fd) -> Answer<()> {
    let exclusive = How {
        exclusive: true,
        ..CREATE
    };
    let directory = How {
        directory: true,
        ..READ
    };
    let truncate = How {
        truncate: true,
        ..WRITE
    };
    fails("open", "no-entry", V::open(at, "none", READ).await)?;
    let file = V::open(at, "f", exclusive).await?;
    fails("exclusive", "exist", V::open(at, "f", exclusive).await)?;
    V::write(&file, 0, b"hello").await?;
    let again = V::open(at, "f", CREATE).await?;
    holds("create keeps", V::size(&again).await? == 5)?;
    holds("same", V::is_same(&file, &again).await)?;
    holds(
        "same hash",
        V::hash(&file).await? == V::hash_at(at, "f").await?,
    )?;
    holds("not same", !V::is_same(&file, at).await)?;
    fails(
        "directory",
        "not-directory",
        V::open(at, "f", directory).await,
    )?;
    fails(
        "in a file",
        "not-directory",
        V::open(&file, "f", READ).await,
    )?;
    V::open(at, "f", truncate).await?;
    holds("truncate", V::size(&file).await? == 0)?;
    V::make_folder(at, "d").await?;
    V::open(at, "d", directory).await?;
    fails(
        "write a folder",
        "is-directory",
        V::open(at, "d", WRITE).await,
    )?;
    fails("read a folder", "is-directory", V::read(at, 0, 1).await)?;
    holds("the mount can be changed", V::may_change(at).await?)?;
    let looked_at = V::open(at, "d", READ).await?;
    holds("nothing asked for", !V::may_change(&looked_at).await?)?;
    let changed = How {
        change: true,
        ..directory
    };
    let changed = V::open(at, "d", changed).await?;
    holds("change asked for", V::may_change(&changed).await?)?;
    fails("out", "not-permitted", V::open(at, "../x", READ).await)?;
    fails("absolute", "not-permitted", V::open(at, "/etc", READ).await)?;
    V::unlink(at, "f").await?;
    V::remove_folder(at, "d").await
}

async fn bytes<V: Version>(at: &V::Fd) -> Answer<()> {
    let file = V::open(at, "f", CREATE).await?;
    let long: Vec<u8> = (0..200_000u32).map(|at| at as u8).collect();
    V::write(&file, 0, &long).await?;
    holds("size", V::size(&file).await? == long.len() as u64)?;
    let mut read = Vec::new();
    loop {
        let piece = V::read(&file, read.len() as u64, 100_000).await?;
        holds("at most 64 KiB", piece.len() <= 64 << 10)?;
        if piece.is_empty() {
            break;
        }
        read.extend(piece);
    }
    holds("what was written is read", read == long)?;
    V::append(&file, b"end").await?;
    let end = V::read(&file, long.len() as u64, 10).await?;
    holds("appended", end == b"end")?;
    V::write(&file, 2, b"xy").await?;
    holds("within", V::read(&file, 1, 4).await? == [1, b'x', b'y', 4])?;
    V::write_at(&file, 0, b"z").await?;
    holds("at", V::read(&file, 0, 1).await? == b"z")?;
    V::set_size(&file, 3).await?;
    holds("cut", V::read(&file, 0, 10).await?.len() == 3)?;
    V::write(&file, 5, b"!").await?;
    holds("hole", V::read(&file, 3, 10).await? == [0, 0, b'!'])?;
    V::touch(&file).await?;
    V::sync(&file).await?;
    V::unlink(at, "f").await
}

async fn names<V: Version>(at: &V::Fd) -> Answer<()> {
    V::make_folder(at, "d").await?;
    fails("again", "exist", V::make_folder(at, "d").await)?;
    let inner = V::open(at, "d", READ).await?;
    let file = V::open(&inner, "f", CREATE).await?;
    fails("full", "not-empty", V::remove_folder(at, "d").await)?;
    V::rename(&inner, "f", at, "g").await?;
    let moved = V::open(at, "g", READ).await?;
    holds("moved", V::is_same(&file, &moved).await)?;
    fails("gone", "no-entry", V::kind_at(at, "d/f", true).await)?;
    V::link(at, "g", &inner, "h").await?;
    let linked = V::open(at, "d/h", READ).await?;
    holds("linked", V::is_same(&file, &linked).await)?;
    fails("link again", "exist", V::link(at, "g", at, "g").await)?;
    let mut listing = V::list(at).await?;
    let mut found = Vec::new();
    while let Some(entry) = V::next(&mut listing).await? {
        found.push(entry);
    }
    found.sort();
    let wanted = [("d", "directory"), ("g", "regular-file")];
    let wanted = wanted.map(|(name, kind)| (name.to_owned(), kind.to_owned()));
    holds("listed", found == wanted)?;
    holds("ended", V::next(&mut listing).await?.is_none())?;
    fails("list a file", "not-directory", listed::<V>(&file).await)?;
    V::touch_at(at, "g", true).await?;
    V::touch_at(at, "d", true).await?;
    fails(
        "remove a file",
        "not-directory",
        V::remove_folder(at, "g/").await,
    )?;
    for name in ["g", "d/h"] {
        V::unlink(at, name).await?;
    }
    fails("unlink", "no-entry", V::unlink(at, "g").await)?;
    // A slash at the end says that it is a folder, which it is.
    for name in ["d/e", "d/e/", "d/e//"] {
        V::make_folder(at, name).await?;
        V::remove_folder(at, name).await?;
    }
    V::remove_folder(at, "d/").await
}

async fn listed<V: Version>(at: &V::Fd) -> Answer<()> {
    V::next(&mut V::list(at).await?).await.map(drop)
}

async fn links<V: Version>(at: &V::Fd) -> Answer<()> {
    let no_follow = How {
        no_follow: true,
        ..READ
    };
    V::open(at, "f", CREATE).await?;
    V::symlink(at, "f", "l").await?;
    V::symlink(at, "../out", "out").await?;
    V::symlink(at, "nothing", "loose").await?;
    fails(
        "link out",
        "not-permitted",
        V::symlink(at, "/etc", "e").await,
    )?;
    holds("text", V::read_link(at, "out").await? == "../out")?;
    holds("link", V::kind_at(at, "l", false).await? == "symbolic-link")?;
    holds("target", V::kind_at(at, "l", true).await? == "regular-file")?;
    V::open(at, "l", READ).await?;
    fails("not followed", "loop", V::open(at, "l", no_follow).await)?;
    fails(
        "followed out",
        "not-permitted",
        V::open(at, "out", READ).await,
    )?;
    fails("loose", "no-entry", V::open(at, "loose", READ).await)?;
    V::open(at, "loose", CREATE).await?;
    holds(
        "made",
        V::kind_at(at, "nothing", false).await? == "regular-file",
    )?;
    V::touch_at(at, "l", true).await?;
    V::touch_at(at, "l", false).await?;
    for name in ["l", "out", "loose", "nothing", "f"] {
        V::unlink(at, name).await?;
    }
    Ok(())
}

/// Tries to change what is in a mount that is only to be read: the file `f` and the empty folder `d`.
pub async fn read_only<V: Version>() -> Answer<String> {
    let at = folder::<V>()?;
    let truncate = How {
        truncate: true,
        ..READ
    };
    let file = V::open(&at, "f", READ).await?;
    let change = How {
        change: true,
        ..READ
    };
    let d = V::open(&at, "d", change).await?;
    holds("change not granted", !V::may_change(&d).await?)?;
    let denied = "not-permitted";
    fails("create", denied, V::open(&at, "n", CREATE).await)?;
    fails("write", denied, V::open(&at, "f", WRITE).await)?;
    fails("truncate", denied, V::open(&at, "f", truncate).await)?;
    fails("create in d", denied, V::open(&d, "n", CREATE).await)?;
    fails("stream", denied, V::write(&file, 0, b"x").await)?;
    fails("append", denied, V::append(&file, b"x").await)?;
    fails("write at", denied, V::write_at(&file, 0, b"x").await)?;
    fails("set size", denied, V::set_size(&file, 0).await)?;
    fails("touch", denied, V::touch(&file).await)?;
    fails("touch d", denied, V::touch(&d).await)?;
    fails("touch at", denied, V::touch_at(&at, "f", true).await)?;
    fails("touch link", denied, V::touch_at(&at, "f", false).await)?;
    fails("make", denied, V::make_folder(&at, "n").await)?;
    fails("remove", denied, V::remove_folder(&at, "d").await)?;
    fails("unlink", denied, V::unlink(&at, "f").await)?;
    fails("rename", denied, V::rename(&at, "f", &at, "n").await)?;
    fails("link", denied, V::link(&at, "f", &at, "n").await)?;
    fails("symlink", denied, V::symlink(&at, "f", "n").await)?;
    holds("read", V::read(&file, 0, 10).await? == b"hello")?;
    V::sync(&file).await?;
    Ok("as it was".into())
}

/// Moves and links between two writable mounts, and from the second to a third that is only to be read.
pub async fn two_mounts<V: Version>() -> Answer<String> {
    let mounts = V::mounts();
    let [one, two, read_only] = mounts.as_slice() else {
        return Err(format!("{} mounts", mounts.len()));
    };
    let file = V::open(one, "f", CREATE).await?;
    V::rename(one, "f", two, "g").await?;
    V::link(two, "g", one, "h").await?;
    let other = V::open(one, "h", READ).await?;
    holds("same", V::is_same(&file, &other).await)?;
    fails(
        "rename",
        "not-permitted",
        V::rename(two, "g", read_only, "g").await,
    )?;
    fails(
        "link",
        "not-permitted",
        V::link(two, "g", read_only, "g").await,
    )?;
    fails(
        "take",
        "not-permitted",
        V::rename(read_only, "r", two, "r").await,
    )?;
    V::unlink(one, "h").await?;
    V::unlink(two, "g").await?;
    Ok("as it should be".into())
}
