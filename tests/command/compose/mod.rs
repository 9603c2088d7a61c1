//! `weft compose`: components put together, and run as one. `output` is where the result goes.

mod output;
mod refused;

use crate::support::{guest_of, repository};
use crate::weft::{up, weft};
use snapbox::cmd::Command;
use std::path::{Path, PathBuf};

/// `weft compose` in this folder.
fn compose(folder: &Path, arguments: &[&str]) -> Command {
    weft().current_dir(folder).arg("compose").args(arguments)
}

fn shown(path: PathBuf) -> String {
    path.display().to_string()
}

/// Plugs the transform into the link, as `out` in this folder.
fn linked(folder: &Path, link: &str, plug: &str, out: &str) {
    compose(folder, &[link, "--plug", plug, "-o", out])
        .assert()
        .success()
        .stdout_eq("")
        .stderr_eq("");
}

fn stderr(command: Command, code: i32) -> String {
    let assert = command.assert().code(code);
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

/// Two processes around a transform: one that writes lines, one that prints what comes.
fn pipeline(folder: &Path, stage: &str) -> String {
    std::fs::write(folder.join("lines"), "one\ntwo\n").unwrap();
    let text = format!(
        r#"
        stage = "{stage}"
        [channels]
        lines = {{}}
        out = {{}}
        [processes.source]
        component = "flights-source"
        args = {{ path = "/data/lines", lines = {{ writer = "lines" }} }}
        capabilities = ["channel-writer"]
        mounts = [{{ host = ".", guest = "/data" }}]
        [processes.stage]
        transform = "stage"
        input = "lines"
        output = "out"
        [processes.sink]
        component = "parked"
        args = {{ input = {{ reader = "out" }} }}
        capabilities = ["channel-reader"]
        "#
    );
    let assert = up(folder, &["flights-source", "parked"], &text)
        .assert()
        .success();
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

#[test]
fn a_transform_runs_from_the_manifest_and_composed_ones_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let (link, stage) = (
        shown(guest_of("transform-link")),
        shown(guest_of("transform")),
    );
    linked(folder.path(), &link, &stage, "two.wasm");
    linked(folder.path(), &link, "two.wasm", "three.wasm");
    for component in [stage.as_str(), "three.wasm"] {
        let said = pipeline(folder.path(), component);
        assert!(
            said.contains("stage returned {read: 2, written: 3}"),
            "{said}"
        );
        assert!(said.contains("sink returned 3"), "{said}");
    }
}

#[test]
fn handles_of_channels_cross_into_a_component_inside() {
    let folder = tempfile::tempdir().unwrap();
    let document = "package test:app;\n\
        let inner = new test:inner { ... };\n\
        let outer = new test:outer { run: inner.run, ... };\n\
        export outer.start;\n";
    std::fs::write(folder.path().join("app.wac"), document).unwrap();
    let dependency = |name: &str, file: &str| format!("test:{name}={}", shown(guest_of(file)));
    let (inner, outer) = (
        dependency("inner", "composed-inner"),
        dependency("outer", "composed-outer"),
    );
    compose(
        folder.path(),
        &[
            "app.wac", "--dep", &inner, "--dep", &outer, "-o", "app.wasm",
        ],
    )
    .assert()
    .success();
    let ran = weft()
        .current_dir(folder.path())
        .args(["run", "app.wasm", "--invoke", "start(\"word\")"])
        .args(["--grant", "channel-lifecycle", "--grant", "channel-reader"])
        .args(["--grant", "channel-writer"])
        .assert()
        .success();
    ran.stdout_eq("\"WORD\"\n");
    // The backtrace of a trap inside goes through both components.
    let trapped = weft()
        .current_dir(folder.path())
        .args(["run", "app.wasm", "--invoke", "start(\"panic\")"])
        .args(["--grant", "channel-lifecycle", "--grant", "channel-reader"])
        .args(["--grant", "channel-writer"]);
    let said = stderr(trapped, 134);
    assert!(
        said.contains("\n    run\n") && said.contains("\n    start\n"),
        "{said}"
    );
}

#[test]
fn the_example_counts_what_its_filter_lets_through() {
    let folder = tempfile::tempdir().unwrap();
    let filter = shown(guest_of("compose-filter"));
    linked(
        folder.path(),
        &shown(guest_of("compose-tally")),
        &filter,
        "late_tally.wasm",
    );
    let example = repository().join("examples/compose/weft.toml");
    let manifest = std::fs::read_to_string(example).unwrap();
    let manifest = manifest
        .replace("../../target/late_tally.wasm", "late_tally.wasm")
        .replace(
            "../../target/wasm32-wasip2/guest",
            &shown(guest_of("transform").parent().unwrap().into()),
        )
        .replace(
            "../flights/data",
            &shown(repository().join("examples/flights/data")),
        );
    std::fs::write(folder.path().join("weft.toml"), manifest).unwrap();
    let assert = weft()
        .current_dir(folder.path())
        .args(["up", "weft.toml"])
        .assert()
        .success();
    let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    let late = late_flights();
    assert!(
        said.contains(&format!("late returned {{read: 20000, written: {late}}}")),
        "{said}"
    );
    assert!(said.contains(&format!("count returned {late}")), "{said}");
    assert!(
        said.contains("tally returned \"DFW 78, ORD 75, LAX 47\""),
        "{said}"
    );
}

fn late_flights() -> usize {
    let data = repository().join("examples/flights/data/flights-20k.ndjson");
    let text = std::fs::read_to_string(data).unwrap();
    let delays = text.lines().filter_map(|line| {
        let flight: serde_json::Value = serde_json::from_str(line).unwrap();
        flight["delay"].as_f64()
    });
    delays.filter(|delay| *delay >= 60.0).count()
}
