//! `weft new`: projects are made outside the repository, built with the real tools and run.

use crate::support::{repository, target};
use crate::weft::weft;
use snapbox::cmd::Command;
use snapbox::{IntoData, str};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A project in a folder of its own, far from the repository.
struct Project {
    folder: TempDir,
    name: &'static str,
}

impl Project {
    fn new(name: &'static str, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = weft()
            .current_dir(folder.path())
            .args(["new", name])
            .args(options)
            .assert();
        made.success();
        Project { folder, name }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(self.name)
    }

    /// What `weft up weft.toml` prints.
    fn up(&self, stdout: impl IntoData) {
        weft()
            .current_dir(self.path())
            .args(["up", "weft.toml"])
            .assert()
            .success()
            .stdout_eq(stdout);
    }

    /// Types commands in the project.
    fn shell(&self, commands: &str) {
        let shell = Command::new("sh").args(["-e", "-c", commands]);
        shell.current_dir(self.path()).assert().success();
    }

    /// Builds and runs the tests of a project in Python, as its README says.
    fn build_python(&self) {
        self.shell(&format!(
            "python3 -m venv .venv && .venv/bin/pip install -q -r requirements.txt
            .venv/bin/componentize-py -d wit -w guest componentize app -o {}.wasm
            python3 -m unittest",
            self.name
        ));
    }

    /// The same in JavaScript.
    fn build_js(&self) {
        self.shell("npm install --no-audit --no-fund; npm run build; npm test");
    }

    /// Runs a cargo command in the project, with the dependencies that the repository's own guests and
    /// suites are built with, so that none of them is compiled anew. What is made has no warning.
    fn cargo(&self, toolchain: Option<String>, args: &[&str]) {
        std::fs::copy(
            repository().join("Cargo.lock"),
            self.path().join("Cargo.lock"),
        )
        .unwrap();
        let profiles = self.folder.path().join("profiles.toml");
        let workspace = std::fs::read_to_string(repository().join("Cargo.toml")).unwrap();
        let mut workspace: toml::Table = workspace.parse().unwrap();
        workspace.retain(|key, _| key == "profile");
        std::fs::write(&profiles, workspace.to_string()).unwrap();
        let done = Command::new("cargo")
            .args(toolchain.map(|name| format!("+{name}")))
            .args(args)
            .arg("--config")
            .arg(profiles)
            .arg("--target-dir")
            .arg(target())
            .current_dir(self.path())
            .env_remove("RUSTUP_TOOLCHAIN")
            .assert()
            .success();
        let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(!said.contains("warning:"), "{said}");
    }

    /// Builds and runs the tests of a project in Rust.
    fn build(&self) {
        let toolchain = std::env::var("WEFT_GUEST_TOOLCHAIN").ok();
        let toolchain = toolchain.filter(|name| !name.is_empty());
        // The profile `guest` is the one that the template calls `release`.
        let build = ["build", "--profile", "guest", "--target", "wasm32-wasip2"];
        self.cargo(toolchain, &build);
        let built = self.path().join("target/wasm32-wasip2");
        std::fs::create_dir_all(&built).unwrap();
        let guests = target().join("wasm32-wasip2/guest");
        std::os::unix::fs::symlink(guests, built.join("release")).unwrap();
        self.cargo(None, &["test"]);
    }
}

/// What the stages print of their input.
const IN_CAPITALS: &str = "THE WARP IS HELD STILL.\nTHE WEFT GOES THROUGH IT,\nOVER AND UNDER.\n";

/// What is asked of the services, with the answers.
const SUMS: &str = "2 + 3 = 5\n40 + 2 = 42\ntwo and three: the server gave no reply\n";

#[test]
fn a_new_stage_in_rust_builds_and_runs_at_once() {
    let project = Project::new("trial-stage", &["--template", "stage"]);
    project.build();
    project.up(IN_CAPITALS);
}

#[test]
fn a_new_pipeline_in_rust_builds_and_runs_at_once() {
    let project = Project::new("trial-pipeline", &[]);
    project.build();
    project.up("2 the\n1 and\n1 goes\n");
}

