//! `weft stop`.

use super::{Machine, TWO, until};
use crate::interrupt::signal;

/// A process that does not heed a request to stop.
const STUBBORN: &str = r#"
    [processes.one]
    component = "scenarios"
    args = { scenario = "ignore-stop", arg = "" }
"#;

#[test]
fn a_process_is_stopped_for_good_though_it_would_be_restarted() {
    let machine = Machine::new();
    let up = machine.up(&machine.manifest("app", TWO), &[]);
    assert_eq!(machine.says(&["stop", "two"]), "two stopped\n");
    let seen = machine.json(&["ps"]);
    assert_eq!(seen["processes"][1]["state"]["ended"], "stopped");
    assert_eq!(seen["processes"][1]["restarts"], 0);
    assert_eq!(seen["processes"][0]["state"], "running");
    let told = machine.says(&["stop", "two"]);
    assert_eq!(told, "two stopped before it was asked\n");
    // The last one, by its id: the runner ends with it, and its end is told still.
    let told = machine.json(&["stop", "1"]);
    assert_eq!(told["process"], "one");
    assert_eq!(told["end"], "stopped");
    let (code, stderr) = up.wait();
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(machine.sockets().len(), 0);
}

#[test]
fn a_process_that_waits_for_its_restart_is_stopped_at_once() {
    let machine = Machine::new();
    let text = r#"
        [supervision]
        backoff = "1h"
        max-backoff = "1h"
        [processes.keeper]
        component = "scenarios"
        args = { scenario = "wait-stop", arg = "" }
        [processes.fails]
        component = "scenarios"
        args = { scenario = "return-error", arg = "told to" }
        restart = "on-failure"
    "#;
    let up = machine.up(&machine.manifest("app", text), &[]);
    let state = || machine.json(&["ps"])["processes"][1]["state"].clone();
    super::until(|| state()["waiting"] == "failed: told to; restarts in 1h");
    assert_eq!(machine.says(&["stop", "fails"]), "fails failed: told to\n");
    assert_eq!(state()["ended"], "failed: told to");
    up.interrupt();
}

#[test]
fn one_that_does_not_heed_it_is_killed_after_the_grace() {
    let machine = Machine::new();
    let text = r#"
        [processes.deaf]
        component = "scenarios"
        args = { scenario = "spin", arg = "" }
        restart = "always"
    "#;
    let up = machine.up(&machine.manifest("app", text), &["--grace", "100ms"]);
    assert_eq!(machine.says(&["stop", "deaf"]), "deaf killed\n");
    let (code, stderr) = up.wait();
    assert_eq!(code, Some(137), "{stderr}");
}

#[test]
fn a_name_that_nobody_has_is_told_with_the_near_ones() {
    let machine = Machine::new();
    let up = machine.up(&machine.manifest("app", TWO), &[]);
    for command in ["stop", "logs"] {
        let told = machine.refuses(&[command, "tow"]);
        assert_eq!(
            told,
            "error: there is no process `tow`; there are: two, one\n"
        );
    }
    up.interrupt();
}

#[test]
fn a_terminal_that_is_closed_is_told_of_more_than_once_and_hurries_nobody() {
    let machine = Machine::new();
    let manifest = machine.manifest("app", STUBBORN);
    let up = machine.up(&manifest, &["--grace", "1h"]);
    let state = || machine.json(&["ps"])["processes"][0]["state"].clone();
    signal(&up.running, "HUP");
    until(|| state() == "stopping");
    signal(&up.running, "HUP");
    for _ in 0..5 {
        assert_eq!(state(), "stopping");
    }
    // Somebody has no more patience.
    signal(&up.running, "TERM");
    assert_eq!(up.wait().0, Some(129));
}

#[test]
fn an_id_is_not_hidden_by_a_name_that_a_guest_has_chosen() {
    let machine = Machine::new();
    let text = r#"
        [processes.one]
        component = "scenarios"
        args = { scenario = "wait-stop", arg = "" }
        [processes.two]
        component = "scenarios"
        args = { scenario = "start-named", arg = "1" }
        capabilities = ["process-lifecycle"]
    "#;
    let up = machine.up(&machine.manifest("app", text), &[]);
    until(|| machine.json(&["ps"])["processes"].as_array().map(Vec::len) == Some(3));
    let told = machine.json(&["stop", "1"]);
    assert_eq!(told["process"], "one");
    let left = machine.json(&["ps"]);
    assert_eq!(left["processes"][2]["name"], "1");
    assert_eq!(left["processes"][2]["state"], "running");
    up.interrupt();
}
