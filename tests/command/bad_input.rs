//! Bad input gets one clear error, exit code 2, and nothing is started.

use crate::weft::{run, weft};
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
