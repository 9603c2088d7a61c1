//! `weft restart`.

use super::{Machine, TWO};

#[test]
fn a_process_is_started_again_and_the_others_go_on() {
    let machine = Machine::new();
    let up = machine.up(&machine.manifest("app", TWO), &[]);
    assert_eq!(machine.says(&["restart", "one"]), "one started again (3)\n");
    // By the id of the one before, too.
    let told = machine.json(&["restart", "1"]);
    assert_eq!(
        (told["process"].as_str(), told["id"].as_u64()),
        (Some("one"), Some(4))
    );
    let seen = machine.json(&["ps"]);
    let ids: Vec<_> = [0, 1].map(|at| seen["processes"][at]["id"].as_u64()).into();
    assert_eq!(ids, [Some(4), Some(2)]);
    assert_eq!(seen["processes"][0]["state"], "running");
    up.interrupt();
}

#[test]
fn what_cannot_be_started_again_is_told() {
    let machine = Machine::new();
    let up = machine.up(&machine.manifest("app", TWO), &[]);
    let told = machine.refuses(&["restart", "three"]);
    assert!(
        told.contains("there is no process `three`; there are: one, two"),
        "{told}"
    );
    machine.says(&["stop", "one"]);
    let told = machine.refuses(&["restart", "one"]);
    assert_eq!(told, "error: cannot restart `one`: `one` has ended\n");
    up.interrupt();
}
