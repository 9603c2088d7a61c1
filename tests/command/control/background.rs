//! `weft up --detach`.

use super::{Machine, TWO, until};
use std::path::PathBuf;

/// Ends a runner in the background, whatever becomes of the test.
struct Background(u32);

impl Drop for Background {
    fn drop(&mut self) {
        let pid = self.0.to_string();
        let _ = std::process::Command::new("kill")
            .args(["-KILL", &pid])
            .stderr(std::process::Stdio::null())
            .status();
    }
}

/// Starts a manifest in the background, and returns what was said.
fn detach(machine: &Machine, manifest: &str, args: &[&str]) -> (Background, String) {
    let told = machine.weft(&[&["up", "-d", manifest], args].concat());
    assert_eq!(told.code, 0, "{}", told.stderr);
    let pid = told.stdout.split(['(', ')']).nth(1).map(str::parse);
    let pid = pid.and_then(Result::ok).expect(&told.stdout);
    (Background(pid), told.stdout)
}

#[test]
fn a_runner_in_the_background_is_there_until_it_is_ended_and_leaves_its_log() {
    let machine = Machine::new();
    let manifest = machine.manifest("app", TWO).display().to_string();
    let (background, said) = detach(&machine, &manifest, &[]);
    let pid = background.0;
    let log = said
        .lines()
        .find_map(|line| line.strip_prefix("  log file  "));
    let log = PathBuf::from(log.expect("it says where"));
    assert_eq!(
        said,
        format!(
            "app ({pid}) runs in the background\n  logs      weft logs -f --on {pid}\n  end       weft down --on {pid}\n  log file  {}\n",
            log.display()
        )
    );
    // A session of its own, so no signal of a terminal reaches it.
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, after_name) = stat.rsplit_once(") ").unwrap();
    assert_eq!(after_name.split(' ').nth(3), Some(&*pid.to_string()));
    let stdin = std::fs::read_link(format!("/proc/{pid}/fd/0")).unwrap();
    assert_eq!(stdin, PathBuf::from("/dev/null"));
    // All have been started, not only those that were first.
    let seen = machine.json(&["ps"]);
    assert_eq!(seen["pid"], pid);
    assert_eq!(seen["processes"][1]["state"], "running");
    assert_eq!(machine.says(&["logs", "one"]), "");
    assert_eq!(machine.says(&["down"]), format!("app ({pid}) has ended\n"));
    assert!(machine.refuses(&["ps"]).contains("no runner is running"));
    let kept = || std::fs::read_to_string(&log).unwrap();
    until(|| kept().contains("done in "));
    let kept = kept();
    assert!(kept.starts_with("started 2 processes\n"), "{kept}");
    assert!(kept.contains("\ntwo stopped\n"), "{kept}");
}

#[test]
fn what_keeps_a_runner_from_the_background_is_told() {
    let machine = Machine::new();
    let manifest = machine.manifest("app", "[processes.p]\ncomponent = \"nope\"\n");
    let manifest = manifest.display().to_string();
    let told = machine.refuses(&["up", "--detach", &manifest]);
    assert!(told.contains("there is no component `nope`"), "{told}");
    let manifest = machine.manifest("app", TWO).display().to_string();
    let told = machine.refuses(&["up", "-d", "--control", "off", &manifest]);
    assert!(told.contains("nobody could end the runner"), "{told}");
    // Only checking needs no background.
    let told = machine.says(&["up", "-d", "--dry-run", &manifest]);
    assert!(told.contains("is right"), "{told}");
}

#[test]
fn a_runner_that_ends_at_once_is_told_of_with_its_exit_code() {
    let machine = Machine::new();
    let text =
        "[processes.p]\ncomponent = \"scenarios\"\nargs = { scenario = \"exit\", arg = \"1\" }\n";
    let manifest = machine.manifest("app", text).display().to_string();
    let told = machine.weft(&["up", "-d", &manifest]);
    // A slow machine may take longer to end it than the command waits.
    if told.code == 0 {
        return;
    }
    assert_eq!(told.code, 1, "{}", told.stderr);
    assert!(
        told.stderr.contains("p exited with code 1"),
        "{}",
        told.stderr
    );
    assert_eq!(told.stdout, "");
}

#[test]
fn what_guests_write_and_objects_of_logs_go_to_the_log_file() {
    let machine = Machine::new();
    let text = r#"
        [processes.talks]
        component = "scenarios"
        args = { scenario = "stdout-lines", arg = "3" }
        stdio = "inherit"
        [processes.one]
        component = "scenarios"
        args = { scenario = "wait-stop", arg = "" }
    "#;
    let manifest = machine.manifest("app", text).display().to_string();
    let (_background, said) = detach(&machine, &manifest, &["--log-format", "json"]);
    let log = said
        .lines()
        .find_map(|line| line.strip_prefix("  log file  "));
    let log = log.expect("it says where");
    let kept = || std::fs::read_to_string(log).unwrap();
    until(|| kept().contains("talks returned"));
    let kept = kept();
    let (objects, lines): (Vec<_>, Vec<_>) = kept.lines().partition(|line| line.starts_with('{'));
    assert!(!objects.is_empty() && !lines.is_empty(), "{kept}");
    machine.says(&["down"]);
}
