//! The pieces of guest code in the book do what it says of them.

use crate::page::Page;
use crate::support::{HUNG, guest_of, repository, target};
use snapbox::cmd::Command;

/// The pieces that are started by others, and not by themselves.
const STARTED: [&str; 2] = ["worker", "until-stopped"];

/// The names in the `match` of the guest.
fn pieces() -> Vec<String> {
    let file = repository().join("docs/snippets/src/lib.rs");
    let text = std::fs::read_to_string(file).unwrap();
    let names = text.lines().filter_map(|line| {
        let (name, _) = line.trim().strip_prefix('"')?.split_once("\" =>")?;
        Some(name.to_owned())
    });
    names.collect()
}

#[test]
fn every_piece_of_guest_code_runs() {
    let pieces = pieces();
    assert!(pieces.len() > 10, "{pieces:?}");
    for name in pieces
        .iter()
        .filter(|name| !STARTED.contains(&name.as_str()))
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_weft"))
            .env("WEFT_CACHE", target().join("tmp/cache"))
            .timeout(HUNG)
            .arg("run")
            .arg(guest_of("snippets"))
            .args(["--invoke", &format!("run({name:?})")]);
        let rights = match name.as_str() {
            "denied" => &[][..],
            _ => &[
                "channel-lifecycle",
                "channel-reader",
                "channel-writer",
                "process-lifecycle",
                "log-reader",
            ],
        };
        for right in rights {
            command = command.args(["--grant", right]);
        }
        command.assert().success();
    }
}

#[test]
fn every_piece_is_shown() {
    let pages = crate::page::pages();
    let blocks = pages.iter().flat_map(|page: &Page| &page.blocks);
    let shown: Vec<_> = blocks.flat_map(|block| &block.sources).collect();
    let folder = repository().join("docs/snippets/src");
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        let text = std::fs::read_to_string(&file).unwrap();
        for line in text.lines() {
            if let Some(anchor) = line.trim().strip_prefix("// ANCHOR: ") {
                let name = file.file_name().unwrap().display();
                let piece = format!("snippets/src/{name}:{anchor}");
                assert!(
                    shown.iter().any(|source| source.ends_with(&piece)),
                    "{piece} is on no page"
                );
            }
        }
    }
}

#[test]
fn the_manifest_with_certificates_is_valid_where_its_files_are() {
    let file = repository().join("docs/snippets/manifests/certificates.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    weft_runner::check_manifest(&text, &file).unwrap();
}

#[test]
fn the_manifests_with_nats_are_valid() {
    for name in ["durable", "nats"] {
        let file = repository().join(format!("docs/snippets/manifests/{name}.toml"));
        let text = std::fs::read_to_string(&file).unwrap();
        weft_runner::check_manifest(&text, &file).expect(name);
    }
}

#[test]
fn the_manifest_that_keys_are_shown_of_runs() {
    Command::new(env!("CARGO_BIN_EXE_weft"))
        .env("WEFT_CACHE", target().join("tmp/cache"))
        .timeout(HUNG)
        .arg("up")
        .arg(repository().join("docs/snippets/manifests/every-key.toml"))
        .assert()
        .success();
}
