//! `--otlp` to receivers that are down, silent or refuse: what a guest did is what the command says.

use super::receiver::Receiver;
use crate::weft::{run, up};
use std::net::TcpListener;
use tonic::Status;

/// A URL where nobody listens. The port was free a moment ago.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// Runs a scenario that ends with this code, whatever becomes of its log, and returns stderr.
fn ended(url: &str, scenario: &str, code: i32) -> String {
    let assert = run("scenarios")
        .args(["--invoke", scenario, "--otlp", url])
        .assert()
        .code(code);
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

fn assert_undelivered(stderr: &str, entries: u64, url: &str) {
    let wanted = format!("warning: {entries} log entries and ");
    let warned = stderr.lines().find(|line| line.starts_with(&wanted));
    let warned = warned.unwrap_or_else(|| panic!("`{wanted}` is not in: {stderr}"));
    // With the cause, where there is one.
    assert!(
        warned.contains(&format!(" spans were not delivered to {url}: ")),
        "{warned}"
    );
    assert!(!stderr.contains("panicked at"), "{stderr}");
}

#[test]
fn a_receiver_that_is_down_changes_nothing_of_how_a_run_ends() {
    let url = nobody();
    let stderr = ended(&url, "run(\"log-many\", \"10\")", 0);
    assert_undelivered(&stderr, 10, &url);
    let stderr = ended(&url, "run(\"return-error\", \"x\")", 1);
    assert_undelivered(&stderr, 0, &url);
}

#[test]
fn a_receiver_that_is_down_changes_nothing_of_how_a_manifest_ends() {
    let (url, folder) = (nobody(), tempfile::tempdir().unwrap());
    let text =
        "[processes.a]\ncomponent = \"scenarios\"\nargs = { scenario = \"trap\", arg = \"\" }\n";
    let assert = up(folder.path(), &["scenarios"], text)
        .args(["--otlp", &url])
        .assert()
        .code(134);
    let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert_undelivered(&stderr, 1, &url);
}

#[test]
fn a_receiver_that_never_answers_is_given_up() {
    // It accepts, as the system does for it, and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let stderr = ended(&url, "run(\"log-many\", \"10\")", 0);
    assert_undelivered(&stderr, 10, &url);
}

#[test]
fn what_a_receiver_refuses_for_good_is_counted_and_not_sent_again() {
    let receiver = Receiver::refusing(vec![Status::invalid_argument("no")]);
    let stderr = ended(&receiver.url, "run(\"log-many\", \"10\")", 0);
    assert_undelivered(&stderr, 10, &receiver.url);
    assert!(receiver.received().logs.is_empty());
}

#[test]
fn what_a_receiver_takes_and_throws_away_is_counted() {
    let receiver = Receiver::rejecting(1);
    let stderr = ended(&receiver.url, "run(\"log-many\", \"1\")", 0);
    assert_undelivered(&stderr, 1, &receiver.url);
    assert_eq!(receiver.received().logs.len(), 1);
}

#[test]
fn an_entry_that_is_too_large_by_itself_is_counted_and_holds_up_no_other() {
    let receiver = Receiver::narrow(10);
    let stderr = ended(&receiver.url, "run(\"log-many\", \"10\")", 0);
    assert_undelivered(&stderr, 10, &receiver.url);
}

#[test]
fn a_url_that_is_no_receivers_is_refused_before_anything_starts() {
    for (url, wanted) in [
        ("https://127.0.0.1:4317", "weft speaks no TLS"),
        ("http://127.0.0.1", "there is no port"),
        (
            "http://127.0.0.1:4317/v1/logs",
            "OTLP over gRPC has no path",
        ),
        ("127.0.0.1:4317", "write http://HOST:PORT"),
        ("http://a b:1", "write http://HOST:PORT"),
    ] {
        let stderr = ended(url, "run(\"stdout-lines\", \"1\")", 2);
        let begin = format!("error: --otlp {url}: ");
        assert!(
            stderr.starts_with(&begin) && stderr.contains(wanted),
            "{stderr}"
        );
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
}
