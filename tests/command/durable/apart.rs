//! One pipeline, run by several `weft up`s that share its channels.

use super::{Pipe, reading, server, writing};
use crate::control::Machine;

#[test]
fn what_one_runner_writes_another_reads_to_its_end() {
    let nats = server();
    let (here, there) = (Machine::new(), Machine::new());
    let reader = Pipe::of(&here, "reader", &reading(&nats, ""));
    let mut writer = Pipe::of(&there, "writer", &writing(&nats, ""));
    writer.says("one");
    assert_eq!(reader.line(), "one");
    writer.says("two");
    let (code, _, said) = writer.ends();
    assert_eq!(code, Some(0), "{said}");
    let (code, lines, said) = reader.ends();
    assert_eq!((code, lines), (Some(0), vec!["two".to_owned()]), "{said}");
}

#[test]
fn who_comes_after_the_end_reads_all_that_is_there_and_who_writes_again_opens_it_again() {
    let nats = server();
    let machine = Machine::new();
    for line in ["one", "two"] {
        let mut writer = Pipe::of(&machine, "writer", &writing(&nats, ""));
        writer.says(line);
        assert_eq!(writer.ends().0, Some(0));
    }
    let (code, lines, said) = Pipe::of(&machine, "reader", &reading(&nats, "")).ends();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(lines, ["one", "two"]);
}

#[test]
fn guests_of_two_runners_see_one_channel() {
    let nats = server();
    let machine = Machine::new();
    let address = nats.address();
    let stage = format!(
        r#"
        [channels]
        orders = {{ engine = {address:?} }}
        done = {{ engine = {address:?}, stream = "finished", format = "plain" }}
        [processes.stage]
        component = "supervised"
        args = {{ tag = "s", input = {{ reader = "orders" }}, diary = {{ writer = "done" }} }}
        "#
    );
    let stage = Pipe::of(&machine, "stage", &stage);
    let last = format!(
        "[channels.done]\nengine = {address:?}\nstream = \"finished\"\nformat = \"plain\"\nto = \"stdout\"\n"
    );
    let last = Pipe::of(&machine, "last", &last);
    assert_eq!(last.line(), "s up");
    let mut first = Pipe::of(&machine, "first", &writing(&nats, ""));
    first.says("a");
    assert_eq!(last.line(), "s version-1 a");
    first.ends();
    assert_eq!(last.line(), "s end");
    assert_eq!(stage.ends().0, Some(0));
    assert_eq!(last.ends().0, Some(0));
}
