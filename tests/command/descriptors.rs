//! How many descriptors the command has.

use crate::support::{guest, target};
use std::process::{Command, Stdio};

#[test]
fn the_soft_limit_is_raised_to_the_hard_one() {
    let file = guest("scenarios.wasm").display().to_string();
    let invoke = "run(\"spin\", \"spinning\")";
    let weft = env!("CARGO_BIN_EXE_weft");
    let mut child = Command::new("sh")
        .args([
            "-c",
            "ulimit -Sn 200 && ulimit -Hn 1000 && exec \"$@\"",
            "sh",
        ])
        .args([weft, "run", &file, "--invoke", invoke])
        .env("WEFT_CACHE", target().join("tmp/cache"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let limits = format!("/proc/{}/limits", child.id());
    let raised = || {
        let limits = std::fs::read_to_string(&limits).unwrap();
        let line = limits
            .lines()
            .find(|line| line.starts_with("Max open files"));
        let numbers: Vec<_> = line.unwrap().split_whitespace().skip(3).collect();
        numbers[..2] == ["1000", "1000"]
    };
    crate::control::until(raised);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_guest_that_writes_beyond_the_limit_of_file_sizes_ends_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let file = guest("scenarios.wasm").display().to_string();
    let weft = env!("CARGO_BIN_EXE_weft");
    let output = Command::new("sh")
        .args(["-c", "ulimit -f 4096 && exec \"$@\"", "sh"])
        .args([
            weft,
            "run",
            &file,
            "--invoke",
            "run(\"stdout-lines\", \"400000\")",
        ])
        .env("WEFT_CACHE", target().join("tmp/cache"))
        .stdout(std::fs::File::create(&out).unwrap())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    // Not ended by a signal.
    assert!(
        output.status.code().is_some(),
        "{:?}: {said}",
        output.status
    );
    assert!(std::fs::metadata(out).unwrap().len() > 0);
}
