//! Projects: the manifest that is meant where none is named, and the runner of a project.

use crate::control::{Machine, TWO};
use crate::weft::{up, weft};
use snapbox::str;

/// A process that lists a folder beside the manifest.
const READER: &str = r#"
    [processes.source]
    component = "flights-source"
    args = { path = "/data/lines", lines = { writer = "there" } }
    capabilities = ["channel-writer"]
    mounts = [{ host = "data", guest = "/data" }]
    [channels]
    there = { backpressure = "drop" }
"#;

/// A project with a folder in it, and one deeper.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    drop(up(folder.path(), &["flights-source"], READER));
    std::fs::create_dir_all(folder.path().join("data/deeper")).unwrap();
    std::fs::write(folder.path().join("data/lines"), "a line\n").unwrap();
    folder
}

#[test]
fn the_manifest_of_the_project_is_meant_where_none_is_named() {
    let folder = project();
    for place in [".", "data", "data/deeper"] {
        for command in ["up", "check"] {
            weft()
                .current_dir(folder.path().join(place))
                .arg(command)
                .assert()
                .success();
        }
    }
}

#[test]
fn a_folder_stands_for_its_weft_toml() {
    let folder = project();
    weft().arg("up").arg(folder.path()).assert().success();
    weft()
        .args(["check", "data"])
        .current_dir(folder.path())
        .assert()
        .code(2)
        .stderr_eq(str![[r#"
error: cannot read manifest `data/weft.toml`: No such file or directory (os error 2)

"#]]);
}

#[test]
fn a_manifest_from_stdin_has_its_paths_from_the_working_folder() {
    let folder = project();
    let manifest = folder.path().join("weft.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::remove_file(manifest).unwrap();
    let given = |text: &str| {
        weft()
            .current_dir(folder.path())
            .args(["up", "-"])
            .stdin(text)
            .assert()
    };
    given(&text).success();
    given("x").code(2).stderr_eq(str![[r#"
error: manifest from stdin is not valid: TOML parse error at line 1, column 2
...
"#]]);
    given(&"#".repeat((1 << 20) + 1))
        .code(2)
        .stderr_eq(str![[r#"
error: cannot read manifest from stdin: it has more than 1048576 bytes

"#]]);
}

#[test]
fn outside_of_a_project_a_manifest_is_named() {
    let folder = tempfile::tempdir().unwrap();
    weft()
        .current_dir(folder.path())
        .arg("up")
        .assert()
        .code(2)
        .stderr_eq(str![[r#"
error: there is no weft.toml in this folder or above; name a manifest, or make a project with `weft new`

"#]]);
}

#[test]
fn in_a_project_its_runner_is_meant_if_it_runs() {
    let machine = Machine::new();
    let (here, there) = (
        machine.manifest("here", TWO),
        machine.manifest("there", TWO),
    );
    let (first, second) = (machine.up(&here, &[]), machine.up(&there, &[]));
    let deeper = here.with_file_name("deeper");
    std::fs::create_dir(&deeper).unwrap();
    for folder in [here.parent().unwrap(), &deeper] {
        let told = machine.in_folder(folder).says(&["ps", "--json"]);
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["pid"], first.pid());
    }
    // What is said with --on comes first.
    let pid = second.pid().to_string();
    let told = machine
        .in_folder(&deeper)
        .says(&["ps", "--json", "--on", "there"]);
    assert!(told.contains(&format!("\"pid\":{pid}")), "{told}");
    assert!(machine.refuses(&["ps"]).contains("several runners"));
    // Where the project's does not run, the only one is meant, as elsewhere.
    first.interrupt();
    let told = machine.in_folder(&deeper).says(&["ps", "--json"]);
    assert!(told.contains(&format!("\"pid\":{pid}")), "{told}");
    second.interrupt();
}
