//! `weft up` as a filter: from stdin to stdout, to its end.

use super::{CAPITALS, COPY, command, filter, manifest, stderr};
use crate::interrupt::{Running, code};
use crate::support::target;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

#[test]
fn lines_of_stdin_are_lines_of_stdout_and_nothing_else_is() {
    let assert = filter(COPY, "one\n\ntwo\nthe last").success();
    let said = stderr(&assert);
    assert.stdout_eq("one\n\ntwo\nthe last\n");
    assert!(said.contains("started 1 source, 1 sink"), "{said}");
    assert!(said.contains("stdin returned 4 frames"), "{said}");
    assert!(said.contains("stdout returned 4 frames"), "{said}");
    filter(COPY, "").success().stdout_eq("");
}

#[test]
fn a_million_lines_keep_their_order_through_a_transform() {
    let lines: String = (0..1_000_000).map(|n| format!("line {n}\n")).collect();
    let assert = filter(CAPITALS, lines.clone()).success();
    let wanted = lines.to_uppercase() + "END OF 1000000, 1\n";
    let wanted = wanted.replace("END OF", "end of");
    let stdout = &assert.get_output().stdout;
    assert!(
        wanted.as_bytes() == stdout.as_slice(),
        "{}",
        stderr(&assert)
    );
}

#[test]
fn every_framing_goes_in_as_it_comes_out() {
    let with = |frames: &str, more: &str| {
        format!(
            "[channels.c]\n[sources.in]\nstdin = true\nchannel = \"c\"\nframes = {frames:?}\n{more}\n\
             [sinks.out]\nstdout = true\nchannel = \"c\"\nframes = {frames:?}\n"
        )
    };
    let bytes: Vec<u8> = (0..1_000_000u32).map(|n| (n % 251) as u8).collect();
    let assert = filter(&with("chunks", ""), bytes.clone()).success();
    assert!(assert.get_output().stdout == bytes);
    let prefixed = b"\0\0\0\x03one\0\0\0\0\0\0\0\x04a\nb\n";
    let assert = filter(&with("length-prefixed", ""), prefixed).success();
    assert_eq!(assert.get_output().stdout, prefixed);
    filter(&with("json", ""), " {\"a\": 1}\n\n[]\r\n")
        .success()
        .stdout_eq("{\"a\": 1}\n[]\n");
}

#[test]
fn what_makes_no_frame_is_skipped_told_once_and_counted() {
    let text = "[channels.c]\nto = \"stdout\"\n\
                [sources.in]\nstdin = true\nchannel = \"c\"\nframes = \"json\"\nmax-frame = 20\n";
    let long = format!("\"{}\"", "x".repeat(100));
    let assert = filter(text, format!("1\n{{bad\n2\n{long}\n3\n")).success();
    let said = stderr(&assert);
    assert.stdout_eq("1\n2\n3\n");
    assert!(
        said.contains("line 2 makes no frame: it is no JSON"),
        "{said}"
    );
    assert!(said.contains("line=2"), "{said}");
    assert!(said.contains("2 lines in all made no frame"), "{said}");
    assert!(!said.contains("line 4"), "{said}");
}

#[test]
fn what_makes_no_frame_goes_to_its_channel_with_the_number_of_its_line() {
    let text = "[channels]\ngood = {}\nbad = { to = \"stdout\" }\n\
                [sources.in]\nstdin = true\nchannel = \"good\"\nmax-frame = 5\n\
                on-error = { channel = \"bad\" }\n\
                [sinks.good]\nchannel = \"good\"\nfile = \"good\"\n";
    let folder = tempfile::tempdir().unwrap();
    let assert = command(folder.path(), text)
        .stdin("12345\n123456\nok\n")
        .assert();
    assert.success().stdout_eq(
        "{\"from\":\"in\",\"line\":2,\"error\":\"it is longer than the 5 bytes that a frame may have\",\"text\":\"123456\"}\n",
    );
    let good = std::fs::read_to_string(folder.path().join("good")).unwrap();
    assert_eq!(good, "12345\nok\n");
}

#[test]
fn what_makes_no_frame_ends_a_source_that_is_to_stop_then() {
    let text = "[channels.c]\nto = \"stdout\"\n\
                [sources.in]\nstdin = true\nchannel = \"c\"\nframes = \"json\"\non-error = \"stop\"\n";
    let assert = filter(text, "1\nno\n3\n").code(1);
    let said = stderr(&assert);
    assert.stdout_eq("1\n");
    assert!(said.contains("in failed: line 2 makes no frame"), "{said}");
}

