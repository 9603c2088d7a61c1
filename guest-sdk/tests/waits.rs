//! Waiting for several things: `select!`, timers, tasks and streams, by the clock of a test.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant};
use weft_guest::futures::FutureExt;
use weft_guest::rpc::{Client, Server};
use weft_guest::{
    Aborted, Context as _, Error, ReadError, Result, StreamExt, join, select, spawn, testing, time,
};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn select_takes_futures_as_they_are() -> Result {
    testing::run(async {
        let (writer, mut reader) = testing::channel(64);
        let first = select! {
            frame = reader.read() => format!("{frame:?}"),
            () = time::sleep(SECOND) => "a second".to_owned(),
        };
        assert_eq!(first, "a second");
        // The read that lost has taken nothing.
        writer.write("late").await?.or_dropped();
        let mut deadline = pin!(time::sleep(SECOND));
        let mut frames = 0;
        loop {
            select! {
                () = deadline => break,
                frame = reader.read() => {
                    assert_eq!(frame?.unwrap().payload, b"late");
                    frames += 1;
                }
            }
        }
        assert_eq!((frames, testing::elapsed()), (1, SECOND * 2));
        Ok(())
    })
}

#[test]
fn the_block_of_a_branch_may_have_a_comma_behind_it_or_none() -> Result {
    testing::run(async {
        let (_writer, mut reader) = testing::channel(64);
        let mut nap = pin!(time::sleep(SECOND).fuse());
        let mut told = "";
        select! { _ = reader.read() => {}, () = nap => { told = "one" } }
        select! { _ = nap => {}, () = time::sleep(SECOND).fuse() => {}, }
        select! {
            frame = reader.read() => { drop(frame?); }
            () = time::sleep(SECOND) => {},
            complete => {},
        }
        assert_eq!((told, testing::elapsed()), ("one", SECOND * 3));
        Ok(())
    })
}

#[test]
fn select_has_the_branches_of_the_one_of_futures() -> Result {
    testing::run(async {
        let (_writer, mut reader) = testing::channel(64);
        let nothing = select! {
            _ = reader.read() => false,
            default => true,
        };
        assert!(nothing);
        let (mut one, mut other) = (
            weft_guest::futures::future::ready(1),
            weft_guest::futures::future::ready(2),
        );
        let mut sum = 0;
        for _ in 0..1 {
            select! {
                number = one => sum += number,
                number = other => sum += number,
            }
        }
        assert!(sum == 1 || sum == 2);
        Ok(())
    })
}

#[test]
fn a_timeout_gives_a_future_up() -> Result {
    testing::run(async {
        let (writer, mut reader) = testing::channel(64);
        let late = time::timeout(SECOND, reader.read()).await;
        assert_eq!(late.unwrap_err().to_string(), "the time is over");
        writer.write("a frame").await?.or_dropped();
        let frame = time::timeout(SECOND, reader.read()).await??;
        assert_eq!(frame.unwrap().payload, b"a frame");
        assert_eq!(testing::elapsed(), SECOND);
        Ok(())
    })
}

#[test]
fn an_interval_ticks_and_a_tick_that_was_given_up_is_not_lost() -> Result {
    testing::run(async {
        let mut interval = time::interval(SECOND);
        let early = time::timeout(SECOND / 2, interval.tick()).await;
        assert!(early.is_err());
        interval.tick().await;
        assert_eq!(testing::elapsed(), SECOND);
        assert_eq!(interval.next().await, Some(()));
        assert_eq!(testing::elapsed(), SECOND * 2);
        Ok(())
    })
}

#[test]
fn a_moment_that_has_passed_is_not_waited_for() {
    testing::run(async {
        time::sleep_until(Instant::now()).await;
        assert_eq!(testing::elapsed(), Duration::ZERO);
    });
}

#[test]
fn a_task_is_joined_or_aborted() -> Result {
    testing::run(async {
        let joined = spawn(async {
            time::sleep(SECOND).await;
            7
        });
        assert!(!joined.is_finished());
        assert_eq!(joined.await, Ok(7));
        assert_eq!(testing::elapsed(), SECOND);

        let dropped = Rc::new(Cell::new(false));
        let at_end = Rc::clone(&dropped);
        let aborted = spawn(async move {
            let _guard = scope_end(at_end);
            std::future::pending::<()>().await;
        });
        time::sleep(SECOND).await;
        aborted.abort();
        assert_eq!(aborted.await, Err(Aborted));
        assert!(dropped.get());
        Ok(())
    })
}

/// Notes when it is dropped.
fn scope_end(dropped: Rc<Cell<bool>>) -> impl Drop {
    struct Note(Rc<Cell<bool>>);
    impl Drop for Note {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    Note(dropped)
}

#[test]
fn a_task_whose_handle_is_dropped_runs_on() {
    testing::run(async {
        let done = Rc::new(Cell::new(false));
        let note = Rc::clone(&done);
        drop(spawn(async move {
            time::sleep(SECOND).await;
            note.set(true);
        }));
        time::sleep(SECOND * 2).await;
        assert!(done.get());
    });
}

#[test]
fn a_server_is_a_stream_of_requests() -> Result {
    testing::run(async {
        let (requests, input) = testing::channel(1024);
        let guest = testing::start(async {
            let mut server = Server::new(input);
            let mut answered = 0;
            while let Some(request) = StreamExt::next(&mut server).await {
                request?.reply("yes").await?;
                answered += 1;
            }
            Ok::<u32, Error>(answered)
        });
        let client = Client::new(requests);
        let (one, other) = join!(client.call("one"), client.call("other"));
        assert_eq!((one?, other?), (b"yes".to_vec(), b"yes".to_vec()));
        drop(client);
        assert_eq!(guest.returned().await?, 2);
        Ok(())
    })
}

#[test]
fn an_error_says_what_was_being_done() {
    let read: Result<(), ReadError> = Err(ReadError::Lagged(3));
    let error = read.with_context(|| "reading the table").unwrap_err();
    let error = error.context("starting");
    assert_eq!(error.to_string(), "starting");
    let whole = "starting: reading the table: overtaken: 3 frames were lost";
    assert_eq!(format!("{error:#}"), whole);
    assert_eq!(error.find(), Some(&ReadError::Lagged(3)));
    assert_eq!(error.downcast_ref::<ReadError>(), None);
}
