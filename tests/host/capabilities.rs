//! Deny is the default, a denial is typed and named, and a grant lifts it.

use crate::support::{
    block_on, channel, end, host, log, options, outcome, scenario, with_channels,
};
use weft_host::{
    Argument, Capabilities, ExitStatus,
    capability::{Mount, Right},
};

async fn run(name: &str, argument: &str, granted: Capabilities) -> ExitStatus {
    let host = host(&["scenarios"]).await;
    outcome(&host, scenario(name, argument, granted)).await
}

fn failed(text: &str) -> ExitStatus {
    ExitStatus::Failed(text.into())
}

#[test]
fn channels_need_their_rights() {
    block_on(async {
        let rights = [
            Right::ChannelLifecycle,
            Right::ChannelWriter,
            Right::ChannelReader,
        ];
        for (held, denied) in rights.iter().enumerate() {
            let granted = Capabilities::none().with(rights[..held].iter().copied());
            let status = run("create-channel", "1024", granted).await;
            assert_eq!(status, failed(&format!("PermissionDenied(\"{denied}\")")));
        }
        let status = run("create-channel", "1024", Capabilities::none().with(rights)).await;
        assert!(matches!(status, ExitStatus::Returned(_)), "{status:?}");
    });
}

#[test]
fn a_reader_held_without_the_right_cannot_be_read() {
    block_on(async {
        let host = host(&["parked"]).await;
        let channel = channel(64);
        let reader = || vec![Argument::Reader(channel.strong_reader().into())];
        let ExitStatus::Failed(text) = outcome(&host, options("parked", reader())).await else {
            panic!("it read")
        };
        assert!(text.contains("channel-reader"), "{text}");
        drop(channel.strong_writer());
        let status = outcome(&host, with_channels(options("parked", reader()))).await;
        assert_eq!(status, ExitStatus::Returned("0".into()));
    });
}

#[test]
fn processes_need_their_right() {
    block_on(async {
        let denied = run("start-child", "scenarios", Capabilities::none()).await;
        assert_eq!(denied, failed("PermissionDenied(\"process-lifecycle\")"));
        let granted = Capabilities::none().with([Right::ProcessLifecycle]);
        let status = run("start-child", "nobody", granted).await;
        assert_eq!(
            status,
            failed("NotFound(\"there is no component `nobody`; loaded are: scenarios\")")
        );
    });
}

#[test]
fn no_guest_sees_a_variable_that_was_not_given() {
    block_on(async {
        assert_eq!(
            run("read-env", "", Capabilities::none()).await,
            ExitStatus::Returned("\"\"".into())
        );
        let mut granted = Capabilities::none();
        granted.environment.insert("PLACE".into(), "LAX".into());
        assert_eq!(
            run("read-env", "", granted.clone()).await,
            ExitStatus::Returned("\"PLACE\"".into())
        );
        assert_eq!(
            run("read-env", "PLACE", granted).await,
            ExitStatus::Returned("\"LAX\"".into())
        );
    });
}

#[test]
fn no_guest_sees_a_file_without_a_mount() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "hello").unwrap();
    let granted = Capabilities::none().with_mount(Mount::new(folder.path(), "/data"));
    block_on(async {
        let host = host(&["scenarios"]).await;
        let path = "/data/a.txt";
        let without = outcome(&host, scenario("read-file", path, Capabilities::none())).await;
        assert!(matches!(without, ExitStatus::Failed(_)), "{without:?}");
        let with = outcome(&host, scenario("read-file", path, granted.clone())).await;
        assert_eq!(with, ExitStatus::Returned("\"5 bytes\"".into()));
        let up = outcome(
            &host,
            scenario("read-file", "/data/../a.txt", granted.clone()),
        )
        .await;
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
        let process = host
            .start(scenario("clock", "", Capabilities::none()))
            .unwrap();
        let stopped = ExitStatus::Returned("\"wall zero, monotonic stands\"".into());
        assert_eq!(end(&process).await, stopped);
        let log = log(&process).await;
        assert!(
            log.iter().any(|entry| entry
                .attributes
                .get("weft.capability")
                .is_some_and(|name| name == "clocks")),
            "{log:?}"
        );
        let granted = Capabilities::none().with([Right::Clocks]);
        let running = outcome(&host, scenario("clock", "", granted)).await;
        assert_eq!(
            running,
            ExitStatus::Returned("\"wall set, monotonic runs\"".into())
        );
    });
}

