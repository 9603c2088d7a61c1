//! `weft up --detach` and `weft down`.

use super::{Machine, TWO};

#[test]
fn a_runner_in_the_background_is_there_until_it_is_ended() {
    let machine = Machine::new();
    let manifest = machine.manifest("app", TWO);
    let manifest = manifest.display().to_string();
    let told = machine.weft(&["up", "-d", &manifest]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert!(
        told.stderr.contains("started 2 processes\n"),
        "{}",
        told.stderr
    );
    let pid = machine.json(&["ps"])["pid"].as_u64().unwrap();
    let wanted = format!("app ({pid}) runs in the background");
    assert!(told.stderr.contains(&wanted), "{}", told.stderr);
    assert_eq!(machine.says(&["down"]), format!("app ({pid}) has ended\n"));
    let told = machine.refuses(&["ps"]);
    assert!(told.contains("no runner is running"), "{told}");
}

#[test]
fn what_keeps_a_runner_from_the_background_is_told() {
    let machine = Machine::new();
    let manifest = machine.manifest("app", "[processes.p]\ncomponent = \"nope\"\n");
    let manifest = manifest.display().to_string();
    let told = machine.refuses(&["up", "--detach", &manifest]);
    assert!(told.contains("there is no component `nope`"), "{told}");
    // One whose processes end at once has their exit code.
    let text =
        "[processes.p]\ncomponent = \"scenarios\"\nargs = { scenario = \"exit\", arg = \"3\" }\n";
    let manifest = machine.manifest("app", text).display().to_string();
    let told = machine.weft(&["up", "-d", &manifest]);
    assert!([0, 3].contains(&told.code), "{}", told.stderr);
}

#[test]
fn a_runner_in_a_terminal_is_ended_too() {
    let machine = Machine::new();
    let up = machine.up(&machine.manifest("app", TWO), &[]);
    let told = machine.json(&["down"]);
    assert_eq!(
        (told["runner"].as_str(), told["pid"].as_u64()),
        (Some("app"), Some(up.pid().into()))
    );
    assert_eq!(up.wait().0, Some(143));
}
