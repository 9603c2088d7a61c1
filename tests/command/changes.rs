//! What is changed in a manifest when it is read: variables in its strings, and `--set`.

use crate::weft::{up, weft};
use snapbox::{Assert, IntoData, cmd::OutputAssert, str};

/// A manifest that greets whom a variable names.
const GREETS: &str = r#"
    [processes.p]
    component = "hello"
    args = { name = "${WEFT_TEST_WHO}" }
"#;

/// Runs it with these arguments, in a folder with a file of variables.
fn greets(text: &str, args: &[&str], variable: Option<&str>) -> OutputAssert {
    let folder = tempfile::tempdir().unwrap();
    let file = "# Whom to greet\nWEFT_TEST_WHO=file\n";
    std::fs::write(folder.path().join("variables"), file).unwrap();
    let mut command = up(folder.path(), &["hello"], text).args(args);
    if let Some(value) = variable {
        command = command.env("WEFT_TEST_WHO", value);
    }
    command.assert()
}

/// Asserts that it greets so.
fn check(text: &str, args: &[&str], variable: Option<&str>, wanted: &str) {
    let assert = greets(text, args, variable).success();
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    let wanted = format!("p returned \"Hello, {wanted}!\"");
    assert!(stderr.contains(&wanted), "{args:?}: {stderr}");
}

/// Asserts that it is refused so.
fn refused(text: &str, args: &[&str], stderr: impl IntoData) {
    let assert = greets(text, args, None).code(2);
    let told = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    Assert::new().normalize_paths(false).eq(told, stderr);
}

#[test]
fn a_variable_is_of_the_environment_or_of_a_file_or_has_a_default() {
    check(GREETS, &[], Some("shell"), "shell");
    check(GREETS, &["--env-file", "variables"], None, "file");
    check(GREETS, &["--env-file", "variables"], Some("shell"), "shell");
    let with_default = GREETS.replace("WHO}", "WHO:-nobody}");
    check(&with_default, &[], None, "nobody");
    check(&GREETS.replace("${", "$${"), &[], None, "${WEFT_TEST_WHO}");
}

#[test]
fn a_variable_that_is_not_there_is_named_with_its_place() {
    refused(
        GREETS,
        &[],
        str![[r#"
error: manifest `weft.toml` is not valid: line 6, processes.p.args.name: there is no variable `WEFT_TEST_WHO`; set it, give it in a file with --env-file, or write ${WEFT_TEST_WHO:-DEFAULT}

"#]],
    );
    refused(
        GREETS,
        &["--env-file", "weft.toml"],
        str![[r#"
error: --env-file weft.toml: line 1: `[components]` is not NAME=VALUE

"#]],
    );
}

#[test]
fn set_puts_values_into_a_manifest() {
    let text = GREETS.replace("${WEFT_TEST_WHO}", "x");
    let name = "processes.p.args.name=you";
    check(&text, &["--set", name], None, "you");
    check(
        &text,
        &["--set", name, "--set", "processes.p.args.name=\"3\""],
        None,
        "3",
    );
    // What the shell has filled in is not filled in again.
    check(
        &text,
        &["--set", "processes.p.args.name=${X}"],
        None,
        "${X}",
    );
    let limit = "processes.p.limits.wall-time=0s";
    refused(
        &text,
        &["--set", limit],
        str![[r#"
error: manifest `weft.toml`: process `p`: limits: `wall-time`: with 0 nothing could run; leave it out for the default

"#]],
    );
    refused(
        &text,
        &["--set", "processes.p.colour=red"],
        str![[r#"
error: manifest `weft.toml` is not valid: --set processes.p.colour=red: unknown field `colour`, expected one of [..]
in `processes.p`

"#]],
    );
    refused(
        &text,
        &["--set", "processes.p.component.x=1"],
        str![[r#"
error: manifest `weft.toml` is not valid: --set processes.p.component.x=1: processes.p.component: this is a value, and nothing is below it

"#]],
    );
}

#[test]
fn a_check_takes_the_same_changes() {
    let folder = tempfile::tempdir().unwrap();
    drop(up(folder.path(), &["hello"], GREETS));
    let check = |args: &[&str]| {
        weft()
            .current_dir(folder.path())
            .arg("check")
            .args(args)
            .assert()
    };
    check(&[]).code(2);
    check(&["--set", "processes.p.args.name=x"]).success();
    let file = folder.path().join("variables");
    std::fs::write(&file, "WEFT_TEST_WHO=x\n").unwrap();
    check(&["--env-file", "variables"]).success();
}