/// The entries of a process without rights that have this attribute, and what it says.
async fn noted(name: &str, argument: &str, attribute: &str) -> Vec<String> {
    let host = host(&["scenarios"]).await;
    let start = scenario(name, argument, Capabilities::none());
    let process = host.start(start).unwrap();
    end(&process).await;
    let log = log(&process).await;
    let noted = log
        .iter()
        .filter_map(|entry| entry.attributes.get(attribute));
    noted.cloned().collect()
}

#[test]
fn a_guest_sleeps_without_seeing_the_clock() {
    block_on(async {
        let status = run("sleep", "20", Capabilities::none()).await;
        assert_eq!(status, ExitStatus::Returned("\"slept\"".into()));
        // Which the host reads for it, and the log says nothing of.
        assert!(noted("sleep", "1", "weft.capability").await.is_empty());
    });
}

#[test]
fn a_monotonic_clock_that_stands_still_is_noted_once() {
    block_on(async {
        assert_eq!(noted("tick", "", "weft.capability").await, ["clocks"]);
    });
}

#[test]
fn a_socket_that_is_refused_is_noted_once() {
    block_on(async {
        let refused = noted("connect", "127.0.0.1:9", "weft.refused").await;
        assert_eq!(refused, ["network"]);
        let name = noted("connect", "localhost:9", "weft.refused").await;
        assert_eq!(name, ["network"]);
        let status = run("connect", "127.0.0.1:9", Capabilities::none()).await;
        assert_eq!(status, failed("permission denied"));
    });
}

#[test]
fn a_child_gets_at_most_what_its_parent_holds() {
    let folder = tempfile::tempdir().unwrap();
    let sub = folder.path().join("sub");
    std::fs::create_dir(&sub).unwrap();
    std::fs::write(sub.join("a.txt"), "hello").unwrap();
    block_on(async {
        let parent = Capabilities::none().with([Right::ProcessLifecycle]);
        let denied = run("start-child-with", "clocks", parent.clone()).await;
        assert_eq!(denied, failed("PermissionDenied(\"clocks\")"));
        let denied = run("start-child-with", "mount /data/sub", parent.clone()).await;
        assert_eq!(
            denied,
            failed("PermissionDenied(\"filesystem(/data/sub)\")")
        );

        let parent = parent
            .with([Right::Clocks])
            .with_mount(Mount::new(folder.path(), "/data"));
        let clock = run("start-child-with", "clocks", parent.clone()).await;
        assert!(
            matches!(&clock, ExitStatus::Returned(text) if text.contains("runs")),
            "{clock:?}"
        );
        let file = run("start-child-with", "mount /data/sub", parent.clone()).await;
        assert!(
            matches!(&file, ExitStatus::Returned(text) if text.contains("5 bytes")),
            "{file:?}"
        );
        let out = run("start-child-with", "mount /data/..", parent).await;
        assert_eq!(out, failed("PermissionDenied(\"filesystem(/data/..)\")"));
    });
}

#[test]
fn a_shared_channel_is_attached_by_its_token_until_it_is_revoked() {
    block_on(async {
        let status = run("share", "", Capabilities::channels()).await;
        let wanted = "\"shared, revoked true, dropped true, new token true\"";
        assert_eq!(status, ExitStatus::Returned(wanted.into()));
        for guess in ["", "1", "00000000000000000000000000000000"] {
            let status = run("attach", guess, Capabilities::channels()).await;
            assert_eq!(
                status,
                failed("NotFound(\"no channel is shared by this token\")")
            );
        }
        let without = Capabilities::none().with([Right::ChannelReader, Right::ChannelWriter]);
        let status = run("attach", "", without).await;
        assert_eq!(status, failed("PermissionDenied(\"channel-lifecycle\")"));
    });
}
