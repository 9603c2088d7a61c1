//! `weft up --watch`: a component whose file changes.

use crate::interrupt::{code, signal, start};
use crate::support::guest_of;
use crate::weft::up;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// One that holds a channel open, one that reads it, and one that reads the diary of that.
fn manifest(folder: &Path) -> String {
    let [holder, sink] = ["sdk", "parked"].map(|name| guest_of(name).display().to_string());
    let text = format!(
        "[components]\na = \"a.wasm\"\nholder = {holder:?}\nsink = {sink:?}\n\
         [channels]\norders = {{}}\ndiary = {{}}\n\
         [processes.holder]\ncomponent = \"holder\"\n\
         capabilities = [\"channel-reader\", \"channel-writer\"]\n\
         [processes.holder.args]\nscenario = \"waits/stop\"\nnumber = 0\n\
         input = {{ reader = \"orders\", weak = true }}\noutput = {{ writer = \"orders\" }}\n\
         [processes.a]\ncomponent = \"a\"\n\
         capabilities = [\"channel-reader\", \"channel-writer\"]\n\
         [processes.a.args]\ntag = \"a\"\n\
         input = {{ reader = \"orders\" }}\ndiary = {{ writer = \"diary\" }}\n\
         [processes.sink]\ncomponent = \"sink\"\ncapabilities = [\"channel-reader\"]\n\
         args = {{ input = {{ reader = \"diary\" }} }}\n"
    );
    let file = folder.join("weft.toml");
    std::fs::write(&file, text).unwrap();
    file.display().to_string()
}

/// The guest with another version in it.
fn version(version: &str) -> Vec<u8> {
    let mut bytes = std::fs::read(guest_of("supervised")).unwrap();
    let old = b"version-1";
    let at = bytes.windows(old.len()).position(|window| window == old);
    let at = at.expect("the guest names its version");
    bytes[at..at + old.len()].copy_from_slice(version.as_bytes());
    bytes
}

#[test]
fn a_component_whose_file_changes_is_reloaded() {
    let folder = tempfile::tempdir().unwrap();
    let component = folder.path().join("a.wasm");
    std::fs::write(&component, version("version-1")).unwrap();
    let manifest = manifest(folder.path());
    let mut child = start(&["up", &manifest, "--watch", "--grace", "60s"]);
    let mut lines = BufReader::new(child.0.stderr.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let mut seen = Vec::new();
    let mut until = |wanted: &str| {
        for line in lines.by_ref() {
            let found = line.contains(wanted);
            seen.push(line);
            if found {
                return;
            }
        }
        panic!("`{wanted}` is not in: {}", seen.join("\n"));
    };
    until("version-1 up");

    // As `cp` does it.
    std::fs::write(&component, version("version-2")).unwrap();
    until("a stopped; reloading");
    until("a reloaded");

    // Half of a file, which is no component.
    let newest = version("version-3");
    std::fs::write(&component, &newest[..newest.len() / 2]).unwrap();
    until("a not reloaded: component `a` is not valid");

    // One that does not fit the arguments.
    std::fs::copy(guest_of("hello"), &component).unwrap();
    until("a not reloaded: ");

    // As editors and compilers do it.
    let beside = folder.path().join("a.wasm.new");
    std::fs::write(&beside, &newest).unwrap();
    std::fs::rename(&beside, &component).unwrap();
    until("a reloaded");

    signal(&child, "INT");
    until("stopping");
    let rest: Vec<String> = lines.collect();
    assert_eq!(code(child), Some(130), "{rest:?}");
    let said = |wanted: &str| seen.iter().chain(&rest).any(|line| line.contains(wanted));
    assert!(said("version-2 up") && said("version-3 up"), "{seen:?}");
    // Every incarnation's start and end were written, through a channel that stayed open.
    assert!(said("channel diary: 6 frames"), "{rest:?}");
}

#[test]
fn with_all_processes_ended_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[processes.p]\ncomponent = \"hello\"\nargs = { name = \"Ada\" }\n";
    up(folder.path(), &["hello"], text)
        .arg("--watch")
        .assert()
        .success();
}
