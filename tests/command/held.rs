//! Guests that hold every thread they could run on: who is outside is served, and can end them.

use crate::control::Machine;
use crate::support::{HUNG, guest_of};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Processes that hold a thread, of which there is one: others would have a turn once a minute.
const HOLDERS: usize = 4;

/// Fields of an entry of theirs: as many as a call takes.
const FIELDS: u32 = 2_000_000;

#[test]
fn guests_that_hold_every_thread_keep_nobody_outside_waiting_and_a_signal_ends_them() {
    let machine = Machine::with_one_worker();
    let file = guest_of("hostile").display().to_string();
    let holder = |number| {
        format!(
            "[processes.holder-{number}]\ncomponent = \"hostile\"\n\
             args = {{ attack = \"hold-a-thread\", arg = \"{FIELDS}\" }}\n"
        )
    };
    let holders: String = (0..HOLDERS).map(holder).collect();
    let text = format!("hostile = {file:?}\n{holders}");
    let manifest = machine.manifest("app", &text);
    let up = machine.up(&manifest, &["--metrics", "127.0.0.1:0", "--grace", "50ms"]);
    let address = up.head.lines().find_map(|line| {
        let url = line.strip_prefix("metrics at http://")?;
        url.strip_suffix("/metrics")
    });
    let address = address.expect("it says where").to_owned();
    for _ in 0..10 {
        let seen = machine.json(&["ps"]);
        assert_eq!(seen["processes"][0]["state"], "running");
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(HUNG)).unwrap();
        let request = b"GET /metrics HTTP/1.1\r\nHost: weft\r\n\r\n";
        stream.write_all(request).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        // So that the thread is held in most of the rounds for sure.
        std::thread::sleep(Duration::from_millis(200));
    }
    let stderr = up.interrupt();
    assert!(stderr.contains("stopping"), "{stderr}");
}
