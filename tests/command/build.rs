//! `weft build` and `weft up --build`: the commands that make components.

use crate::support::guest_of;
use crate::weft::weft;
use snapbox::str;
use std::path::Path;

/// A manifest whose component is copied into its folder, with a second one of the same command.
fn manifest(folder: &Path, build: &str) {
    let text = format!(
        r#"
        [components]
        hello = {{ file = "hello.wasm", build = "{build}" }}
        again = {{ file = "hello.wasm", build = "{build}" }}
        [processes.p]
        component = "hello"
        args = {{ name = "you" }}
        "#
    );
    std::fs::write(folder.join("weft.toml"), text).unwrap();
    std::fs::create_dir_all(folder.join("deeper")).unwrap();
}

fn copies() -> String {
    format!(
        "cp {} hello.wasm && echo copied",
        guest_of("hello").display()
    )
}

#[test]
fn components_are_made_in_the_folder_of_the_manifest_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    manifest(folder.path(), &copies());
    let ran = |args: &[&str]| {
        weft()
            .current_dir(folder.path().join("deeper"))
            .args(args)
            .assert()
    };
    // Nothing else makes them.
    for args in [&["up"][..], &["check"], &["up", "--watch"]] {
        let told = ran(args).code(2).get_output().stderr.clone();
        let told = String::from_utf8(told).unwrap();
        assert!(told.contains("cannot read component `hello`"), "{told}");
    }
    ran(&["build"])
        .success()
        .stdout_eq("ran 1 command\n")
        .stderr_eq(str![[r#"
building hello: cp [..] hello.wasm && echo copied
copied

"#]]);
    ran(&["up"]).success();
    std::fs::remove_file(folder.path().join("hello.wasm")).unwrap();
    ran(&["up", "--build"]).success();
    std::fs::remove_file(folder.path().join("hello.wasm")).unwrap();
    // Every line is an object still.
    let json = ran(&["up", "--build", "--log-format", "json"]).success();
    for line in String::from_utf8_lossy(&json.get_output().stderr).lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}

#[test]
fn a_build_that_fails_is_told_and_nothing_is_started() {
    let folder = tempfile::tempdir().unwrap();
    manifest(folder.path(), "exit 3");
    for args in [&["build"][..], &["up", "--build"]] {
        weft()
            .current_dir(folder.path())
            .args(args)
            .assert()
            .code(2)
            .stdout_eq("")
            .stderr_eq(str![[r#"
building hello: exit 3
error: manifest `weft.toml`: component `hello`: its build failed: exit status: 3: exit 3

"#]]);
    }
}

#[test]
fn a_component_that_is_written_wrongly() {
    let folder = tempfile::tempdir().unwrap();
    for (component, wanted) in [
        (
            "3",
            "expected a file, or { file = \"FILE\", build = \"COMMAND\" }",
        ),
        ("{ build = \"true\" }", "missing field `file`"),
        (
            "{ file = \"x\", make = \"x\" }",
            "unknown field `make`, expected `file` or `build`",
        ),
    ] {
        let text = format!("[components]\nx = {component}\n[processes.p]\ncomponent = \"x\"\n");
        std::fs::write(folder.path().join("weft.toml"), text).unwrap();
        let told = weft()
            .current_dir(folder.path())
            .arg("check")
            .assert()
            .code(2);
        let told = String::from_utf8_lossy(&told.get_output().stderr).into_owned();
        assert!(told.contains(wanted), "{component}: {told}");
    }
}
