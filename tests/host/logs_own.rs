//! Channels that guests put in the place of their logs, and logs that guests look up.

use crate::support::{block_on, end, host, log, scenario};
use weft_host::{Capabilities, Process, capability::Right};

/// Plays a scenario with every right to channels and processes. Returns what it said.
async fn play(name: &str, argument: &str) -> (Process, String) {
    play_with(name, argument, [Right::ProcessLifecycle, Right::LogReader]).await
}

async fn play_with(
    name: &str,
    argument: &str,
    rights: impl IntoIterator<Item = Right>,
) -> (Process, String) {
    let host = host(&["scenarios"]).await;
    let capabilities = Capabilities::channels().with(rights);
    let process = host.start(scenario(name, argument, capabilities)).unwrap();
    let status = end(&process).await.to_string();
    (process, status)
}

async fn bodies(process: &Process) -> Vec<String> {
    let entries = log(process).await.into_iter();
    entries.map(|entry| entry.body).collect()
}

#[test]
fn a_channel_that_cannot_be_a_log_is_refused_and_the_old_log_goes_on() {
    block_on(async {
        let (process, said) = play("register-wrong", "").await;
        let narrowed = r#"Err(PermissionDenied(\"writers\"))"#;
        assert!(
            said.starts_with("returned \"Err(Closed) Err(Closed) Err(PermissionDenied("),
            "{said}, not {narrowed}"
        );
        assert_eq!(bodies(&process).await, ["before", "after"]);
    });
}

#[test]
fn a_registered_channel_that_ends_is_replaced_by_a_log_that_says_so() {
    block_on(async {
        for how in ["drain", "terminate"] {
            let (process, said) = play("register-and-end", how).await;
            assert_eq!(said, "returned \"mine\"");
            let bodies = bodies(&process).await;
            let [note, after, on] = &bodies[..] else {
                panic!("{bodies:?}")
            };
            assert!(note.contains("has ended"), "{note}");
            assert_eq!([after, on], ["after", "and on"]);
        }
    });
}

#[test]
fn entries_that_find_no_room_in_a_registered_channel_are_counted_in_the_next() {
    block_on(async {
        let (_, said) = play("register-small", "50").await;
        assert_eq!(said, "returned \"true\"");
    });
}

#[test]
fn a_log_is_looked_up_by_who_may_and_read_to_its_end_after_the_process() {
    block_on(async {
        let (_, said) = play("log-of-child", "log-fields").await;
        assert!(
            said.starts_with(
                "returned \"by hand by log by tracing inner outer outside Err(PermissionDenied("
            ),
            "{said}"
        );
    });
}

#[test]
fn a_log_is_not_looked_up_without_the_right() {
    block_on(async {
        let (_, said) = play_with("log-of-child", "log-fields", [Right::ProcessLifecycle]).await;
        assert_eq!(said, "failed: PermissionDenied(\"log-reader\")");
    });
}

#[test]
fn a_log_that_its_process_has_terminated_says_so_to_its_reader() {
    block_on(async {
        let (_, said) = play("log-of-child", "terminate-own-log").await;
        assert_eq!(said, "failed: Terminated");
    });
}
