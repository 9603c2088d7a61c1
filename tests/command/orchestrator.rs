//! The examples `orchestrator` and `supervisor`: guests that start others and outlive their traps.

use crate::support::repository;
use crate::weft::weft;

fn check(example: &str, lines: &[&str]) {
    let assert = weft()
        .arg("up")
        .arg(
            repository()
                .join("examples")
                .join(example)
                .join("weft.toml"),
        )
        .assert()
        .success();
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    for line in lines {
        assert!(stderr.contains(line), "{line}: {stderr}");
    }
}

#[test]
fn an_orchestrator_leaves_out_the_line_its_workers_trap_at() {
    check(
        "orchestrator",
        &[
            "its worker panicked: ",
            "orchestrator returned \"200 flights, 2862 minutes late; 17 workers, 7 of them trapped\"",
        ],
    );
}

#[test]
fn a_supervised_worker_goes_on_after_the_line_it_trapped_at() {
    check(
        "supervisor",
        &[
            "child panicked: line 121: ",
            "80 flights after line 121, 1777 minutes late",
        ],
    );
}
