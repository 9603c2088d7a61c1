//! Readers with a name: what they had not finished when their runner ended comes again, and nothing else does.

use super::{Pipe, server, writing};
use crate::control::Machine;
use crate::support::nats::Nats;

/// A stage that does what its frames say, with this about its delivery. Its diary is on stdout.
fn stage(nats: &Nats, delivery: &str) -> String {
    let address = nats.address();
    format!(
        r#"
        [channels]
        orders = {{ engine = {address:?} }}
        diary = {{ to = "stdout" }}
        [processes.stage]
        component = "supervised"
        args = {{ tag = "s", input = {{ reader = {{ channel = "orders", as = "stage" }} }}, diary = {{ writer = "diary" }} }}
        {delivery}
        "#
    )
}

/// Writes these lines.
fn write(machine: &Machine, nats: &Nats, lines: &[&str]) {
    let mut writer = Pipe::of(machine, "writer", &writing(nats, ""));
    lines.iter().for_each(|line| writer.says(line));
    assert_eq!(writer.ends().0, Some(0));
}

/// Runs the stage until it has failed.
fn fails(machine: &Machine, text: &str) -> Vec<String> {
    let (code, lines, said) = Pipe::of(machine, "stage", text).ends();
    assert_eq!(code, Some(1), "{said}");
    lines
}

#[test]
fn what_was_not_finished_comes_again_to_the_next_runner() {
    let nats = server();
    let machine = Machine::new();
    write(&machine, &nats, &["a", "fail", "b"]);
    let text = stage(&nats, "");
    assert_eq!(fails(&machine, &text), ["s up", "s version-1 a", "s fail"]);
    // It had the frame in hand, and so it has it again.
    assert_eq!(fails(&machine, &text), ["s up", "s fail"]);
}

#[test]
fn what_is_handed_out_once_does_not_come_again() {
    let nats = server();
    let machine = Machine::new();
    write(&machine, &nats, &["a", "fail", "b"]);
    let text = stage(&nats, "delivery = \"at-most-once\"");
    assert_eq!(fails(&machine, &text), ["s up", "s version-1 a", "s fail"]);
    let (code, lines, said) = Pipe::of(&machine, "stage", &text).ends();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(lines, ["s up", "s version-1 b", "s end"]);
}

#[test]
fn a_frame_that_is_rejected_does_not_come_again() {
    let nats = server();
    let machine = Machine::new();
    write(&machine, &nats, &["a", "fail", "b"]);
    let text = stage(&nats, "max-deliveries = 1");
    assert_eq!(fails(&machine, &text), ["s up", "s version-1 a", "s fail"]);
    let (code, lines, said) = Pipe::of(&machine, "stage", &text).ends();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(lines, ["s up", "s version-1 b", "s end"]);
}

#[test]
fn a_runner_that_is_killed_is_gone_on_for_where_it_was() {
    let nats = server();
    let machine = Machine::new();
    let mut writer = Pipe::of(&machine, "writer", &writing(&nats, ""));
    writer.says("a");
    let text = stage(&nats, "");
    let first = Pipe::of(&machine, "stage", &text);
    assert_eq!([first.line(), first.line()], ["s up", "s version-1 a"]);
    writer.says("b");
    assert_eq!(first.line(), "s version-1 b");
    first.kill();
    writer.says("c");
    let second = Pipe::of(&machine, "stage", &text);
    assert_eq!(second.line(), "s up");
    // What the server had not been told of comes again, in order, and nothing is passed over.
    let mut seen = vec![second.line()];
    while seen.last().unwrap() != "s version-1 c" {
        seen.push(second.line());
    }
    let all = ["s version-1 a", "s version-1 b", "s version-1 c"];
    assert!(
        all.ends_with(&seen.iter().map(String::as_str).collect::<Vec<_>>()),
        "{seen:?}"
    );
    writer.ends();
    assert_eq!(second.ends().1, ["s end"]);
}

#[test]
fn a_sink_goes_on_where_it_was() {
    let nats = server();
    let machine = Machine::new();
    let address = nats.address();
    let text = format!(
        r#"
        [channels.orders]
        engine = {address:?}
        [sinks.out]
        stdout = true
        channel = {{ channel = "orders", as = "archive" }}
        "#
    );
    for line in ["one", "two"] {
        write(&machine, &nats, &[line]);
        let (code, lines, said) = Pipe::of(&machine, "sink", &text).ends();
        assert_eq!((code, lines), (Some(0), vec![line.to_owned()]), "{said}");
    }
}

#[test]
fn a_reader_begins_where_the_manifest_says() {
    let nats = server();
    let machine = Machine::new();
    write(&machine, &nats, &["one", "two"]);
    let address = nats.address();
    let lines = |begin: &str| {
        let text = format!(
            r#"
            [channels.orders]
            engine = {address:?}
            [sinks.out]
            stdout = true
            channel = {{ channel = "orders", begin = {begin} }}
            "#
        );
        Pipe::of(&machine, "begin", &text).ends().1
    };
    assert_eq!(lines("\"oldest\""), ["one", "two"]);
    assert!(lines("\"newest\"").is_empty());
    assert_eq!(lines("2020-01-01T00:00:00Z"), ["one", "two"]);
    assert!(lines("\"2100-01-01T00:00:00Z\"").is_empty());
    assert_eq!(lines("1"), ["one", "two"]);
}