#[test]
fn a_line_that_no_channel_takes_does_not_end_the_source() {
    let text = "[channels.c]\ncapacity = 10\nfrom = \"stdin\"\nto = \"stdout\"\n";
    let long = "x".repeat(3_000_000);
    let assert = filter(text, format!("a\n0123456789\n{long}\nb\n")).success();
    let said = stderr(&assert);
    assert.stdout_eq("a\n0123456789\nb\n");
    assert!(
        said.contains("line 3 makes no frame: it is longer than the 10 bytes"),
        "{said}"
    );
}

#[test]
fn a_transform_that_fails_is_the_exit_code_and_the_source_ends_for_it() {
    let folder = tempfile::tempdir().unwrap();
    for (order, wanted) in [("fail", 1), ("panic", 134)] {
        manifest(folder.path(), CAPITALS);
        let mut child = spawn(folder.path());
        let mut stdin = child.0.stdin.take().unwrap();
        writeln!(stdin, "one\n{order}\ntwo").unwrap();
        // Stdin stays open, and the filter ends nevertheless.
        let mut said = String::new();
        let mut stderr = child.0.stderr.take().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        assert_eq!(code(child), Some(wanted), "{said}");
        assert!(said.contains("stopping stdin"), "{said}");
        drop(stdin);
    }
}

/// A filter in this folder, whose streams are pipes.
fn spawn(folder: &std::path::Path) -> Running {
    let child = Command::new(env!("CARGO_BIN_EXE_weft"))
        .env("WEFT_CACHE", target().join("tmp/cache"))
        .env("NO_COLOR", "1")
        .current_dir(folder)
        .args(["up", "weft.toml"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    Running(child)
}

#[test]
fn a_line_is_out_as_soon_as_it_is_in() {
    let folder = tempfile::tempdir().unwrap();
    manifest(folder.path(), COPY);
    let mut child = spawn(folder.path());
    let mut stdin = child.0.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.0.stdout.take().unwrap()).lines();
    for line in ["one", "two"] {
        writeln!(stdin, "{line}").unwrap();
        assert_eq!(stdout.next().unwrap().unwrap(), line);
    }
    drop(stdin);
    assert_eq!(stdout.next().map(Result::unwrap), None);
    assert_eq!(code(child), Some(0));
}

#[test]
fn a_reader_of_stdout_that_goes_ends_it_quietly() {
    let folder = tempfile::tempdir().unwrap();
    for text in [COPY, CAPITALS] {
        manifest(folder.path(), text);
        let mut child = spawn(folder.path());
        let mut stdin = child.0.stdin.take().unwrap();
        let endless = std::thread::spawn(move || while stdin.write_all(b"line\n").is_ok() {});
        let mut stdout = BufReader::new(child.0.stdout.take().unwrap());
        let mut first = String::new();
        stdout.read_line(&mut first).unwrap();
        assert_eq!(first.to_lowercase(), "line\n");
        drop(stdout);
        let mut said = String::new();
        let mut stderr = child.0.stderr.take().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        assert_eq!(code(child), Some(141), "{said}");
        endless.join().unwrap();
        // What takes long to compile is told before the start.
        let (_, after) = said.split_once("started ").unwrap();
        let after: Vec<_> = after.lines().skip(1).collect();
        assert!(after.is_empty(), "{said}");
    }
}

#[test]
fn a_reader_that_goes_is_noticed_while_nothing_comes() {
    let folder = tempfile::tempdir().unwrap();
    manifest(folder.path(), COPY);
    let mut child = spawn(folder.path());
    let stdin = child.0.stdin.take().unwrap();
    drop(child.0.stdout.take());
    drop(child.0.stderr.take());
    assert_eq!(code(child), Some(141));
    drop(stdin);
}

#[test]
fn a_stdout_without_room_is_a_failure_with_its_cause() {
    let folder = tempfile::tempdir().unwrap();
    manifest(folder.path(), COPY);
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_weft"))
        .env("NO_COLOR", "1")
        .current_dir(folder.path())
        .args(["up", "weft.toml"])
        .stdin(Stdio::piped())
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"one\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("process `stdout` failed: cannot write: No space left on device"),
        "{said}"
    );
}
