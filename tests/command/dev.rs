//! `weft dev`: what is built again, and what goes on meanwhile.

use crate::interrupt::{code, signal};
use crate::support::guest_of;
use crate::watch::{Watching, manifest, version};
use crate::weft::weft;
use snapbox::str;
use std::cell::RefCell;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Command;

/// An open that waits for nobody.
const O_NONBLOCK: i32 = rustix::fs::OFlags::NONBLOCK.bits() as i32;

/// A project whose component is built by a script of its own.
fn project(folder: &Path, script: &str) -> String {
    std::fs::write(folder.join("source.bin"), version("version-1")).unwrap();
    std::fs::write(folder.join("build.sh"), script).unwrap();
    let file = manifest(folder, "made.wasm");
    let text = std::fs::read_to_string(&file).unwrap();
    let built = "a = { file = \"made.wasm\", build = \"sh build.sh\" }";
    std::fs::write(&file, text.replace("a = \"made.wasm\"", built)).unwrap();
    file
}

fn dev(manifest: &str) -> Watching {
    Watching::of(&["dev", manifest, "--grace", "60s", "--control", "off"])
}

#[test]
fn what_changes_is_built_and_reloaded_and_what_cannot_be_built_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, bytes: &[u8]| std::fs::write(folder.path().join(file), bytes).unwrap();
    let copy = "echo a line of the build; cp source.bin made.wasm\n";
    let mut dev = dev(&project(folder.path(), copy));
    dev.until("building a: sh build.sh");
    dev.until("started 3 processes");
    write("source.bin", &version("version-2"));
    dev.until("source.bin has changed; building a: sh build.sh");
    dev.until("a line of the build");
    dev.until("a reloaded");
    write("build.sh", b"echo it is broken >&2; exit 3\n");
    dev.until("build.sh has changed; building a");
    dev.until("it is broken");
    dev.until("a not built: exit status: 3; what runs goes on as it was");
    write("build.sh", copy.as_bytes());
    write("source.bin", &version("version-3"));
    dev.until("a reloaded");
    // What is made is no source.
    assert!(
        !dev.seen
            .iter()
            .any(|line| line.contains("made.wasm has changed"))
    );
    signal(&dev.child, "INT");
    assert_eq!(code(dev.child), Some(130));
}

#[test]
fn the_end_of_the_command_ends_its_build() {
    let folder = tempfile::tempdir().unwrap();
    let mut dev = dev(&project(folder.path(), "cp source.bin made.wasm\n"));
    dev.until("started 3 processes");
    let slow = "sleep 1000 & echo $! > .pid; echo it waits; wait\n";
    std::fs::write(folder.path().join("build.sh"), slow).unwrap();
    dev.until("it waits");
    let pid = std::fs::read_to_string(folder.path().join(".pid")).unwrap();
    signal(&dev.child, "TERM");
    assert_eq!(code(dev.child), Some(143));
    let status = format!("/proc/{}/status", pid.trim());
    crate::control::until(|| {
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        status.is_empty() || status.contains("State:\tZ")
    });
}

#[test]
fn a_build_that_changes_its_own_sources_comes_to_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let script = "cp source.bin made.wasm; date +%s%N > made.txt; echo built >> .builds\n";
    let mut dev = dev(&project(folder.path(), script));
    dev.until("started 3 processes");
    std::fs::write(folder.path().join("source.bin"), version("version-2")).unwrap();
    dev.until_both("a reloaded", "made.txt has changed; building a");
    // Another change is built, and nothing was in between.
    std::thread::sleep(std::time::Duration::from_secs(2));
    let builds = std::fs::read_to_string(folder.path().join(".builds")).unwrap();
    assert_eq!(builds.lines().count(), 3, "{builds}");
    std::fs::write(folder.path().join("source.bin"), version("version-3")).unwrap();
    dev.until("a reloaded");
    signal(&dev.child, "INT");
    assert_eq!(code(dev.child), Some(130));
}

#[test]
fn what_has_ended_runs_again_when_a_source_changes() {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, bytes: &[u8]| std::fs::write(folder.path().join(file), bytes).unwrap();
    write("source.bin", &std::fs::read(guest_of("hello")).unwrap());
    write("other.txt", b"one");
    let text = "[components]\nhello = { file = \"hello.wasm\", build = \"cp source.bin hello.wasm\" }\n\
                [processes.p]\ncomponent = \"hello\"\nargs = { name = \"you\" }\n";
    write("weft.toml", text.as_bytes());
    let mut dev = dev(&folder.path().display().to_string());
    for text in [&b"two"[..], b"three"] {
        dev.until("p returned \"Hello, you!\"");
        dev.until("all processes have ended; waiting for a change");
        write("other.txt", text);
        dev.until("other.txt has changed; building hello");
    }
    dev.until("waiting for a change");
    signal(&dev.child, "INT");
    assert_eq!(code(dev.child), Some(130));
}

#[test]
fn a_signal_ends_a_later_round_that_still_reads_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = |file: &str| folder.path().join(file);
    std::fs::copy(guest_of("hello"), path("source.bin")).unwrap();
    let text = "[components]\nhello = { file = \"hello.wasm\", build = \"cp source.bin hello.wasm\" }\n\
                [processes.p]\ncomponent = \"hello\"\nargs = { name = \"you\" }\n";
    std::fs::write(path("weft.toml"), text).unwrap();
    let mut dev = dev(&folder.path().display().to_string());
    dev.until("all processes have ended; waiting for a change");
    // A manifest that nobody writes: the next round waits for it.
    std::fs::remove_file(path("weft.toml")).unwrap();
    let made = Command::new("mkfifo").arg(path("weft.toml")).status();
    assert!(made.unwrap().success());
    std::fs::write(path("other.txt"), b"two").unwrap();
    let opened = RefCell::new(None);
    crate::control::until(|| {
        // It can be opened like this only while somebody reads.
        let mut options = OpenOptions::new();
        let pipe = options.write(true).custom_flags(O_NONBLOCK);
        *opened.borrow_mut() = pipe.open(path("weft.toml")).ok();
        opened.borrow().is_some()
    });
    signal(&dev.child, "INT");
    assert_eq!(code(dev.child), Some(130));
}

#[test]
fn a_manifest_without_a_build_and_a_first_build_that_fails_are_bad_input() {
    let folder = tempfile::tempdir().unwrap();
    let dev = |components: &str| {
        let text = format!("[components]\n{components}\n[processes.p]\ncomponent = \"c\"\n");
        std::fs::write(folder.path().join("weft.toml"), text).unwrap();
        weft()
            .current_dir(folder.path())
            .arg("dev")
            .assert()
            .code(2)
    };
    dev("c = \"c.wasm\"").stderr_eq(str![[r#"
error: manifest `weft.toml`: no component has a `build`; write NAME = { file = "FILE", build = "COMMAND" }, or use `weft up --watch`

"#]]);
    dev("c = { file = \"c.wasm\", build = \"exit 3\" }").stderr_eq(str![[r#"
building c: exit 3
error: manifest `weft.toml`: component `c`: its build failed: exit status: 3: exit 3

"#]]);
}
