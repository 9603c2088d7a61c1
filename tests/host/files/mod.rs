//! What guests see of the file system, by both versions of WASI, and who pays for it.

mod disk;
mod listing;
mod meaning;
mod mounts;
mod plain;
mod shares;
mod time;

use crate::support::{block_on, end, host_with, log, options, target, text};
use std::path::{Path, PathBuf};
use weft_host::{
    Capabilities, ExitStatus, Host, StartOptions,
    capability::{Mount, Right},
    log::LogEntry,
};

/// The versions of `wasi:filesystem`.
const VERSIONS: [&str; 2] = ["0.2", "0.3"];

/// Files in the folder that [`many_files`] makes, with names so long that a listing of it takes several parts.
const MANY: u32 = 20_000;

/// Only to be read.
const READ: bool = false;
/// Also to be written.
const WRITE: bool = true;

/// A scenario of the guest `files` with folders, of which the first is at `/data`.
fn files(version: &str, scenario: &str, argument: &str, folders: &[(&Path, bool)]) -> StartOptions {
    let mut capabilities = Capabilities::none().with([Right::ProcessLifecycle, Right::Clocks]);
    for (at, (folder, writable)) in folders.iter().enumerate() {
        let guest_path = match at {
            0 => "/data".to_owned(),
            at => format!("/data{at}"),
        };
        capabilities = capabilities.with_mount(Mount::new(folder, guest_path).writable(*writable));
    }
    let arguments = [version, scenario, argument];
    options("files", arguments.map(text).into()).capabilities(capabilities)
}

async fn host() -> Host {
    crate::support::host(&["files"]).await
}

/// A host that can have so many files open for guests.
async fn host_of(max_open_files: u32) -> Host {
    let config = crate::support::config().max_open_files(Some(max_open_files));
    host_with(config, &["files"]).await
}

/// Starts, waits, and returns what the guest returned.
async fn told(host: &Host, options: StartOptions) -> String {
    match crate::support::outcome(host, options).await {
        ExitStatus::Returned(text) => text.trim_matches('"').to_owned(),
        status => panic!("{status}"),
    }
}

/// The same, and the entries that the host itself wrote into its log.
async fn told_with_log(host: &Host, options: StartOptions) -> (String, Vec<LogEntry>) {
    let process = host.start(options).expect("it starts");
    let said = match end(&process).await {
        ExitStatus::Returned(text) => text.trim_matches('"').to_owned(),
        status => panic!("{status}"),
    };
    let mut entries = log(&process).await;
    entries.retain(|entry| entry.instrumentation_scope.name == "weft");
    (said, entries)
}

/// Plays a scenario by each version in a folder that `fill` fills, and compares what is told.
#[track_caller]
fn both_tell(scenario: &str, argument: &str, writable: bool, fill: impl Fn(&Path), wanted: &str) {
    for version in VERSIONS {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path());
        let said = block_on(async {
            let folders = [(folder.path(), writable)];
            told(&host().await, files(version, scenario, argument, &folders)).await
        });
        assert_eq!(said, wanted, "{version}");
    }
}

/// A folder with [`MANY`] files, which is made once and kept.
fn many_files() -> PathBuf {
    let folder = target().join("tmp/many-files");
    if !folder.join("made").exists() {
        std::fs::create_dir_all(&folder).unwrap();
        for at in 1..MANY {
            std::fs::write(folder.join(format!("{at:0>240}")), "").unwrap();
        }
        std::fs::write(folder.join("made"), "").unwrap();
    }
    folder
}

/// The values of an attribute, one for each entry that has it.
fn attribute<'a>(entries: &'a [LogEntry], key: &str) -> Vec<&'a str> {
    let values = entries.iter().filter_map(|entry| entry.attributes.get(key));
    values.map(String::as_str).collect()
}
