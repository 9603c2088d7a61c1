//! Clients that are broken or mean no good.

use super::{Machine, TWO};
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
            &b"{\"version\":1,"[..],
            "a request is one line of at most 16384 bytes",
        ),
        (b"GET / HTTP/1.1\r\n", "this is no request"),
        (b"\xff\xfe\x00\n", "this is no request"),
        (b"\n", "this is no request"),
        (
            b"{\"version\":7,\"request\":\"dance\"}\n",
            "speaks version 1 of the control protocol, the command version 7",
        ),
        (
            b"{\"version\":1,\"request\":\"dance\"}\n",
            "unknown variant `dance`",
        ),
    ] {
        let told = answer(&machine, bytes);
        assert!(told.contains(wanted), "{told}");
    }
    // Of one that sends too much it depends on the system what still reaches it.
    answer(&machine, &huge);
    // Who sends all it has to say and then closes its side is answered.
    let told = answer(&machine, b"{\"version\":1,\"request\":\"snapshot\"}\n");
    assert!(told.contains("\"runner\":\"app\""), "{told}");
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
    let follow = "{\"version\":1,\"request\":{\"logs\":{\"process\":\"flood\",\"follow\":true,\"since\":null}}}\n";
    slow.write_all(follow.as_bytes()).unwrap();
    let mut idle = Vec::new();
    for _ in 0..40 {
        let mut stream = connect(&machine);
        let _ = stream.write_all(b"{\"half");
        idle.push(stream);
    }
    // The first are waited for, the last are turned away at once.
    let mut line = String::new();
    let last = idle.pop().unwrap();
    BufReader::new(last).read_line(&mut line).unwrap();
    assert!(line.contains("the runner has 32 clients already"), "{line}");
    drop(idle);
    super::until(|| machine.weft(&["ps"]).code == 0);
    assert_eq!(machine.says(&["stop", "one"]), "one stopped\n");
    drop(slow);
    let (code, stderr) = up.wait();
    assert_eq!(code, Some(0), "{stderr}");
}
