//! A file that is followed, as it grows, is rotated and truncated, and over restarts.

use super::manifest;
use crate::interrupt::{Running, code, signal};
use crate::support::target;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{ChildStdout, Command, Stdio};
use tempfile::TempDir;

const FOLLOW: &str = "[channels.c]\nto = \"stdout\"\n\
                      [sources.log]\nfile = \"log\"\nfollow = true\nchannel = \"c\"\n";

/// A log in a folder, and who follows it.
struct Log(TempDir);

struct Follower {
    running: Running,
    lines: BufReader<ChildStdout>,
}

impl Log {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn append(&self, text: &str) {
        let mut options = File::options();
        let log = options.append(true).create(true).open(self.path("log"));
        log.unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn follow(&self, more: &str) -> Follower {
        manifest(self.0.path(), &format!("{FOLLOW}{more}"));
        let child = Command::new(env!("CARGO_BIN_EXE_weft"))
            .env("WEFT_CACHE", target().join("tmp/cache"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("NO_COLOR", "1")
            .current_dir(self.0.path())
            .args(["up", "weft.toml"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut running = Running(child);
        let lines = BufReader::new(running.0.stdout.take().unwrap());
        Follower { running, lines }
    }
}

impl Follower {
    /// The next line.
    fn expect(&mut self, wanted: &str) {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        assert_eq!(line.trim_end_matches('\n'), wanted);
    }

    /// Ends it, and returns what it said.
    fn end(mut self, by: &str) -> String {
        signal(&self.running, by);
        let mut rest = String::new();
        self.lines.read_line(&mut rest).unwrap();
        assert_eq!(rest, "", "more than was expected");
        let stderr = self.running.0.stderr.take().unwrap();
        let said: Vec<_> = BufReader::new(stderr).lines().map(Result::unwrap).collect();
        code(self.running);
        said.join("\n")
    }
}

#[test]
fn a_log_is_followed_over_rotation_and_truncation() {
    let log = Log::new();
    let mut follower = log.follow("");
    log.append("one\ntw");
    follower.expect("one");
    log.append("o\n");
    follower.expect("two");
    fs::rename(log.path("log"), log.path("log.1")).unwrap();
    log.append("three\n");
    follower.expect("three");
    // As `copytruncate` does.
    fs::copy(log.path("log"), log.path("log.2")).unwrap();
    File::create(log.path("log")).unwrap();
    log.append("4\n");
    follower.expect("4");
    let said = follower.end("INT");
    assert!(said.contains("`log` begins anew"), "{said}");
    assert!(said.contains("log stopped"), "{said}");
}

#[test]
fn a_log_that_is_not_there_yet_is_told_and_waited_for() {
    let log = Log::new();
    let mut follower = log.follow("");
    let mut stderr = BufReader::new(follower.running.0.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("there is no `log`; waiting for it") {
        line.clear();
        assert!(stderr.read_line(&mut line).unwrap() > 0, "it ended");
    }
    log.append("one\n");
    follower.expect("one");
    signal(&follower.running, "INT");
    assert_eq!(code(follower.running), Some(130));
}

#[test]
fn a_restart_goes_on_where_it_was_and_so_does_one_after_a_rotation() {
    let log = Log::new();
    log.append("one\n");
    let mut follower = log.follow("");
    follower.expect("one");
    follower.end("TERM");
    log.append("two\nthr");
    let mut follower = log.follow("");
    follower.expect("two");
    follower.end("TERM");
    // The rest of a line, and a rotation while nobody looks.
    log.append("ee\n");
    fs::rename(log.path("log"), log.path("log.1")).unwrap();
    log.append("four\n");
    let mut follower = log.follow("");
    follower.expect("three");
    follower.expect("four");
    follower.end("TERM");
    let states = fs::read_dir(log.path("state/weft/sources")).unwrap();
    assert_eq!(states.count(), 1);
}

#[test]
fn a_follower_that_is_killed_leaves_out_nothing() {
    let log = Log::new();
    let state = "state = \"places/log\"\n";
    let mut follower = log.follow(state);
    for n in 0..100 {
        log.append(&format!("{n}\n"));
        follower.expect(&n.to_string());
    }
    signal(&follower.running, "KILL");
    assert_eq!(code(follower.running), None);
    log.append("the last\n");
    let mut follower = log.follow(state);
    let mut line = String::new();
    follower.lines.read_line(&mut line).unwrap();
    // Some come twice, and those are the last ones.
    if let Ok(from) = line.trim().parse::<u32>() {
        for n in from + 1..100 {
            follower.expect(&n.to_string());
        }
        follower.expect("the last");
    } else {
        assert_eq!(line, "the last\n");
    }
    follower.end("TERM");
    assert!(log.path("places/log").exists());
}

#[test]
fn a_place_in_a_file_that_is_gone_or_makes_no_sense_is_told() {
    let log = Log::new();
    log.append("one\n");
    let mut follower = log.follow("state = \"place\"\n");
    follower.expect("one");
    follower.end("TERM");
    fs::write(log.path("log"), "another\n").unwrap();
    let mut follower = log.follow("state = \"place\"\n");
    follower.expect("another");
    let said = follower.end("TERM");
    assert!(said.contains("is read from its beginning"), "{said}");
    fs::write(log.path("place"), "nonsense").unwrap();
    let follower = log.follow("state = \"place\"\n");
    let mut running = follower.running;
    let stderr = BufReader::new(running.0.stderr.take().unwrap());
    let said: Vec<_> = stderr.lines().map(Result::unwrap).collect();
    assert_eq!(code(running), Some(1));
    let said = said.join("\n");
    assert!(said.contains("cannot read the place in `place`"), "{said}");
    assert!(said.contains("remove the file to begin anew"), "{said}");
}

#[test]
fn what_was_there_before_is_left_out_by_one_that_begins_at_the_end() {
    let log = Log::new();
    log.append("old\n");
    let mut follower = log.follow("begin = \"end\"\n");
    // It says nothing when it has gone there.
    let state = log.path("state/weft/sources");
    crate::control::until(|| fs::read_dir(&state).is_ok_and(|mut it| it.next().is_some()));
    log.append("new\n");
    follower.expect("new");
    follower.end("INT");
}
