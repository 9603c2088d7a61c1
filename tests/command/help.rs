//! Help and completions.

use crate::weft::weft;

#[test]
fn every_command_explains_itself() {
    for (args, wanted) in [
        (
            &["--help"][..],
            &[
                "run ",
                "up ",
                "inspect ",
                "completions ",
                "Exit codes:",
                "134",
            ][..],
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
                "--control",
            ],
        ),
        (&["inspect", "--help"], &["--json"]),
        (&["compose", "--help"], &["--plug", "--dep", "Examples:"]),
        (&["ps", "--help"], &["--all", "--on", "--json", "STARTER"]),
        (&["channels", "--help"], &["--on", "--json", "LAG"]),
        (
            &["logs", "--help"],
            &["--follow", "--since", "--log-level", "Examples:"],
        ),
        (
            &["top", "--help"],
            &["--interval", "--once", "Keys:", "LAG"],
        ),
        (&["stop", "--help"], &["--grace", "--on"]),
    ] {
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

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let assert = weft().args(["completions", shell]).assert().success();
        let text = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
        assert!(text.contains("inspect"), "{shell}");
    }
}
