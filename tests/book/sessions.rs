//! Every session in the book is run with the real command, in the folder of the repository, or for the
//! tutorial in that of its project. `TRYCMD=overwrite cargo test --test book` rewrites what is printed: read the diff.

use crate::page::{pages, source};
use crate::support::{HUNG, repository, target};
use crate::tutorial;
use std::path::{Path, PathBuf};

#[test]
fn what_a_session_shows_is_what_the_command_prints() {
    let pages = match std::env::var_os("TRYCMD") {
        Some(_) => source(),
        None => with_room(),
    };
    // One test, as the folder is the process's: no other test here depends on it.
    run(&tutorial::project(), &pages.join("tutorial/*.md"));
    run(&repository(), &pages.join("*.md"));
    for entry in std::fs::read_dir(&pages).unwrap() {
        let folder = entry.unwrap().path();
        if folder.is_dir() && !folder.ends_with("tutorial") {
            run(&repository(), &folder.join("*.md"));
        }
    }
}

fn run(folder: &Path, pages: &Path) {
    std::env::set_current_dir(folder).unwrap();
    trycmd::TestCases::new()
        .register_bin("weft", Path::new(env!("CARGO_BIN_EXE_weft")))
        .env(
            "WEFT_CACHE",
            target().join("tmp/cache").display().to_string(),
        )
        .env("NO_COLOR", "1")
        .timeout(HUNG)
        .case(pages)
        .run();
}

/// Copies of the pages, with their sessions as trycmd wants them: output ends with an empty line and has
/// its backslashes turned, and every session may begin with lines left out, as it depends on the machine whether
/// something took so long to compile that it is said.
fn with_room() -> PathBuf {
    let copies = target().join("tmp/book");
    let _ = std::fs::remove_dir_all(&copies);
    for page in pages() {
        let copy = copies.join(page.file.strip_prefix(source()).unwrap());
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        let sessions = page.blocks.iter().filter(|block| block.info == "console");
        let text: String = sessions.map(|block| session(&block.text)).collect();
        std::fs::write(copy, text).unwrap();
    }
    copies
}

fn session(shown: &str) -> String {
    let mut text = String::from("```console\n");
    for step in shown.split("$ weft ").skip(1) {
        let (typed, printed) = step.split_once('\n').unwrap_or((step, ""));
        text.push_str(&format!("$ weft {typed}\n"));
        let (status, printed) = match printed.strip_prefix("? ") {
            Some(rest) => rest.split_once('\n').unwrap_or((rest, "")),
            None => ("0", printed),
        };
        text.push_str(&format!("? {status}\n"));
        if !printed.starts_with("...") {
            text.push_str("...\n");
        }
        let printed = printed.trim_end().replace('\\', "/");
        if !printed.is_empty() {
            text.push_str(&format!("{printed}\n\n"));
        }
    }
    text.push_str("```\n");
    text
}
