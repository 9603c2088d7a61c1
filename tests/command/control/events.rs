//! What happens in a runner, for those who watch it.

use super::{Machine, Up, line};
use crate::support::HUNG;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use weft_control::protocol::{Event, Reply, Snapshot, State};

/// A request for a snapshot and the events from then on.
const WATCH: &str = r#"{"watch":{"numbers_ms":null}}"#;

/// One that waits, and one that makes a channel and is restarted again and again.
const RESTLESS: &str = r#"
    [channels.lines]
    [supervision]
    max-restarts = 100000
    backoff = "200ms"
    max-backoff = "200ms"
    [processes.one]
    component = "scenarios"
    args = { scenario = "wait-stop", arg = "" }
    [processes.maker]
    component = "scenarios"
    args = { scenario = "publish-and-stay", arg = "news" }
    capabilities = ["channel-lifecycle", "channel-writer", "channel-reader", "registry-publish="]
    limits = { wall-time = "500ms" }
    restart = "always"
"#;

/// Who watches.
struct Watcher {
    lines: std::io::Lines<BufReader<UnixStream>>,
    /// What there is, as it was told.
    shown: Snapshot,
}

impl Watcher {
    fn of(machine: &Machine) -> Self {
        let mut stream = UnixStream::connect(&machine.sockets()[0]).unwrap();
        stream.set_read_timeout(Some(HUNG)).unwrap();
        stream.write_all(line(WATCH).as_bytes()).unwrap();
        let mut lines = BufReader::new(stream).lines();
        let first = lines.next().unwrap().unwrap();
        let Ok(Reply::Snapshot(shown)) = serde_json::from_str(&first) else {
            panic!("{first}")
        };
        Self { lines, shown }
    }

    /// What comes next, applied to what is shown; none at the end.
    fn next(&mut self) -> Option<Event> {
        let line = self.lines.next().unwrap().unwrap();
        match serde_json::from_str(&line) {
            Ok(Reply::Event(event)) => {
                self.shown.apply(event.clone());
                Some(event)
            }
            Ok(Reply::Done) => {
                assert!(self.lines.next().is_none());
                None
            }
            other => panic!("{other:?}: {line}"),
        }
    }

    fn state(&self, name: &str) -> Option<&State> {
        let row = self.shown.processes.iter().find(|row| row.name == name);
        row.map(|row| &row.state)
    }
}

fn up(machine: &Machine) -> Up {
    machine.up(&machine.manifest("app", RESTLESS), &[])
}

#[test]
fn who_watches_is_told_of_starts_ends_restarts_and_channels_until_the_runner_ends() {
    let machine = Machine::new();
    let up = up(&machine);
    let mut watcher = Watcher::of(&machine);
    let mut seen = BTreeSet::new();
    while seen.len() < 4 {
        match watcher.next().unwrap() {
            Event::Restarted { process, .. } if process.name == "maker" => {
                assert!(process.restarts > 0);
                seen.insert("restarted");
            }
            Event::State {
                state: State::Waiting(end),
                ..
            } => {
                assert!(end.contains("wall-time"), "{end}");
                seen.insert("waits");
            }
            Event::Made(channel) => {
                assert!(channel.maker.unwrap().starts_with("maker ("));
                seen.insert("made");
            }
            Event::Gone { maker, .. } => {
                assert!(maker.is_some());
                seen.insert("gone");
            }
            _ => {}
        }
    }
    // The lists are those that others are told who ask now.
    assert_eq!(watcher.shown.channels[0].name, "lines");
    assert_eq!(machine.says(&["stop", "one"]), "one stopped\n");
    while !matches!(watcher.state("one"), Some(State::Ended(end)) if end == "stopped") {
        watcher.next().unwrap();
    }
    assert_eq!(machine.weft(&["stop", "--grace", "0s", "maker"]).code, 0);
    while !matches!(watcher.state("maker"), Some(State::Ended(_))) {
        watcher.next().unwrap();
    }
    // That was all there was to do.
    while watcher.next().is_some() {}
    let (code, stderr) = up.wait();
    assert!(code.is_some(), "{stderr}");
}

#[test]
fn who_watches_and_reads_nothing_holds_up_nobody_and_keeps_no_place_when_it_is_gone() {
    let machine = Machine::new();
    let up = up(&machine);
    let idle: Vec<_> = (0..32).map(|_| Watcher::of(&machine)).collect();
    let mut stream = UnixStream::connect(&machine.sockets()[0]).unwrap();
    stream.write_all(line(WATCH).as_bytes()).unwrap();
    let mut told = String::new();
    BufReader::new(stream).read_line(&mut told).unwrap();
    let wanted = "the runner has 32 clients that watch what happens already";
    assert!(told.contains(wanted), "{told}");
    assert_eq!(machine.weft(&["ps"]).code, 0);
    drop(idle);
    super::until(|| machine.weft(&["top", "--once", "--interval", "100ms"]).code == 0);
    up.interrupt();
}
