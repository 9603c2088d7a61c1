//! Time, requests and replies.

use crate::SECOND;
use std::cell::RefCell;
use std::rc::Rc;
use weft_guest::futures::join;
use weft_guest::rpc::{Client, RpcError, Server};
use weft_guest::{Channel, ReadError, Reader, Result, Writer, blocking, spawn, testing, time};

#[test]
fn time_passes_only_when_nobody_can_go_on() -> Result {
    testing::run(async {
        let order = Rc::new(RefCell::new(Vec::new()));
        for seconds in [3, 1, 2] {
            let order = Rc::clone(&order);
            spawn(async move {
                time::sleep(SECOND * seconds).await;
                order.borrow_mut().push(seconds);
            });
        }
        time::sleep(SECOND * 10).await;
        assert_eq!(*order.borrow(), [1, 2, 3]);
        assert_eq!(testing::elapsed(), SECOND * 10);
        let (_writer, mut reader) = testing::channel(8);
        let nothing = reader.read_within(SECOND).await;
        assert_eq!(nothing.unwrap_err(), ReadError::WouldBlock);
        assert_eq!(testing::elapsed(), SECOND * 11);
        Ok(())
    })
}

/// Adds up numbers for whoever asks.
async fn sums(requests: Reader) -> Result<u64> {
    let mut server = Server::new(requests);
    let mut answered = 0;
    while let Some(request) = server.next().await? {
        let question = String::from_utf8_lossy(request.payload()).into_owned();
        if let Some((left, right)) = question.split_once('+') {
            let sum = left.parse::<u64>()? + right.parse::<u64>()?;
            request.reply(sum.to_string()).await?;
            answered += 1;
        }
    }
    Ok(answered)
}

#[test]
fn requests_are_answered_by_a_server_under_test() -> Result {
    testing::run(async {
        let (requests, input) = testing::channel(1024);
        let guest = testing::start(sums(input));
        let client = Client::new(requests);
        let (one, other) = join!(client.call("2+3"), client.call("40+2"));
        assert_eq!((one?, other?), (b"5".to_vec(), b"42".to_vec()));
        let none = client.call("two and three").await;
        assert!(matches!(none, Err(RpcError::NoReply)), "{none:?}");
        drop(client);
        assert_eq!(guest.returned().await?, 2);
        Ok(())
    })
}

#[test]
fn a_call_runs_out_of_time_by_the_clock_of_the_test() -> Result {
    testing::run(async {
        let (requests, mut input) = testing::channel(1024);
        let client = Client::new(requests);
        let late = client.call_within(SECOND, "hello").await;
        assert!(matches!(late, Err(RpcError::TimedOut)), "{late:?}");
        assert_eq!(testing::elapsed(), SECOND);
        assert!(input.read().await?.is_some());
        Ok(())
    })
}

/// Calls twice, and is answered in time neither time.
async fn impatient(requests: Writer) -> Result {
    let client = Client::new(requests);
    for question in ["first", "second"] {
        let late = client.call_within(SECOND, question).await;
        assert!(matches!(late, Err(RpcError::TimedOut)), "{late:?}");
        time::sleep(SECOND).await;
    }
    Ok(())
}

/// The same, on its own stack.
fn impatient_blocking(requests: Writer) -> Result {
    let mut client = blocking::Client::new(requests.into());
    for question in ["first", "second"] {
        let late = client.call_within(SECOND, question);
        assert!(matches!(late, Err(RpcError::TimedOut)), "{late:?}");
        blocking::sleep(SECOND);
    }
    Ok(())
}

/// The kind and the number that stand behind the payload of a frame of the protocol.
fn envelope(frame: &[u8]) -> (u8, u64) {
    let (kind, number) = frame[frame.len() - 9..].split_at(1);
    (kind[0], u64::from_le_bytes(number.try_into().unwrap()))
}

#[test]
fn a_cancellation_that_the_channel_has_dropped_is_sent_with_the_next_call() -> Result {
    const CANCEL: u8 = 2;
    for is_blocking in [false, true] {
        testing::run(async move {
            let channel = Channel::dropping(64)?;
            let (requests, mut served) = (channel.strong_writer()?, channel.strong_reader()?);
            let filler = channel.weak_writer()?;
            let guest = match is_blocking {
                false => testing::start(impatient(requests)),
                true => testing::start_blocking(|| impatient_blocking(requests)),
            };
            // With the writer for replies, without which the server would be gone.
            let first = served.read().await?.unwrap_or_default();
            let (call, _) = envelope(&first.payload);
            // There is no room when the call runs out of time.
            assert!(filler.write(vec![0; 64]).await?.is_kept());
            drop(filler);
            time::sleep(SECOND + SECOND / 2).await;
            assert_eq!(channel.stats().frames_dropped, 1);
            let mut seen = Vec::new();
            while let Some(frame) = served.read().await? {
                if frame.payload.len() < 64 {
                    seen.push(envelope(&frame.payload));
                }
            }
            assert_eq!(channel.stats().frames_dropped, 1);
            assert_eq!(seen, [(CANCEL, 1), (call, 2), (CANCEL, 2)]);
            guest.returned().await
        })?;
    }
    Ok(())
}
