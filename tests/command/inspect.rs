//! `weft inspect`.

use crate::support::{guest, guest_of};
use crate::weft::weft;
use snapbox::str;

#[test]
fn shows_exports_imports_and_capabilities() {
    weft()
        .arg("inspect")
        .arg(guest_of("blocking-echo"))
        .assert()
        .success()
        .stdout_eq(str![[r#"
[..]blocking_echo.wasm ([..] KiB)

exports
  run: func(input: reader, output: writer) -> result<u64, string>

imports
...
  weft:fabric/channel@0.2.0[..]
...

capabilities it may ask for
  channel-reader channel-writer[..]

"#]]);
}

#[test]
fn the_name_of_a_file_does_not_reach_the_terminal_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a\u{1b}[2J\nb.wasm");
    std::fs::copy(guest("hello.wasm"), &file).unwrap();
    let output = weft().arg("inspect").arg(file).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    let first = shown.lines().next().unwrap();
    assert!(first.contains("a\\u{1b}[2J\\nb.wasm ("), "{shown}");
}

#[test]
fn prints_json() {
    let assert = weft()
        .args(["inspect", "--json"])
        .arg(guest("hello.wasm"))
        .assert()
        .success();
    let object: serde_json::Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    assert_eq!(
        object["exports"][0]["signature"],
        "run: async func(name: string) -> string"
    );
    assert_eq!(object["exports"][0]["parameters"][0]["type"], "string");
    assert!(
        object["imports"]
            .as_array()
            .unwrap()
            .iter()
            .all(|import| import["offered"] == true)
    );
    assert!(object["capabilities"].is_array());
}

#[test]
fn shows_what_could_not_be_run() {
    let folder = tempfile::tempdir().unwrap();
    let component = wat::parse_str("(component (import \"acme:tape/drive@1.0.0\" (instance)))");
    std::fs::write(folder.path().join("it.wasm"), component.unwrap()).unwrap();
    weft()
        .current_dir(folder.path())
        .args(["inspect", "it.wasm"])
        .assert()
        .success()
        .stdout_eq(str![[r#"
it.wasm ([..] B)

exports
  no function: it cannot be run

imports
  acme:tape/drive@1.0.0  NOT OFFERED by this host

capabilities it may ask for
  none

this host cannot run it: component `it.wasm` imports what Weft does not offer: acme:tape/drive@1.0.0; [..]

"#]]);
}

#[test]
fn a_file_that_is_no_component_is_bad_input() {
    weft()
        .args(["inspect", "no-such.wasm"])
        .assert()
        .code(2)
        .stderr_eq(str![[r#"
error: cannot read component `no-such.wasm`: No such file or directory (os error 2)

"#]]);
}

#[test]
fn what_the_host_has_in_another_version_or_another_shape_is_not_offered() {
    let random = |version: &str, function: &str| {
        format!("(component (import \"wasi:random/{version}\" (instance (export {function}))))")
    };
    let u64 = "\"get-random-u64\" (func (result u64))";
    for (component, offered, missing) in [
        (random("random@0.2.0", u64), true, ""),
        (random("random@0.2.99", u64), true, ""),
        (random("random@0.3.0", u64), true, ""),
        (random("random@0.3.0-rc-2025-09-16", u64), false, ""),
        (random("random@0.2.0-rc-2023-11-10", u64), false, ""),
        (random("random@1.0.0", u64), false, ""),
        (random("nosuch@0.2.0", u64), false, ""),
        (
            random("random@0.2.0", "\"roll\" (func (result u64))"),
            false,
            "roll",
        ),
        (
            random("random@0.2.0", "\"dice\" (type (sub resource))"),
            false,
            "dice",
        ),
        (
            random("random@0.2.0", "\"get-random-u64\" (func (result u32))"),
            false,
            "",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("it.wasm"),
            wat::parse_str(&component).unwrap(),
        )
        .unwrap();
        let output = weft()
            .current_dir(folder.path())
            .args(["inspect", "--json", "it.wasm"])
            .output()
            .unwrap();
        let seen: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let import = &seen["imports"][0];
        let missing: Vec<_> = missing.split_whitespace().collect();
        assert_eq!(import["offered"], offered, "{component}");
        assert_eq!(seen["refusal"].is_null(), offered, "{component}");
        assert_eq!(import["missing"], serde_json::json!(missing), "{component}");
    }
}

#[test]
fn a_version_that_is_not_there_is_told_with_those_that_are() {
    let folder = tempfile::tempdir().unwrap();
    let component = "(component (import \"wasi:random/random@0.3.0-rc-2025-09-16\" (instance)))";
    std::fs::write(
        folder.path().join("it.wasm"),
        wat::parse_str(component).unwrap(),
    )
    .unwrap();
    let run = weft().current_dir(folder.path()).args(["run", "it.wasm"]);
    run.assert().code(2).stderr_eq(str![[r#"
error: component `it` imports what Weft does not offer: wasi:random/random@0.3.0-rc-2025-09-16 (there is wasi:random/random@0.2.12 and wasi:random/random@0.3.0); it offers [..]

"#]]);
}

#[test]
fn a_resource_that_an_import_uses_from_another_is_offered() {
    let assert = weft()
        .arg("inspect")
        .arg(guest_of("composed-outer"))
        .assert()
        .success();
    let stdout = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    let missing: Vec<_> = stdout
        .lines()
        .filter(|line| line.contains("NOT OFFERED"))
        .collect();
    assert!(
        missing
            .iter()
            .all(|line| !line.contains("wasi:") && !line.contains("weft:")),
        "{missing:?}"
    );
    assert_eq!(
        missing.len(),
        1,
        "what another component is to give: {stdout}"
    );
}
