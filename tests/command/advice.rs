//! What is said of bad input: the cause first, what would be right, and no more of it than is needed.

use crate::support::guest_of;
use crate::weft::{run, up, weft};
use snapbox::str;

/// What the command says about these arguments of `weft run hello.wasm`, which are bad input.
fn refused(args: &[&str]) -> String {
    let assert = run("hello").args(args).assert().code(2).stdout_eq("");
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

#[test]
fn arguments_in_the_wrong_place_are_pointed_to_the_right_one() {
    run("hello")
        .arg("world")
        .assert()
        .code(2)
        .stderr_eq(str![[r#"
error: unexpected argument 'world' found

  tip: an entry point's arguments are given with --invoke, as in --invoke 'run("world")'; those of a command come after `--`
...
"#]]);
    // Of what belongs to no entry point there is no such tip.
    let told = refused(&["--wrold"]);
    assert!(!told.contains("entry point"), "{told}");
}

#[test]
fn the_list_of_capabilities_is_whole() {
    let told = refused(&["--grant", "root"]);
    let wanted = "unknown capability `root`; there are: channel-lifecycle, channel-reader, channel-writer, process-lifecycle, log-reader, clocks, registry-publish=PREFIX, registry-lookup=PREFIX, connect=PATTERN, listen=PATTERN, certificate=NAME; folders are granted by mounts or --dir, variables by env or --env";
    assert!(told.contains(wanted), "{told}");
    let told = refused(&["--grant", "filesystem"]);
    let wanted = "`filesystem` is granted by mounting a folder: mounts in a manifest, or --dir";
    assert!(told.contains(wanted), "{told}");
    let told = refused(&["--grant", "environment"]);
    assert!(
        told.contains("granted by variables: env in a manifest"),
        "{told}"
    );
}

#[test]
fn what_was_typed_is_repeated_in_part_if_it_is_long() {
    let long = "x".repeat(10_000);
    let call = format!("run({long}");
    let limit = format!("{long}=3");
    let value = format!("run(\"a\", \"{long}\")");
    for args in [
        &["--grant", &*long][..],
        &["--limit", &limit],
        &["--dir", &long],
        &["--invoke", &call],
        &["--invoke", &value],
        &[&long],
        &["--log-level", &limit],
    ] {
        let told = refused(args);
        let most = 1_000;
        assert!(told.len() < most, "{}: {told}", told.len());
    }
    let assert = weft()
        .args(["compose", &long, "--plug", &long, "-o", "x"])
        .assert();
    let told = String::from_utf8_lossy(&assert.code(2).get_output().stderr).into_owned();
    assert!(told.len() < 1_000, "{told}");
}

#[test]
fn a_collector_that_is_nowhere() {
    for (url, wanted) in [
        ("http://:4317", "there is no host"),
        ("http://127.0.0.1:0", "nothing listens at port 0"),
        ("http://127.0.0.1:4317#x", "`#x` belongs to no collector"),
        ("http://127.0.0.1", "there is no port"),
    ] {
        let told = refused(&["--otlp", url]);
        assert!(
            told.contains(wanted) || told.contains("write http://HOST:PORT"),
            "{url}: {told}"
        );
        assert!(
            url == "http://:4317" || told.contains(wanted),
            "{url}: {told}"
        );
    }
}

#[test]
fn a_folder_for_core_dumps_that_cannot_be_one() {
    let told = refused(&["--coredump", "/dev/null", "--invoke", "run(\"x\")"]);
    let wanted = "error: --coredump: cannot use `/dev/null` for core dumps: ";
    assert!(told.contains(wanted), "{told}");
}

#[test]
fn an_access_that_is_given_twice() {
    let told = refused(&["--dir", "a::b::rw::rw"]);
    let wanted = "error: --dir a::b::rw::rw: the access is given twice; write a::b::rw";
    assert!(told.contains(wanted), "{told}");
}

#[test]
fn an_end_of_the_wrong_kind_is_told_before_what_comes_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"
        [channels.raw]
        [processes.p]
        component = "echo"
        args = { input = { reader = "raw" }, output = { reader = "raw" } }
    "#;
    up(folder.path(), &["echo"], text)
        .assert()
        .code(2)
        .stderr_eq(str![[r#"
...
error: manifest `weft.toml`: process `p`: parameter `output` wants writer, given a reader

"#]]);
}

/// A component that takes a record and traps unless its values are `x`, the second colour, a circle of 2 and 7.
const NATURAL: &str = r#"(component
    (core module $m
        (func (export "run") (param i32 i32 i32 f64 i32 i32)
            (if (i32.ne (local.get 0) (i32.const 120)) (then unreachable))
            (if (i32.ne (local.get 1) (i32.const 1)) (then unreachable))
            (if (i32.ne (local.get 2) (i32.const 1)) (then unreachable))
            (if (f64.ne (local.get 3) (f64.const 2)) (then unreachable))
            (if (i32.ne (local.get 4) (i32.const 1)) (then unreachable))
            (if (i32.ne (local.get 5) (i32.const 7)) (then unreachable))))
    (core instance $i (instantiate $m))
    (type $colour-type (enum "red" "blue"))
    (export $colour "colour" (type $colour-type))
    (type $shape-type (variant (case "dot") (case "circle" f64)))
    (export $shape "shape" (type $shape-type))
    (type $given-type (record
        (field "letter" char) (field "colour" $colour) (field "shape" $shape) (field "most" (option u32))))
    (export $given "given" (type $given-type))
    (func $run (param "given" $given) (canon lift (core func $i "run")))
    (export "run" (func $run)))"#;

#[test]
fn a_character_a_case_and_an_option_are_written_as_toml_has_them() {
    let folder = tempfile::tempdir().unwrap();
    let component = wat::parse_str(NATURAL).unwrap();
    std::fs::write(folder.path().join("natural.wasm"), component).unwrap();
    let with = |given: &str| {
        let text = format!(
            "[components]\nc = \"natural.wasm\"\n[processes.p]\ncomponent = \"c\"\nargs.given = {given}\n"
        );
        std::fs::write(folder.path().join("weft.toml"), text).unwrap();
        weft().current_dir(folder.path()).arg("up").assert()
    };
    let natural = r#"{ letter = "x", colour = "blue", shape = { circle = 2.0 }, most = 7 }"#;
    with(natural).success();
    // As WAVE it is the same.
    with(r#""{letter: 'x', colour: blue, shape: circle(2.0), most: some(7)}""#).success();
    for (wrong, wanted) in [
        ("\"xy\", colour = \"blue\"", "char"),
        ("\"x\", colour = \"green\"", "`green`"),
    ] {
        let given = format!("{{ letter = {wrong}, shape = \"dot\" }}");
        let stderr = with(&given).code(2).get_output().stderr.clone();
        let told = String::from_utf8(stderr).unwrap();
        assert!(told.contains(wanted), "{given}: {told}");
    }
}

#[test]
fn a_component_that_answers_requests_is_pointed_to_a_listener() {
    for guest in ["http-02", "http-03"] {
        let assert = weft().arg("run").arg(guest_of(guest)).assert().code(2);
        let told = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
        assert!(told.contains("answers HTTP requests"), "{told}");
        // What it says to write is a manifest that can be run.
        let (_, manifest) = told.split_once("\n\n").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("weft.toml");
        std::fs::write(&file, manifest).unwrap();
        weft().arg("check").arg(&file).assert().success();
    }
}
