//! Manifests of several files, and profiles.

use crate::support::guest_of;
use crate::weft::weft;
use snapbox::cmd::OutputAssert;
use snapbox::str;
use std::path::Path;

/// A process that sends the lines of a file.
const SOURCE: &str = r#"
    [components]
    source = "flights_source.wasm"
    [processes.source]
    component = "source"
    args = { path = "/data/lines", lines = { writer = "lines" } }
    mounts = [{ host = "data", guest = "/data" }]
"#;

const LINES: &str = "[channels.lines]\nbackpressure = \"drop\"\n";

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in files {
        let file = folder.path().join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    folder
}

fn run(folder: &Path, args: &[&str]) -> OutputAssert {
    weft().current_dir(folder).args(args).assert()
}

/// What a manifest is refused with, and what it includes.
fn refused(files: &[(&str, &str)], args: &[&str]) -> String {
    let folder = folder(files);
    let assert = run(folder.path(), &[&["check"], args].concat()).code(2);
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

#[test]
fn paths_in_an_included_file_are_from_its_folder() {
    let folder = folder(&[
        (
            "weft.toml",
            &format!("include = [\"parts/source.toml\"]\n{LINES}"),
        ),
        ("parts/source.toml", SOURCE),
        ("parts/data/lines", "a line\nanother\n"),
    ]);
    let guest = folder.path().join("parts/flights_source.wasm");
    std::fs::copy(guest_of("flights-source"), guest).unwrap();
    run(folder.path(), &["up"]).success().stderr_eq(str![[r#"
...
started 1 process
...
channel lines: 2 frames
...
"#]]);
    // From everywhere.
    let parts = folder.path().join("parts");
    run(&parts, &["check", ".."]).success();
}

#[test]
fn a_file_that_is_included_by_two_is_there_once() {
    let shared = ("b/shared.toml", "[channels.shared]\n");
    let folder = folder(&[
        ("weft.toml", "include = [\"a.toml\", \"b/b.toml\"]\n"),
        ("a.toml", "include = [\"b/shared.toml\"]\n[channels.a]\n"),
        ("b/b.toml", "include = [\"./shared.toml\"]\n[channels.b]\n"),
        shared,
    ]);
    // What is included is before what includes it.
    let text = "[components]\nhello = \"hello.wasm\"\n[processes.p]\ncomponent = \"hello\"\nargs = { name = \"x\" }\n";
    let file = folder.path().join("weft.toml");
    let head = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, head + text).unwrap();
    std::fs::copy(guest_of("hello"), folder.path().join("hello.wasm")).unwrap();
    let found = run(folder.path(), &["check", "--json"]).success();
    let found: serde_json::Value = serde_json::from_slice(&found.get_output().stdout).unwrap();
    assert_eq!(found["channels"], serde_json::json!(["shared", "a", "b"]));
}

#[test]
fn what_is_declared_twice_is_refused_with_both_places() {
    let told = refused(
        &[
            (
                "weft.toml",
                "include = [\"other.toml\"]\n\n[channels.lines]\n",
            ),
            ("other.toml", "[channels.lines]\n"),
        ],
        &[],
    );
    assert_eq!(
        told,
        "error: manifest `weft.toml` is not valid: `channels.lines` is declared twice: at `other.toml`, line 1, and at line 3\n"
    );
}

#[test]
fn files_that_cannot_be_included_are_refused_with_the_place_that_names_them() {
    let is = |wanted: &str, files: &[(&str, &str)]| {
        let told = refused(files, &[]);
        let wanted = format!("error: manifest `weft.toml` is not valid: {wanted}");
        assert!(told.starts_with(&wanted), "{told}");
    };
    is(
        "line 2, include: cannot read `none.toml`: No such file",
        &[("weft.toml", "\ninclude = [\"none.toml\"]\n")],
    );
    is(
        "`sub/b.toml`, line 1, include: files include each other: the manifest includes `a.toml` includes `sub/b.toml` includes `sub/../a.toml`",
        &[
            ("weft.toml", "include = [\"a.toml\"]\n"),
            ("a.toml", "include = [\"sub/b.toml\"]\n"),
            ("sub/b.toml", "include = [\"../a.toml\"]\n"),
        ],
    );
    is(
        "line 1, include: files include each other: the manifest includes `weft.toml`",
        &[("weft.toml", "include = [\"weft.toml\"]\n")],
    );
    is(
        "`a.toml`: TOML parse error at line 2, column 2",
        &[("weft.toml", "include = [\"a.toml\"]\n"), ("a.toml", "\nx")],
    );
}

#[test]
fn what_is_included_is_bounded_in_depth_number_and_size() {
    let deep: Vec<_> = (0..10)
        .map(|at| {
            (
                format!("{at}.toml"),
                format!("include = [\"{}.toml\"]\n", at + 1),
            )
        })
        .collect();
    let mut files: Vec<_> = deep.iter().map(|(a, b)| (&**a, &**b)).collect();
    files.push(("10.toml", ""));
    files.push(("weft.toml", "include = [\"0.toml\"]\n"));
    let told = refused(&files, &[]);
    assert!(
        told.contains("`7.toml`, line 1, include: files include others at most 8 deep"),
        "{told}"
    );

    let many: Vec<_> = (0..32).map(|at| format!("{at}.toml")).collect();
    let head = format!("include = {many:?}\n");
    let mut files: Vec<_> = many.iter().map(|file| (&**file, "")).collect();
    files.push(("weft.toml", &head));
    let told = refused(&files, &[]);
    assert!(told.contains("a manifest is at most 32 files"), "{told}");

    let large = "#".repeat(1 << 20);
    let files = [
        ("weft.toml", "include = [\"a.toml\"]\n"),
        ("a.toml", &*large),
    ];
    let told = refused(&files, &[]);
    assert!(
        told.contains("at most 1048576 bytes with all that it includes"),
        "{told}"
    );
}

#[test]
fn an_error_in_an_included_file_names_it_and_the_line() {
    let is = |text: &str, wanted: &str| {
        let files = [
            (
                "weft.toml",
                "include = [\"sub/a.toml\"]\n[components]\nc = \"c.wasm\"\n",
            ),
            ("sub/a.toml", text),
        ];
        let told = refused(&files, &[]);
        assert!(told.contains(wanted), "{told}");
    };
    is(
        "[processes.p]\ncomponent = \"c\"\ncolour = 1\n",
        "`sub/a.toml`: TOML parse error at line 3, column 1\n  |\n3 | colour = 1\n  | ^^^^^^\nunknown field `colour`",
    );
    is(
        "[processes.p]\nentry-point = 1\n",
        "`sub/a.toml`: TOML parse error at line 2, column 15\n  |\n2 | entry-point = 1\n  |               ^\ninvalid type",
    );
    is(
        "\n[processes.p]\ncomponent = \"${WEFT_TEST_NO_SUCH}\"\n",
        "`sub/a.toml`, line 3, processes.p.component: there is no variable `WEFT_TEST_NO_SUCH`",
    );
    is(
        "\n\n[processes.p]\ncomponent = \"d\"\n",
        "process `p` (`sub/a.toml`, line 3): there is no component `d`",
    );
}

#[test]
fn a_build_of_an_included_file_runs_in_its_folder() {
    let folder = folder(&[
        (
            "weft.toml",
            "include = [\"sub/a.toml\"]\n[processes.p]\ncomponent = \"made\"\n",
        ),
        (
            "sub/a.toml",
            "[components]\nmade = { file = \"made.wasm\", build = \"pwd > made.wasm\" }\n",
        ),
    ]);
    run(folder.path(), &["build"]).success();
    let made = std::fs::read_to_string(folder.path().join("sub/made.wasm")).unwrap();
    assert!(made.trim_end().ends_with("/sub"), "{made}");
}

/// A manifest that greets, with profiles.
const PROFILES: &str = r#"
    [components]
    hello = "none.wasm"
    [processes.p]
    component = "hello"
    args = { name = "nobody" }
    env = { A = "1" }
    [profile.here.components]
    hello = "hello.wasm"
    [profile.here.processes.p.args]
    name = "${WEFT_TEST_PROFILE:-you}"
    [profile.loud.processes.p]
    args.name = "YOU"
    [profile.wrong]
    colour = 1
    [profile.missing.processes.p.args]
    name = "${WEFT_TEST_NO_SUCH}"
"#;

#[test]
fn a_profile_is_merged_over_the_manifest() {
    let folder = folder(&[("weft.toml", PROFILES)]);
    std::fs::copy(guest_of("hello"), folder.path().join("hello.wasm")).unwrap();
    let greets = |args: &[&str], wanted: &str| {
        let assert = run(folder.path(), &[&["up"], args].concat()).success();
        let told = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        assert!(
            told.contains(&format!("p returned \"Hello, {wanted}!\"")),
            "{told}"
        );
    };
    greets(&["--profile", "here"], "you");
    // The last comes last, and what is set on the command line after it.
    greets(&["--profile", "here", "--profile", "loud"], "YOU");
    greets(&["--profile", "loud", "--profile", "here"], "you");
    greets(
        &["--profile", "here", "--set", "processes.p.args.name=me"],
        "me",
    );
    for command in ["check", "graph"] {
        run(folder.path(), &[command, "--profile", "here"]).success();
    }
    // Without it the file is another, which is not there.
    run(folder.path(), &["check"]).code(2);
    let told = |args: &[&str]| {
        let assert = run(folder.path(), &[&["check"], args].concat()).code(2);
        String::from_utf8(assert.get_output().stderr.clone()).unwrap()
    };
    let wanted =
        "--profile heer: there is no such profile; there are: here, loud, wrong, missing\n";
    assert!(told(&["--profile", "heer"]).ends_with(wanted));
    let wrong = told(&["--profile", "wrong"]);
    assert!(
        wrong.contains("unknown field `colour`") && wrong.contains("at line 15"),
        "{wrong}"
    );
    let missing = told(&["--profile", "missing"]);
    assert!(
        missing.contains("there is no variable `WEFT_TEST_NO_SUCH`"),
        "{missing}"
    );
}

#[test]
fn a_profile_can_be_in_an_included_file_and_includes_nothing() {
    let head = "include = [\"profiles.toml\"]\n";
    let folder = folder(&[
        ("weft.toml", &format!("{head}{PROFILES}")),
        (
            "profiles.toml",
            "[profile.here.processes.p.env]\nB = \"2\"\n[profile.more]\ninclude = []\n",
        ),
    ]);
    std::fs::copy(guest_of("hello"), folder.path().join("hello.wasm")).unwrap();
    run(folder.path(), &["check", "--profile", "here"]).success();
    run(folder.path(), &["check", "--profile", "more"])
        .code(2)
        .stderr_eq(str![[r#"
error: manifest `weft.toml` is not valid: `profiles.toml`, line 3, profile.more: a profile has no `include`

"#]]);
}
