//! `weft logs`.

use super::Machine;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A process that is restarted twice, and one that keeps the runner.
const RESTARTED: &str = r#"
    [channels]
    orders = {}
    diary = { backpressure = "drop" }
    [supervision]
    backoff = "500ms"
    [processes.source]
    component = "flights-source"
    args = { path = "/data/lines", lines = { writer = "orders" } }
    capabilities = ["channel-writer"]
    mounts = [{ host = ".", guest = "/data" }]
    [processes.keeper]
    component = "scenarios"
    args = { scenario = "wait-stop", arg = "" }
    [processes.a]
    component = "supervised"
    args = { tag = "a", input = { reader = "orders" }, diary = { writer = "diary" } }
    capabilities = ["channel-reader", "channel-writer"]
    restart = "on-failure"
    delivery = "at-most-once"
"#;

fn bodies(json: &str) -> Vec<String> {
    let entries = json.lines().map(|line| {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(entry["Resource"]["service.name"], "a");
        entry["Body"].as_str().unwrap().to_owned()
    });
    entries.collect()
}

#[test]
fn a_log_is_followed_across_restarts_to_the_end_for_good() {
    let machine = Machine::new();
    let manifest = machine.manifest("app", RESTARTED);
    let orders = "header\n1\nfail\n2\ntrap\n3\n";
    std::fs::write(manifest.with_file_name("lines"), orders).unwrap();
    let up = machine.up(&manifest, &[]);
    // Ends by itself, while the runner goes on.
    let followed = machine.says(&["logs", "-f", "--json", "a"]);
    let ups = |json: &str| {
        let bodies = bodies(json);
        bodies.iter().filter(|body| *body == "version-1 up").count()
    };
    assert_eq!(ups(&followed), 3, "{followed}");
    // What is there still is the same, without waiting.
    assert_eq!(machine.says(&["logs", "--json", "a"]), followed);
    assert_eq!(
        machine.says(&["logs", "--json", "--since", "1h", "a"]),
        followed
    );
    let later = ["logs", "--since", "2999-01-01T00:00:00Z", "a"];
    assert_eq!(machine.says(&later), "");
    // For people as the runner itself shows it.
    let shown = machine.says(&["logs", "a"]);
    let line = shown.lines().next().unwrap();
    assert!(
        line.contains("INFO") && line.contains("version-1 up"),
        "{shown}"
    );
    let stderr = up.interrupt();
    assert!(stderr.contains(line), "{stderr}");
}

#[test]
fn a_log_that_is_followed_by_an_id_goes_on_with_what_is_started_in_its_place() {
    let machine = Machine::new();
    let manifest = machine.manifest("app", RESTARTED);
    let orders = "header\n1\nfail\n2\ntrap\n3\n";
    std::fs::write(manifest.with_file_name("lines"), orders).unwrap();
    let up = machine.up(&manifest, &[]);
    // The third that was started; by now there may be another in its place.
    let followed = machine.says(&["logs", "-f", "--json", "3"]);
    assert_eq!(followed, machine.says(&["logs", "--json", "a"]));
    let one = machine.says(&["logs", "--json", "3"]);
    assert!(followed.starts_with(&one) && followed.len() > one.len());
    up.interrupt();
}

#[test]
fn a_time_that_is_none_is_told_with_how_to_write_one() {
    let told = Machine::new().refuses(&["logs", "--since", "noon", "a"]);
    assert_eq!(
        told,
        "error: --since noon: this is no time; write how long ago as \"5m\", or a time as \"14:02:11\", \"2030-01-31 14:02:11\" or \"2030-01-31T12:00:00Z\"\n"
    );
}

