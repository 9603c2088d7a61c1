//! The recipes: a file that grows, a table that is asked, windows, calls that are repeated, and frames that nobody can
//! decode.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read};
use std::time::Duration;
use weft_guest::codec::Codec;
use weft_guest::futures::{FutureExt, select};
use weft_guest::rpc::{Client, RpcError, Server};
use weft_guest::{Channel, Error, Json, Result, TypedReader, TypedWriter, Writer};
use weft_guest::{join, log, process, time};

// ANCHOR: tail
/// Sends the lines of a file, and those that are appended to it, until this process is asked to stop.
async fn tail(mut file: impl BufRead, lines: Writer) -> Result {
    let mut lines = lines.buffered();
    let mut line = Vec::new();
    while !process::stop_requested() {
        file.read_until(b'\n', &mut line)?;
        if line.ends_with(b"\n") {
            lines.write(line.trim_ascii_end()).await?;
            line.clear();
        } else {
            // The file ends here for now. A line that has begun stays in `line`.
            time::sleep(Duration::from_millis(200)).await;
        }
    }
    Ok(lines.flush().await?)
}
// ANCHOR_END: tail

/// Stands for a file that somebody appends to: what each read finds, the end where it is empty.
struct Growing(VecDeque<&'static str>);

impl Read for Growing {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let text = self.0.pop_front().unwrap_or_default();
        into[..text.len()].copy_from_slice(text.as_bytes());
        Ok(text.len())
    }
}

pub async fn tail_a_file() -> Result {
    let channel = Channel::bounded(64 * 1024)?;
    let (writer, mut reader) = (channel.strong_writer()?, channel.strong_reader()?);
    let file = BufReader::new(Growing(VecDeque::from(["one\ntw", "", "o\nthree\n"])));
    let read = async {
        let mut lines = Vec::new();
        while lines.len() < 3 {
            let frame = reader.read().await?.unwrap_or_default();
            lines.push(String::from_utf8(frame.payload)?);
        }
        Ok::<_, Error>(lines)
    };
    // Nobody asks this process to stop: it is enough that the lines have come.
    let lines = select! {
        ended = tail(file, writer).fuse() => ended.map(|()| Vec::new()),
        lines = read.fuse() => lines,
    }?;
    assert_eq!(lines, ["one", "two", "three"]);
    Ok(())
}

pub async fn table() -> Result {
    let channel = Channel::bounded(1024)?;
    let mut prices = TypedReader::<(String, u64)>::from(channel.strong_reader()?);
    let source = TypedWriter::<(String, u64)>::from(channel.strong_writer()?);
    source.write(&("bread".to_owned(), 320)).await?.or_dropped();
    drop(source);
    let requests = Channel::bounded(1024)?;
    let mut server = Server::new(requests.strong_reader()?);
    let client = Client::new(requests.strong_writer()?);
    let serve = async {
        // ANCHOR: table
        let table = RefCell::new(BTreeMap::<String, u64>::new());
        let update = async {
            while let Some((name, price)) = prices.read().await? {
                table.borrow_mut().insert(name, price);
            }
            Ok(())
        };
        let answer = async {
            while let Some(request) = server.next().await? {
                let name = String::from_utf8_lossy(request.payload()).into_owned();
                let price = table.borrow().get(&name).copied();
                if let Some(price) = price {
                    request.reply(price.to_string()).await?;
                }
                // A request that is dropped tells its client that there is no reply.
            }
            Ok(())
        };
        let (updated, answered): (Result, Result) = join!(update, answer);
        // ANCHOR_END: table
        updated.and(answered)
    };
    let ask = async move {
        assert_eq!(client.call("bread").await?, b"320");
        assert_eq!(client.call("gold").await, Err(RpcError::NoReply));
        Ok::<_, Error>(())
    };
    let (served, asked) = join!(serve, ask);
    served.and(asked)
}

