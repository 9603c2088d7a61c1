//! Guests and `socat`, a program that nobody here wrote: over TCP in both directions, with an end that closes first, and over UDP.

use super::net::Example;
use crate::support::{guest_of, repository, target};
use crate::weft::run;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};

/// A program that is killed when it is dropped.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `socat` between these two addresses of its own.
fn socat(one: &str, other: &str) -> Program {
    let mut command = Command::new("socat");
    // How long an answer may take once one side has said all.
    command.args(["-t", "50", "-d", "-d", one, other]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let socat = command.stderr(Stdio::piped()).spawn();
    Program(socat.expect("`./dev test` installs socat"))
}

/// The rest of what somebody says, so that he does not wait for it to be read.
fn throw_away(mut said: impl Read + Send + 'static) {
    std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
}

impl Program {
    /// Says this on its stdin, closes that, and returns what comes on its stdout until the end.
    fn says(mut self, text: &str) -> String {
        throw_away(self.0.stderr.take().unwrap());
        let mut input = self.0.stdin.take().unwrap();
        input.write_all(text.as_bytes()).unwrap();
        drop(input);
        let mut answer = String::new();
        let mut output = self.0.stdout.take().unwrap();
        output.read_to_string(&mut answer).unwrap();
        answer
    }
}

#[test]
fn socat_is_answered_after_it_has_closed_its_side() {
    let example = Example::new("balancer", &[]);
    let flights = repository().join("examples/flights/data/flights-20k.ndjson");
    let flights = std::fs::read_to_string(flights).unwrap();
    let some: String = flights.split_inclusive('\n').take(1000).collect();
    let socat = socat("-", &format!("TCP:{}", example.address));
    assert_eq!(socat.says(&some), "first: 1000 flights, 62 of them late\n");
}

#[test]
fn a_guest_is_answered_by_a_server_of_socat() {
    let mut socat = socat("TCP-LISTEN:0,bind=127.0.0.1", "EXEC:cat");
    let mut said = BufReader::new(socat.0.stderr.take().unwrap());
    let address = loop {
        let mut line = String::new();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "it listens");
        if let Some((_, address)) = line.split_once("listening on AF=2 ") {
            break address.trim_end().to_owned();
        }
    };
    throw_away(said);
    run("net-std")
        .args(["--grant", &format!("connect=tcp://{address}")])
        .args(["--", "say", &address, "hello"])
        .assert()
        .success()
        .stdout_eq("heard hello\n");
}

#[test]
fn socat_gets_a_datagram_back_from_a_guest() {
    let mut guest = Command::new(env!("CARGO_BIN_EXE_weft"));
    guest.env("WEFT_CACHE", target().join("tmp/cache"));
    guest.arg("run").arg(guest_of("net-std"));
    guest.args(["--grant", "listen=udp://127.0.0.1:*"]);
    guest.args(["--", "answer", "127.0.0.1:0", "1"]);
    let mut guest = Program(guest.stdout(Stdio::piped()).spawn().unwrap());
    let mut said = BufReader::new(guest.0.stdout.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("listening on ").unwrap();
    let mut socat = socat("-", &format!("UDP:{address}"));
    let mut input = socat.0.stdin.take().unwrap();
    input.write_all(b"hello").unwrap();
    // Nobody closes a datagram's way, so socat would wait for more.
    let mut answer = [0; 5];
    let mut output = socat.0.stdout.take().unwrap();
    output.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"hello");
    assert!(guest.0.wait().unwrap().success());
}
