//! The tutorial's project, laid out as its reader has it: its pipeline runs, and so does the test that the
//! reader writes for it.

use crate::support::{guest_of, repository, target};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder of the project, with its guests built.
pub fn project() -> PathBuf {
    static PROJECT: OnceLock<PathBuf> = OnceLock::new();
    PROJECT.get_or_init(lay_out).clone()
}

fn lay_out() -> PathBuf {
    let project = target().join("tmp/tutorial/words");
    let tutorial = repository().join("docs/tutorial");
    let built = project.join("target/wasm32-wasip2/release");
    for folder in [&built, &project.join("data"), &project.join("top")] {
        std::fs::create_dir_all(folder).unwrap();
    }
    for file in ["weft.toml", "data/tyger.txt"] {
        std::fs::copy(tutorial.join(file), project.join(file)).unwrap();
    }
    for name in ["hello", "words-lines", "words-count", "words-top"] {
        let from = guest_of(name);
        std::fs::copy(&from, built.join(from.file_name().unwrap())).unwrap();
    }
    project
}

#[test]
fn the_test_that_the_reader_writes_passes() {
    let project = project();
    let test = project.join("pipeline");
    // As cargo would: it needs nothing but the standard library.
    let status = Command::new("rustc")
        .args(["--edition", "2024", "--test", "-o"])
        .arg(&test)
        .arg(repository().join("docs/tutorial/top/tests/pipeline.rs"))
        .status()
        .expect("rustc runs");
    assert!(status.success());
    let weft = Path::new(env!("CARGO_BIN_EXE_weft")).parent().unwrap();
    let output = Command::new(&test)
        .current_dir(project.join("top"))
        .env("PATH", weft)
        .env("WEFT_CACHE", target().join("tmp/cache"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}
