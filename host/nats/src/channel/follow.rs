//! The task that applies what others add to the log, and reads of records that are no longer in memory.
//!
//! It is not needed for what this host adds itself: `append` applies that at once. A record that was applied already is passed over.
//!
//! Invariant: records of one consumer come without a gap, by the numbers that the consumer gives them. Where one is missing, or the
//! connection was lost, a new consumer goes on behind the last record applied.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::{
    self,
    consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull},
    message::{Info, StreamMessage},
};
use futures::{StreamExt, TryStreamExt};
use weft_channel::Unavailable;

use super::{
    append,
    shared::{Shared, Stage},
};
use crate::{
    config::{LOAD_BYTES, LOAD_MESSAGES, PING_EVERY},
    log::{Log, Record, Unit},
};

/// Before a consumer that could not be made, or has failed, is made again.
pub(super) const TRY_AGAIN: Duration = Duration::from_millis(50);

/// For how long the server keeps a consumer that nobody asks: long enough for a connection that is lost for a moment.
const KEPT: Duration = Duration::from_secs(30);

/// For how long one request for messages lasts. It is renewed by itself.
const ASKED_FOR: Duration = Duration::from_secs(30);

/// Messages that one request is for.
const BATCH: usize = 1024;

/// How often a host that writes alone looks whether it still does.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// So many messages of this host, with none of others between them, show that it writes alone.
const ALONE_AFTER: u32 = 256;

pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What is asked of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Whole messages.
    Whole,
    /// Headers only, of messages that would not stay in memory anyhow, up to the newest.
    Counting,
    /// Nothing, as long as all messages are of this host, which has them already.
    Alone,
}

/// Follows the log until the channel is over on this host.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut alone = false;
    loop {
        let followed = tokio::select! {
            followed = follow(&shared, &mut alone) => followed,
            () = shared.reaches(Stage::Over) => return,
        };
        let failed = followed
            .inspect_err(|error| say_why(&shared, "following", error))
            .is_err();
        tokio::select! {
            () = async {
                if failed {
                    tokio::time::sleep(TRY_AGAIN).await;
                }
                shared.server.is_there().await;
            } => {}
            () = shared.reaches(Stage::Over) => return,
        }
    }
}

/// Until somebody should follow in another way.
async fn follow(shared: &Shared, alone: &mut bool) -> Result<(), Failure> {
    let next = shared.look(|inner| inner.log.next());
    let stream = shared.server.quick.get_stream(&shared.names.stream);
    let stream = stream.await?;
    // What would not stay in memory anyhow is only counted.
    let state = &stream.cached_info().state;
    let few = next + BATCH as u64 > state.last_sequence;
    let mode = match few || state.bytes <= shared.config.cache {
        false => Mode::Counting,
        true if *alone => Mode::Alone,
        true => Mode::Whole,
    };
    let start = DeliverPolicy::ByStartSequence {
        start_sequence: next.max(1),
    };
    if mode == Mode::Alone {
        *alone = false;
        return quiet(shared).await;
    }
    let consumer = consumer(&stream, start, mode == Mode::Counting).await?;
    let mut left = consumer.cached_info().num_pending;
    if left == 0 {
        // What was last in the stream is removed, or not yet where this consumer is: one of several servers may be behind. Their leader knows.
        append::read_on(shared).await?;
        shared.change(|_| ());
        if mode == Mode::Counting {
            return Ok(());
        }
    }
    let mut numbers = 1..;
    let mut ours = 0;
    let reading = async {
        let mut messages = messages(&consumer).await?;
        while let Some(message) = messages.try_next().await? {
            let info = message.info()?;
            if Some(info.consumer_sequence) != numbers.next() {
                return Err("a message is missing".into());
            }
            let record = record(&message, &info, mode == Mode::Whole);
            ours = if record.is_of(&shared.host) {
                ours + 1
            } else {
                0
            };
            shared.apply(record);
            left = left.saturating_sub(1);
            if left == 0 && mode == Mode::Counting {
                return Ok(());
            }
            if ours >= ALONE_AFTER {
                *alone = true;
                return Ok(());
            }
        }
        Ok(())
    };
    tokio::select! {
        read = reading => read,
        () = broken(shared) => Ok(()),
    }
}

