//! A writer whose stream nobody reads for a while.

#![allow(clippy::panic, clippy::unwrap_used)]
use super::*;
use std::io::{BufRead, BufReader, PipeReader, Read, pipe};

/// A writer of one pipe, for both streams.
fn start(terminal: bool) -> (Arc<Queue>, BufReader<PipeReader>) {
    let (read, write) = pipe().unwrap();
    let outs: [Option<Out>; 2] = [
        Some(Box::new(write.try_clone().unwrap())),
        Some(Box::new(write)),
    ];
    let queue = Writer::start_with(outs, terminal, Moving::new(false));
    (queue, BufReader::new(read))
}

fn of_guest(queue: &Queue, bytes: &[u8]) {
    let bytes = bytes.to_owned().into();
    queue.push(Item::Bytes(Stream::Stdout, bytes, Room::unbounded()));
}

#[test]
fn whoever_says_something_never_waits_and_what_was_left_out_is_told() {
    let (queue, read) = start(false);
    // More than the queue and the pipe can hold while nobody reads.
    let said: u64 = 100_000;
    for number in 0..said {
        queue.note(&format!("{number}"));
    }
    let end = std::thread::spawn(move || queue.result(Stream::Stderr, b"end\n".into()));
    let lines = read.lines().map(Result::unwrap);
    let (mut written, mut missing, mut next) = (0, 0, 0);
    for line in lines.take_while(|line| line != "end") {
        if let Some(text) = line.strip_prefix("warning: ") {
            let lines: u64 = text.split(' ').next().unwrap().parse().unwrap();
            missing += lines;
            next += lines;
        } else {
            assert_eq!(line, next.to_string(), "what is there is in its place");
            written += 1;
            next += 1;
        }
    }
    end.join().unwrap().unwrap();
    assert!(missing > 0);
    assert_eq!(written + missing, said);
}

#[test]
fn guests_bytes_come_whole_and_in_order_with_what_is_said() {
    let (queue, mut read) = start(false);
    let large = vec![b'x'; 1 << 20];
    queue.note("before");
    of_guest(&queue, b"one ");
    of_guest(&queue, b"two\n");
    of_guest(&queue, &large);
    queue.note("after");
    let mut all = vec![0; 7 + 8 + large.len() + 6];
    read.read_exact(&mut all).unwrap();
    assert!(all.starts_with(b"before\none two\nxxx"));
    assert!(all.ends_with(b"xxxafter\n"));
    assert!(queue.result(Stream::Stdout, b"result".into()).is_ok());
    let mut result = [0; 6];
    read.read_exact(&mut result).unwrap();
    assert_eq!(&result, b"result");
}

#[test]
fn on_a_terminal_the_line_of_a_guest_stays_whole_whatever_is_said_meanwhile() {
    let (queue, read) = start(true);
    of_guest(&queue, b"working...");
    queue.note("said");
    of_guest(&queue, b" done\n");
    queue.note("end");
    let lines: Vec<_> = read.lines().take(3).map(Result::unwrap).collect();
    let said = "working...\r\u{1b}[Jsaid";
    assert_eq!(lines, [said, "working... done", "end"]);
}

#[test]
fn a_pipe_that_is_closed_ends_what_guests_write_and_holds_nobody() {
    let (queue, read) = start(false);
    drop(read);
    for _ in 0..100 {
        of_guest(&queue, &vec![b'x'; 1 << 20]);
    }
    let error = queue.result(Stream::Stdout, b"result".into()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    let broken = queue.broken(Stream::Stdout).unwrap();
    assert_eq!(broken.kind(), ErrorKind::BrokenPipe);
    assert!(queue.broken(Stream::Stderr).is_none());
}

#[test]
fn nobody_waits_for_a_writer_that_has_failed() {
    let (mut read, write) = pipe().unwrap();
    let outs: [Option<Out>; 2] = [None, Some(Box::new(write))];
    let queue = Writer::start_with(outs, false, Moving::new(true));
    let line = super::super::Line {
        name: None,
        text: Box::new(|| panic!("what a line says has failed")),
    };
    queue.push(Item::Moving(Change::Show(0, line)));
    // The writer drops its end of the pipe when it ends.
    assert_eq!(read.read(&mut [0]).unwrap(), 0);
    // This result may have been queued before the writer ended, or after.
    let _ = queue.result(Stream::Stderr, Vec::new());
    queue.result(Stream::Stderr, Vec::new()).unwrap();
}
