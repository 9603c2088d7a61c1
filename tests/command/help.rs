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
                "--grace",
                "--watch",
            ],
        ),
        (&["inspect", "--help"], &["--json"]),
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

#[test]
fn what_the_readme_shows_is_in_the_examples() {
    let repository = crate::support::repository();
    let readme = std::fs::read_to_string(repository.join("README.md")).unwrap();
    let guest = std::fs::read_to_string(repository.join("examples/hello/src/lib.rs")).unwrap();
    assert!(
        readme.contains(&guest),
        "README.md shows another first guest"
    );
    let manifest = repository.join("examples/flights/weft.toml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    let shown = readme
        .split("```toml\n")
        .map(|block| block.split("```").next().unwrap())
        .find(|block| block.starts_with("[processes.parse]"))
        .expect("an excerpt of the manifest");
    assert!(manifest.contains(shown), "README.md shows another manifest");
}
