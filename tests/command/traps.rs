//! What the command leaves of a process that trapped.

use crate::weft::{run, up};
use snapbox::str;

#[test]
fn a_core_dump_is_written_where_it_is_wanted_by_run_and_by_up() {
    let folder = tempfile::tempdir().unwrap();
    let dumps = folder.path().join("dumps");
    run("scenarios")
        .args(["--invoke", r#"run("trap", "")"#, "--coredump"])
        .arg(&dumps)
        .assert()
        .code(134)
        .stderr_eq(str![[r#"
...
error: process `scenarios` [..]
...
core dump: [..]/dumps/scenarios-1.coredump

"#]]);
    let manifest = r#"
        [processes.land]
        component = "scenarios"
        args = { scenario = "trap", arg = "" }
    "#;
    up(folder.path(), &["scenarios"], manifest)
        .args(["--coredump", "dumps"])
        .assert()
        .code(134);
    for name in ["scenarios-1.coredump", "land-1.coredump"] {
        let bytes = std::fs::read(dumps.join(name)).unwrap();
        assert!(bytes.starts_with(b"\0asm"), "{name}");
    }
}

#[test]
fn why_there_is_no_core_dump_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let dumps = folder.path().join("dumps");
    // A folder has the name of the file.
    std::fs::create_dir_all(dumps.join("scenarios-1.coredump")).unwrap();
    run("scenarios")
        .args(["--invoke", r#"run("trap", "")"#, "--coredump"])
        .arg(&dumps)
        .assert()
        .code(134)
        .stderr_eq(str![[r#"
...
no core dump: cannot write to the folder: [..]

"#]]);
}

#[test]
fn the_message_of_a_panic_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = r#"
        [processes.p]
        component = "scenarios"
        args = { scenario = "panic", arg = "at the disco" }
    "#;
    let told = |args: &[&str]| {
        let up = up(folder.path(), &["scenarios"], manifest).args(args);
        let assert = up.assert().code(134);
        String::from_utf8(assert.get_output().stderr.clone()).unwrap()
    };
    let said = told(&[]);
    assert_eq!(said.matches("at the disco").count(), 1, "{said}");
    assert!(said.contains("ERROR panic: at the disco"), "{said}");
    assert!(
        said.contains("ERROR weft: panicked exception.type=trap"),
        "{said}"
    );
    assert!(said.contains("\np panicked\n"), "{said}");
    assert!(said.ends_with("error: process `p` panicked\n"), "{said}");
    // Where the log is not shown, the message is in what is.
    let said = told(&["--log-level", "off"]);
    assert!(
        said.contains("error: process `p` panicked: at the disco\n"),
        "{said}"
    );
    // Each object is whole.
    let said = told(&["--log-format", "json"]);
    assert!(
        said.contains("\"Body\":\"panicked: at the disco\""),
        "{said}"
    );
}
