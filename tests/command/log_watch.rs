//! The `log-watch` example: a guest that reads the log of another.

use crate::support::repository;
use crate::weft::weft;

#[test]
fn a_flood_of_warnings_in_a_log_raises_an_alert() {
    let assert = weft()
        .arg("up")
        .arg(repository().join("examples/log-watch/weft.toml"))
        .assert()
        .success();
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    for line in [
        "late warned 50 times in ",
        r#"ALERT {"process":"late","warnings":50,"within_ms":"#,
        "; late returned 20000\"",
    ] {
        assert!(stderr.contains(line), "{line}: {stderr}");
    }
}
