//! Who looks from outside: a client of NATS that reads the messages of the stream, and compares them with what the programs have said.

use std::collections::{BTreeMap, HashMap};

use async_nats::jetstream::{self, consumer};
use futures::TryStreamExt;

use super::decode::{Decoder, Stored};

/// A frame's writer, and its number among those of that writer.
pub type Name = (u32, u64);

/// Every frame of the channel, oldest first.
pub async fn frames(addresses: &[String]) -> Vec<Stored> {
    loop {
        // A cluster may be about to change its leader.
        match read(addresses).await {
            Ok(frames) => return frames,
            Err(error) => println!("the stream is read again: {error}"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

async fn read(addresses: &[String]) -> Result<Vec<Stored>, async_nats::Error> {
    let client = async_nats::connect(addresses).await?;
    let stream = jetstream::new(client).get_stream("orders").await?;
    let last = stream.cached_info().state.last_sequence;
    assert_eq!(stream.cached_info().config.name, "orders");
    let config = consumer::pull::Config {
        ack_policy: consumer::AckPolicy::None,
        ..Default::default()
    };
    let consumer = stream.create_consumer(config).await?;
    let mut decoder = Decoder::default();
    let mut at = 0;
    while at < last {
        let mut fetched = consumer.fetch().max_messages(500).messages().await?;
        let before = at;
        while let Some(message) = fetched.try_next().await? {
            at = message.info()?.stream_sequence;
            let headers = message.headers.as_ref().expect("headers");
            decoder.message(headers, &message.payload);
        }
        if at == before {
            // What was last is removed, or this server is behind.
            let leader = stream.raw_message_builder().sequence(at + 1);
            if leader.next_by_subject(">").send().await.is_err() {
                break;
            }
        }
    }
    Ok(decoder.frames)
}

/// What the programs that write have said.
#[derive(Default, Debug)]
pub struct Said {
    /// Writes that were begun, from the first frame to the one behind the last.
    pub tried: Vec<(u32, u64, u64)>,
    /// Those of which they were told as sent.
    pub acknowledged: Vec<(u32, u64, u64)>,
}

/// Holds what is there against what was said. The names of the frames, in order.
pub fn check(stored: &[Stored], said: &Said, whole: bool) -> Vec<Name> {
    let mut names = Vec::new();
    let mut last: HashMap<u32, u64> = HashMap::new();
    for frame in stored {
        let mut words = frame.text.split(' ');
        let writer: u32 = words.next().unwrap().parse().unwrap();
        let number: u64 = words.next().unwrap().parse().unwrap();
        assert_eq!(writer, frame.writer, "a frame is of who wrote it");
        let before = last.insert(writer, number);
        assert!(
            before.is_none_or(|before| before < number),
            "writer {writer}: {number} comes after {before:?}"
        );
        names.push((writer, number));
    }
    let there: HashMap<Name, usize> = names.iter().enumerate().map(|(at, it)| (*it, at)).collect();
    assert_eq!(there.len(), names.len(), "none is there twice");
    for &(writer, from, to) in &said.acknowledged {
        for number in from..to {
            assert!(
                there.contains_key(&(writer, number)),
                "frame {number} of writer {writer} was acknowledged and is lost"
            );
        }
    }
    let mut tried = BTreeMap::new();
    for &(writer, from, to) in &said.tried {
        let count = (from..to)
            .filter(|it| there.contains_key(&(writer, *it)))
            .count() as u64;
        assert!(
            !whole || count == 0 || count == to - from,
            "{count} of {from}..{to} by writer {writer}: a batch is there whole or not at all"
        );
        tried.extend((from..to).map(|it| ((writer, it), ())));
    }
    for name in &names {
        assert!(tried.contains_key(name), "nobody has written {name:?}");
    }
    names
}

/// Holds what the runs of one reader have read against what is there. They end with the last frame.
pub fn check_reads(stored: &[Name], runs: &[Vec<Name>], once: bool) {
    let place: HashMap<Name, usize> = stored
        .iter()
        .enumerate()
        .map(|(at, it)| (*it, at))
        .collect();
    // The first frame that no run before has said.
    let mut next = 0;
    for (number, run) in runs.iter().enumerate() {
        let Some(first) = run.first() else {
            continue;
        };
        let first = *place.get(first).expect("what is read is there");
        if once {
            // One may have been handed out and never been said.
            assert!(
                (next..=next + 1).contains(&first),
                "run {number} begins at {first}, not at {next}: each frame at most once"
            );
        } else {
            assert!(
                first <= next,
                "run {number} begins at {first}, and {next} is lost"
            );
        }
        let read = &stored[first..first + run.len().min(stored.len() - first)];
        if let Some(at) = read.iter().zip(run).position(|(there, read)| there != read) {
            panic!("run {number} reads {:?}, not {:?}", run[at], read[at]);
        }
        assert_eq!(read.len(), run.len(), "nothing is read that is not there");
        next = first + run.len();
    }
    assert_eq!(next, stored.len(), "the reader has come to the end");
}