#[test]
fn who_follows_is_told_when_the_runner_is_killed() {
    let machine = Machine::new();
    let up = machine.up(&machine.manifest("app", super::TWO), &[]);
    let mut follower = std::process::Command::new(env!("CARGO_BIN_EXE_weft"))
        .env("XDG_RUNTIME_DIR", machine.runtime.path())
        .env("NO_COLOR", "1")
        .args(["-vv", "logs", "-f", "one"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // It has found the runner.
    let mut stderr = std::io::BufReader::new(follower.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("asking") {
        assert_ne!(
            std::io::BufRead::read_line(&mut stderr, &mut said).unwrap(),
            0
        );
    }
    crate::interrupt::signal(&up.running, "KILL");
    up.wait();
    std::io::Read::read_to_string(&mut stderr, &mut said).unwrap();
    assert_eq!(follower.wait().unwrap().code(), Some(2));
    assert!(
        said.contains("error: the runner ended before its answer did"),
        "{said}"
    );
}

#[test]
fn a_time_as_it_is_printed_can_be_given_in_every_zone() {
    let machine = Machine::new();
    let manifest = machine.manifest("app", RESTARTED);
    std::fs::write(manifest.with_file_name("lines"), "header\n1\n").unwrap();
    let up = machine.up(&manifest, &[]);
    // Half a day ahead of any clock that could be taken for this machine's.
    for zone in ["AHEAD-13:30", "BEHIND+11:30", "UTC0"] {
        let logs = |args: &[&str]| {
            let command = machine.command(&[&["logs", "a"], args].concat());
            let output = command.env("TZ", zone).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        super::until(|| logs(&[]).lines().count() >= 1);
        let all = logs(&[]);
        let last = all.lines().last().unwrap();
        let (time, _) = last.split_once(' ').unwrap();
        let since = logs(&["--since", time]);
        assert!(since.contains(last), "{zone} {time}: {since}");
    }
    up.interrupt();
}

/// A process that says so much and then waits.
fn talker(entries: u64) -> String {
    format!(
        "[processes.p]\ncomponent = \"scenarios\"\n\
         args = {{ scenario = \"log-many-and-stay\", arg = \"{entries}\" }}\n\
         limits = {{ log-rate = \"1GiB\" }}\n"
    )
}

/// Follows its log, with a pipe for what is shown.
fn follow(machine: &Machine, more: &[&str]) -> (Child, ChildStdout) {
    let mut follower = Command::new(env!("CARGO_BIN_EXE_weft"))
        .env("XDG_RUNTIME_DIR", machine.runtime.path())
        .args(["logs", "-f", "p"])
        .args(more)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let read = follower.stdout.take().unwrap();
    (follower, read)
}

#[test]
fn following_a_log_ends_with_whoever_reads_it() {
    let machine = Machine::new();
    let up = machine.up(&machine.manifest("app", &talker(3)), &[]);
    // More than there are places for those who follow: each is free again.
    for _ in 0..40 {
        let (mut follower, mut read) = follow(&machine, &[]);
        assert!(read.read(&mut [0; 64]).unwrap() > 0);
        // As `grep -m1` does; the process says nothing more.
        drop(read);
        assert_eq!(follower.wait().unwrap().code(), Some(0));
    }
    up.interrupt();
}

#[test]
fn what_a_follower_missed_that_did_not_read_is_counted() {
    const ENTRIES: u64 = 50_000;
    let machine = Machine::new();
    let manifest = machine.manifest("app", &talker(ENTRIES));
    let up = machine.up(&manifest, &[]);
    let (mut follower, read) = follow(&machine, &["--json"]);
    let mut lines = BufReader::new(read).lines().map(Result::unwrap);
    let (mut first, mut lost) = (None, 0);
    let count = |line: &str, lost: &mut u64| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let attribute = |name: &str| line["Attributes"][name].as_str()?.parse::<u64>().ok();
        *lost += attribute("weft.log.lost").unwrap_or_default();
        attribute("entry")
    };
    while first.is_none() {
        first = count(&lines.next().unwrap(), &mut lost);
    }
    // Before the follower came entries were pushed out, which the log itself counts.
    let (first, before) = (first.unwrap(), lost);
    let mut shown = 1;
    assert_eq!(machine.says(&["stop", "p"]), "p stopped\n");
    for line in lines {
        shown += u64::from(count(&line, &mut lost).is_some());
    }
    assert_eq!(follower.wait().unwrap().code(), Some(0));
    assert_eq!(
        first + shown + lost - before,
        ENTRIES,
        "{shown} shown, {lost} lost"
    );
    up.wait();
}

/// Two processes that log and wait, a third that logs and ends.
const THREE: &str = r#"
    [processes.one]
    component = "scenarios"
    args = { scenario = "wait-stop", arg = "" }
    [processes.two]
    component = "scenarios"
    args = { scenario = "panic", arg = "boom" }
    [processes.three]
    component = "hello"
    args = { name = "x" }
"#;

#[test]
fn the_logs_of_any_number_of_processes_are_followed_by_one_client() {
    // More than clients that the runner has room for.
    const PROCESSES: usize = 40;
    let machine = Machine::new();
    let process = |at: usize| {
        format!(
            "[processes.p{at}]\ncomponent = \"hello\"\nargs = {{ name = \"x\" }}\n\
             [processes.q{at}]\ncomponent = \"scenarios\"\nargs = {{ scenario = \"wait-stop\", arg = \"\" }}\n"
        )
    };
    let processes: String = (0..PROCESSES).map(process).collect();
    let hello = crate::support::guest_of("hello").display().to_string();
    let manifest = machine.manifest("app", &format!("hello = {hello:?}\n{processes}"));
    let up = machine.up(&manifest, &["--grace", "0s"]);
    let names = |json: &str| {
        let names = entries(json).into_iter().map(|(_, name)| name);
        names.collect::<std::collections::BTreeSet<_>>()
    };
    super::until(|| names(&machine.says(&["logs", "--json"])).len() == PROCESSES);
    let mut follower = Command::new(env!("CARGO_BIN_EXE_weft"))
        .env("XDG_RUNTIME_DIR", machine.runtime.path())
        .args(["logs", "-f", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(follower.stdout.take().unwrap());
    let mut followed = String::new();
    while names(&followed).len() < PROCESSES {
        assert_ne!(stdout.read_line(&mut followed).unwrap(), 0, "{followed}");
    }
    up.interrupt();
    stdout.read_to_string(&mut followed).unwrap();
    assert!(follower.wait().unwrap().success(), "{followed}");
}

/// Times and names of the entries that were printed as JSON.
fn entries(json: &str) -> Vec<(u64, String)> {
    let entries = json.lines().map(|line| {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        let time = entry["Timestamp"].as_str().unwrap().parse().unwrap();
        let name = entry["Resource"]["service.name"].as_str().unwrap();
        (time, name.to_owned())
    });
    entries.collect()
}

#[test]
fn without_a_name_all_logs_come_in_the_order_of_time() {
    let machine = Machine::new();
    let hello = crate::support::guest_of("hello").display().to_string();
    let manifest = machine.manifest("app", &format!("hello = {hello:?}\n{THREE}"));
    let up = machine.up(&manifest, &[]);
    super::until(|| {
        let names = entries(&machine.says(&["logs", "--json"]));
        ["two", "three"]
            .iter()
            .all(|wanted| names.iter().any(|(_, name)| name == wanted))
    });
    let all = machine.says(&["logs", "--json"]);
    let told = entries(&all);
    assert!(told.is_sorted_by_key(|(time, _)| *time), "{all}");
    // The last ones, and those up to a time.
    let last = machine.says(&["logs", "--json", "-n", "1"]);
    assert_eq!(entries(&last), told[told.len() - 1..]);
    let last = machine.says(&["logs", "--json", "-n", "1", "three"]);
    assert_eq!(entries(&last).len(), 1);
    assert_eq!(machine.says(&["logs", "--until", "1h"]), "");
    assert_eq!(
        machine.says(&["logs", "--json", "--until", "2999-01-01"]),
        all
    );
    // Followed until the runner ends.
    let mut follower = Command::new(env!("CARGO_BIN_EXE_weft"))
        .env("XDG_RUNTIME_DIR", machine.runtime.path())
        .args(["logs", "-f", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(follower.stdout.take().unwrap());
    let mut followed = String::new();
    while followed.len() < all.len() {
        assert_ne!(stdout.read_line(&mut followed).unwrap(), 0, "{followed}");
    }
    assert_eq!(followed, all);
    machine.says(&["stop", "one"]);
    assert_eq!(up.wait().0, Some(134));
    stdout.read_to_string(&mut followed).unwrap();
    assert!(follower.wait().unwrap().success(), "{followed}");
}
