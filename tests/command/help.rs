//! Help and completions.

use crate::weft::weft;

/// Commands, and some of what their help has.
const EXPLAINED: &[(&[&str], &[&str])] = &[
    (
        &["--help"],
        &[
            "run ",
            "up ",
            "inspect ",
            "completions ",
            "Exit codes:",
            "134",
        ],
    ),
    (
        &["run", "--help"],
        &[
            "--invoke",
            "--grant",
            "--dir",
            "--env",
            "--limit",
            "--dense",
            "--log-format",
            "--log-level",
            "Examples:",
        ],
    ),
    (
        &["up", "--help"],
        &[
            "A manifest",
            "[processes.parse]",
            "[supervision]",
            "--dense",
            "--log-format",
            "--log-level",
            "--grace",
            "--watch",
            "--detach",
            "--control",
        ],
    ),
    (
        &["check", "--help"],
        &["--json", "--set", "--env-file", "Examples:"],
    ),
    (&["graph", "--help"], &["--format", "--set", "Examples:"]),
    (&["dev", "--help"], &["--profile", "--set", "Examples:"]),
    (&["build", "--help"], &["--set", "--env-file"]),
    (&["down", "--help"], &["--on", "--json"]),
    (&["inspect", "--help"], &["--json"]),
    (&["compose", "--help"], &["--plug", "--dep", "Examples:"]),
    (&["ps", "--help"], &["--all", "--on", "--json", "STARTER"]),
    (&["channels", "--help"], &["--on", "--json", "LAG"]),
    (
        &["logs", "--help"],
        &[
            "--follow",
            "--since",
            "--until",
            "--lines",
            "--log-level",
            "Examples:",
        ],
    ),
    (
        &["peek", "--help"],
        &["--frames", "--follow", "--json", "--on"],
    ),
    (
        &["top", "--help"],
        &["--interval", "--once", "Keys:", "LAG"],
    ),
    (&["stop", "--help"], &["--grace", "--on"]),
    (&["restart", "--help"], &["--on", "--json"]),
];

#[test]
fn every_command_explains_itself() {
    for (args, wanted) in EXPLAINED.iter().copied() {
        let assert = weft().args(args).assert().success();
        let text = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
        for part in wanted {
            assert!(text.contains(part), "`{part}` is not in: {text}");
        }
        assert!(
            text.lines().all(|line| line.chars().count() <= 100),
            "{text}"
        );
    }
}

/// What a command prints for `--help` on a terminal of 80 columns.
fn narrow_help(command: &str) -> String {
    let assert = weft().args([command, "--help"]).env("COLUMNS", "80");
    let assert = assert.assert().success();
    String::from_utf8_lossy(&assert.get_output().stdout).into_owned()
}

#[test]
fn the_manifest_in_the_help_of_up_is_one_on_a_narrow_terminal_too() {
    let help = narrow_help("up");
    let (_, manifest) = help.split_once("is a\nliteral ${:\n").expect(&help);
    let manifest: toml::Table = manifest.parse().expect(manifest);
    assert!(manifest["processes"]["parse"]["args"]["name"].is_str());
}

#[test]
fn no_example_in_the_help_is_broken_on_a_narrow_terminal() {
    for command in weft_runner::command_line().get_subcommands() {
        let Some(after) = command.get_after_help() else {
            continue;
        };
        let (after, help) = (after.to_string(), narrow_help(command.get_name()));
        assert!(help.trim_end().ends_with(after.trim_end()), "{help}");
    }
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let assert = weft().args(["completions", shell]).assert().success();
        let text = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
        assert!(text.contains("inspect"), "{shell}");
    }
}

#[test]
fn there_is_a_man_page_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man");
    weft().arg("man").arg(&pages).assert().success();
    for page in ["weft.1", "weft-up.1", "weft-logs.1", "weft-man.1"] {
        let text = std::fs::read_to_string(pages.join(page)).unwrap();
        assert!(text.contains(".SH NAME"), "{page}: {text}");
    }
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let told = weft().arg("man").arg(&file).assert().code(2);
    let told = String::from_utf8_lossy(&told.get_output().stderr).into_owned();
    assert!(
        told.contains("error: cannot write man pages into `"),
        "{told}"
    );
}
