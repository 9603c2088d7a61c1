//! The file system: what each call of `wasi:filesystem` does and what it refuses, in the one folder it is given.
//!
//! Each part prints its name when all was right, and leaves the folder empty, as it found it. With the argument `read-only` only that part is
//! played, in a folder that cannot be written and has a file `f`.

mod bytes;
mod folder;
mod links;
mod looking;
mod names;
mod opening;
mod outside;
mod read_only;

use folder::Folder;
use wasi03_programs::bindings::wasi::cli::environment;
use wasi03_programs::bindings::wasi::filesystem::preopens;
use wasi03_programs::say;

wasi03_programs::program!(super::run);

async fn run() -> Result<(), ()> {
    let mut mounts = preopens::get_directories();
    assert_eq!(mounts.len(), 1, "one folder is wanted");
    let at = Folder(mounts.remove(0).0);
    if environment::get_arguments()
        .iter()
        .any(|word| word == "read-only")
    {
        read_only::play(&at).await;
        return say("read-only\n").await;
    }
    opening::play(&at).await;
    say("opening\n").await?;
    bytes::play(&at).await;
    say("bytes\n").await?;
    names::play(&at).await;
    say("names\n").await?;
    links::play(&at).await;
    say("links\n").await?;
    looking::play(&at).await;
    say("looking\n").await?;
    outside::play(&at).await;
    say("outside\n").await
}
