//! Bad input gets one clear error, exit code 2, and nothing is started.

use crate::support::guest;
use crate::weft::{run, up, weft};
use snapbox::{IntoData, str};

fn check_file(bytes: Option<&[u8]>, stderr: impl IntoData) {
    let folder = tempfile::tempdir().unwrap();
    if let Some(bytes) = bytes {
        std::fs::write(folder.path().join("it.wasm"), bytes).unwrap();
    }
    weft()
        .current_dir(folder.path())
        .args(["run", "it.wasm"])
        .assert()
        .code(2)
        .stdout_eq("")
        .stderr_eq(stderr);
}

#[test]
fn a_missing_file() {
    check_file(
        None,
        str![[r#"
error: cannot read component `it` from it.wasm: No such file or directory (os error 2)

"#]],
    );
}

#[test]
fn bytes_that_are_no_wasm() {
    check_file(
        Some(b"hello"),
        str![[r#"
error: `it` is not WebAssembly: it starts with `hell`, a component with `/0asm`

"#]],
    );
}

#[test]
fn a_core_module() {
    check_file(
        Some(b"\0asm\x01\0\0\0"),
        str![[r#"
error: `it` is a core module, not a component; build it for wasm32-wasip2, or wrap it with `wasm-tools component new`

"#]],
    );
}

#[test]
fn an_import_that_is_not_offered() {
    let component = wat::parse_str("(component (import \"wasi:keyvalue/store@0.2.0\" (instance)))");
    check_file(
        Some(&component.unwrap()),
        str![[r#"
error: component `it` imports what Weft does not offer: wasi:keyvalue/store@0.2.0; it offers weft:fabric@0.2 and WASI 0.2 and 0.3 (cli, clocks, filesystem, io, random, sockets), wasi:http

"#]],
    );
}

fn check_invoke(name: &str, invoke: &str, stderr: impl IntoData) {
    run(name)
        .args(["--invoke", invoke])
        .assert()
        .code(2)
        .stdout_eq("")
        .stderr_eq(stderr);
}

#[test]
fn an_unknown_entry_point_lists_the_exports() {
    check_invoke(
        "hello",
        "walk()",
        str![[r#"
...
error: component `hello` has no entry point `walk`; it exports:
  run: async func(name: string) -> string

"#]],
    );
}

#[test]
fn a_wrong_number_of_arguments() {
    check_invoke(
        "hello",
        "run",
        str![[r#"
...
error: `run` takes 1 argument(s), 0 given; its signature is run: async func(name: string) -> string

"#]],
    );
}

#[test]
fn a_wrong_type_of_argument() {
    check_invoke(
        "hello",
        "run(3)",
        str![[r#"
...
error: parameter `name` wants string, given `3`[..]

"#]],
    );
    check_invoke(
        "parked",
        "run(3)",
        str![[r#"
...
error: parameter `input` wants reader, given `3`: a reader is a handle, { reader = "CHANNEL" } in a manifest or given by a parent process

"#]],
    );
}

#[test]
fn a_call_that_is_no_call() {
    check_invoke(
        "hello",
        "run(\"x\"",
        str![[r#"
error: `run("x"` is not a call: [..]; write it as name(arguments in WAVE), such as run("text", 3)

"#]],
    );
}

/// Options of `weft run` are refused, and what is said has this in it.
fn check_options(rows: &[([&str; 2], &str)]) {
    for (args, wanted) in rows {
        let assert = run("hello")
            .args(["--invoke", "run(\"x\")"])
            .args(args)
            .assert()
            .code(2);
        let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(stderr.contains(wanted), "{args:?}: {stderr}");
    }
}

#[test]
fn limits_that_mean_nothing() {
    check_options(&[
        (["--limit", "memory=lots"], "`lots` is no size"),
        (
            ["--limit", "speed=9"],
            "there is no limit `speed`; there are: memory, table-elements, instances, handles, channels, channel-bytes, frame-bytes, handles-per-frame, hostcall-bytes, log-rate, children, spawn-depth, host-bytes, open-files, cpu-time, wall-time, fuel, disk-bytes",
        ),
        (["--limit", "memory=9PiB"], "more than the memory there is"),
        (["--limit", "channels=many"], "`many` is no number"),
        (
            ["--limit", "channel-bytes=9PiB"],
            "more than the memory there is",
        ),
        (["--limit", "cpu-time=soon"], "`soon` is no time"),
        (
            ["--limit", "cpu-time=2M"],
            "`M` is no unit of times here; there are ms, s, m for minutes, h and d",
        ),
        (
            ["--limit", "log-rate=100EiB"],
            "`100EiB` is too much: a size is less than 16EiB",
        ),
        (["--limit", "cpu-time=0s"], "with 0 nothing could run"),
        (["--limit", "fuel=0"], "with 0 nothing could run"),
        (["--limit", "instances=0"], "with 0 nothing could run"),
        (["--limit", "hostcall-bytes=0"], "with 0 nothing could run"),
        (["--limit", "log-rate=fast"], "`fast` is no size"),
        (["--limit", "table-elements=-1"], "`-1` is no number"),
        (["--limit", "children=some"], "`some` is no number"),
        (["--limit", "spawn-depth=deep"], "`deep` is no number"),
        (["--limit", "stack=1MiB"], "weft run --stack SIZE"),
        (
            ["--limit", "frame-bytes=1TiB"],
            "a frame has less than 4GiB",
        ),
        (["--limit", "handles-per-frame=x"], "`x` is no number"),
        (["--limit", "handles=0"], "with 0 nothing could run"),
        (["--limit", "wall-time=0s"], "with 0 nothing could run"),
    ]);
}

#[test]
fn options_that_mean_nothing() {
    check_options(&[
        (
            ["--grant", "root"],
            "unknown capability `root`; there are: channel-lifecycle",
        ),
        (["--dir", "no-such-folder"], "cannot mount `no-such-folder`"),
        (["--dir", "a::b::c"], "`c` is no access; write ro or rw"),
        (["--grace", "5M"], "`M` is no unit of times here"),
        (["--log-level", "t*l/=off"], "`t*l/=off` can mean nothing"),
        (
            ["--stack", "1GiB"],
            "1.0 GiB is too much for a stack, 64.0 MiB is the most",
        ),
        (["--stack", "0"], "with 0 nothing could run"),
        (
            ["--grant", "registry-publish"],
            "write registry-publish=PREFIX, or registry-publish= for all names",
        ),
        (["--dir", ".::"], "needs a name that the guest sees it by"),
        (
            ["--dir=.::/x", "--dir=.::/x"],
            "there is a folder at `/x` already",
        ),
        (
            ["--dir=.::/x", "--dir=.::x/."],
            "there is a folder at `/x` already, and `x/.` is the same place",
        ),
        (["--env", "=x"], "`` is no name of a variable"),
        (
            ["--env", "WEFT_TEST_NOT_SET"],
            "environment variable not found; write KEY=VALUE",
        ),
    ]);
}

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
