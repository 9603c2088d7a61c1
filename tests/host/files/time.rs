//! File calls run on threads of their own, and their time is the caller's.

use super::{READ, VERSIONS, files, host, many_files};
use crate::support::{HUNG, block_on, end, leaks, outcome};
use std::time::Duration;
use weft_host::{ExitStatus, StartOptions};

fn within(options: StartOptions, cpu_time: Duration) -> StartOptions {
    let mut options = options;
    options.limits.cpu_time = Some(cpu_time);
    options
}

#[test]
fn what_threads_of_the_host_do_for_a_guest_counts_for_its_limit() {
    block_on(async {
        let host = host().await;
        for version in VERSIONS {
            // The guest itself makes a few calls; what is long is the reading of so many entries.
            let options = files(version, "list-begin", "20", &[(&many_files(), READ)]);
            let options = within(options, Duration::from_millis(15));
            let status = outcome(&host, options).await;
            assert_eq!(status, ExitStatus::Limit("cpu-time".into()), "{version}");
        }
    });
}

#[test]
fn a_guest_that_does_nothing_but_file_calls_ends_at_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f"), "").unwrap();
    let many = many_files();
    block_on(async {
        let host = host().await;
        for version in VERSIONS {
            for (scenario, folder) in [
                ("stat-for-ever", folder.path()),
                ("list-for-ever", many.as_path()),
            ] {
                let options = files(version, scenario, "", &[(folder, READ)]);
                let process = host
                    .start(within(options, Duration::from_millis(200)))
                    .unwrap();
                let limit = ExitStatus::Limit("cpu-time".into());
                assert_eq!(end(&process).await, limit, "{version} {scenario}");
                assert!(process.usage().cpu_time >= Duration::from_millis(200));
            }
        }
    });
}

#[test]
fn a_process_that_is_killed_does_not_wait_for_the_thread_of_its_call() {
    let folder = tempfile::tempdir().unwrap();
    // One thread for what blocks, and that is busy: calls of guests stay where they are.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(1)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        for version in VERSIONS {
            let host = host().await;
            let (release, released) = std::sync::mpsc::channel::<()>();
            let busy = tokio::task::spawn_blocking(move || released.recv());
            let options = files(version, "list-for-ever", "", &[(folder.path(), READ)]);
            let process = host.start(options).unwrap();
            process.stop_within(Duration::ZERO);
            let ended = tokio::time::timeout(HUNG, process.wait()).await;
            assert_eq!(ended.unwrap(), ExitStatus::Killed, "{version}");
            drop(release);
            assert!(busy.await.unwrap().is_err());
            drop((process, host));
            leaks::nothing_in_hosts().await;
        }
    });
}
