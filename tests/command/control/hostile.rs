//! Clients that are broken or mean no good.

use super::{Machine, TWO, line};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;

fn connect(machine: &Machine) -> UnixStream {
    let stream = UnixStream::connect(&machine.sockets()[0]).unwrap();
    stream.set_read_timeout(Some(crate::support::HUNG)).unwrap();
    stream
}

/// What is answered to these bytes.
fn answer(machine: &Machine, bytes: &[u8]) -> String {
    let mut stream = connect(machine);
    // It may hang up before it has read all.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut line = String::new();
    let _ = BufReader::new(stream).read_line(&mut line);
    line
}

#[test]
fn what_is_no_request_is_told_what_is_wrong_with_it() {
    let machine = Machine::new();
    let up = machine.up(&machine.manifest("app", TWO), &[]);
    let huge = vec![b'x'; 1 << 20];
    for (bytes, wanted) in [
        (
            &b"{\"version\":5,"[..],
            "a request is one line of at most 16384 bytes",
        ),
        (b"GET / HTTP/1.1\r\n", "this is no request"),
        (b"\xff\xfe\x00\n", "this is no request"),
        (b"\n", "this is no request"),
        (line("\"dance\"").as_bytes(), "unknown variant `dance`"),
    ] {
        let told = answer(&machine, bytes);
        assert!(told.contains(wanted), "{told}");
    }
    // Of one that sends too much it depends on the system what still reaches it.
    answer(&machine, &huge);
    // Who sends all it has to say and then closes its side is answered.
    let told = answer(&machine, line("\"snapshot\"").as_bytes());
    assert!(told.contains("\"runner\":\"app\""), "{told}");
    up.interrupt();
}

/// A client that has begun to ask.
fn half_asked(machine: &Machine) -> UnixStream {
    let mut stream = connect(machine);
    let _ = stream.write_all(b"{\"half");
    stream
}

#[test]
fn those_who_wait_for_something_and_those_who_take_no_answer_keep_places_for_others() {
    let machine = Machine::new();
    let up = machine.up(&machine.manifest("app", TWO), &[]);
    let ask = |request: &str| {
        let mut stream = connect(&machine);
        stream.write_all(line(request).as_bytes()).unwrap();
        stream
    };
    let first_line = |stream: &UnixStream| {
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        line
    };
    let follow = r#"{"logs":{"process":"one","follow":true,"since":null}}"#;
    let following: Vec<_> = (0..32).map(|_| ask(follow)).collect();
    for stream in &following {
        assert!(first_line(stream).starts_with("{\"of\":"));
    }
    let refused = first_line(&ask(follow));
    let wanted = "the runner has 32 clients that follow logs already";
    assert!(refused.contains(wanted), "{refused}");
    let unread: Vec<_> = (0..40).map(|_| ask("\"snapshot\"")).collect();
    assert_eq!(machine.weft(&["ps"]).code, 0);
    assert_eq!(machine.says(&["stop", "two"]), "two stopped\n");
    // Who goes makes room.
    drop((following, unread));
    super::until(|| first_line(&ask(follow)).starts_with("{\"of\":"));
    up.interrupt();
}

#[test]
fn clients_that_say_nothing_or_read_nothing_hold_up_neither_runner_nor_others_for_long() {
    let machine = Machine::new();
    let text = r#"
        [processes.flood]
        component = "scenarios"
        args = { scenario = "log-many", arg = "100000" }
        [processes.one]
        component = "scenarios"
        args = { scenario = "wait-stop", arg = "" }
    "#;
    let up = machine.up(&machine.manifest("app", text), &[]);
    let mut slow = connect(&machine);
    let follow = line(r#"{"logs":{"process":"flood","follow":true,"since":null}}"#);
    slow.write_all(follow.as_bytes()).unwrap();
    let idle: Vec<_> = (0..200).map(|_| half_asked(&machine)).collect();
    assert_eq!(machine.weft(&["ps"]).code, 0);
    // Who came first has made room for the last; these were waited for, and then for no longer.
    let (first, last) = (idle.first().unwrap(), idle.last().unwrap());
    for (stream, wanted) in [
        (
            first,
            "the runner has 64 newer clients that have not asked for anything yet",
        ),
        (last, "no whole request came within 1s"),
    ] {
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        assert!(line.contains(wanted), "{line}");
    }
    drop(idle);
    assert_eq!(machine.says(&["stop", "one"]), "one stopped\n");
    drop(slow);
    let (code, stderr) = up.wait();
    assert_eq!(code, Some(0), "{stderr}");
}
