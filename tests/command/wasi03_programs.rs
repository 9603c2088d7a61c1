//! Programs built as the public test suite of WASI builds those of 0.3 run as they are: they export `run` of 0.2, whose `main` must not be called,
//! beside that of 0.3.

use crate::weft::run;
use snapbox::cmd::Command;
use snapbox::str;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Stdio;

/// A run of the program that plays many parts.
fn cli(words: &[&str]) -> Command {
    run("wasi03-cli").arg("--").args(words)
}

/// A run in a folder, which the program sees as `work`.
fn in_folder(folder: &Path, access: &str) -> Command {
    let mount = format!("{}::work::{access}", folder.display());
    run("wasi03-files").args(["--dir", &mount])
}

#[test]
fn a_command_sees_its_files_name_its_arguments_and_its_variables_in_the_order_given() {
    run("wasi03-cli")
        .args(["--env", "foo=bar", "--env", "baz=42", "--env", "a="])
        .args(["--", "words", "a b", "", "--flag"])
        .assert()
        .success()
        .stdout_eq(str![[r#"
arguments: ["wasi03-cli.wasm", "words", "a b", "", "--flag"]
foo is bar
baz is 42
a is 
begins in None

"#]]);
}

#[test]
fn what_comes_by_stdin_goes_to_stdout_and_stderr() {
    let text = "a line\n".repeat(20_000);
    cli(&["copy"])
        .stdin(text.clone())
        .assert()
        .success()
        .stdout_eq(text)
        .stderr_eq(str![[r#"
...
140000 bytes
...
"#]]);
    cli(&["drop"])
        .stdin("unread")
        .assert()
        .success()
        .stdout_eq("");
}

#[test]
fn what_is_written_is_seen_while_the_program_waits_for_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_weft"))
        .arg("run")
        .arg(crate::support::guest_of("wasi03-cli"))
        .args(["--", "ask"])
        .env("WEFT_CACHE", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = child.stdout.take().unwrap();
    let mut question = [0; 11];
    output.read_exact(&mut question).unwrap();
    assert_eq!(&question, b"yes or no? ");
    // It is left open: one byte is all that the program waits for.
    input.write_all(b"y").unwrap();
    let mut answer = String::new();
    output.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "y\n");
    assert!(child.wait().unwrap().success());
}

#[test]
fn no_stream_of_a_pipe_is_a_terminal() {
    cli(&["terminals"])
        .assert()
        .success()
        .stdout_eq("stdin, stdout, stderr: [false, false, false]\n");
}

#[test]
fn what_run_returns_and_how_a_program_exits_is_the_exit_code() {
    for (words, code) in [
        (["fail"].as_slice(), 1),
        (&["exit", "0"], 0),
        (&["exit", "7"], 7),
        (&["exit", "255"], 255),
        (&["exit-ok"], 0),
        (&["exit-error"], 1),
    ] {
        cli(words).assert().code(code).stdout_eq("");
    }
}

#[test]
fn a_panic_is_told_though_it_goes_by_the_older_version() {
    cli(&["exit", "300"]).assert().code(1);
    run("wasi03-files").assert().code(134).stderr_eq(str![[r#"
...
error: process `wasi03-files` panicked: [..]one folder is wanted[..]
...
"#]]);
}

#[test]
fn clocks_go_and_waits_last() {
    run("wasi03-clocks")
        .args(["--grant", "clocks"])
        .assert()
        .success()
        .stdout_eq("the clocks are right\n");
}

#[test]
fn random_numbers_differ_and_the_seed_does_not() {
    run("wasi03-random")
        .assert()
        .success()
        .stdout_eq("random numbers are right\n");
}

#[test]
fn files_are_opened_changed_linked_looked_at_and_kept_inside() {
    let folder = tempfile::tempdir().unwrap();
    in_folder(folder.path(), "rw")
        .assert()
        .success()
        .stdout_eq(str![[r#"
opening
bytes
names
links
looking
outside

"#]]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_that_is_only_to_be_read_is_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f"), "hello").unwrap();
    in_folder(folder.path(), "ro")
        .args(["--", "read-only"])
        .assert()
        .success()
        .stdout_eq("read-only\n");
    let text = std::fs::read_to_string(folder.path().join("f")).unwrap();
    assert_eq!(text, "hello");
}
