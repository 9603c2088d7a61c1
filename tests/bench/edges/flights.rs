//! Rows of a whole pipeline: the five processes of `examples/flights`, with a million lines.

use crate::measure::{Case, Round, Setup, Target, round};
use crate::server::weft;
use crate::{guest, target};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How often the example's file is taken: a million lines of 89 MB in all.
const TIMES: usize = 50;
/// Lines of the example's file.
const LINES: usize = 20_000;
/// Time between two looks at the memory of a program, which says how much it had at most until then.
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// The stages, each with the parameters of its entry point.
const STAGES: [(&str, &str); 5] = [
    (
        "source",
        r#"path = "/data/flights.ndjson", lines = { writer = "lines" }"#,
    ),
    (
        "parse",
        r#"raw = { reader = "lines" }, flights = { writer = "flights" }"#,
    ),
    (
        "join",
        r#"airports = "/data/airports.csv", flights = { reader = "flights" }, joined = { writer = "joined" }"#,
    ),
    (
        "stats",
        r#"joined = { reader = "joined" }, delays = { writer = "delays" }"#,
    ),
    ("report", r#"delays = { reader = "delays" }"#),
];

/// The rows.
pub fn cases() -> Vec<Case> {
    let row = |name: &str, unit, measured: fn(&mut Child) -> f64, target| Case {
        name: name.into(),
        unit,
        row: runs(|| weft(&manifest()), measured),
        baseline: "the same stages as tasks on tokio",
        baseline_row: beside(measured),
        target,
    };
    vec![
        row("flights", "ns/line", time, Target::Time(1.3)),
        row("flights-memory", "MiB", memory, Target::Below(64.0)),
    ]
}

fn beside(measured: fn(&mut Child) -> f64) -> Setup {
    Box::new(move || Ok(runs(tasks, measured)))
}

fn tasks() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--native", "flights"]).arg(folder());
    command
}

/// What the stages read, made once.
fn folder() -> PathBuf {
    let folder = target().join("tmp/bench-flights");
    let file = folder.join("flights.ndjson");
    if !file.exists() {
        std::fs::create_dir_all(&folder).unwrap();
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/flights/data");
        std::fs::copy(data.join("airports.csv"), folder.join("airports.csv")).unwrap();
        let lines = std::fs::read(data.join("flights-20k.ndjson")).unwrap();
        let part = file.with_extension("part");
        let mut output = BufWriter::new(File::create(&part).unwrap());
        for _ in 0..TIMES {
            output.write_all(&lines).unwrap();
        }
        output.into_inner().unwrap();
        std::fs::rename(part, &file).unwrap();
    }
    folder
}

/// That of the example, with this file in place of its own.
fn manifest() -> PathBuf {
    let mut text = String::from("[components]\n");
    for (stage, _) in STAGES {
        let component = guest(&format!("flights_{stage}"));
        writeln!(text, "{stage} = {component:?}").unwrap();
    }
    for channel in ["lines", "flights", "joined", "delays"] {
        writeln!(text, "[channels.{channel}]\ncapacity = \"256KiB\"").unwrap();
    }
    let mount = folder();
    for (stage, args) in STAGES {
        writeln!(
            text,
            "[processes.{stage}]\ncomponent = {stage:?}\nargs = {{ {args} }}\n\
             mounts = [{{ host = {mount:?}, guest = \"/data\" }}]"
        )
        .unwrap();
    }
    // The table is that of the last one.
    text += "stdio = \"inherit\"\n";
    let file = target().join("tmp/bench-flights.toml");
    std::fs::write(&file, text).unwrap();
    file
}

/// Nanoseconds a line, from now to the end of the program.
fn time(program: &mut Child) -> f64 {
    let since = Instant::now();
    end(program);
    since.elapsed().as_nanos() as f64 / (TIMES * LINES) as f64
}

/// Memory that the program had at most, in MiB.
fn memory(program: &mut Child) -> f64 {
    let status = format!("/proc/{}/status", program.id());
    let mut most = 0.0;
    while program.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
        let kib = line.and_then(|it| it.split_whitespace().next()?.parse::<f64>().ok());
        most = kib.map_or(most, |kib| kib / 1024.0);
        std::thread::sleep(BETWEEN_LOOKS);
    }
    end(program);
    most
}

fn end(program: &mut Child) {
    let status = program.wait().unwrap();
    assert!(status.success(), "{status}");
}

fn runs(command: fn() -> Command, measured: fn(&mut Child) -> f64) -> Round {
    round(move || async move {
        let ran = tokio::task::spawn_blocking(move || {
            let mut command = command();
            // The table has some hundred lines.
            let mut program = command.stdout(Stdio::null()).spawn().unwrap();
            measured(&mut program)
        });
        ran.await.unwrap()
    })
}
