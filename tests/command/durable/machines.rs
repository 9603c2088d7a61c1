//! The tutorial's pipeline, alone and on two machines.

use super::server;
use crate::support::{HUNG, guest_of, repository, target};
use snapbox::cmd::Command;
use std::path::Path;
use tempfile::TempDir;

/// What it prints.
const TABLE: &str = " 14 what\n 13 the\n  5 and\n  5 thy\n  4 dare\n";

/// The project of the tutorial's reader.
fn project() -> TempDir {
    let project = tempfile::tempdir().unwrap();
    let tutorial = repository().join("docs/tutorial");
    let built = project.path().join("target/wasm32-wasip2/release");
    for folder in [
        &built,
        &project.path().join("data"),
        &project.path().join("machines"),
    ] {
        std::fs::create_dir_all(folder).unwrap();
    }
    let machines = std::fs::read_dir(tutorial.join("machines")).unwrap();
    let machines = machines.map(|it| format!("machines/{}", it.unwrap().file_name().display()));
    for file in machines.chain(["data/tyger.txt".to_owned()]) {
        std::fs::copy(tutorial.join(&file), project.path().join(&file)).unwrap();
    }
    for name in ["words-lines", "words-count", "words-top"] {
        let from = guest_of(name);
        std::fs::copy(&from, built.join(from.file_name().unwrap())).unwrap();
    }
    project
}

/// What a `weft up` of a file prints.
fn up(project: &Path, file: &str, address: &str) -> String {
    let assert = Command::new(env!("CARGO_BIN_EXE_weft"))
        .args(["up", file])
        .current_dir(project.join("machines"))
        .env("WEFT_CACHE", target().join("tmp/cache"))
        .env("NATS", address)
        .timeout(HUNG)
        .assert()
        .success();
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

#[test]
fn the_pipeline_of_the_tutorial_runs_alone_and_on_two_machines() {
    let nats = server();
    let (project, address) = (project(), nats.address());
    let folder = project.path();
    assert_eq!(up(folder, "words.toml", ""), TABLE);

    std::fs::copy(
        folder.join("machines/shared.toml"),
        folder.join("machines/channels.toml"),
    )
    .unwrap();
    let second = {
        let (folder, address) = (folder.to_owned(), address.clone());
        std::thread::spawn(move || up(&folder, "second.toml", &address))
    };
    assert_eq!(up(folder, "first.toml", &address), "");
    assert_eq!(second.join().unwrap(), TABLE);
    // The other way round: it has all of it on the server.
    assert_eq!(up(folder, "second.toml", &address), TABLE);

    let place = std::fs::read_to_string(folder.join("machines/place.toml")).unwrap();
    let place = place.lines().find(|line| line.starts_with("args")).unwrap();
    let file = folder.join("machines/second.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let lines = text.lines();
    let lines = lines.map(|line| {
        if line.starts_with("args") {
            place
        } else {
            line
        }
    });
    let text: Vec<&str> = lines.collect();
    std::fs::write(&file, text.join("\n")).unwrap();
    assert_eq!(up(folder, "second.toml", &address), TABLE);
    assert_eq!(up(folder, "second.toml", &address), "");
}
