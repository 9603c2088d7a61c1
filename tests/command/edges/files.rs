//! Files as sources and sinks.

use super::{command, stderr};
use std::fs;

/// From the file `in` to the file `out`.
const COPY: &str = "[channels.c]\n\
                    [sources.in]\nfile = \"in\"\nchannel = \"c\"\n\
                    [sinks.out]\nfile = \"deep/out\"\nchannel = \"c\"\n";

#[test]
fn a_file_is_read_to_its_end_and_appended_to_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("in"), "one\ntwo").unwrap();
    for wanted in ["one\ntwo\n", "one\ntwo\none\ntwo\n"] {
        let assert = command(folder.path(), COPY).assert().success();
        assert.stdout_eq("");
        assert_eq!(fs::read_to_string(path("deep/out")).unwrap(), wanted);
    }
}

#[test]
fn every_framing_of_a_file_handles_what_is_bad_as_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let prefixed = b"\0\0\0\x03one\0\0\0\x09too long!\0\0\0\x03two\0\0\0\x09cut";
    let cases: [(&str, &[u8], u32); 3] = [
        ("lines", b"one\ntoo long!\ntwo", 1),
        ("json", b"\"one\"\nno\n\"two\"", 1),
        ("length-prefixed", prefixed, 2),
    ];
    for (frames, input, bad) in cases {
        fs::write(folder.path().join("in"), input).unwrap();
        for on_error in ["\"skip\"", "\"stop\"", "{ channel = \"bad\" }"] {
            for file in ["good", "bad"] {
                let _ = fs::remove_file(folder.path().join(file));
            }
            let text = format!(
                "[channels]\nc = {{}}\nbad = {{}}\n\
                 [sources.in]\nfile = \"in\"\nchannel = \"c\"\nframes = {frames:?}\nmax-frame = 5\non-error = {on_error}\n\
                 [sources.others]\nfile = \"/dev/null\"\nchannel = \"bad\"\n\
                 [sinks.good]\nfile = \"good\"\nchannel = \"c\"\n\
                 [sinks.bad]\nfile = \"bad\"\nchannel = \"bad\"\n"
            );
            let assert = command(folder.path(), &text).assert();
            let said = stderr(&assert);
            let read = |file: &str| fs::read_to_string(folder.path().join(file)).unwrap();
            let (good, rejected) = (read("good").replace('"', ""), read("bad"));
            match on_error {
                "\"stop\"" => {
                    assert.code(1);
                    assert_eq!((good.as_str(), rejected.as_str()), ("one\n", ""), "{said}");
                    assert!(said.contains("in failed:"), "{said}");
                }
                _ => {
                    assert.success();
                    assert_eq!(good, "one\ntwo\n", "{frames} {on_error}: {said}");
                    let told = if on_error.contains("channel") { bad } else { 0 };
                    assert_eq!(rejected.lines().count() as u32, told, "{rejected}");
                }
            }
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_fails_its_source_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let assert = command(folder.path(), COPY).assert().code(1);
    let said = stderr(&assert);
    assert!(
        said.contains("process `in` failed: cannot read `in`: No such file or directory"),
        "{said}"
    );
    assert!(said.contains("out returned 0 frames"), "{said}");
}

#[test]
fn a_file_that_cannot_be_written_fails_its_sink_and_a_restart_tries_again() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("in"), "one\n").unwrap();
    let with = |restart: &str| {
        format!(
            "[supervision]\nmax-restarts = 2\nbackoff = \"1ms\"\n[channels.c]\n\
             [sources.in]\nfile = \"in\"\nchannel = \"c\"\n\
             [sinks.out]\nfile = \"/dev/full\"\nchannel = \"c\"\nrestart = {restart:?}\n"
        )
    };
    let assert = command(folder.path(), &with("never")).assert().code(1);
    let said = stderr(&assert);
    assert!(
        said.contains("out failed: cannot write to `/dev/full`: No space left on device"),
        "{said}"
    );
    let assert = command(folder.path(), &with("on-failure")).assert().code(1);
    let said = stderr(&assert);
    assert!(said.contains("restarting in 1ms (1 of 2)"), "{said}");
    assert!(said.contains("giving up after 2 restarts"), "{said}");
    // Where there is a folder is no file.
    fs::create_dir(folder.path().join("deep")).unwrap();
    fs::create_dir(folder.path().join("deep/out")).unwrap();
    let assert = command(folder.path(), COPY).assert().code(1);
    assert!(stderr(&assert).contains("cannot write to `deep/out`: Is a directory"));
}

#[test]
fn a_sink_changes_files_by_size_and_loses_none_of_what_is_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let lines: String = (0..1000).map(|n| format!("line {n}\n")).collect();
    fs::write(folder.path().join("in"), &lines).unwrap();
    let text = "[channels.c]\ncapacity = 1000\n\
                [sources.in]\nfile = \"in\"\nchannel = \"c\"\n\
                [sinks.out]\nfile = \"out\"\nchannel = \"c\"\nrotate-bytes = 3000\nkeep = 10\nfsync = \"batch\"\n";
    command(folder.path(), text).assert().success();
    let mut all = String::new();
    for name in ["out.4", "out.3", "out.2", "out.1", "out"] {
        let part = fs::read_to_string(folder.path().join(name)).unwrap_or_default();
        assert!(part.len() <= 3000, "{name} has {} bytes", part.len());
        all += &part;
    }
    assert_eq!(all, lines);
}

#[test]
fn a_frame_with_a_newline_is_no_line() {
    let folder = tempfile::tempdir().unwrap();
    let input = b"\0\0\0\x03one\0\0\0\x03a\nb\0\0\0\x03two";
    fs::write(folder.path().join("in"), input).unwrap();
    let text = "[channels.c]\n\
                [sources.in]\nfile = \"in\"\nchannel = \"c\"\nframes = \"length-prefixed\"\n\
                [sinks.out]\nfile = \"out\"\nchannel = \"c\"\n";
    let assert = command(folder.path(), text).assert().success();
    let said = stderr(&assert);
    assert!(
        said.contains("line 2 makes no frame: it has a newline in it"),
        "{said}"
    );
    let out = fs::read_to_string(folder.path().join("out")).unwrap();
    assert_eq!(out, "one\ntwo\n");
}
