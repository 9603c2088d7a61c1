//! What the command says of itself: in the format that was chosen, as much as was wanted, and true.

use crate::support::guest_of;
use crate::weft::{run, up, weft};
use serde_json::Value;
use snapbox::cmd::Command;
use std::io::{Read, Write};
use std::net::TcpListener;

/// A process that ends at once.
const ECHO: &str = r#"
    [channels]
    c = {}
    [processes.p]
    component = "scenarios"
    args = { scenario = "echo", arg = "x" }
"#;

fn stderr(command: Command) -> String {
    let output = command.output().unwrap();
    String::from_utf8(output.stderr).unwrap()
}

/// Checks that every line is an object, and returns what they say.
fn bodies(stderr: &str) -> Vec<String> {
    let body = |line: &str| {
        let line: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        line["Body"].as_str().unwrap().to_owned()
    };
    stderr.lines().map(body).collect()
}

/// A URL where nobody listens. The port was free a moment ago.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[test]
fn with_json_all_that_the_command_says_is_json() {
    let folder = tempfile::tempdir().unwrap();
    let url = nobody();
    let cases: [(&[&str], &str); 5] = [
        (
            &["--metrics", "127.0.0.1:0"],
            "metrics at http://127.0.0.1:",
        ),
        (&["--otlp", &url], "spans were not delivered to http://"),
        (&["--dense"], "done in "),
        (&["-v"], "done in "),
        (&["--control", "/nowhere/at/all"], "--control"),
    ];
    for (more, wanted) in cases {
        let command = up(folder.path(), &["scenarios"], ECHO);
        let command = command.args(["--log-format", "json"]).args(more);
        let said = bodies(&stderr(command));
        let is_said = said.iter().any(|body| body.contains(wanted));
        assert!(is_said, "{more:?}: {said:?}");
    }
    let traced = run("scenarios").args(["--invoke", "run(\"echo\", \"x\")"]);
    bodies(&stderr(traced.args(["-vvv", "--log-format=json"])));
}

#[test]
fn with_json_what_is_wrong_with_the_input_is_json_too() {
    let json = ["--log-format", "json"];
    for (args, wanted) in [
        (["run", "missing.wasm"], "cannot read component `missing`"),
        (
            ["up", "missing.toml"],
            "cannot read manifest `missing.toml`",
        ),
        (["run", "--no-such-option"], "unexpected argument"),
    ] {
        let assert = weft().args(args).args(json).assert().code(2);
        let said = bodies(&String::from_utf8_lossy(&assert.get_output().stderr));
        let [said] = &said[..] else {
            panic!("{said:?}")
        };
        assert!(said.contains(wanted), "{said}");
    }
    // What stands behind `--` is a guest's, and what was asked for goes to stdout as it is.
    let told = stderr(weft().args(["run", "--no-such-option", "--"]).args(json));
    assert!(told.starts_with("error: unexpected argument"), "{told}");
}

#[test]
fn how_far_the_command_is_can_be_silenced_and_why_it_fails_cannot() {
    let folder = tempfile::tempdir().unwrap();
    // But for the warning about its channel, which is no progress.
    let said = |text: &str, args: &[&str]| {
        let told = stderr(up(folder.path(), &["scenarios"], text).args(args));
        let warning = "warning: channel `c` has no reader and no writer\n";
        told.replace(warning, "")
    };
    for silent in [
        &["--log-format", "off"][..],
        &["--log-level", "off"],
        &["--log-level", "error"],
        &["--log-level", "weft=warn"],
        &["--log-level", "error", "--log-format", "json"],
    ] {
        assert_eq!(said(ECHO, silent), "", "{silent:?}");
        let failing = ECHO.replace("echo", "return-error");
        let failed = said(&failing, silent);
        assert!(failed.contains("process `p` failed: x"), "{failed}");
    }
    let usual = said(ECHO, &["--log-level", "error,weft=info"]);
    for line in ["started 1 process", "p returned", "channel c: 0 frames"] {
        assert!(usual.contains(line), "{usual}");
    }
}

