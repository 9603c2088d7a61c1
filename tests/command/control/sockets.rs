//! Where sockets are, whose they are, and what becomes of them.

use super::{Machine, TWO, Up};
use crate::interrupt::{Running, code, signal};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

fn mode(path: &std::path::Path) -> u32 {
    std::fs::symlink_metadata(path)
        .unwrap()
        .permissions()
        .mode()
        & 0o777
}

#[test]
fn a_socket_is_its_owner_s_alone_and_goes_with_its_runner() {
    let machine = Machine::new();
    let up = machine.up(&machine.manifest("app", TWO), &[]);
    let sockets = machine.sockets();
    let wanted = machine.folder().join(format!("app.{}.sock", up.pid()));
    assert_eq!(sockets, [wanted]);
    assert_eq!((mode(&machine.folder()), mode(&sockets[0])), (0o700, 0o600));
    up.interrupt();
    assert_eq!(machine.sockets().len(), 0);
}

#[test]
fn two_runners_of_one_name_do_not_collide() {
    let machine = Machine::new();
    let manifest = machine.manifest("app", TWO);
    let (first, second) = (machine.up(&manifest, &[]), machine.up(&manifest, &[]));
    for args in [&["ps"][..], &["ps", "--on", "app"]] {
        let wanted = "error: several runners could be meant; say which with --on: ";
        let told = machine.refuses(args);
        assert!(told.starts_with(wanted), "{told}");
        for up in [&first, &second] {
            assert!(told.contains(&format!("app.{}", up.pid())), "{told}");
        }
    }
    let told = machine.refuses(&["ps", "--on", "other"]);
    assert!(
        told.contains("no runner is called `other`; running: app."),
        "{told}"
    );
    let pid = first.pid().to_string();
    let path = machine.folder().join(format!("app.{pid}.sock"));
    for on in [&pid, &format!("app.{pid}"), &path.display().to_string()] {
        let seen = machine.json(&["ps", "--on", on]);
        assert_eq!(seen["pid"], first.pid(), "{on}");
    }
    second.interrupt();
    // With one left there is nothing to say.
    assert_eq!(machine.json(&["ps"])["pid"], first.pid());
    first.interrupt();
}

#[test]
fn what_a_killed_runner_leaves_is_cleared_away_by_who_comes_next() {
    let machine = Machine::new();
    let manifest = machine.manifest("app", TWO);
    let place = machine
        .runtime
        .path()
        .join("own.sock")
        .display()
        .to_string();
    for next_is_a_client in [true, false] {
        let usual = machine.up(&manifest, &[]);
        let placed = machine.up(&manifest, &["--control", &place]);
        for up in [usual, placed] {
            signal(&up.running, "KILL");
            assert_eq!(up.wait().0, None);
        }
        assert_eq!(machine.sockets().len(), 1);
        if next_is_a_client {
            let told = machine.refuses(&["ps"]);
            assert!(told.contains("no runner is running"), "{told}");
            assert!(told.contains("start one with `weft up MANIFEST`"), "{told}");
            assert_eq!(machine.sockets().len(), 0);
        }
        let told = machine.refuses(&["ps", "--on", &place]);
        assert!(told.contains("no runner answers at"), "{told}");
        let usual = machine.up(&manifest, &[]);
        assert_eq!(machine.sockets().len(), 1);
        let placed = machine.up(&manifest, &["--control", &place]);
        assert_eq!(machine.json(&["ps"])["pid"], usual.pid());
        assert_eq!(machine.json(&["ps", "--on", &place])["pid"], placed.pid());
        usual.interrupt();
        placed.interrupt();
    }
}

#[test]
fn of_runners_that_want_one_place_at_once_one_gets_it_and_keeps_it() {
    let machine = Machine::new();
    let manifest = machine.manifest("app", TWO);
    let place = machine
        .runtime
        .path()
        .join("own.sock")
        .display()
        .to_string();
    // Something stale to fight about.
    drop(std::os::unix::net::UnixListener::bind(&place).unwrap());
    let mut all: Vec<_> = (0..4)
        .map(|_| Running(machine.spawn(&manifest, &["--control", &place])))
        .collect();
    super::until(|| machine.weft(&["ps", "--on", &place]).code == 0);
    let winner = machine.json(&["ps", "--on", &place])["pid"].as_u64();
    let index = all
        .iter()
        .position(|it| Some(u64::from(it.0.id())) == winner);
    let winner = all.remove(index.unwrap());
    for loser in all {
        assert_eq!(code(loser), Some(2));
    }
    let seen = machine.json(&["ps", "--on", &place]);
    assert_eq!(seen["pid"], winner.0.id());
    signal(&winner, "TERM");
    assert_eq!(code(winner), Some(143));
    assert!(!std::path::Path::new(&place).exists());
}

