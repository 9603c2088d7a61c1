//! `weft up --watch`: a component whose file changes, whatever becomes of the folders above it and of the links to it.

use crate::interrupt::{Running, code, signal, start};
use crate::support::guest_of;
use crate::weft::up;
use std::io::{BufRead, BufReader, Lines};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::ChildStderr;
use std::time::Duration;
use tempfile::TempDir;

/// One that holds a channel open, one that reads it, and one that reads the diary of that, which is made of this file.
pub fn manifest(folder: &Path, component: &str) -> String {
    let [holder, sink] = ["sdk", "parked"].map(|name| guest_of(name).display().to_string());
    let text = format!(
        "[components]\na = {component:?}\nholder = {holder:?}\nsink = {sink:?}\n\
         [channels]\norders = {{}}\ndiary = {{}}\n\
         [processes.holder]\ncomponent = \"holder\"\n\
         capabilities = [\"channel-reader\", \"channel-writer\"]\n\
         [processes.holder.args]\nscenario = \"waits/stop\"\nnumber = 0\n\
         input = {{ reader = \"orders\", weak = true }}\noutput = {{ writer = \"orders\" }}\n\
         [processes.a]\ncomponent = \"a\"\n\
         capabilities = [\"channel-reader\", \"channel-writer\"]\n\
         [processes.a.args]\ntag = \"a\"\n\
         input = {{ reader = \"orders\" }}\ndiary = {{ writer = \"diary\" }}\n\
         [processes.sink]\ncomponent = \"sink\"\ncapabilities = [\"channel-reader\"]\n\
         args = {{ input = {{ reader = \"diary\" }} }}\n"
    );
    write_manifest(folder, &text)
}

fn write_manifest(folder: &Path, text: &str) -> String {
    let file = folder.join("weft.toml");
    std::fs::write(&file, text).unwrap();
    file.display().to_string()
}

/// The guest with another version in it.
pub fn version(version: &str) -> Vec<u8> {
    let mut bytes = std::fs::read(guest_of("supervised")).unwrap();
    let old = b"version-1";
    let at = bytes.windows(old.len()).position(|window| window == old);
    let at = at.expect("the guest names its version");
    bytes[at..at + old.len()].copy_from_slice(version.as_bytes());
    bytes
}

/// A `weft up --watch`, and what it has said so far.
pub struct Watching {
    pub child: Running,
    lines: Lines<BufReader<ChildStderr>>,
    pub seen: Vec<String>,
}

impl Watching {
    fn start(manifest: &str) -> Self {
        Self::of(&["up", manifest, "--watch", "--grace", "60s"])
    }

    /// A command that goes on until it is ended.
    pub fn of(args: &[&str]) -> Self {
        let mut child = start(args);
        let lines = BufReader::new(child.0.stderr.take().unwrap()).lines();
        let seen = Vec::new();
        Self { child, lines, seen }
    }

    /// Reads on up to this.
    pub fn until(&mut self, wanted: &str) {
        for line in self.lines.by_ref() {
            let line = line.unwrap();
            let found = line.contains(wanted);
            self.seen.push(line);
            if found {
                return;
            }
        }
        panic!("`{wanted}` is not in: {}", self.seen.join("\n"));
    }

    /// Reads on up to both of these; which of them is said first is not fixed.
    pub fn until_both(&mut self, one: &str, other: &str) {
        let (mut one, mut other) = (Some(one), Some(other));
        while one.is_some() || other.is_some() {
            let line = self.lines.next().expect("both are said").unwrap();
            one = one.filter(|wanted| !line.contains(wanted));
            other = other.filter(|wanted| !line.contains(wanted));
            self.seen.push(line);
        }
    }

    /// Waits until it has ended by itself, and returns its exit code.
    fn ended(mut self) -> Option<i32> {
        self.seen.extend(self.lines.map(Result::unwrap));
        code(self.child)
    }

    /// Ends it and returns all it has said.
    fn end(mut self) -> Vec<String> {
        signal(&self.child, "TERM");
        self.seen.extend(self.lines.map(Result::unwrap));
        assert_eq!(code(self.child), Some(143), "{:?}", self.seen);
        self.seen
    }
}

#[test]
fn a_component_whose_file_changes_is_reloaded() {
    let folder = tempfile::tempdir().unwrap();
    let component = folder.path().join("a.wasm");
    std::fs::write(&component, version("version-1")).unwrap();
    let mut up = Watching::start(&manifest(folder.path(), "a.wasm"));
    up.until("version-1 up");

    // As `cp` does it.
    std::fs::write(&component, version("version-2")).unwrap();
    up.until("a stopped; reloading");
    up.until("a reloaded: it goes on with what it has not read");

    // Half of a file, which is no component.
    let newest = version("version-3");
    std::fs::write(&component, &newest[..newest.len() / 2]).unwrap();
    up.until("a not reloaded: component `a` is not valid");

    // One that does not fit the arguments.
    std::fs::copy(guest_of("hello"), &component).unwrap();
    up.until("a not reloaded: ");

    // As editors and compilers do it.
    let beside = folder.path().join("a.wasm.new");
    std::fs::write(&beside, &newest).unwrap();
    std::fs::rename(&beside, &component).unwrap();
    up.until("a reloaded");

    let seen = up.end();
    let said = |wanted: &str| seen.iter().any(|line| line.contains(wanted));
    assert!(said("version-2 up") && said("version-3 up"), "{seen:?}");
    // Every incarnation's start and end were written, through a channel that stayed open.
    assert!(said("channel diary: 6 frames"), "{seen:?}");
}

