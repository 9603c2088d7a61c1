#![allow(clippy::unwrap_used)]
use super::*;
use std::io::Write;
use tempfile::TempDir;

struct Log {
    folder: TempDir,
    tail: Tail,
}

impl Log {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tail = Tail::new(folder.path().join("log"));
        Self { folder, tail }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn append(&self, name: &str, text: &str) {
        let mut options = fs::OpenOptions::new();
        let file = options.append(true).create(true).open(self.path(name));
        file.unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// One step, and what it has read.
    fn step(&mut self) -> (Step, String) {
        let mut buffer = BytesMut::new();
        let step = self.tail.step(&mut buffer).unwrap();
        (step, String::from_utf8(buffer.to_vec()).unwrap())
    }

    fn expect(&mut self, step: Step, text: &str) {
        assert_eq!(self.step(), (step, text.to_owned()));
    }
}

#[test]
fn a_file_is_waited_for_and_followed() {
    let mut log = Log::new();
    log.expect(Step::Idle(false), "");
    log.append("log", "one\n");
    log.expect(Step::Read, "one\n");
    log.expect(Step::Idle(true), "");
    log.append("log", "two\n");
    log.expect(Step::Read, "two\n");
}

#[test]
fn a_file_that_is_renamed_is_read_to_its_end_before_the_next() {
    let mut log = Log::new();
    log.append("log", "one\n");
    log.expect(Step::Read, "one\n");
    fs::rename(log.path("log"), log.path("log.1")).unwrap();
    log.append("log.1", "two\n");
    log.expect(Step::Read, "two\n");
    log.expect(Step::Idle(true), "");
    log.append("log", "three\n");
    log.expect(Step::Idle(true), "");
    // Its writer still has the old one.
    log.append("log.1", "late\n");
    log.expect(Step::Read, "late\n");
    log.expect(Step::Rotated, "");
    log.expect(Step::Read, "three\n");
}

#[test]
fn a_file_that_is_truncated_begins_anew_whatever_its_length_then() {
    let mut log = Log::new();
    log.append("log", "one\ntwo\n");
    log.expect(Step::Read, "one\ntwo\n");
    log.expect(Step::Idle(true), "");
    fs::write(log.path("log"), "1\n").unwrap();
    log.expect(Step::Truncated, "");
    log.expect(Step::Read, "1\n");
    log.expect(Step::Idle(true), "");
    fs::write(log.path("log"), "a longer text than before\n").unwrap();
    log.expect(Step::Truncated, "");
    log.expect(Step::Read, "a longer text than before\n");
}

#[test]
fn a_place_is_found_again_in_the_file_or_in_the_one_that_it_was_renamed_to() {
    let mut log = Log::new();
    log.append("log", "one\ntwo\n");
    log.expect(Step::Read, "one\ntwo\n");
    let place = log.tail.place(4, 1).unwrap().unwrap();
    let again = |log: &mut Log| {
        log.tail = Tail::new(log.path("log"));
        log.tail.go_to(&place).unwrap()
    };
    assert_eq!(again(&mut log), Found::There);
    log.expect(Step::Read, "two\n");
    fs::rename(log.path("log"), log.path("log.1")).unwrap();
    log.append("log", "three\n");
    assert_eq!(again(&mut log), Found::There);
    log.expect(Step::Read, "two\n");
    log.expect(Step::Idle(true), "");
    log.expect(Step::Rotated, "");
    log.expect(Step::Read, "three\n");
    fs::remove_file(log.path("log.1")).unwrap();
    assert_eq!(again(&mut log), Found::Lost);
    log.expect(Step::Read, "three\n");
}

#[test]
fn the_end_is_where_the_file_ends_now() {
    let mut log = Log::new();
    log.append("log", "one\n");
    assert_eq!(log.tail.go_to_end().unwrap(), 4);
    log.expect(Step::Idle(true), "");
    log.append("log", "two\n");
    log.expect(Step::Read, "two\n");
}

#[test]
fn only_a_regular_file_is_followed() {
    let log = Log::new();
    let mut tail = Tail::new(log.folder.path().to_owned());
    let error = tail.step(&mut BytesMut::new()).unwrap_err();
    assert!(error.to_string().contains("no regular file"), "{error}");
}
