//! Programs that embed a host: the one that the book shows, and what such a program can connect.

use crate::support::{block_on, end, guest_of, host, leaks, log};
use std::io::Cursor;
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use weft_host::{
    ExitStatus, StartOptions,
    process::{Stdin, Stdio},
};

#[path = "../../docs/embedding/words.rs"]
mod words;

#[test]
fn the_program_of_the_book_counts_words() {
    block_on(async {
        let host = words::host(&guest_of("words-count")).await.unwrap();
        leaks::watch(&host);
        let counts = words::count(&host, &["Tyger Tyger,", "burning bright"]).await;
        let wanted = [r#"["bright",1]"#, r#"["burning",1]"#, r#"["tyger",2]"#];
        assert_eq!(counts.unwrap(), wanted);
        words::end(&host).await;
    });
}

/// The start of a command that reads its stdin to the end.
fn reading(component: &str, stdin: Stdin) -> StartOptions {
    StartOptions::new(component)
        .command_line(vec![component.into(), "-".into()])
        .stdio(Stdio::default().stdin(stdin))
}

#[test]
fn a_program_feeds_the_stdin_of_a_process() {
    block_on(async {
        let host = host(&["wasi-command", "wasi03-command"]).await;
        for (guest, wanted) in [
            ("wasi-command", "stdin has 2 lines"),
            ("wasi03-command", "BURNING BRIGHT"),
        ] {
            // All of it is there, for each start anew.
            let stdin = Stdin::Source(Arc::new(|| Cursor::new("Tyger Tyger,\nburning bright\n")));
            for _ in 0..2 {
                let process = host.start(reading(guest, stdin.clone())).unwrap();
                assert!(end(&process).await.is_success());
                let entries = log(&process).await;
                assert!(
                    entries.iter().any(|entry| entry.body == wanted),
                    "{entries:?}"
                );
            }

            // It comes in pieces.
            let (mut feed, fed) = tokio::io::duplex(4);
            let fed = std::sync::Mutex::new(Some(fed));
            let stdin = Stdin::Source(Arc::new(move || fed.lock().unwrap().take().unwrap()));
            let process = host.start(reading(guest, stdin)).unwrap();
            for piece in ["Tyger ", "Tyger,\n", "burning bright\n"] {
                feed.write_all(piece.as_bytes()).await.unwrap();
            }
            drop(feed);
            assert!(end(&process).await.is_success());
            let entries = log(&process).await;
            assert!(
                entries.iter().any(|entry| entry.body == wanted),
                "{entries:?}"
            );
        }
    });
}

#[test]
fn a_process_that_waits_for_its_stdin_ends_when_it_is_killed() {
    block_on(async {
        let host = host(&["wasi-command", "wasi03-command"]).await;
        for guest in ["wasi-command", "wasi03-command"] {
            let (feed, fed) = tokio::io::duplex(64);
            let fed = std::sync::Mutex::new(Some(fed));
            let stdin = Stdin::Source(Arc::new(move || fed.lock().unwrap().take().unwrap()));
            let process = host.start(reading(guest, stdin)).unwrap();
            process.kill();
            assert!(matches!(end(&process).await, ExitStatus::Killed));
            drop(feed);
        }
    });
}
