//! `weft up`: channels that nobody reads any more, and the order in which processes are stopped.

use crate::control::Machine;
use crate::support::guest_of;
use crate::weft::up;

/// Frames that are written after the reader has ended.
const LINES: usize = 5000;

/// A source of lines, of which the only reader fails at the second.
fn loses(words: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let lines = format!("1\nfail\n{}", "line\n".repeat(LINES));
    std::fs::write(folder.path().join("lines"), lines).unwrap();
    let text = format!(
        r#"
        [channels]
        orders = {{ capacity = "64B"{words} }}
        diary = {{}}
        [processes.source]
        component = "flights-source"
        args = {{ path = "/data/lines", lines = {{ writer = "orders" }} }}
        mounts = [{{ host = ".", guest = "/data" }}]
        [processes.a]
        component = "supervised"
        args = {{ tag = "a", input = {{ reader = "orders" }}, diary = {{ writer = "diary" }} }}
        "#
    );
    let assert = up(folder.path(), &["flights-source", "supervised"], &text)
        .assert()
        .code(1);
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

#[test]
fn a_channel_whose_last_reader_has_failed_is_told_once_and_with_what_was_lost() {
    let stderr = loses("");
    let told =
        "nobody reads channel `orders` any more (a failed: told to): what is written to it is lost";
    assert_eq!(stderr.matches(told).count(), 1, "{stderr}");
    let summary = stderr
        .lines()
        .find(|line| line.starts_with("channel orders"));
    let summary = summary.unwrap();
    assert!(summary.contains(" that nobody could read"), "{summary}");
}

#[test]
fn a_channel_may_lose_its_readers_in_silence_if_the_manifest_says_so() {
    let stderr = loses(", on-no-reader = \"drop\"");
    for told in ["nobody reads channel `orders`", "nobody could"] {
        assert!(!stderr.contains(told), "{stderr}");
    }
}

#[test]
fn writers_of_a_channel_that_nobody_reads_are_stopped_if_the_manifest_says_so() {
    let folder = tempfile::tempdir().unwrap();
    // One and two keep each other waiting. One could also write to `aside`.
    let text = r#"
        [channels]
        there = {}
        back = {}
        aside = { on-no-reader = "stop" }
        [processes.one]
        component = "echo"
        args = { input = { reader = "back" }, output = { writer = "there" } }
        restart = "on-failure"
        rejected = "aside"
        [processes.two]
        component = "echo"
        args = { input = { reader = "there" }, output = { writer = "back" } }
        [processes.three]
        component = "parked"
        args = { input = { reader = "aside" } }
        limits = { wall-time = "50ms" }
    "#;
    let assert = up(folder.path(), &["echo", "parked"], text).assert();
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(stderr.contains("stopping one"), "{stderr}");
    for end in ["one stopped\n", "two returned 0\n"] {
        assert!(stderr.contains(end), "{stderr}");
    }
}

#[test]
fn what_is_on_its_way_when_a_manifest_is_stopped_arrives_whatever_the_order_of_its_processes() {
    const FRAMES: usize = 20_000;
    let machine = Machine::new();
    let echo = guest_of("echo").display().to_string();
    let text = format!(
        r#"
        echo = {echo:?}
        [channels]
        first = {{ capacity = "1KiB" }}
        second = {{ capacity = "1KiB" }}
        third = {{}}
        [processes.last]
        component = "echo"
        args = {{ input = {{ reader = "second" }}, output = {{ writer = "third" }} }}
        [processes.middle]
        component = "echo"
        args = {{ input = {{ reader = "first" }}, output = {{ writer = "second" }} }}
        [processes.source]
        component = "flights-source"
        args = {{ path = "/data/lines", lines = {{ writer = "first" }} }}
        mounts = [{{ host = ".", guest = "/data" }}]
        "#
    );
    let file = machine.manifest("flow", &text);
    let lines = file.with_file_name("lines");
    std::fs::write(lines, "line\n".repeat(FRAMES)).unwrap();
    let stderr = machine.up(&file, &[]).interrupt();
    for channel in ["first", "second", "third"] {
        let line = format!("channel {channel}: {FRAMES} frames\n");
        assert!(stderr.contains(&line), "{channel}: {stderr}");
    }
}
