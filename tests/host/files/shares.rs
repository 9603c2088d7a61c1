//! Descriptors and the host's memory are shared out: each process has its part, and others find theirs.

use super::{
    READ, VERSIONS, WRITE, attribute, files, host, host_of, many_files, told, told_with_log,
};
use crate::support::{block_on, end};
use std::path::Path;
use weft_host::{ExitStatus, StartOptions, limits::LimitRequest, process::StartError};

fn with_file() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f"), vec![7; 200_000]).unwrap();
    folder
}

fn returned(text: &str) -> ExitStatus {
    ExitStatus::Returned(format!("{text:?}"))
}

/// Whether an entry is about what the guest has opened.
fn says_open(frame: weft_channel::Frame) -> bool {
    String::from_utf8_lossy(&frame.payload).contains(" open")
}

fn within(mut options: StartOptions, limit: impl FnOnce(&mut LimitRequest)) -> StartOptions {
    limit(&mut options.limits);
    options
}

#[test]
fn a_process_has_as_many_files_open_as_its_limit_allows_and_its_log_says_so_once() {
    let folder = with_file();
    block_on(async {
        let host = host().await;
        for version in VERSIONS {
            let options = files(version, "open-many", "100", &[(folder.path(), READ)]);
            let options = within(options, |limits| limits.open_files = Some(10));
            let (said, entries) = told_with_log(&host, options).await;
            // One is the mount. What is closed can be had again.
            let nine = "9 open, then insufficient-memory";
            assert_eq!(said, format!("{nine}; {nine}"), "{version}");
            assert_eq!(attribute(&entries, "weft.limit"), ["open-files"]);
            assert!(
                entries[0].body.contains("`open-files` of 10"),
                "{entries:?}"
            );
        }
    });
}

#[test]
fn nine_thousand_openings_leave_a_neighbour_what_it_needs() {
    let (folder, own) = (with_file(), with_file());
    block_on(async {
        let host = host_of(40).await;
        assert_eq!(host.max_open_files(), 40);
        for version in VERSIONS {
            let options = files(version, "open-and-wait", "9000", &[(folder.path(), READ)]);
            let options = within(options, |limits| limits.open_files = Some(10_000));
            let attacker = host.start(options).unwrap();
            // Its first line says that it has opened what it can.
            let log = attacker.log();
            while !log.read().await.unwrap().is_some_and(says_open) {}
            let neighbour = files(version, "read-often", "50", &[(own.path(), READ)]);
            assert_eq!(told(&host, neighbour).await, "read", "{version}");
            attacker.request_stop();
            end(&attacker).await;
            let log = crate::support::log(&attacker).await;
            assert_eq!(attribute(&log, "weft.limit"), ["max-open-files"]);
            // A half, of which one is the mount.
            let said = "19 open, then insufficient-memory";
            assert!(log.iter().any(|entry| entry.body == said), "{log:?}");
        }
    });
}

