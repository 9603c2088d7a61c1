//! Work without end, and work that is counted.

use super::{folder, number};
use crate::version::{Answer, CREATE, READ, Version};
use std::time::Instant;

/// Lists the first mount, so many times, and says how many entries there were, how many of those are files, and the last by name.
pub async fn list<V: Version>(arg: &str) -> Answer<String> {
    let folder = folder::<V>()?;
    let (mut entries, mut files, mut last) = (0, 0, String::new());
    for _ in 0..number(arg)? {
        let mut listing = V::list(&folder).await?;
        (entries, files) = (0, 0);
        while let Some((name, kind)) = V::next(&mut listing).await? {
            entries += 1;
            files += u32::from(kind == "regular-file");
            last = last.max(name);
        }
    }
    Ok(format!("{entries} entries, {files} files, last {last}"))
}

/// Begins so many listings, and keeps them.
pub async fn list_begin<V: Version>(arg: &str) -> Answer<String> {
    let folder = folder::<V>()?;
    let mut held = Vec::new();
    for _ in 0..number(arg)? {
        let mut listing = V::list(&folder).await?;
        V::next(&mut listing).await?;
        held.push(listing);
    }
    Ok(format!("{} listings", held.len()))
}

/// Lists the first mount again and again.
pub async fn list_for_ever<V: Version>() -> Answer<String> {
    loop {
        list::<V>("1").await?;
    }
}

/// Asks for the type of the file `f` again and again.
pub async fn stat_for_ever<V: Version>() -> Answer<String> {
    let folder = folder::<V>()?;
    loop {
        V::kind_at(&folder, "f", true).await?;
    }
}

/// Opens, writes, reads, lists and deletes, again and again.
pub async fn work_for_ever<V: Version>() -> Answer<String> {
    let folder = folder::<V>()?;
    println!("works");
    loop {
        let file = V::open(&folder, "w", CREATE).await?;
        V::write(&file, 0, &[7; 20_000]).await?;
        V::read(&file, 100, 10_000).await?;
        V::make_folder(&folder, "made").await?;
        V::list(&folder).await?;
        V::remove_folder(&folder, "made").await?;
        V::unlink(&folder, "w").await?;
    }
}

/// Makes a call so many times: `open 1000`, say. Tells how many microseconds each took.
pub async fn repeat<V: Version>(arg: &str) -> Answer<String> {
    let (call, times) = arg.split_once(' ').ok_or("no number")?;
    let (folder, times) = (folder::<V>()?, number(times)?);
    let file = V::open(&folder, "bench", CREATE).await?;
    V::write(&file, 0, &[7; 64 << 10]).await?;
    let began = Instant::now();
    for _ in 0..times {
        match call {
            "open" => drop(V::open(&folder, "bench", READ).await?),
            "stat" => drop(V::kind_at(&folder, "bench", true).await?),
            "stat-open" => drop(V::size(&file).await?),
            "read" => drop(V::read(&file, 0, 4096).await?),
            "read-64k" => drop(V::read(&file, 0, 64 << 10).await?),
            "write" => V::write(&file, 0, &[7; 4096]).await?,
            "list" => drop(list::<V>("1").await?),
            other => return Err(format!("no call is called {other}")),
        }
    }
    let each = began.elapsed().as_micros() as f64 / times as f64;
    V::unlink(&folder, "bench").await?;
    Ok(format!("{each:.2} us"))
}
