//! `weft run`.

use crate::weft::run;
use snapbox::str;

#[test]
fn prints_what_the_entry_point_returned() {
    run("hello")
        .args(["--invoke", "run(\"world\")"])
        .assert()
        .success()
        .stdout_eq(str![[r#"
"Hello, world!"

"#]])
        .stderr_eq(str![[r#"
...
[..] hello      INFO  hello: greeting world name=world

"#]]);
}

#[test]
fn a_dense_host_runs_the_same_and_says_in_one_line_if_the_machine_is_small() {
    let assert = run("hello")
        .args(["--dense", "--invoke", "run(\"world\")"])
        .assert()
        .success()
        .stdout_eq("\"Hello, world!\"\n");
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    let warnings: Vec<&str> = stderr
        .lines()
        .filter(|line| line.starts_with("warning: "))
        .collect();
    // A machine that was set up for it has nothing to say.
    assert!(warnings.len() <= 1, "{stderr}");
    for line in warnings {
        assert!(line.contains("processes instead of 100000: "), "{line}");
    }
}

#[test]
fn runs_an_ordinary_command_with_its_streams_connected() {
    run("wasi-command").assert().success().stdout_eq(str![[r#"
GREETING is not set

"#]]);
}

#[test]
fn stdin_reaches_a_command() {
    run("wasi-command")
        .args(["--", "-"])
        .stdin("1\n2\n3\n")
        .assert()
        .success()
        .stdout_eq(str![[r#"
GREETING is not set
argument -
stdin has 3 lines

"#]]);
}

#[test]
fn a_command_of_wasi_0_3_runs_as_it_is() {
    run("wasi03-command")
        .args(["--", "one"])
        .stdin("shout\n")
        .assert()
        .success()
        .stdout_eq(str![[r#"
WASI 0.3 with ["one"]
SHOUT

"#]]);
    run("wasi03-command")
        .args(["--", "--exit", "3"])
        .stdin("")
        .assert()
        .code(3);
}

#[test]
fn a_command_sees_arguments_variables_and_folders_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "1\n2\n").unwrap();
    run("wasi-command")
        .args(["--env", "GREETING=hi", "--dir"])
        .arg(format!("{}::/data", folder.path().display()))
        .args(["--", "/data/a.txt"])
        .assert()
        .success()
        .stdout_eq(str![[r#"
GREETING is hi
argument /data/a.txt
/data/a.txt has 2 lines

"#]]);
}

#[test]
fn without_a_folder_a_command_sees_no_file() {
    run("wasi-command")
        .args(["--", "/etc/hostname"])
        .assert()
        .code(1)
        .stderr_eq(str![[r#"
...
cannot read /etc/hostname: [..]

"#]]);
}

#[test]
fn a_variable_of_the_shell_is_passed_on_by_name() {
    run("wasi-command")
        .env("GREETING", "from the shell")
        .args(["--env", "GREETING"])
        .assert()
        .success()
        .stdout_eq(str![[r#"
GREETING is from the shell

"#]]);
}

#[test]
fn a_folder_is_written_only_when_that_was_granted() {
    let folder = tempfile::tempdir().unwrap();
    let host = folder.path().display();
    let write = |dir: String| {
        run("scenarios")
            .args([
                "--dir",
                &dir,
                "--invoke",
                "run(\"write-file\", \"/data/new\")",
            ])
            .assert()
    };
    write(format!("{host}::/data")).code(1);
    assert!(!folder.path().join("new").exists());
    write(format!("{host}::/data::rw")).success();
    assert!(folder.path().join("new").exists());
}

#[test]
fn a_grant_lifts_a_denial() {
    let create = || run("scenarios").args(["--invoke", "run(\"create-channel\", \"64\")"]);
    create().assert().code(1).stderr_eq(str![[r#"
...
[..] scenarios  WARN  weft: a call was denied weft.capability=channel-lifecycle (weft run: --grant channel-lifecycle; a manifest: capabilities)
error: process `scenarios` failed: PermissionDenied("channel-lifecycle")

"#]]);
    create()
        .args(["--grant", "channel-lifecycle", "--grant", "channel-reader"])
        .args(["--grant", "channel-writer"])
        .assert()
        .success();
}

#[test]
fn the_second_run_finds_the_component_compiled() {
    let cache = tempfile::tempdir().unwrap();
    let hello = || {
        run("hello")
            .env("WEFT_CACHE", cache.path())
            .args(["--invoke", "run(\"x\")"])
            .assert()
    };
    hello().success();
    let files = || walk(cache.path());
    let compiled = files();
    assert!(compiled > 0, "nothing was kept");
    hello().success();
    assert_eq!(files(), compiled);
}

fn walk(folder: &std::path::Path) -> usize {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { walk(&path) } else { 1 })
        .sum()
}

#[test]
fn a_guest_cannot_write_to_the_terminal_what_it_likes() {
    let hostile = "run(\"return-error\", \"a\\u{1b}[2Jb\\u{7}\")";
    run("scenarios")
        .args(["--invoke", hostile])
        .assert()
        .code(1)
        .stderr_eq(str![[r#"
...
error: process `scenarios` failed: a/u{1b}[2Jb/u{7}

"#]]);
}

#[test]
fn a_result_that_cannot_be_printed_is_a_failure() {
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_weft"))
        .args(["completions", "bash"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("cannot write to stdout"), "{stderr}");
}

#[test]
fn one_component_has_several_entry_points() {
    run("typed-args")
        .args(["--invoke", "count-letters(\"weft\")"])
        .assert()
        .success()
        .stdout_eq("4\n");
}

#[test]
fn a_folder_whose_own_name_has_colons_is_mounted() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("a::b")).unwrap();
    std::fs::write(folder.path().join("a::b/file"), "one\ntwo\n").unwrap();
    for (mount, file) in [
        ("a::b::/x", "/x/file"),
        ("a::b::/x::ro", "/x/file"),
        ("a::b::/x::rw", "/x/file"),
        ("a::b", "a::b/file"),
    ] {
        let assert = run("wasi-command")
            .current_dir(folder.path())
            .args(["--dir", mount, "--", file])
            .assert()
            .success();
        let stdout = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
        assert!(
            stdout.contains(&format!("{file} has 2 lines")),
            "{mount}: {stdout}"
        );
    }
}
