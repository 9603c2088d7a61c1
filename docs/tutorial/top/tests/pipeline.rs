//! The whole pipeline, run by the real command.

use std::process::Command;

#[test]
fn the_most_frequent_words_are_printed() {
    let output = Command::new("weft")
        .args(["up", "weft.toml"])
        .current_dir("..") // cargo runs this in `top/`
        .output()
        .expect("`weft` is on the PATH");
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{log}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        " 14 what\n 13 the\n  5 and\n  5 thy\n  4 dare\n"
    );
}
