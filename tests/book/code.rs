//! No code escapes the tests: a block of Rust or TOML is a piece of a file that is compiled or run, which the comment
//! above it names, or stands in one word by word; a session is run, see `sessions`; every command that only stands there is listed here.

use crate::page::{Block, Page, pages_and_readme};
use crate::support::repository;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Folders whose files are compiled, and run by a test.
const TESTED: [&str; 4] = [
    "docs/tutorial",
    "docs/snippets",
    "docs/embedding",
    "examples",
];

/// Sessions that are not run, by page and first command, with the reason.
const NOT_RUN: &[(&str, &str, &str)] = &[];

/// What a command line in a block of `sh` may begin with, and why it is not run by these tests.
const COMMANDS: &[(&str, &str)] = &[
    (
        "./dev ",
        "a recipe of the justfile: CI runs them, some take minutes",
    ),
    ("docker run ", "a container's image is not on every machine"),
    (
        ".tools/bin/nats-server ",
        "the command's tests run one on a port of their own",
    ),
    ("cargo build ", "the guests are built before the tests"),
    ("cargo test ", "the tutorial's test is run by `tutorial`"),
    ("cargo new ", "makes what `docs/tutorial` holds"),
    ("cargo add ", "changes a manifest of the reader's"),
    (
        "cargo install ",
        "takes minutes; what CI needs, `./dev` installs",
    ),
    (
        "cargo component ",
        "`./dev cargo-component` runs it on the example",
    ),
    ("rustup target add ", "changes the reader's toolchain"),
    ("mkdir ", "the reader's folders"),
    ("cp ", "the reader's folders"),
    (
        "apt-get install ",
        "changes the reader's machine; `./dev c` does it",
    ),
    ("python3 -m venv ", "`./dev python` does it"),
    ("npm ", "`./dev javascript` runs them"),
    ("componentize-py ", "`./dev python` runs it on the example"),
    (
        "printf '[workspace]",
        "the reader's workspace; this repository is one",
    ),
    ("cd ", "a place on the reader's machine"),
    ("export PATH=", "the reader's shell"),
    ("curl ", "needs a listener; `command` asks one"),
    (
        "head ",
        "gives curl something to post; `command` does it too",
    ),
    ("openssl ", "makes files of the reader's; `command` uses it"),
    (
        "python3 -m http.server ",
        "serves a page until it is stopped; `./dev browser` opens it",
    ),
    ("sysctl ", "needs root"),
    (
        "weft ",
        "needs a file of the reader's; each is also in a session",
    ),
];

#[test]
fn no_block_of_code_escapes_the_tests() {
    let mut escaped = Vec::new();
    for page in pages_and_readme() {
        for block in &page.blocks {
            if let Err(why) = check(&page, block) {
                let first = block.text.lines().next().unwrap_or_default();
                escaped.push(format!("{}: `{first}`: {why}", page.name));
            }
        }
    }
    assert!(escaped.is_empty(), "{escaped:#?}");
}

/// A page shows its code wherever it is read, and that code is the one of its files.
#[test]
fn the_code_on_every_page_is_that_of_its_files() {
    let output = Command::new("python3")
        .arg(repository().join("scripts/book-code.py"))
        .arg("--check")
        .output()
        .expect("python3 runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn check(page: &Page, block: &Block) -> Result<(), String> {
    match block.language() {
        "rust" | "toml" | "python" | "javascript" | "c" | "wit" | "wac" => {
            from_a_tested_file(page, block)
        }
        "console" if !block.info.contains("ignore") => Ok(()),
        "console" => NOT_RUN
            .iter()
            .any(|(name, first, _)| *name == page.name && block.text.starts_with(first))
            .then_some(())
            .ok_or_else(|| "is not run, and not in NOT_RUN".into()),
        "sh" => block.text.lines().try_for_each(command),
        "text" | "json" => Ok(()),
        other => Err(format!("the language `{other}` is not known here")),
    }
}

fn command(line: &str) -> Result<(), String> {
    let known = line.is_empty()
        || line.starts_with('#')
        || COMMANDS.iter().any(|(begin, _)| line.starts_with(begin));
    known
        .then_some(())
        .ok_or_else(|| format!("`{line}` is not in COMMANDS"))
}

/// Whether the pieces that the block shows are of tested files, or it stands in one. That a piece is what its file has,
/// and that its anchor is there, is checked by `the_code_on_every_page_is_that_of_its_files`.
fn from_a_tested_file(page: &Page, block: &Block) -> Result<(), String> {
    if block.sources.is_empty() {
        return tested_files()
            .iter()
            .any(|file| file.contains(&block.text))
            .then_some(())
            .ok_or_else(|| format!("stands in no file of {TESTED:?}"));
    }
    block.sources.iter().try_for_each(|source| {
        let file = source.split(':').next().unwrap_or_default();
        let path = page.file.parent().expect("a folder").join(file);
        let path = path
            .canonicalize()
            .map_err(|error| format!("{file}: {error}"))?;
        let mut tested = TESTED.iter().chain(&["wit"]);
        tested
            .any(|folder| path.starts_with(repository().join(folder)))
            .then_some(())
            .ok_or_else(|| format!("{file} is in none of {TESTED:?}"))
    })
}

fn tested_files() -> Vec<String> {
    let mut files = Vec::new();
    for folder in TESTED {
        collect(&repository().join(folder), &mut files);
    }
    let text = files
        .iter()
        .filter_map(|file| std::fs::read_to_string(file).ok());
    text.collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
            collect(&path, files);
        } else if path.is_file() && path.extension().is_some_and(|end| end != "md") {
            files.push(path);
        }
    }
}
