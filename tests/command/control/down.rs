//! `weft down`.

use super::{Machine, TWO};

#[test]
fn a_runner_is_ended_from_another_terminal() {
    let machine = Machine::new();
    let up = machine.up(&machine.manifest("app", TWO), &[]);
    let told = machine.json(&["down"]);
    assert_eq!(
        (told["runner"].as_str(), told["pid"].as_u64()),
        (Some("app"), Some(up.pid().into()))
    );
    assert_eq!(up.wait().0, Some(143));
}
