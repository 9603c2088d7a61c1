//! How `weft run` and `weft up` show logs.

use crate::support::{guest_of, repository, target};
use crate::weft::{run, up, weft};
use serde_json::Value;
use snapbox::cmd::Command;
use snapbox::str;
use std::io::Read;
use std::process::Stdio;
use std::time::Duration;

fn stderr(command: Command) -> String {
    let assert = command.assert();
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

fn fields(levels: &str) -> Command {
    run("scenarios").args([
        "--log-level",
        levels,
        "--invoke",
        "run(\"log-fields\", \"\")",
    ])
}

/// The lines of stderr, each of which must be an object.
fn objects(command: Command) -> Vec<Value> {
    let stderr = stderr(command);
    let lines = stderr.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

#[test]
fn entries_have_time_process_level_target_message_and_fields() {
    fields("info").assert().success().stderr_eq(str![[r#"
...
[..]:[..]:[..].[..] scenarios  INFO  scenarios: by hand number=42
                            | text:
                            |   a "quoted"
                            |   line
[..] scenarios  WARN  scenarios::output: by log number=42 text=plain
[..] scenarios  ERROR scenarios::output: by tracing colour=blue flag=true number=42 ratio=0.5 request=7 span=outer:inner
[..] scenarios  INFO  scenarios::output: outside

"#]]);
}

#[test]
fn spans_are_shown_from_level_debug_on() {
    fields("scenarios::output=debug")
        .assert()
        .stderr_eq(str![[r#"
...
[..] scenarios  INFO  scenarios::output: inner took [..]s colour=blue
[..] scenarios  INFO  scenarios::output: outer took [..]s colour=red request=7
...
"#]]);
}

#[test]
fn levels_are_for_all_for_targets_and_for_processes() {
    let shown = |levels: &str| {
        let stderr = stderr(fields(levels));
        ["by hand", "by log", "by tracing", "outside"].map(|body| stderr.contains(body))
    };
    assert_eq!(shown("error"), [false, false, true, false]);
    assert_eq!(shown("off"), [false; 4]);
    assert_eq!(shown("scenarios::output=warn"), [true, true, true, false]);
    assert_eq!(shown("error,scenarios/=warn"), [false, true, true, false]);
    assert_eq!(shown("off,s*/scenarios::=info"), [false, true, true, true]);
    assert_eq!(shown("error,other/=trace"), [false, false, true, false]);
}

#[test]
fn levels_that_are_none_are_bad_input() {
    for (levels, wanted) in [
        (
            "inof",
            "`inof` is no level; there are off, error, warn, info, debug, trace; for a target",
        ),
        ("a=b", "`b` in `a=b` is no level"),
        ("[s]=info", "not for spans and fields"),
        ("", "no level is given"),
    ] {
        let assert = fields(levels).assert().code(2);
        let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(stderr.contains(wanted), "{levels}: {stderr}");
    }
}

#[test]
fn with_off_nothing_of_a_log_is_shown() {
    let stderr = stderr(fields("trace").args(["--log-format", "off"]));
    assert!(!stderr.contains("by tracing"), "{stderr}");
}

#[test]
fn with_json_every_line_is_an_object_and_entries_are_those_of_the_log() {
    let lines = objects(fields("trace").args(["--log-format", "json"]));
    let by_hand = lines.iter().find(|line| line["Body"] == "by hand").unwrap();
    assert_eq!(by_hand["Attributes"]["text"], "a \"quoted\"\nline");
    assert_eq!(by_hand["Resource"]["service.name"], "scenarios");
    let spans = lines.iter().filter(|line| line["EventName"] == "weft.span");
    assert_eq!(spans.count(), 2);
}

#[test]
fn with_json_what_weft_and_streams_say_are_objects_too() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"
        [processes.p]
        component = "wasi-command"
        command-line = ["one"]
        stdio = "inherit"
    "#;
    let command = up(folder.path(), &["wasi-command"], text).args(["--log-format", "json"]);
    let lines = objects(command);
    let has = |scope: &str, body: &str| {
        lines.iter().any(|line| {
            line["InstrumentationScope"]["name"] == scope
                && line["Body"].as_str().unwrap().starts_with(body)
        })
    };
    assert!(has("weft", "started 1 process"), "{lines:?}");
    assert!(has("stderr", "cannot read one"), "{lines:?}");
    assert!(has("weft", "process `p` exited with code 1"), "{lines:?}");
    // It is on stdout.
    assert!(!has("stdout", "GREETING"), "{lines:?}");
}

#[test]
fn processes_that_guests_start_are_shown_from_their_first_entry_on() {
    let manifest = repository().join("examples/orchestrator/weft.toml");
    let stderr = stderr(weft().arg("up").arg(manifest));
    let wanted = " tally-1";
    assert!(stderr.lines().any(|line| line.contains(wanted)), "{stderr}");
}

#[test]
fn a_guest_cannot_dress_up_an_entry() {
    let hostile = "run(\"panic\", \"a\\u{1b}[2J\\n12:00:00.000 weft INFO b\\u{202e}\")";
    let stderr = stderr(run("scenarios").args(["--invoke", hostile]));
    assert!(!stderr.contains(['\u{1b}', '\u{202e}']), "{stderr:?}");
    assert!(
        !stderr.lines().any(|line| line.starts_with("12:00:00")),
        "{stderr}"
    );
}

#[test]
fn colours_are_for_terminals_and_can_be_turned_off() {
    let hello = format!(
        "'{}' run '{}' --invoke 'run(\"world\")'",
        env!("CARGO_BIN_EXE_weft"),
        guest_of("hello").display()
    );
    let shown = |variable: Option<(&str, &str)>| {
        // `script` gives the command a terminal of its own.
        let output = std::process::Command::new("script")
            .args(["-qec", &hello, "/dev/null"])
            .env("WEFT_CACHE", target().join("tmp/cache"))
            .env("TERM", "xterm")
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR")
            .envs(variable)
            .output()
            .expect("script runs");
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = shown
            .lines()
            .find(|line| line.contains("greeting"))
            .expect(&shown);
        line.to_owned()
    };
    assert!(shown(None).contains("\u{1b}[32mINFO "), "{:?}", shown(None));
    for off in [("NO_COLOR", "1"), ("CLICOLOR", "0")] {
        let line = shown(Some(off));
        assert!(
            line.contains("hello      INFO  hello: greeting"),
            "{line:?}"
        );
    }
}

#[test]
fn what_comes_too_fast_for_the_screen_is_counted() {
    const ENTRIES: u64 = 50_000;
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_weft"))
        .arg("run")
        .arg(guest_of("scenarios"))
        .args(["--log-format", "json", "--limit", "log-rate=1GiB"])
        .args(["--invoke", &format!("run(\"log-many\", \"{ENTRIES}\")")])
        .env("WEFT_CACHE", target().join("tmp/cache"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The pipe is full soon, and then entries are lost; but none without being counted, however quick who is.
    std::thread::sleep(Duration::from_secs(1));
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut stderr)
        .unwrap();
    assert!(child.wait().unwrap().success());
    let (mut shown, mut lost) = (0, 0);
    for line in stderr.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        shown += u64::from(line["Body"] == "one of many");
        let counted = line["Attributes"]["weft.log.lost"].as_str();
        lost += counted.map_or(0, |count| count.parse().unwrap());
    }
    assert_eq!(shown + lost, ENTRIES, "{shown} shown, {lost} lost");
}
