//! Nothing but files and folders is opened, and no opening waits.

use super::{READ, VERSIONS, WRITE, attribute, files, host, told, told_with_log};
use crate::support::{block_on, end};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixListener;
use std::path::Path;
use weft_host::ExitStatus;

/// What is said of an opening to be read, to be written, to be made, to be cut and to be made anew; of its times, and its link's; and
/// of its type.
const REFUSED: &str = "not-permitted, not-permitted, not-permitted, not-permitted, exist, \
                       not-permitted, touched, unknown";

fn pipe(folder: &Path) {
    mknodat(
        CWD,
        folder.join("pipe"),
        FileType::Fifo,
        Mode::RUSR | Mode::WUSR,
        0,
    )
    .unwrap();
}

#[test]
fn a_pipe_is_refused_at_once_and_nobody_at_its_other_end_notices() {
    for version in VERSIONS {
        let folder = tempfile::tempdir().unwrap();
        pipe(folder.path());
        let path = folder.path().join("pipe");
        // Waits for a writer to come, as a program of the host's would.
        let reader = std::thread::spawn({
            let path = path.clone();
            move || {
                let mut read = String::new();
                File::open(path).unwrap().read_to_string(&mut read).unwrap();
                read
            }
        });
        block_on(async {
            let folders = [(folder.path(), WRITE)];
            let options = files(version, "no-file", "pipe", &folders);
            let (said, entries) = told_with_log(&host().await, options).await;
            assert_eq!(said, REFUSED, "{version}");
            assert_eq!(attribute(&entries, "weft.refused"), ["special-file"]);
        });
        let mut writer = File::options().write(true).open(path).unwrap();
        writer.write_all(b"from the host").unwrap();
        drop(writer);
        assert_eq!(reader.join().unwrap(), "from the host");
    }
}

#[test]
fn a_socket_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let _listener = UnixListener::bind(folder.path().join("socket")).unwrap();
        for version in VERSIONS {
            let folders = [(folder.path(), WRITE)];
            let options = files(version, "no-file", "socket", &folders);
            assert_eq!(told(&host().await, options).await, REFUSED, "{version}");
        }
    });
}

#[test]
fn a_device_is_refused() {
    block_on(async {
        for version in VERSIONS {
            let folders = [(Path::new("/dev"), READ)];
            let options = files(version, "no-file", "null", &folders);
            let said = told(&host().await, options).await;
            let wanted = "not-permitted, not-permitted, not-permitted, not-permitted, \
                          not-permitted, not-permitted, not-permitted, character-device";
            assert_eq!(said, wanted, "{version}");
        }
    });
}

#[test]
fn a_file_that_becomes_a_pipe_meanwhile_holds_nobody_up() {
    for version in VERSIONS {
        let folder = tempfile::tempdir().unwrap();
        pipe(folder.path());
        std::fs::write(folder.path().join("f"), "").unwrap();
        block_on(async {
            let host = host().await;
            let folders = [(folder.path(), WRITE)];
            let start = |scenario| {
                let options = files(version, scenario, "2000", &folders);
                host.start(options).unwrap()
            };
            let (swaps, opens) = (start("swap-pipe"), start("open-swapped"));
            let ExitStatus::Returned(said) = end(&opens).await else {
                panic!("{opens:?}")
            };
            for said in said.trim_matches('"').split(", ") {
                let known = ["opened", "not-permitted", "no-entry"];
                assert!(known.contains(&said), "{version}: {said}");
            }
            end(&swaps).await;
        });
    }
}
