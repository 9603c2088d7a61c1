//! What is neither a file nor a folder.

use super::{folder, number};
use crate::version::{Answer, CREATE, How, READ, Version, WRITE};
use std::collections::BTreeSet;
use std::fs;

/// What each call says of what is under this name.
pub async fn no_file<V: Version>(arg: &str) -> Answer<String> {
    let folder = folder::<V>()?;
    let mut said = Vec::new();
    let exclusive = How {
        exclusive: true,
        ..CREATE
    };
    let truncate = How {
        truncate: true,
        ..WRITE
    };
    for how in [READ, WRITE, CREATE, truncate, exclusive] {
        said.push(match V::open(&folder, arg, how).await {
            Ok(_) => "opened".to_owned(),
            Err(error) => error,
        });
    }
    for touched in [
        V::touch_at(&folder, arg, true).await,
        V::touch_at(&folder, arg, false).await,
    ] {
        said.push(touched.err().unwrap_or("touched".into()));
    }
    said.push(V::kind_at(&folder, arg, true).await?);
    Ok(said.join(", "))
}

/// Opens the file `f` so many times, to be read and to be written, while it is swapped. Tells what came of it.
pub async fn open_swapped<V: Version>(arg: &str) -> Answer<String> {
    let folder = folder::<V>()?;
    let mut said = BTreeSet::new();
    for at in 0..number(arg)? {
        let opened = match at % 4 {
            0 => V::open(&folder, "f", WRITE).await.map(drop),
            1 => V::touch_at(&folder, "f", true).await,
            _ => V::open(&folder, "f", READ).await.map(drop),
        };
        said.insert(opened.err().unwrap_or("opened".into()));
    }
    Ok(said.into_iter().collect::<Vec<_>>().join(", "))
}

/// Puts the pipe `pipe` in the place of the file `f` and back, so many times.
pub fn swap_pipe(arg: &str) -> Answer<String> {
    for _ in 0..number(arg)? {
        for (from, to) in [("f", "x"), ("pipe", "f"), ("f", "pipe"), ("x", "f")] {
            let _ = fs::rename(format!("/data/{from}"), format!("/data/{to}"));
        }
    }
    Ok("swapped".into())
}
