//! Rows of `weft up` as a filter: lines from stdin, through a transform, to stdout.

use crate::measure::{Case, Round, Setup, Target, round};
use crate::server::weft;
use crate::{guest, target};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Lines of the input, of 1 GB in all: with fewer, a third of the time is the start of the program.
const LINES: usize = 12_500_000;

/// The rows.
pub fn cases() -> Vec<Case> {
    let row = |name: &str, baseline, baseline_row, target| Case {
        name: name.into(),
        unit: "ns/line",
        row: runs(|| weft(&manifest())),
        baseline,
        baseline_row,
        target: Target::Rate(target),
    };
    vec![
        row("filter-grep", "grep -c", beside(grep), 0.3),
        row(
            "filter-native",
            "the same tasks on tokio",
            beside(tasks),
            1.0,
        ),
    ]
}

fn beside(command: fn() -> Command) -> Setup {
    Box::new(move || Ok(runs(command)))
}

/// A transform that keeps lines with a word, which all have.
fn manifest() -> PathBuf {
    let guest = guest("bench_transform");
    let text = format!(
        r#"
        [components]
        stage = {guest:?}
        [channels]
        lines = {{ from = "stdin" }}
        kept = {{ to = "stdout" }}
        [processes.stage]
        transform = "stage"
        input = "lines"
        output = "kept"
        "#
    );
    let file = target().join("tmp/bench-filter.toml");
    std::fs::write(&file, text).unwrap();
    file
}

fn grep() -> Command {
    let mut command = Command::new("grep");
    command.args(["-c", "order"]);
    command
}

fn tasks() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--native", "filter", "-"]);
    command
}

/// The input, made once.
fn lines() -> PathBuf {
    let file = target().join("tmp/bench-lines-1g");
    if !file.exists() {
        let part = file.with_extension("part");
        let mut output = BufWriter::new(File::create(&part).unwrap());
        for line in 0..LINES {
            let text = "of tea, two pounds, to be sent to Anna before";
            writeln!(output, "order {line:>8} {text} {:>16}", line * 7).unwrap();
        }
        output.into_inner().unwrap();
        std::fs::rename(part, &file).unwrap();
    }
    file
}

/// Nanoseconds a line, from the start of a program to its end.
fn runs(command: fn() -> Command) -> Round {
    round(move || async move {
        let lines = lines();
        let ran = tokio::task::spawn_blocking(move || {
            let mut command = command();
            command.stdin(File::open(lines).unwrap());
            // Not nothing: `grep` would end at the first match.
            command.stdout(Stdio::piped());
            let since = Instant::now();
            let mut program = command.spawn().unwrap();
            let mut output = program.stdout.take().unwrap();
            std::io::copy(&mut output, &mut std::io::sink()).unwrap();
            let status = program.wait().unwrap();
            assert!(status.success(), "{status}");
            since.elapsed().as_nanos() as f64 / LINES as f64
        });
        ran.await.unwrap()
    })
}