#[test]
fn a_place_that_was_asked_for_and_cannot_be_had_is_bad_input() {
    let machine = Machine::new();
    let manifest = machine.manifest("app", TWO);
    let file = machine.runtime.path().join("file");
    std::fs::write(&file, "mine").unwrap();
    let long = machine.runtime.path().join("x".repeat(120));
    for (place, wanted) in [
        (
            &file,
            "is there and no socket; choose another path with --control",
        ),
        (&long, "has 120 bytes, and that of a socket has at most "),
        (
            &machine.runtime.path().join("no/such"),
            "cannot open the folder",
        ),
    ] {
        let (manifest, place) = (manifest.display().to_string(), place.display().to_string());
        let told = machine.refuses(&["up", &manifest, "--control", &place]);
        assert!(told.contains("error: --control: "), "{told}");
        assert!(told.contains(wanted), "{told}");
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), "mine");
}

#[test]
fn a_folder_that_others_can_get_into_is_not_used_and_does_not_end_the_runner() {
    let manifest_of = |machine: &Machine| machine.manifest("app", TWO);
    for link in [false, true] {
        let machine = Machine::new();
        if link {
            let elsewhere = machine.runtime.path().join("elsewhere");
            std::fs::DirBuilder::new()
                .mode(0o700)
                .create(&elsewhere)
                .unwrap();
            std::os::unix::fs::symlink(&elsewhere, machine.folder()).unwrap();
        } else {
            std::fs::create_dir(machine.folder()).unwrap();
            let open = std::fs::Permissions::from_mode(0o777);
            std::fs::set_permissions(machine.folder(), open).unwrap();
        }
        let wanted = match link {
            true => "is there and not a folder of yours",
            false => "others can get into",
        };
        let told = machine.refuses(&["ps"]);
        assert!(told.contains(wanted), "{told}");
        let up = machine.up(&manifest_of(&machine), &[]);
        assert_eq!(machine.sockets().len(), 0);
        let stderr = up.interrupt();
        assert!(stderr.contains("warning: no control socket"), "{stderr}");
        assert!(stderr.contains(wanted), "{stderr}");
    }
}

#[test]
fn a_runner_can_do_without() {
    let machine = Machine::new();
    let up = machine.up(&machine.manifest("app", TWO), &["--control", "off"]);
    let told = machine.refuses(&["channels"]);
    assert!(told.contains("no runner is running"), "{told}");
    let stderr = up.interrupt();
    assert!(!stderr.contains("warning"), "{stderr}");
}

#[test]
fn words_that_are_meant_otherwise_are_refused() {
    let machine = Machine::new();
    let manifest = machine.manifest("app", TWO).display().to_string();
    for word in ["OFF", "Off"] {
        let told = machine.refuses(&["up", &manifest, "--control", word]);
        let wanted = format!(
            "error: --control {word}: write `off` for none, or `./{word}` for a socket of that name\n"
        );
        // How long a slow load took may stand before it.
        assert!(told.ends_with(&wanted), "{told}");
    }
    for command in ["ps", "channels", "top"] {
        let told = machine.refuses(&[command, "--on", ""]);
        assert!(told.contains("a value is required for '--on"), "{told}");
    }
}

#[test]
fn a_runner_is_found_by_the_name_that_is_shown_whatever_it_is() {
    let machine = Machine::new();
    let names = [
        "my pipeline",
        "my-pipeline",
        "flights.v2",
        "größe",
        "stage.sock",
        "a-very-long-name-of-a-folder-with-more-than-forty-characters",
    ];
    let ups = names.map(|name| machine.up(&machine.manifest(name, TWO), &[]));
    for (name, up) in names.iter().zip(&ups) {
        for on in [(*name).to_owned(), format!("{name}.{}", up.pid())] {
            let seen = machine.json(&["ps", "--on", &on]);
            assert_eq!(
                (&seen["runner"], &seen["pid"]),
                (&(*name).into(), &up.pid().into())
            );
        }
        let top = machine.says(&["top", "--once", "--interval", "100ms", "--on", name]);
        assert!(top.starts_with(&format!("{name} ({})", up.pid())), "{top}");
    }
    let told = machine.refuses(&["ps", "--on", "other"]);
    assert!(
        told.contains(&format!("my pipeline.{}", ups[0].pid())),
        "{told}"
    );
    for up in ups {
        up.interrupt();
    }
}

#[test]
fn a_runner_of_another_session_is_found_by_its_name() {
    let machine = Machine::new();
    let temporary = tempfile::tempdir().unwrap();
    let in_session = |command: snapbox::cmd::Command| command.env("TMPDIR", temporary.path());
    // As by cron, or after `su`: there is no folder of a session, or it is somebody else's.
    for runtime in ["", "run/x", "/no/such/folder"] {
        let mut command = machine.prepare(&machine.manifest("app", TWO), &[]);
        command
            .env("XDG_RUNTIME_DIR", runtime)
            .env("TMPDIR", temporary.path());
        let up = Up::of(command.spawn().unwrap());
        let same = in_session(machine.command(&["ps", "--json"])).env("XDG_RUNTIME_DIR", runtime);
        let named = in_session(machine.command(&["ps", "--json", "--on", "app"]));
        for command in [same, named] {
            let output = command.output().unwrap();
            let seen: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(seen["pid"], up.pid(), "{runtime}");
        }
        // Without a name no other session's runner is meant.
        let output = in_session(machine.command(&["ps"])).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        let path = format!("/app.{}.sock", up.pid());
        assert!(told.contains("no runner is running"), "{told}");
        assert!(told.contains(&path), "{told}");
        up.interrupt();
    }
}