#[test]
fn a_pipeline_is_only_there_in_rust() {
    let folder = tempfile::tempdir().unwrap();
    weft()
        .current_dir(folder.path())
        .args(["new", "it", "--lang", "js", "--template", "pipeline"])
        .assert()
        .code(2)
        .stderr_eq(str![[r#"
error: there is no pipeline in js, only in rust; take --template stage, service or command

"#]]);
    // What is made of nothing said is a stage there.
    let made = Project::new("trial-js", &["--lang", "js"]);
    assert!(made.path().join("app.js").exists());
}

#[test]
fn a_new_service_in_rust_builds_and_answers_at_once() {
    let project = Project::new("trial-service", &["--template", "service"]);
    project.build();
    project.up(SUMS);
}

#[test]
#[ignore = "fetches componentize-py: ./dev new-projects"]
fn new_projects_in_python_build_and_run_at_once() {
    let stage = Project::new("trial-stage", &["--lang", "python"]);
    stage.build_python();
    stage.up(IN_CAPITALS);
    let service = Project::new(
        "trial-service",
        &["--lang", "python", "--template", "service"],
    );
    service.build_python();
    service.up(SUMS);
    let command = Project::new(
        "trial-command",
        &["--lang", "python", "--template", "command"],
    );
    command.build_python();
    command.up(str![[r#"
/data/input.txt: 3 lines, 13 words

"#]]);
}

#[test]
#[ignore = "fetches componentize-qjs: ./dev new-projects"]
fn new_projects_in_javascript_build_and_run_at_once() {
    let stage = Project::new("trial-stage", &["--lang", "js"]);
    stage.build_js();
    stage.up(IN_CAPITALS);
    let service = Project::new("trial-service", &["--lang", "js", "--template", "service"]);
    service.build_js();
    service.up(SUMS);
    let command = Project::new("trial-command", &["--lang", "js", "--template", "command"]);
    command.build_js();
    command.up(str![[r#"
over and under: 12 letters, 3 words
The warp is held still.: 19 letters, 5 words

"#]]);
}

#[test]
fn a_new_command_in_rust_builds_and_runs_at_once() {
    let project = Project::new("trial-command", &["--template", "command"]);
    project.build();
    project.up(str![[r#"
/data/input.txt: 3 lines, 13 words

"#]]);
}

#[test]
fn a_project_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    weft()
        .current_dir(folder.path())
        .args(["new", "my-pipeline"])
        .assert()
        .success()
        .stderr_eq("")
        .stdout_eq(str![[r#"
made my-pipeline: a pipeline in rust. Build it and run it:

  cd my-pipeline
  rustup target add wasm32-wasip2
  cargo build --release --target wasm32-wasip2
  weft up

"#]]);
}

#[test]
fn a_project_stands_alone_within_another_workspace() {
    let project = Project::new("inner", &[]);
    let outer = "[workspace]\nmembers = []\n";
    std::fs::write(project.folder.path().join("Cargo.toml"), outer).unwrap();
    Command::new("cargo")
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .current_dir(project.path())
        .assert()
        .success();
}

/// Asserts that a project is refused, and that nothing new is in the folder.
fn check_refused(folder: &Path, path: &str, stderr: impl IntoData) {
    let entries = || std::fs::read_dir(folder).unwrap().count();
    let before = entries();
    weft()
        .current_dir(folder)
        .args(["new", path])
        .assert()
        .code(2)
        .stdout_eq("")
        .stderr_eq(stderr);
    assert_eq!(entries(), before);
}

#[test]
fn a_bad_name_is_refused_with_a_better_one() {
    let folder = tempfile::tempdir().unwrap();
    check_refused(
        folder.path(),
        "My_Stage",
        str![[r#"
error: `My_Stage` is no name for a project: use the letters a to z, digits and `-`, a letter first; `my-stage` would do

"#]],
    );
    check_refused(
        folder.path(),
        "fn",
        str![[r#"
error: Rust has another use for the name `fn`; take one such as `my-fn`

"#]],
    );
    check_refused(
        folder.path(),
        "..",
        str![[r#"
error: `..` ends in no name; write the name of a new folder, such as my-stage

"#]],
    );
}

#[test]
fn a_place_that_is_taken_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("full")).unwrap();
    std::fs::write(folder.path().join("full/letter"), "dear").unwrap();
    check_refused(
        folder.path(),
        "full",
        str![[r#"
error: there is a folder `full` with something in it already; choose another name

"#]],
    );
    check_refused(
        folder.path(),
        "full/letter",
        str![[r#"
error: `full/letter` cannot be a folder: there is a file in the way; choose another name

"#]],
    );
    let letter = std::fs::read_to_string(folder.path().join("full/letter")).unwrap();
    assert_eq!(letter, "dear");
}

#[test]
fn a_place_that_cannot_be_written_to_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    check_refused(
        folder.path(),
        "nowhere/my-stage",
        str![[r#"
error: there is no folder `nowhere` to make `nowhere/my-stage` in; make it first

"#]],
    );
    // Nobody makes files there, not even root.
    check_refused(
        folder.path(),
        "/proc/my-stage",
        str![[r#"
error: cannot make `/proc/my-stage`; choose a place that you may write to and that has room: [..]

"#]],
    );
}

#[test]
fn an_empty_folder_is_filled_and_is_open_to_others_as_any_new_one() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my-stage");
    std::fs::create_dir(&path).unwrap();
    let mode = || std::fs::metadata(&path).unwrap().permissions().mode();
    let before = mode();
    weft().arg("new").arg(&path).assert().success();
    assert!(path.join("weft.toml").exists());
    assert_eq!(mode(), before);
}
