//! The `requests` example: two processes that find each other by name.

use crate::support::repository;
use crate::weft::weft;

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