#[test]
fn folders_that_are_removed_and_made_anew_are_followed() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("project");
    let place = |version_there: &str| {
        std::fs::create_dir_all(project.join("target/debug")).unwrap();
        std::fs::write(project.join("target/debug/a.wasm"), version(version_there)).unwrap();
    };
    place("version-1");
    let mut up = Watching::start(&manifest(folder.path(), "project/target/debug/a.wasm"));
    up.until("version-1 up");
    for (number, removed) in ["target/debug", "target", ""].iter().enumerate() {
        std::fs::remove_dir_all(project.join(removed)).unwrap();
        up.until("project/target/debug/a.wasm is gone; it is reloaded when there is one again");
        let next = format!("version-{}", number + 2);
        place(&next);
        up.until(&format!("{next} up"));
    }
    up.end();
}

#[test]
fn links_that_are_turned_and_what_they_lead_to_are_followed() {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    for release in ["1", "2"] {
        std::fs::create_dir_all(at(&format!("releases/{release}"))).unwrap();
        let bytes = version(&format!("version-{release}"));
        std::fs::write(at(&format!("releases/{release}/a.wasm")), bytes).unwrap();
    }
    // A link to a link to a folder.
    symlink("releases/1", at("data")).unwrap();
    symlink("data", at("current")).unwrap();
    let mut up = Watching::start(&manifest(folder.path(), "current/a.wasm"));
    up.until("version-1 up");
    symlink("releases/2", at("data.new")).unwrap();
    std::fs::rename(at("data.new"), at("data")).unwrap();
    up.until("version-2 up");
    std::fs::write(at("releases/2/a.wasm"), version("version-3")).unwrap();
    up.until("version-3 up");
    // What it no longer leads to is no matter; what it leads to again is.
    std::fs::write(at("releases/1/a.wasm"), version("version-4")).unwrap();
    symlink("releases/1", at("data.new")).unwrap();
    std::fs::rename(at("data.new"), at("data")).unwrap();
    up.until("version-4 up");
    up.end();
}