#[test]
fn what_the_cache_gave_is_not_said_to_be_compiled() {
    let cache = tempfile::tempdir().unwrap();
    let said = || {
        let run = run("scenarios").env("WEFT_CACHE", cache.path());
        stderr(run.args(["--invoke", "run(\"echo\", \"x\")"]))
    };
    let first = said();
    assert!(first.contains("compiled scenarios in "), "{first}");
    let second = said();
    assert!(!second.contains("compiled"), "{second}");
}

#[test]
fn lines_that_stand_on_stdout_are_not_told_as_lost() {
    const LINES: usize = 100_000;
    let invoke = format!("run(\"two-streams\", \"{LINES}\")");
    for level in ["info", "error"] {
        let output = run("scenarios")
            .args(["--invoke", &invoke, "--log-level", level])
            .output()
            .unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let lines = stdout.lines().filter(|line| line.starts_with("line "));
        assert_eq!(lines.count(), LINES);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(
            !told.contains("lost") && !told.contains("dropped"),
            "{told}"
        );
        assert_eq!(
            told.contains("an entry of its own"),
            level == "info",
            "{told}"
        );
    }
}

#[test]
fn a_process_with_its_streams_inherited_loses_none_of_its_own_entries_silently() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"
        [processes.p]
        component = "scenarios"
        args = { scenario = "two-streams", arg = "50000" }
        stdio = "inherit"
    "#;
    let told = stderr(up(folder.path(), &["scenarios"], text));
    assert!(told.contains("an entry of its own"), "{told}");
    assert!(
        !told.contains("lost") && !told.contains("dropped"),
        "{told}"
    );
}

#[test]
fn what_is_no_collector_is_named_with_the_loss() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // As a collector's port for HTTP answers what it cannot read.
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // How HTTP/2 begins.
            let _ = stream.read_exact(&mut [0; 24]);
            let _ = stream.write_all(b"HTTP/1.1 505 HTTP Version Not Supported\r\n\r\n");
            kept.push(stream);
        }
    });
    let command = run("scenarios").args(["--invoke", "run(\"log-many\", \"1\")", "--otlp", &url]);
    let told = stderr(command);
    let warned = told.lines().find(|line| line.contains("not delivered to"));
    let warned = warned.unwrap_or_else(|| panic!("{told}"));
    assert!(
        warned.contains("collectors take OTLP over gRPC at port 4317"),
        "{warned}"
    );
}

#[test]
fn the_bound_of_a_component_is_raised_and_lowered_by_its_user() {
    // The name of the option, and the other one it has.
    let small = ["--max-component", "1KiB"];
    let file = guest_of("scenarios");
    let told = |args: &[&str]| {
        let assert = weft().args(args).arg(&file).args(small).assert().code(2);
        String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
    };
    for args in [
        &["run"][..],
        &["inspect"],
        &["compose", "-o", "-", "--plug", "x.wasm"],
    ] {
        let told = told(args);
        assert!(
            told.contains("larger than the 1024 bytes that this host takes; raise it with --component-bytes SIZE"),
            "{args:?}: {told}"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let text = format!("[host]\ncomponent-bytes = \"1KiB\"\n{ECHO}");
    let told = stderr(up(folder.path(), &["scenarios"], &text));
    assert!(
        told.contains("component-bytes = SIZE under [host]"),
        "{told}"
    );
    let enough = text.replace("1KiB", "100MiB");
    up(folder.path(), &["scenarios"], &enough)
        .assert()
        .success();
}

#[test]
fn each_v_tells_more_of_the_steps() {
    let told = |verbose: &str| {
        let mut command = run("scenarios").args(["--invoke", "run(\"echo\", \"x\")"]);
        if !verbose.is_empty() {
            command = command.arg(verbose);
        }
        stderr(command)
    };
    assert!(
        !told("").contains("verify"),
        "nothing unless it is asked for"
    );
    for verbose in ["-v", "-vv", "-vvv"] {
        let steps = told(verbose);
        for step in ["verify", "compile", "link"] {
            assert!(steps.contains(step), "{verbose}, {step}: {steps}");
        }
    }
}

#[test]
fn a_filter_that_cannot_be_read_is_told() {
    let command = run("scenarios")
        .env("WEFT_LOG", "[[")
        .args(["--invoke", "run(\"echo\", \"x\")"]);
    let said = stderr(command);
    assert!(said.contains("warning: WEFT_LOG is not used: "), "{said}");
}