#[test]
fn a_process_and_its_children_have_one_part_together() {
    let folder = with_file();
    block_on(async {
        let host = host_of(20).await;
        let options = files("0.2", "mount-many", "50", &[(folder.path(), READ)]);
        let said = told(&host, options).await;
        let refusal = "this host can have 20 files, folders and sockets open for all guests, \
                       and has no more of them for this process and its family";
        assert_eq!(said, format!(r#"9 started, then Exhausted(\"{refusal}\")"#));
        let options = files("0.2", "mount-many", "50", &[(folder.path(), READ)]);
        let options = within(options, |limits| limits.open_files = Some(5));
        let said = told(&host, options).await;
        let refusal = "the limit `open-files` of 5 is reached";
        assert_eq!(said, format!(r#"4 started, then Exhausted(\"{refusal}\")"#));
    });
}

#[test]
fn a_start_without_descriptors_for_its_mounts_is_refused_and_leaves_nothing() {
    let folder = with_file();
    block_on(async {
        let host = host_of(6).await;
        let folders = [(folder.path(), READ); 4];
        let error = host.start(files("0.2", "peek", "", &folders)).unwrap_err();
        assert!(matches!(error, StartError::Descriptors(_)), "{error}");
        let options = files("0.2", "peek", "", &folders[..3]);
        let options = within(options, |limits| limits.open_files = Some(2));
        let error = host.start(options).unwrap_err();
        assert_eq!(error.to_string(), "the limit `open-files` of 2 is reached");
        assert_eq!(host.usage().open_files, 0);
        let prepared = host
            .prepare(files("0.2", "peek", "", &folders[..3]))
            .unwrap();
        assert_eq!(host.usage().open_files, 3);
        drop(prepared);
        assert_eq!(host.usage().open_files, 0);
    });
}

#[test]
fn processes_that_are_killed_in_the_middle_of_their_calls_leave_nothing() {
    block_on(async {
        let host = host().await;
        let folder = tempfile::tempdir().unwrap();
        for round in 0..10 {
            let folders: Vec<_> = (0..4)
                .map(|at| folder.path().join(format!("{round}-{at}")))
                .collect();
            let processes: Vec<_> = folders
                .iter()
                .zip(VERSIONS.into_iter().cycle())
                .map(|(folder, version)| {
                    std::fs::create_dir(folder).unwrap();
                    let options = files(version, "work-for-ever", "", &[(folder, WRITE)]);
                    host.start(options).unwrap()
                })
                .collect();
            for process in &processes {
                // Its first line, so that it works.
                process.log().read().await.unwrap();
            }
            for process in &processes {
                process.kill();
                end(process).await;
            }
        }
        // That nothing is left is asserted by `block_on`.
    });
}

#[test]
fn a_listing_has_a_descriptor_only_until_it_is_read() {
    let small = with_file();
    let begin = |version, folder: &Path| {
        let options = files(version, "list-many", "50", &[(folder, READ)]);
        within(options, |limits| limits.open_files = Some(4))
    };
    block_on(async {
        let host = host().await;
        for version in VERSIONS {
            let said = told(&host, begin(version, small.path())).await;
            assert_eq!(said, "50 listings, all, 1 entries", "{version}");
            let said = told(&host, begin(version, &many_files())).await;
            let wanted = "3 listings, insufficient-memory, 20000 entries";
            assert_eq!(said, wanted, "{version}");
        }
    });
}

#[test]
fn what_the_host_keeps_of_listings_and_streams_is_bounded() {
    let folder = with_file();
    block_on(async {
        let host = host().await;
        for version in VERSIONS {
            let options = files(version, "list-many", "50", &[(&many_files(), READ)]);
            let options = within(options, |limits| limits.host_bytes = Some(12 << 20));
            let (said, entries) = told_with_log(&host, options).await;
            let begun = said.split(' ').next().unwrap().parse::<u32>().unwrap();
            assert!((4..=7).contains(&begun), "{version}: {said}");
            assert!(said.contains("insufficient-memory"), "{version}: {said}");
            assert_eq!(attribute(&entries, "weft.limit"), ["host-bytes"]);
        }
        let options = files("0.2", "streams-many", "500", &[(folder.path(), READ)]);
        let options = within(options, |limits| limits.host_bytes = Some(4 << 20));
        let said = told(&host, options).await;
        let held = said.split(' ').next().unwrap().parse::<u32>().unwrap();
        assert!((50..=64).contains(&held), "{said}");
    });
}

/// Descriptors that this program has open.
fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[test]
fn a_path_takes_no_descriptor_for_each_folder_on_its_way_even_while_others_rename() {
    block_on(async {
        let host = host().await;
        for version in VERSIONS {
            let (folder, other) = (tempfile::tempdir().unwrap(), with_file());
            // Makes the kernel give up, now and then, on a path with `..`.
            let options = files("0.2", "swap-pipe", "1000000", &[(other.path(), WRITE)]);
            let renames = host.start(options).unwrap();
            let options = files(version, "deep-paths", "40", &[(folder.path(), WRITE)]);
            let (process, before) = (host.start(options).unwrap(), descriptors());
            let mut most = 0;
            while process.status().is_none() {
                most = most.max(descriptors());
                tokio::task::yield_now().await;
            }
            assert_eq!(end(&process).await, returned("up and down"), "{version}");
            // Other tests have some open as well, but not one for each of 600 folders.
            assert!(most < before + 400, "{version}: {most} after {before}");
            renames.kill();
            end(&renames).await;
        }
    });
}

#[test]
fn paths_longer_than_any_system_takes_are_refused_unseen() {
    let folder = with_file();
    block_on(async {
        let host = host().await;
        for version in VERSIONS {
            let options = files(version, "long-paths", "", &[(folder.path(), WRITE)]);
            let options = within(options, |limits| limits.host_bytes = Some(1 << 20));
            let said = told(&host, options).await;
            assert_eq!(said, ["name-too-long"; 11].join(", "), "{version}");
        }
    });
}