/// A component whose `run` does this, and returns a number if it has one.
fn core(result: bool, body: &str) -> Vec<u8> {
    let [core, lifted] = match result {
        true => ["(result i32)", "(result s32)"],
        false => ["", ""],
    };
    wat::parse_str(format!(
        "(component (core module $m (func (export \"run\") {core} {body}))
            (core instance $i (instantiate $m))
            (func $run {lifted} (canon lift (core func $i \"run\")))
            (export \"run\" (func $run)))"
    ))
    .unwrap()
}

/// One process of a file beside one that waits.
fn beside_a_waiter(component: &[u8]) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.wasm"), component).unwrap();
    let waiter = guest_of("scenarios").display().to_string();
    let text = format!(
        "[components]\na = \"a.wasm\"\nwaiter = {waiter:?}\n\
         [processes.waiter]\ncomponent = \"waiter\"\nargs = {{ scenario = \"wait-stop\", arg = \"\" }}\n\
         [processes.a]\ncomponent = \"a\"\n"
    );
    let manifest = write_manifest(folder.path(), &text);
    (folder, manifest)
}

#[test]
fn what_has_failed_is_started_again_when_it_is_mended() {
    let (folder, manifest) = beside_a_waiter(&core(false, "(unreachable)"));
    let mut up = Watching::start(&manifest);
    up.until("a trapped");
    // Mended in part.
    let component = folder.path().join("a.wasm");
    std::fs::write(&component, core(false, "(unreachable) (unreachable)")).unwrap();
    up.until_both("a reloaded", "a trapped");
    std::fs::write(&component, core(true, "(i32.const 7)")).unwrap();
    up.until_both("a reloaded", "a returned 7");
    // It has done what it was to do.
    std::fs::write(&component, core(true, "(i32.const 8)")).unwrap();
    up.until("a not reloaded: it has ended; only what has failed is started again");
    let seen = up.end();
    let failed = seen.iter().any(|line| line.contains("error: process `a`"));
    assert!(!failed, "{seen:?}");
}

#[test]
fn what_has_failed_is_waited_for_when_nothing_else_runs() {
    let folder = tempfile::tempdir().unwrap();
    let component = folder.path().join("a.wasm");
    std::fs::write(&component, core(false, "(unreachable)")).unwrap();
    let text = "[components]\na = \"a.wasm\"\n[processes.a]\ncomponent = \"a\"\n";
    let mut up = Watching::start(&write_manifest(folder.path(), text));
    up.until("; starting it again when its component changes");
    std::fs::write(&component, core(true, "(i32.const 7)")).unwrap();
    up.until_both("a reloaded: it begins anew", "a returned 7");
    assert_eq!(up.ended(), Some(0));

    // It is no longer waited for once it is stopped.
    std::fs::write(&component, core(false, "(unreachable)")).unwrap();
    let mut up = Watching::start(&write_manifest(folder.path(), text));
    up.until("; starting it again when its component changes");
    up.end();
}

#[test]
fn what_has_failed_and_can_hold_nothing_any_more_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let component = folder.path().join("a.wasm");
    let mut bytes = std::fs::read(guest_of("fail-midway")).unwrap();
    std::fs::write(&component, &bytes).unwrap();
    // Each reads what the other writes.
    let process = |name: &str, input: &str, output: &str| {
        format!(
            "[processes.{name}]\ncomponent = \"a\"\ncapabilities = [\"channel-reader\", \"channel-writer\"]\n\
             args = {{ input = {{ reader = {input:?} }}, output = {{ writer = {output:?} }}, after = 0 }}\n"
        )
    };
    let text = format!(
        "[components]\na = \"a.wasm\"\n[channels]\none = {{}}\nother = {{}}\n{}{}",
        process("a", "one", "other"),
        process("b", "other", "one")
    );
    let mut up = Watching::start(&write_manifest(folder.path(), &text));
    up.until_both("a trapped", "b trapped");
    // The same with a section that means nothing.
    bytes.extend([0, 2, 1, b'x']);
    std::fs::write(&component, &bytes).unwrap();
    up.until("a not reloaded: what it held is gone with it: ");
    // As one that has trapped ends a run.
    assert_eq!(up.ended(), Some(134));
}

#[test]
fn a_process_that_takes_its_time_to_stop_holds_up_no_other_reload() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut deaf = std::fs::read(guest_of("scenarios")).unwrap();
    std::fs::write(at("deaf.wasm"), &deaf).unwrap();
    std::fs::write(at("a.wasm"), core(false, "(unreachable)")).unwrap();
    let text = "[components]\na = \"a.wasm\"\ndeaf = \"deaf.wasm\"\n\
         [processes.deaf]\ncomponent = \"deaf\"\nargs = { scenario = \"ignore-stop\", arg = \"\" }\n\
         [processes.a]\ncomponent = \"a\"\n";
    let mut up = Watching::start(&write_manifest(folder.path(), text));
    up.until("a trapped");
    // The same with a section that means nothing: it is asked to stop, for a minute.
    deaf.extend([0, 2, 1, b'x']);
    std::fs::write(at("deaf.wasm"), &deaf).unwrap();
    // Nothing is said of that. Should it not have begun by then, the test shows less and passes all the same.
    std::thread::sleep(Duration::from_secs(2));
    std::fs::write(at("a.wasm"), core(true, "(i32.const 7)")).unwrap();
    up.until_both("a reloaded", "a returned 7");
    let reloaded = up.seen.iter().any(|line| line.contains("deaf reloaded"));
    assert!(!reloaded, "{:?}", up.seen);
    signal(&up.child, "TERM");
    up.until("stopping");
    // The second one says that it takes too long.
    up.end();
}

#[test]
fn what_cannot_be_a_component_is_not_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let component = folder.path().join("a.wasm");
    std::fs::write(&component, version("version-1")).unwrap();
    let mut up = Watching::start(&manifest(folder.path(), "a.wasm"));
    up.until("version-1 up");
    // 1 TB of nothing, which no machine has room for.
    let beside = folder.path().join("large");
    let large = std::fs::File::create(&beside).unwrap();
    large.set_len(1 << 40).unwrap();
    std::fs::rename(&beside, &component).unwrap();
    up.until("a not reloaded: component `a` is larger than the");
    // A pipe that nobody writes to.
    std::fs::remove_file(&component).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(&component)
        .status();
    assert!(made.unwrap().success());
    up.until("a.wasm is gone");
    std::fs::remove_file(&component).unwrap();
    std::fs::write(&component, version("version-2")).unwrap();
    up.until("version-2 up");
    up.end();
}

#[test]
fn a_manifest_that_changes_is_told_of() {
    let (folder, manifest) = beside_a_waiter(&core(false, ""));
    let mut up = Watching::start(&manifest);
    up.until("a returned");
    let text = std::fs::read_to_string(&manifest).unwrap();
    write_manifest(folder.path(), &format!("{text}restart = \"always\"\n"));
    up.until("weft.toml has changed; what it says now holds when it is started again");
    up.end();
}

#[test]
fn with_all_processes_ended_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[processes.p]\ncomponent = \"hello\"\nargs = { name = \"Ada\" }\n";
    up(folder.path(), &["hello"], text)
        .arg("--watch")
        .assert()
        .success();
}
