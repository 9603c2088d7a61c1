//! The server goes away while a pipeline runs.

use super::{Pipe, block_on, reading, server, writing};
use crate::control::Machine;
use crate::support::HUNG;

#[test]
fn a_server_that_comes_back_loses_nothing_and_both_are_told() {
    let mut nats = server();
    let machine = Machine::new();
    let reader = Pipe::of(&machine, "reader", &reading(&nats, ""));
    let mut writer = Pipe::of(&machine, "writer", &writing(&nats, ""));
    writer.says("one");
    assert_eq!(reader.line(), "one");
    nats.kill();
    writer.says("two");
    block_on(nats.begin());
    assert_eq!(reader.line(), "two");
    let (code, _, said) = writer.ends();
    assert_eq!(code, Some(0), "{said}");
    for told in [
        "the NATS server is away",
        "connected to the NATS server again",
    ] {
        assert!(said.contains(told), "{said}");
    }
    assert_eq!(reader.ends().0, Some(0));
}

#[test]
fn a_server_that_stays_away_is_an_error_of_who_writes_and_the_runner_ends() {
    let mut nats = server();
    let machine = Machine::new();
    let mut writer = Pipe::of(&machine, "writer", &writing(&nats, ""));
    writer.says("one");
    nats.kill();
    writer.says("two");
    let since = std::time::Instant::now();
    let (code, _, said) = writer.ends();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("cannot be reached"), "{said}");
    assert!(since.elapsed() < HUNG);
}
