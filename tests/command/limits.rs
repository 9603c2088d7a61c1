//! Every limit can be given on the command line and in a manifest, and holds there.

use crate::weft::{run, up};

/// Scenarios of the guest `limits` that reach a limit, what the limit is set to, and what is said then.
const REACHED: [(&str, &str, &str, &str); 10] = [
    ("spin", "", "cpu-time=50ms", "reached its limit `cpu-time`"),
    (
        "spin",
        "",
        "wall-time=50ms",
        "reached its limit `wall-time`",
    ),
    ("spin", "", "fuel=1000000", "reached its limit `fuel`"),
    (
        "allocate",
        "64",
        "memory=16MiB",
        "reached its limit `memory`",
    ),
    (
        "return",
        "x",
        "table-elements=2",
        "reached its limit `table-elements`",
    ),
    (
        "return",
        "x",
        "instances=1",
        "reached its limit `instances`",
    ),
    (
        "ask-host",
        "300000",
        "hostcall-bytes=200KB",
        "reached its limit `hostcall-bytes`",
    ),
    ("children", "9", "children=2", "2 children, then Exhausted"),
    (
        "children",
        "9",
        "host-bytes=256KiB",
        "1 children, then Exhausted",
    ),
    (
        "depth",
        "0",
        "spawn-depth=1",
        "1 generations, then Exhausted",
    ),
];

fn text(output: &std::process::Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .concat()
}

#[test]
fn of_weft_run() {
    for (what, arg, limit, wanted) in REACHED {
        let assert = run("limits")
            .args(["--invoke", &format!("run({what:?}, {arg:?})")])
            .args(["--grant", "process-lifecycle", "--limit", limit])
            .assert();
        let code = if wanted.starts_with("reached") {
            124
        } else {
            0
        };
        let said = text(assert.code(code).get_output());
        assert!(said.contains(wanted), "{limit}: {said}");
    }
}

#[test]
fn of_a_manifest() {
    let folder = tempfile::tempdir().unwrap();
    for (what, arg, limit, wanted) in REACHED {
        let (name, value) = limit.split_once('=').unwrap();
        let manifest = format!(
            "[processes.limited]\ncomponent = \"limits\"\n\
             args = {{ what = {what:?}, arg = {arg:?} }}\n\
             capabilities = [\"process-lifecycle\"]\nlimits = {{ {name} = {value:?} }}\n"
        );
        let assert = up(folder.path(), &["limits"], &manifest).assert();
        let code = if wanted.starts_with("reached") {
            124
        } else {
            0
        };
        let said = text(assert.code(code).get_output()).replace("\\\"", "\"");
        assert!(said.contains(wanted), "{limit}: {said}");
    }
}

#[test]
fn a_log_beyond_its_rate_says_what_it_lost() {
    let assert = run("limits")
        .args([
            "--invoke",
            "run(\"flood\", \"1000\")",
            "--limit",
            "log-rate=4KiB",
        ])
        .assert();
    let said = text(assert.code(0).get_output());
    assert!(said.contains("weft.log.dropped="), "{said}");
}

#[test]
fn the_stack_is_the_host_s() {
    let recurse = "run(\"recurse\", \"20000\")";
    let shallow = run("limits").args(["--invoke", recurse]).assert();
    let said = text(shallow.code(124).get_output());
    assert!(said.contains("reached its limit `stack`"), "{said}");
    run("limits")
        .args(["--invoke", recurse, "--stack", "16MiB"])
        .assert()
        .code(0);

    let folder = tempfile::tempdir().unwrap();
    let manifest = "[processes.deep]\ncomponent = \"limits\"\n\
                    args = { what = \"recurse\", arg = \"20000\" }\n";
    let host = "[host]\nstack = \"16MiB\"\n";
    up(folder.path(), &["limits"], manifest).assert().code(124);
    let assert = up(folder.path(), &["limits"], &format!("{host}{manifest}")).assert();
    assert.code(0);
    let bad = up(
        folder.path(),
        &["limits"],
        &format!("[host]\nstack = \"1GiB\"\n{manifest}"),
    );
    let said = text(bad.assert().code(2).get_output());
    assert!(said.contains("host: stack: 1.0 GiB is too much"), "{said}");
}
