//! Deny is the default, a denial is typed and named, and a grant lifts it.

use crate::support::{block_on, host, outcome, scenario};
use weft_host::{Capabilities, ExitStatus, Mount, Right};

async fn check(name: &str, argument: &str, denied: &str, granted: Capabilities, allowed: &str) {
    let host = host(&["scenarios"]).await;
    let without = outcome(&host, scenario(name, argument, Capabilities::none())).await;
    assert_eq!(without, ExitStatus::Returned(denied.into()), "without a grant");
    let with = outcome(&host, scenario(name, argument, granted)).await;
    assert_eq!(with, ExitStatus::Returned(allowed.into()), "with the grant");
}

#[test]
fn channels_need_their_lifecycle_right() {
    block_on(check(
        "create-channel",
        "1024",
        r#""permission-denied: channel-lifecycle""#,
        Capabilities::none().with([Right::ChannelLifecycle]),
        r#""created""#,
    ));
}

#[test]
fn processes_need_their_lifecycle_right() {
    block_on(check(
        "start-child",
        "nobody",
        r#""permission-denied: process-lifecycle""#,
        Capabilities::none().with([Right::ProcessLifecycle]),
        r#""not-found: there is no component `nobody`; loaded are: scenarios""#,
    ));
}

#[test]
fn no_guest_sees_a_variable_that_was_not_given() {
    let mut granted = Capabilities::none();
    granted.environment.insert("PLACE".into(), "LAX".into());
    block_on(check("read-env", "PLACE", r#""not set""#, granted, r#""LAX""#));
}

#[test]
fn no_guest_sees_a_file_without_a_mount() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "hello").unwrap();
    let granted = Capabilities::none().with_mount(Mount {
        host_path: folder.path().to_owned(),
        guest_path: "/data".into(),
        writable: false,
    });
    block_on(async {
        let host = host(&["scenarios"]).await;
        let path = "/data/a.txt";
        let without = outcome(&host, scenario("read-file", path, Capabilities::none())).await;
        assert!(matches!(without, ExitStatus::Failed(_)), "{without:?}");
        let with = outcome(&host, scenario("read-file", path, granted.clone())).await;
        assert_eq!(with, ExitStatus::Returned(r#""hello""#.into()));
        let up = outcome(&host, scenario("read-file", "/data/../a.txt", granted.clone())).await;
        assert!(matches!(up, ExitStatus::Failed(_)), "{up:?}");
        let write = outcome(&host, scenario("write-file", "/data/b.txt", granted)).await;
        assert!(matches!(write, ExitStatus::Failed(_)), "{write:?}");
        assert!(!folder.path().join("b.txt").exists());
    });
}

#[test]
fn clocks_stand_still_without_their_right() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let process = host.start(scenario("clock", "", Capabilities::none())).unwrap();
        let stopped = crate::support::end(&process).await;
        assert_eq!(stopped, ExitStatus::Returned("\"0\"".into()));
        let log = crate::support::log(&process).await;
        assert!(log.iter().any(|entry| entry.body.contains("capability `clocks`")), "{log:?}");
        let granted = Capabilities::none().with([Right::Clocks]);
        let running = outcome(&host, scenario("clock", "", granted)).await;
        assert_ne!(running, ExitStatus::Returned("\"0\"".into()));
    });
}

#[test]
fn what_a_child_gets_is_measured_against_its_parent() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let granted = Capabilities::none().with([Right::ProcessLifecycle]);
        let asked = outcome(&host, scenario("start-child-with-clocks", "scenarios", granted)).await;
        assert_eq!(asked, ExitStatus::Returned(r#""permission-denied: clocks""#.into()));
    });
}
