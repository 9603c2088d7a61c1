//! Kills and requests to stop, at chosen frames.

use crate::{SECOND, copy, copy_buffered, send};
use std::time::Duration;
use weft_guest::futures::{FutureExt, StreamExt, select};
use weft_guest::testing::{self, At};
use weft_guest::{ExitStatus, Monitor, Reader, Result, process};

#[test]
fn a_guest_is_killed_before_it_sees_a_chosen_frame() -> Result {
    for buffered in [false, true] {
        testing::run(async move {
            let (frames, input) = testing::channel(64);
            let (output, copies) = testing::channel(64);
            send(&frames, &["one", "two", "three", "four"]).await?;
            let guest = match buffered {
                true => testing::start(copy_buffered(input, output)),
                false => testing::start(copy(input, output)),
            };
            guest.kill_at(At::Read(3));
            assert_eq!(guest.wait().await, ExitStatus::Killed);
            let copies = testing::texts(copies).await?;
            let expected: &[&str] = match buffered {
                // What was collected is lost with the guest.
                true => &[],
                false => &["one", "two"],
            };
            assert_eq!(copies, expected);
            Ok::<(), weft_guest::Error>(())
        })?;
    }
    Ok(())
}

#[test]
fn a_guest_is_killed_after_a_chosen_frame_was_sent() -> Result {
    testing::run(async {
        let (frames, input) = testing::channel(64);
        let (output, copies) = testing::channel(64);
        send(&frames, &["one", "two", "three"]).await?;
        let guest = testing::start(copy(input, output));
        guest.kill_at(At::Written(2));
        assert_eq!(testing::texts(copies).await?, ["one", "two"]);
        assert_eq!(guest.wait().await, ExitStatus::Killed);
        Ok(())
    })
}

/// Reads until it is asked to stop.
async fn patient(mut input: Reader) -> Result<u64> {
    let mut read = 0;
    let stop = process::stop_request().fuse();
    let mut stop = std::pin::pin!(stop);
    loop {
        select! {
            () = stop => return Ok(read),
            frame = input.next() => match frame {
                Some(frame) => drop(frame?),
                None => return Ok(read),
            },
        }
        read += 1;
    }
}

#[test]
fn a_guest_is_asked_to_stop_at_a_chosen_frame() -> Result {
    testing::run(async {
        let (frames, input) = testing::channel(64);
        let guest = testing::start(patient(input));
        guest.stop_at(At::Read(2));
        send(&frames, &["one", "two"]).await?;
        assert_eq!(guest.wait().await, ExitStatus::Stopped);
        assert_eq!(guest.returned().await?, 2);
        Ok(())
    })
}

#[test]
fn reads_end_when_a_guest_is_asked_to_stop_and_a_monitor_tells_it_as_a_stream() -> Result {
    testing::run(async {
        let (frames, input) = testing::channel(64);
        let (output, mut copies) = testing::channel(64);
        let guest = testing::start(copy(input, output));
        let monitor = Monitor::new()?;
        monitor.watch(&guest.process(), 1)?;
        frames.write("one").await?.or_dropped();
        assert_eq!(copies.read().await?.unwrap().payload, b"one");
        assert_eq!(guest.process().stop(SECOND).await?, ExitStatus::Stopped);
        assert_eq!(testing::elapsed(), Duration::ZERO);
        let ends: Vec<u64> = monitor.stream().map(|exit| exit.tag).collect().await;
        assert_eq!(ends, [1]);
        Ok(())
    })
}

#[test]
fn what_is_left_in_a_channel_that_has_ended_is_read_though_a_guest_is_asked_to_stop() -> Result {
    testing::run(async {
        let (frames, input) = testing::channel(64);
        let (output, mut copies) = testing::channel(64);
        send(&frames, &["one", "two"]).await?;
        drop(frames);
        let guest = testing::start(copy(input, output));
        guest.stop_at(At::Read(1));
        assert_eq!(guest.wait().await, ExitStatus::Stopped);
        for text in ["one", "two"] {
            assert_eq!(copies.read().await?.unwrap().payload, text.as_bytes());
        }
        Ok(())
    })
}

#[test]
fn a_guest_that_does_not_stop_is_killed_after_its_grace() -> Result {
    testing::run(async {
        let (_frames, input) = testing::channel(64);
        let (output, mut copies) = testing::channel(64);
        let guest = testing::start(copy(input.past_stop(), output)).named("stubborn");
        let monitor = Monitor::new()?;
        monitor.watch(&guest.process(), 7)?;
        assert_eq!(guest.process().stop(SECOND).await?, ExitStatus::Killed);
        assert_eq!(testing::elapsed(), SECOND);
        // Its writer is closed.
        assert!(copies.read().await?.is_none());
        let exit = monitor.next().await.unwrap();
        assert_eq!((&*exit.name, exit.tag), ("stubborn", 7));
        assert_eq!(monitor.next().await, None);
        Ok(())
    })
}