/// Waits until somebody else sends to the channel. The server then has less to do for each message of this host.
///
/// What others send is heard as they send it, before it is in the stream or refused. What is sent over the same connection is not heard: another
/// opening of the channel in this program is noticed by looking now and then.
async fn quiet(shared: &Shared) -> Result<(), Failure> {
    let client = shared.server.jetstream.client();
    let frames = client.subscribe(shared.names.frames.clone()).await?;
    let control = client.subscribe(shared.names.control.clone()).await?;
    let mut others = futures::stream::select(frames, control);
    loop {
        // The subscriptions are older than the answer.
        let stream = shared.server.quick.get_stream(&shared.names.stream);
        let end = stream.await?.cached_info().state.last_sequence;
        let applied = shared.find(|inner| (inner.log.next() > end).then_some(()));
        // What this host has under way is applied in a moment.
        match tokio::time::timeout(LOOK_EVERY, applied).await {
            Ok(applied) => applied.map_err(Box::new)?,
            Err(_) => return Ok(()),
        }
        tokio::select! {
            _ = others.next() => return Ok(()),
            () = broken(shared) => return Ok(()),
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Waits until the connection is made again: the consumer may be gone.
pub(super) async fn broken(shared: &Shared) {
    let mut link = shared.server.link.clone();
    link.mark_unchanged();
    loop {
        if link.changed().await.is_err() {
            return;
        }
        if shared.server.is_up() {
            return;
        }
    }
}

pub(super) async fn consumer<I>(
    stream: &jetstream::stream::Stream<I>,
    deliver_policy: DeliverPolicy,
    headers_only: bool,
) -> Result<PullConsumer, Failure> {
    let config = pull::Config {
        deliver_policy,
        headers_only,
        // Servers want one said with some policies.
        filter_subject: ">".into(),
        ack_policy: AckPolicy::None,
        inactive_threshold: KEPT,
        memory_storage: true,
        num_replicas: 1,
        ..pull::Config::default()
    };
    Ok(stream.create_consumer(config).await?)
}

/// Says why something is begun anew: aloud where the server is there and answers, now and then.
pub(super) fn say_why(shared: &Shared, doing: &str, error: &Failure) {
    let stream = &shared.names.stream;
    if shared.server.up_for() > shared.server.config.patience && shared.may_warn() {
        tracing::warn!(error, stream, "{doing} anew");
    } else {
        tracing::debug!(error, stream, "{doing} anew");
    }
}

pub(super) async fn messages(consumer: &PullConsumer) -> Result<pull::Stream, Failure> {
    let asked = consumer.stream().max_messages_per_batch(BATCH);
    let asked = asked.heartbeat(PING_EVERY).expires(ASKED_FOR);
    Ok(asked.messages().await?)
}

/// Reads the units that have this frame, and some behind it.
pub(super) async fn load(shared: &Shared, frame: u64) -> Result<Vec<Unit>, Unavailable> {
    tokio::select! {
        loaded = load_from(shared, frame) => loaded.map_err(|error| {
            tracing::warn!(error, stream = shared.names.stream, "frames cannot be read");
            shared.unavailable()
        }),
        () = shared.server.out_of_patience() => Err(shared.unavailable()),
    }
}

async fn load_from(shared: &Shared, frame: u64) -> Result<Vec<Unit>, Failure> {
    let start = shared.look(|inner| inner.log.lies_at(frame));
    let stream = shared
        .server
        .jetstream
        .get_stream_no_info(&shared.names.stream);
    let from = DeliverPolicy::ByStartSequence {
        start_sequence: start.seq.max(1),
    };
    let consumer = consumer(&stream.await?, from, false).await?;
    // A log of its own, for as long as it takes: it puts parts together and counts.
    let mut log = Log::new(u64::MAX, u64::MAX, start, Default::default());
    loop {
        let fetch = consumer
            .fetch()
            .max_messages(LOAD_MESSAGES)
            .max_bytes(LOAD_BYTES);
        let mut fetched = fetch.messages().await?;
        let mut any = false;
        while let Some(message) = fetched.next().await {
            let message = message?;
            let info = message.info()?;
            any = true;
            log.apply(record(&message, &info, true));
        }
        let units = log.take_cached(frame);
        if !units.is_empty() || !any {
            return Ok(units);
        }
    }
}

/// Applies records from this one on, as many as are read at once. False: there is none where it was looked.
pub(super) async fn read_from(
    shared: &Shared,
    stream: &jetstream::stream::Stream,
    next: u64,
) -> Result<bool, Failure> {
    let from = DeliverPolicy::ByStartSequence {
        start_sequence: next,
    };
    let consumer = consumer(stream, from, false).await?;
    let fetch = consumer
        .fetch()
        .max_messages(LOAD_MESSAGES)
        .max_bytes(LOAD_BYTES);
    let mut fetched = fetch.messages().await?;
    let mut any = false;
    let mut numbers = 1..;
    while let Some(message) = fetched.try_next().await? {
        let info = message.info()?;
        if Some(info.consumer_sequence) != numbers.next() {
            return Err("a message is missing".into());
        }
        any = true;
        shared.apply(record(&message, &info, true));
    }
    Ok(any)
}

/// The first frame of the first message that the server has from there on.
pub(super) async fn locate(shared: &Shared, from: DeliverPolicy) -> Result<Option<u64>, Failure> {
    let stream = shared
        .server
        .jetstream
        .get_stream_no_info(&shared.names.stream);
    let consumer = consumer(&stream.await?, from, true).await?;
    let mut fetched = consumer.fetch().max_messages(1).messages().await?;
    let Some(message) = fetched.try_next().await? else {
        return Ok(None);
    };
    let info = message.info()?;
    let record = record(&message, &info, false);
    let counted = record.counts.map(|it| it.frames);
    let looked_up = || shared.look(|inner| inner.log.lies_at_seq(record.seq));
    Ok(Some(counted.unwrap_or_else(looked_up)))
}

/// A message that a consumer got. `whole` is false where only headers were asked for.
fn record(message: &jetstream::Message, info: &Info<'_>, whole: bool) -> Record {
    Record::read(
        info.stream_sequence,
        millis(info.published),
        message.headers.as_ref(),
        message.payload.clone(),
        whole,
    )
}

/// A message that was asked for by its sequence.
pub(super) fn stored(message: StreamMessage) -> Record {
    let time = millis(message.time);
    Record::read(
        message.sequence,
        time,
        Some(&message.headers),
        message.payload,
        true,
    )
}

pub(super) fn millis(time: async_nats::datetime::DateTime) -> u64 {
    u64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or(0)
}
