//! Sources and listeners that are started again: where they go on.

use super::served::{SHOP, Served};
use super::{command, manifest, stderr};
use crate::control::{Machine, until};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;

/// A second input that never ends, so that the channel stays open.
const STAYS: &str = "[sources.stays]\nevery = \"24h\"\nchannel = \"c\"\n\
                     [sinks.out]\nfile = \"out\"\nchannel = \"c\"\n";

fn written(folder: &Path) -> String {
    fs::read_to_string(folder.join("out")).unwrap_or_default()
}

#[test]
fn a_source_that_stops_at_bad_input_comes_to_the_same_place_and_repeats_nothing() {
    for follow in ["", "follow = true\n"] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("in"), "1\n2\nno\n4\n").unwrap();
        let text = format!(
            "[supervision]\nmax-restarts = 2\nbackoff = \"1ms\"\n[channels.c]\n\
             [sources.in]\nfile = \"in\"\nchannel = \"c\"\nframes = \"json\"\non-error = \"stop\"\nrestart = \"on-failure\"\n{follow}\
             [sinks.out]\nfile = \"out\"\nchannel = \"c\"\n"
        );
        let assert = command(folder.path(), &text).assert().code(1);
        let said = stderr(&assert);
        // At the first time, and after each restart.
        let failed = said.matches("in failed: line 3 makes no frame");
        assert_eq!(failed.count(), 3, "{said}");
        assert!(said.contains("giving up after 2 restarts"), "{said}");
        assert_eq!(written(folder.path()), "1\n2\n", "{said}");
    }
}

#[test]
fn a_source_that_follows_goes_on_behind_bad_input_that_was_mended() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("in");
    fs::write(&log, "1\n2\nno\n").unwrap();
    let text = format!(
        "[supervision]\nmax-restarts = 1000000\nbackoff = \"10ms\"\nmax-backoff = \"10ms\"\n[channels.c]\n\
         [sources.in]\nfile = \"in\"\nchannel = \"c\"\nframes = \"json\"\non-error = \"stop\"\nrestart = \"on-failure\"\nfollow = true\n{STAYS}"
    );
    manifest(folder.path(), &text);
    let machine = Machine::new();
    let up = machine.up(&folder.path().join("weft.toml"), &[]);
    until(|| written(folder.path()) == "1\n2\n");
    // In its place, as long as it was.
    let mut options = fs::File::options();
    let mended = options.write(true).open(&log).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&mended, b"33\n4\n", 4).unwrap();
    until(|| written(folder.path()) == "1\n2\n33\n4\n");
    up.interrupt();
}

#[test]
fn weft_restart_reads_a_file_from_its_beginning_and_a_followed_one_from_its_place() {
    for follow in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let lines: String = (0..1000).map(|n| format!("{n}\n")).collect();
        fs::write(folder.path().join("in"), &lines).unwrap();
        // Until somebody reads it, its sink waits, and so does the source when the channel is full.
        let pipe = folder.path().join("out");
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let text = format!(
            "[channels.c]\ncapacity = \"1KiB\"\n\
             [sources.in]\nfile = \"in\"\nchannel = \"c\"\nfollow = {follow}\nrestart = \"on-failure\"\n{STAYS}"
        );
        manifest(folder.path(), &text);
        let machine = Machine::new();
        let up = machine.up(&folder.path().join("weft.toml"), &[]);
        let held = || machine.json(&["channels"])["channels"][0]["bytes_held"].clone();
        until(|| held().as_u64() > Some(900));
        machine.says(&["restart", "in"]);
        let written = BufReader::new(fs::File::open(&pipe).unwrap());
        let written = written.lines().map(|line| line.unwrap().parse().unwrap());
        let mut all: Vec<u32> = Vec::new();
        for n in written {
            all.push(n);
            if n == 999 {
                break;
            }
        }
        let again = all.iter().skip(1).position(|n| *n == 0);
        let last: Vec<u32> = (0..1000).collect();
        match (follow, again) {
            (true, None) => assert_eq!(all, last),
            (false, Some(before)) => assert_eq!(all[before + 1..], last, "{all:?}"),
            other => panic!("{other:?}: {all:?}"),
        }
        up.interrupt();
    }
}

#[test]
fn ids_of_events_stay_good_when_their_listener_is_restarted() {
    let shop = Served::on_a_port(SHOP);
    let mut events = shop.watch(&["accept: text/event-stream"]);
    shop.post("text/plain", "one\ntwo");
    let (first, data) = events.event();
    assert_eq!(data, "ONE");
    assert_eq!(events.event().1, "TWO");
    // Whoever looks on is told, and comes again.
    shop.says(&["restart", "shop"]);
    drop(events);
    until(|| shop.curl("/nothing", &[]).1 == 404);
    let last = format!("last-event-id: {first}");
    let mut again = shop.watch(&["accept: text/event-stream", &last]);
    assert_eq!(again.event().1, "TWO");
    shop.post("text/plain", "three");
    assert_eq!(again.event().1, "THREE");
}
