//! Manifests that are wrong: each is refused with a line that says what is wrong, and nothing is started.

use crate::support::guest;
use crate::weft::{run, up, weft};
use snapbox::{IntoData, str};

fn check_manifest(text: &str, stderr: impl IntoData) {
    let folder = tempfile::tempdir().unwrap();
    up(folder.path(), &["echo", "parked"], text)
        .assert()
        .code(2)
        .stdout_eq("")
        .stderr_eq(stderr);
}

#[test]
fn a_manifest_that_is_not_there() {
    weft()
        .args(["up", "no/such.toml"])
        .assert()
        .code(2)
        .stderr_eq(str![[r#"
error: cannot read manifest `no/such.toml`: No such file or directory (os error 2)

"#]]);
}

#[test]
fn a_manifest_with_an_unknown_key() {
    check_manifest(
        "[processes.p]\ncomponent = \"echo\"\ncolour = \"red\"\n",
        str![[r#"
error: manifest `weft.toml` is not valid: TOML parse error at line 6, column 1
  |
6 | colour = "red"
  | ^^^^^^
unknown field `colour`, expected one of `component`, `transform`, `input`, `output`, `entry-point`, `args`, `command-line`, `capabilities`, `env`, `mounts`, `limits`, `stdio`, `restart`, `delivery`, `max-deliveries`, `rejected`, `serve`

"#]],
    );
}

#[test]
fn a_manifest_without_an_end() {
    weft()
        .args(["up", "/dev/zero"])
        .assert()
        .code(2)
        .stderr_eq(str![[r#"
error: cannot read manifest `/dev/zero`: it has more than 1048576 bytes

"#]]);
}

#[test]
fn parts_without_a_name() {
    check_manifest(
        "[channels.\"\"]\n[processes.p]\ncomponent = \"echo\"\n",
        str![[r#"
error: manifest `weft.toml`: "" is no name for a channel

"#]],
    );
    check_manifest(
        "[channels.\"a\\nb\"]\n[processes.p]\ncomponent = \"echo\"\n",
        str![[r#"
error: manifest `weft.toml`: "a/nb" is no name for a channel

"#]],
    );
    check_manifest(
        "[processes.p]\ncomponent = \"parked\"\nmounts = [{ host = \"\", guest = \"/x\" }]\n",
        str![[r#"
error: manifest `weft.toml`: process `p`: no folder is named for `/x`; for that of the manifest write host = "."

"#]],
    );
}

#[test]
fn a_collector_s_password_is_refused_and_not_shown() {
    run("hello")
        .args(["--otlp", "http://user:s3cret@127.0.0.1:1"])
        .args(["--invoke", "run(\"x\")"])
        .assert()
        .code(2)
        .stderr_eq(str![[r#"
error: --otlp …@127.0.0.1:1: weft sends no user or password; leave out what stands before the `@`, and where a collector asks for it, run one on this machine that passes on what it gets

"#]]);
}

#[test]
fn a_channel_nobody_declared() {
    check_manifest(
        "[channels.raw]\n[processes.p]\ncomponent = \"parked\"\ncapabilities = [\"channel-reader\"]\nargs = { input = { reader = \"rwa\" } }\n",
        str![[r#"
error: manifest `weft.toml`: process `p`: argument `input`: there is no channel `rwa`; declared are: raw

"#]],
    );
}

#[test]
fn a_capacity_of_nothing_or_beyond_memory() {
    check_manifest(
        "[channels.raw]\ncapacity = 0\n[processes.p]\ncomponent = \"echo\"\n",
        str![[r#"
error: manifest `weft.toml`: channel `raw`: capacity: 0 bytes hold no frame; give at least 1, such as "256KiB"

"#]],
    );
    check_manifest(
        "[channels.raw]\ncapacity = \"900TiB\"\n[processes.p]\ncomponent = \"echo\"\n",
        str![[r#"
error: manifest `weft.toml`: channel `raw`: capacity: 900.0 TiB is more than the memory there is, [..]

"#]],
    );
    check_manifest(
        "[channels.raw]\ncapacity = -1\n[processes.p]\ncomponent = \"echo\"\n",
        str![[r#"
error: manifest `weft.toml`: channel `raw`: capacity: -1 is no size; write it as 4096, "64KiB" or "1MiB"

"#]],
    );
}

#[test]
fn a_component_that_is_not_there() {
    check_manifest(
        "[processes.p]\ncomponent = \"ehco\"\n",
        str![[r#"
error: manifest `weft.toml`: process `p`: there is no component `ehco`; declared are: echo, parked

"#]],
    );
    let folder = tempfile::tempdir().unwrap();
    let text = "[components]\nx = \"x.wasm\"\n[processes.p]\ncomponent = \"x\"\n";
    std::fs::write(folder.path().join("weft.toml"), text).unwrap();
    weft().current_dir(folder.path()).args(["up", "weft.toml"]).assert().code(2).stderr_eq(str![[r#"
error: manifest `weft.toml`: cannot read component `x` from x.wasm: No such file or directory (os error 2)

"#]]);
}

#[test]
fn an_end_that_nothing_could_come_from() {
    check_manifest(
        "[channels.raw]\n[processes.p]\ncomponent = \"parked\"\ncapabilities = [\"channel-reader\"]\nargs = { input = { reader = \"raw\" } }\n",
        str![[r#"
...
error: manifest `weft.toml`: channel `raw` has readers and no strong writer, so they would wait for ever; give a process { writer = "raw" }

"#]],
    );
}

#[test]
fn one_bad_process_keeps_all_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[processes.good]\ncomponent = \"wasi-command\"\nstdio = \"inherit\"\n\
                [processes.bad]\ncomponent = \"hello\"\nargs = { name = 3 }\n";
    up(folder.path(), &["wasi-command", "hello"], text)
        .assert()
        .code(2)
        .stdout_eq("")
        .stderr_eq(str![[r#"
...
error: manifest `weft.toml`: process `bad`: parameter `name` wants string, given `3`[..]

"#]]);
    // The guest that would have printed is there and works.
    weft()
        .arg("run")
        .arg(guest("wasi-command.wasm"))
        .assert()
        .success();
}

#[test]
fn an_end_that_is_written_wrongly() {
    for (end, wanted) in [
        (
            "{ reader = \"raw\", wek = true }",
            "`wek` is no key of an end",
        ),
        (
            "{ reader = \"raw\", weak = \"yes\" }",
            "`weak` is true or false",
        ),
        (
            "{ reader = \"raw\", grant = 1 }",
            "`grant` is true or false; given 1",
        ),
        (
            "{ channel = \"raw\", grant = false }",
            "`grant` is for ends",
        ),
        ("{ reader = 3 }", "`reader` names a channel"),
        (
            "\"raw\"",
            "a reader is a handle, { reader = \"CHANNEL\" } in a manifest",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "[channels.raw]\n[processes.p]\ncomponent = \"parked\"\n\
             capabilities = [\"channel-reader\"]\nargs = {{ input = {end} }}\n\
             [processes.q]\ncomponent = \"echo\"\n\
             capabilities = [\"channel-reader\", \"channel-writer\"]\n\
             args = {{ input = {{ reader = \"raw\" }}, output = {{ writer = \"raw\" }} }}\n"
        );
        let assert = up(folder.path(), &["echo", "parked"], &text)
            .assert()
            .code(2);
        let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(stderr.contains(wanted), "{end}: {stderr}");
    }
}

#[test]
fn a_channel_that_only_a_weak_writer_could_close() {
    check_manifest(
        "[channels.raw]\n[processes.p]\ncomponent = \"echo\"\ncapabilities = [\"channel-reader\", \"channel-writer\"]\nargs = { input = { reader = \"raw\" }, output = { writer = \"raw\", weak = true } }\n",
        str![[r#"
...
error: manifest `weft.toml`: channel `raw` has readers and no strong writer, so they would wait for ever; give a process { writer = "raw" }

"#]],
    );
}

#[test]
fn a_command_line_for_what_is_no_command() {
    check_manifest(
        "[processes.p]\ncomponent = \"parked\"\ncommand-line = [\"x\"]\n",
        str![[r#"
...
error: manifest `weft.toml`: process `p`: only a command has a command-line; give this entry point's arguments in args

"#]],
    );
}
