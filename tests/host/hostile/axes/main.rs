//! The axis harness. A guest makes everything that it can make, keep, send, wait for, name or nest: in number, in size
//! and in both, up to its limits. The host must stay within its configured bounds.
//!
//! `table` lists the axes and the expected ends. Each way of a row runs in a process of its own, which is this program
//! run again, since memory can only be measured for a whole process: see `attack`. `covered` compares the table with
//! the contract, so that nothing is forgotten. `cargo test --test axes -- NAME` runs the rows with that name. The
//! measurements are in `target/axes.txt`.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../../../support/mod.rs"]
mod support;

mod attack;
mod covered;
mod gauge;
mod row;
mod setting;
mod table;

use attack::Report;
use libtest_mimic::{Arguments, Failed, Trial};
use row::{Row, Way};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::{Command, ExitCode};
use std::sync::{Arc, Mutex};

/// The variable that says which row this process runs, and in which way.
const PLAYED: &str = "WEFT_AXIS";

/// Makes glibc's allocator return a large block to the system as soon as it is freed. By default it keeps such blocks
/// for each thread, so the memory that a host holds could not be told from memory that it has freed.
const ALLOCATOR: [(&str, &str); 1] = [("MALLOC_MMAP_THRESHOLD_", "131072")];

fn main() -> ExitCode {
    if let Ok(played) = std::env::var(PLAYED) {
        return play(&played);
    }
    let measured: Arc<Mutex<String>> = Arc::default();
    let mut trials = covered::trials();
    trials.extend(table::rows().into_iter().map(|row| {
        let measured = measured.clone();
        Trial::test(row.name, move || whole(&row, &measured))
    }));
    let arguments = Arguments::from_args();
    // Compile the guest once here, and not in the processes that measure.
    support::block_on(async {
        if !arguments.list {
            support::host(&["axes"]).await;
        }
    });
    let conclusion = libtest_mimic::run(&arguments, trials);
    let measured = measured.lock().unwrap();
    if !measured.is_empty() {
        let table = format!(
            "{:<34} {:>5} {:>7} {:>4} {:>4} {:>6} {:>6}  ended\n",
            "axis", "MiB", "allowed", "thr", "fds", "gap ms", "ms"
        );
        std::fs::write(support::target().join("axes.txt"), table + &measured).unwrap();
    }
    conclusion.exit_code()
}

/// Runs one way of one row in this process, and prints the report as JSON.
fn play(played: &str) -> ExitCode {
    let rows = table::rows();
    let found = rows.iter().find_map(|row| {
        let way = row
            .ways
            .iter()
            .find(|way| format!("{} {}", row.name, way.how) == played)?;
        Some((row, way))
    });
    let (row, way) = found.expect("there is such a row");
    let report = attack::play(row, way);
    println!("{}", serde_json::to_string(&report).unwrap());
    ExitCode::SUCCESS
}

/// Runs a row in all its ways, each in a process of its own.
fn whole(row: &Row, measured: &Mutex<String>) -> Result<(), Failed> {
    let mut wrong = Vec::new();
    let mut called = BTreeSet::new();
    for way in &row.ways {
        match apart(row, way) {
            Ok(report) => {
                let line = line(row, way, &report);
                measured.lock().unwrap().push_str(&line);
                wrong.extend(
                    report
                        .wrong
                        .iter()
                        .map(|what| format!("{}: {what}", way.how)),
                );
                called.extend(report.called);
            }
            Err(error) => wrong.push(format!("{}: {error}", way.how)),
        }
    }
    // Calls of the contract are counted. Those of WASI, which have a version here, are not.
    let of_fabric = row.covers.iter().filter(|name| !name.contains('@'));
    let never = of_fabric.filter(|name| !called.contains(**name));
    wrong.extend(never.map(|name| format!("`{name}` was never called")));
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n").into()),
    }
}

/// Runs one way in a process of its own.
fn apart(row: &Row, way: &Way) -> Result<Report, String> {
    let program = std::env::current_exe().expect("this program");
    let mut command = Command::new(program);
    let played = format!("{} {}", row.name, way.how);
    let command = command.env(PLAYED, played).envs(ALLOCATOR);
    let output = command.output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let report = said
        .lines()
        .rev()
        .find_map(|line| serde_json::from_str(line).ok());
    match (output.status.success(), report) {
        (true, Some(report)) => Ok(report),
        _ => Err(format!(
            "{}: {said}{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

fn line(row: &Row, way: &Way, report: &Report) -> String {
    let mut line = String::new();
    let name = format!("{} {}", row.name, way.how);
    let Report {
        grew,
        allowed,
        threads,
        descriptors,
        gap,
        took,
        end,
        ..
    } = report;
    let wrong = if report.wrong.is_empty() {
        ""
    } else {
        "WRONG: "
    };
    let _ = writeln!(
        line,
        "{name:<34} {grew:>5} {allowed:>7} {threads:>4} {descriptors:>4} {gap:>6} {took:>6}  {wrong}{end}"
    );
    line
}
