//! Time, requests and replies.

use crate::SECOND;
use std::cell::RefCell;
use std::rc::Rc;
use weft_guest::futures::join;
use weft_guest::rpc::{Client, RpcError, Server};
use weft_guest::{ReadError, Reader, Result, spawn, testing, time};

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
            request.reply(sum.to_string()).await?.or_dropped();
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
