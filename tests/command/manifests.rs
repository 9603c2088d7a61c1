//! `weft up`: what a manifest can say, and what happens when a process fails.

use crate::weft::{up, weft};
use snapbox::str;

#[test]
fn a_failed_process_makes_the_exit_code_and_the_others_end() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"
        [channels]
        there = { capacity = 64 }
        back = { capacity = 64 }
        [processes.sink]
        component = "parked"
        args = { input = { reader = "back" } }
        capabilities = ["channel-reader"]
        [processes.middle]
        component = "fail-midway"
        args = { input = { reader = "there" }, output = { writer = "back" }, after = 3 }
        capabilities = ["channel-reader", "channel-writer"]
        [processes.source]
        component = "flights-source"
        args = { path = "/data/lines", lines = { writer = "there" } }
        capabilities = ["channel-writer"]
        mounts = [{ host = ".", guest = "/data" }]
    "#;
    std::fs::write(folder.path().join("lines"), "a line\n".repeat(1000)).unwrap();
    let components = ["parked", "fail-midway", "flights-source"];
    let assert = up(folder.path(), &components, text).assert().code(134);
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    for wanted in [
        "sink returned 3",
        "middle trapped: wasm `unreachable` instruction executed",
        "source returned 1000",
        "error: process `middle` trapped",
    ] {
        assert!(stderr.contains(wanted), "`{wanted}` is not in: {stderr}");
    }
    // In the last entry of its log, or where that is not shown in the end.
    let backtraces = |stderr: &str| stderr.matches("fail_midway::").count();
    let once = backtraces(&stderr);
    assert!(once > 0, "{stderr}");
    let assert = weft()
        .current_dir(folder.path())
        .args(["up", "weft.toml", "--log-format", "off"])
        .assert()
        .code(134);
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(stderr.contains("backtrace of the guest"), "{stderr}");
    assert_eq!(backtraces(&stderr), once, "{stderr}");
}

#[test]
fn values_of_every_kind_reach_the_parameters() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"
        [processes.p]
        component = "typed-args"
        [processes.p.args]
        flag = true
        count = 7
        ratio = 0.5
        name = "a \"b\""
        bytes = [1, 2]
        list = ["x", "y\n"]
        maybe = "some(4)"
    "#;
    let assert = up(folder.path(), &["typed-args"], text).assert().success();
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    let wanted =
        r#"p returned "true; 7; 0.5; \"a \\\"b\\\"\"; [1, 2]; [\"x\", \"y\\n\"]; Some(4)""#;
    assert!(stderr.contains(wanted), "{stderr}");
}

#[test]
fn a_command_is_a_process_whose_lines_are_log_entries() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"
        [processes.p]
        component = "wasi-command"
        command-line = ["one"]
        env = { GREETING = "hi" }
    "#;
    up(folder.path(), &["wasi-command"], text)
        .assert()
        .code(1)
        .stdout_eq("")
        .stderr_eq(str![[r#"
...
[..] p          INFO  stdout: GREETING is hi
...
[..] p          INFO  stdout: argument one
...
[..] p          WARN  stderr: cannot read one: [..]
...
"#]]);
}

#[test]
fn limits_of_a_manifest_hold() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"
        [processes.p]
        component = "scenarios"
        args = { scenario = "spin", arg = "" }
        limits = { memory = "16MiB", handles = 100, wall-time = "50ms" }
    "#;
    up(folder.path(), &["scenarios"], text).assert().code(124);
}

#[test]
fn what_a_program_would_see_as_another_text() {
    let words = "args = { name = \"x\" }\n";
    for (text, wanted) in [
        (
            "env = { TOKEN = \"abc\\u0000def\" }",
            "process `p`: the value of `TOKEN` has a NUL in it, and programs would see no more than what is before",
        ),
        (
            "env = { \"A=B\" = \"c\" }",
            "`A=B` is no name of a variable",
        ),
        (
            "command-line = [\"x\\u0000y\"]",
            "process `p`: the argument `x/0y` has a NUL in it",
        ),
        (
            "mounts = [{ host = \".\", guest = \"/data\" }, { host = \".\", guest = \"//data/\" }]",
            "process `p`: there is a folder at `/data` already, and `//data/` is the same place",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("[processes.p]\ncomponent = \"hello\"\n{words}{text}\n");
        let assert = up(folder.path(), &["hello"], &text).assert().code(2);
        let stderr = String::from_utf8_lossy(&assert.get_output().stderr).replace('\\', "/");
        assert!(stderr.contains(wanted), "{text}: {stderr}");
    }
}

#[test]
fn a_channel_whose_writers_wait_is_called_block_and_was_called_park() {
    let folder = tempfile::tempdir().unwrap();
    let with = |backpressure: &str| {
        let text = format!(
            "[channels]\nc = {{ backpressure = \"{backpressure}\" }}\n\
             [processes.p]\ncomponent = \"scenarios\"\nargs = {{ scenario = \"echo\", arg = \"x\" }}\n"
        );
        up(folder.path(), &["scenarios"], &text).assert()
    };
    with("block").success();
    with("park").success();
    let refused = with("wait").code(2);
    let stderr = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(
        stderr.contains("unknown variant `wait`, expected `block` or `drop`"),
        "{stderr}"
    );
}

#[test]
fn an_end_brings_the_right_to_use_it_unless_it_says_otherwise() {
    let with = |source: &str, sink: &str| {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            r#"
            [channels.there]
            [processes.source]
            component = "flights-source"
            args = {{ path = "/data/lines", lines = {source} }}
            mounts = [{{ host = ".", guest = "/data" }}]
            [processes.sink]
            component = "parked"
            args = {{ input = {sink} }}
            "#
        );
        std::fs::write(folder.path().join("lines"), "a line\n").unwrap();
        let assert = up(folder.path(), &["flights-source", "parked"], &text).assert();
        let output = assert.get_output();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), stderr)
    };
    let (writer, reader) = (r#"{ writer = "there" }"#, r#"{ reader = "there" }"#);
    let (code, stderr) = with(writer, reader);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("sink returned 1"), "{stderr}");
    for (source, sink, denied) in [
        (r#"{ writer = "there", grant = false }"#, reader, "writer"),
        (writer, r#"{ reader = "there", grant = false }"#, "reader"),
    ] {
        let (_, stderr) = with(source, sink);
        let wanted = format!("a call was denied weft.capability=channel-{denied}");
        assert!(stderr.contains(&wanted), "{stderr}");
    }
}
