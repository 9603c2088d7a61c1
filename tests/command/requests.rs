//! The `requests` example, two processes that find each other by name, and the frames of requests as the templates have them.

use crate::support::repository;
use crate::weft::weft;
use std::process::Command;

#[test]
fn a_server_is_found_by_its_name_and_ends_with_its_last_client() {
    let assert = weft()
        .arg("up")
        .arg(repository().join("examples/requests/weft.toml"))
        .assert()
        .success();
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    for line in [
        "price      WARN  requests_price: nobody knows the price of gold",
        "ask        WARN  requests_ask: gold: the server gave no reply",
        "ask returned 360",
        "price returned 2",
    ] {
        assert!(stderr.contains(line), "{line}: {stderr}");
    }
}

/// Those in JavaScript need node: `./dev javascript`. Those in Rust are tested in the SDK.
#[test]
fn requests_in_python_have_the_bytes_that_the_specification_says() {
    let repository = repository();
    let output = Command::new("python3")
        .arg(repository.join("tests/rpc/golden.py"))
        .arg(repository.join("guest-sdk/src/rpc/golden.json"))
        .arg(repository.join("host/runner/templates/python/service"))
        .output()
        .expect("python3 runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "17 frames\n");
}