pub async fn minutes() -> Result {
    let input = Channel::bounded(64 * 1024)?;
    let mut sales = TypedReader::<(u64, u64)>::from(input.strong_reader()?);
    let source = TypedWriter::<(u64, u64)>::from(input.strong_writer()?);
    for sale in [(0, 5), (59, 7), (60, 1), (30, 9), (130, 2)] {
        source.write(&sale).await?.or_dropped();
    }
    drop(source);
    let output = Channel::bounded(64 * 1024)?;
    let mut seen = TypedReader::<(u64, u64)>::from(output.strong_reader()?);
    let sums = TypedWriter::<(u64, u64)>::from(output.strong_writer()?);
    // ANCHOR: minutes
    let mut window: Option<(u64, u64)> = None; // a minute, and its sum so far
    while let Some((seconds, cents)) = sales.read().await? {
        let minute = seconds / 60;
        match &mut window {
            Some((open, sum)) if minute == *open => *sum += cents,
            Some((open, _)) if minute < *open => log::warn!(seconds; "too late for its minute"),
            _ => {
                if let Some(complete) = window.replace((minute, cents)) {
                    sums.write(&complete).await?.or_dropped();
                }
            }
        }
    }
    if let Some(last) = window {
        sums.write(&last).await?.or_dropped();
    }
    // ANCHOR_END: minutes
    drop(sums);
    for expected in [Some((0, 12)), Some((1, 1)), Some((2, 2)), None] {
        assert_eq!(seen.read().await?, expected);
    }
    Ok(())
}

// ANCHOR: retry
/// Calls up to four times, each time after a longer wait. Only for requests that may be done twice: the server may have
/// done what was asked although no reply came.
async fn call_again(client: &Client, request: &str) -> Result<Vec<u8>, RpcError> {
    let patience = Duration::from_secs(1);
    let mut wait = Duration::from_millis(100);
    for _ in 0..3 {
        match client.call_within(patience, request).await {
            Err(error @ (RpcError::TimedOut | RpcError::ServerGone)) => {
                log::warn!("{error}; again in {wait:?}");
            }
            outcome => return outcome,
        }
        time::sleep(wait).await;
        wait *= 2;
    }
    client.call_within(patience, request).await
}
// ANCHOR_END: retry

pub async fn retry() -> Result {
    let channel = Channel::bounded(1024)?;
    let mut server = Server::new(channel.strong_reader()?);
    let client = Client::new(channel.strong_writer()?);
    let answer = async {
        let unanswered = server.next().await?; // kept, so that its call has no reply
        if let Some(request) = server.next().await? {
            request.reply("late").await?;
        }
        drop(unanswered);
        Ok::<_, Error>(())
    };
    let ask = async move {
        assert_eq!(call_again(&client, "what time is it?").await?, b"late");
        Ok::<_, Error>(())
    };
    let (answered, asked) = join!(answer, ask);
    answered.and(asked)
}

pub async fn dead_letters() -> Result {
    let input = Channel::bounded(1024)?;
    let mut orders = input.strong_reader()?;
    let source = input.strong_writer()?;
    for frame in [r#"["bread",2]"#, "bread, two", r#"["cheese",1]"#] {
        source.write(frame).await?.or_dropped();
    }
    drop(source);
    let output = Channel::bounded(1024)?;
    let mut good = TypedReader::<(String, u32)>::from(output.strong_reader()?);
    let accepted = TypedWriter::<(String, u32)>::from(output.strong_writer()?);
    let rest = Channel::bounded(1024)?;
    let mut letters = rest.strong_reader()?;
    let dead = rest.strong_writer()?;
    // ANCHOR: dead-letters
    while let Some(frame) = orders.read().await? {
        match Json::decode::<(String, u32)>(&frame.payload) {
            Ok(order) => accepted.write(&order).await?.or_dropped(),
            Err(error) => {
                log::warn!(error:% = error; "this is no order");
                dead.write(frame.payload).await?.or_dropped(); // as it came
            }
        }
    }
    // ANCHOR_END: dead-letters
    drop((accepted, dead));
    assert_eq!(good.read().await?, Some(("bread".to_owned(), 2)));
    assert_eq!(good.read().await?, Some(("cheese".to_owned(), 1)));
    assert_eq!(good.read().await?, None);
    let letter = letters.read().await?.unwrap_or_default();
    assert_eq!(letter.payload, b"bread, two");
    Ok(())
}
