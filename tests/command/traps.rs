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
