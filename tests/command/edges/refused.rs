//! What a manifest may not say about sources and sinks.

use super::{COPY, command, stderr};
use crate::weft::weft;

/// What is written in a manifest, and what is said of it.
const REFUSED: &[(&str, &str)] = &[
    (
        "",
        "the manifest has no processes, no sources, nothing that listens and no sinks",
    ),
    (
        "[channels.c]\nto = \"stdout\"\n[sources.s]\nchannel = \"c\"\n",
        "source `s`: nothing says what it is; write file = \"FILE\", stdin = true, nats = \"nats://HOST:4222\", every = \"1s\" or cron = ",
    ),
    (
        "[channels.c]\nto = \"stdout\"\n[sources.s]\nchannel = \"c\"\nfile = \"a\"\nevery = \"1s\"\n",
        "source `s`: it is one thing, and both `file` and `every` are given",
    ),
    (
        "[sources.s]\nevery = \"1s\"\n",
        "source `s`: nothing says which channel it writes to; write channel = \"NAME\"",
    ),
    (
        "[channels.c]\n[sources.s]\nevery = \"1s\"\nchannel = \"d\"\n",
        "source `s`: channel: there is no channel `d`; declared are: c",
    ),
    (
        "[channels.c]\nto = \"stdout\"\n[sources.s]\nevery = \"1s\"\nchannel = \"c\"\nframes = \"json\"\n",
        "source `s`: `frames` goes with file and stdin, and is of no use with `every`",
    ),
    (
        "[channels.c]\nto = \"stdout\"\n[sources.s]\nfile = \"f\"\nchannel = \"c\"\nstate = \"x\"\n",
        "source `s`: `state` is of no use without follow = true",
    ),
    (
        "[channels.c]\nto = \"stdout\"\n[sources.s]\nfile = \"f\"\nchannel = \"c\"\non-error = { channel = \"x\" }\n",
        "source `s`: on-error: there is no channel `x`",
    ),
    (
        "[channels.c]\nto = \"stdout\"\n[sources.s]\nfile = \"f\"\nchannel = \"c\"\nmax-frame = 0\n",
        "source `s`: max-frame: 0 bytes hold nothing",
    ),
    (
        "[channels.c]\nfrom = \"stdin\"\n[sinks.s]\nfile = \"f\"\nchannel = \"c\"\nkeep = 1\n",
        "sink `s`: `keep` is of no use without rotate-bytes or rotate-every",
    ),
    (
        "[channels.c]\nfrom = \"stdin\"\n[sinks.s]\nstdout = true\nchannel = \"c\"\nfsync = \"batch\"\n",
        "sink `s`: `fsync` goes with file, and is of no use with `stdout`",
    ),
    (
        "[channels]\na = { from = \"stdin\" }\nb = { from = \"stdin\" }\n",
        "stdin is read by one source",
    ),
    (
        "[channels]\na = { from = \"stdin\", to = \"stdout\" }\n[sinks.more]\nstdout = true\nchannel = \"a\"\n",
        "stdout is written to by one sink",
    ),
    (
        "[channels.c]\nto = \"stdout\"\n[sources.s]\nevery = \"1s\"\nchannel = \"c\"\n[sinks.s]\nfile = \"f\"\nchannel = \"c\"\n",
        "`s` is the name of two parts",
    ),
    (
        "[channels.c]\n[sources.s]\nevery = \"1s\"\nchannel = \"c\"\n[sinks.s]\nstdout = true\nchannel = \"c\"\n",
        "`s` is the name of two parts; processes, sources, listeners and sinks each need a name of their own",
    ),
    (
        "[channels]\nc = { from = \"stdin\" }\nd = {}\n[sources.stdin]\nevery = \"1s\"\nchannel = \"d\"\n",
        "a name of their own; a channel with `from = \"stdin\"` has a source of this name",
    ),
    (
        "[channels.c]\nto = \"stdout\"\n",
        "channel `c` has readers and no strong writer",
    ),
    (
        "[components]\nstage = TRANSFORM\n[channels.c]\nfrom = \"stdin\"\nto = \"stdout\"\n[processes.p]\ncomponent = \"stage\"\nstdio = \"inherit\"\n",
        "process `p`: stdio = \"inherit\" writes to stdout, and so does a sink",
    ),
];

#[test]
fn what_makes_no_sense_is_refused_with_what_would() {
    let folder = tempfile::tempdir().unwrap();
    for (text, wanted) in REFUSED {
        let assert = command(folder.path(), text).assert().code(2);
        let said = stderr(&assert);
        assert!(said.contains(wanted), "{text}: {said}");
    }
}

#[test]
fn stdin_and_stdout_are_there_once_and_in_the_foreground() {
    let assert = weft().args(["up", "-"]).stdin(COPY).assert().code(2);
    let said = stderr(&assert);
    assert!(said.contains("the manifest itself is from stdin"), "{said}");
    let folder = tempfile::tempdir().unwrap();
    let assert = command(folder.path(), COPY)
        .arg("--detach")
        .assert()
        .code(2);
    let said = stderr(&assert);
    assert!(
        said.contains("--detach: a runner in the background has no stdin"),
        "{said}"
    );
    let text = "[components]\nstage = { file = TRANSFORM, build = \"true\" }\n[channels.c]\nfrom = \"stdin\"\nto = \"stdout\"\n";
    super::manifest(folder.path(), text);
    let assert = weft()
        .current_dir(folder.path())
        .args(["dev", "weft.toml"])
        .assert()
        .code(2);
    let said = stderr(&assert);
    assert!(
        said.contains("a source reads stdin, which is there once"),
        "{said}"
    );
}
