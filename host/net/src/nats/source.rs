//! A source of messages: those of a subject as they come, or those of a stream from where it was.
//!
//! Core NATS does not wait: while the channel has no room, this side holds some thousand messages, and what comes then is lost and counted.
//! A stream waits. Its messages are acknowledged once they are in the channel, and what was taken and is not in there comes again.

use super::link::{Link, shown};
use crate::counters;
use crate::framing::{Bad, Fault, Framing};
use crate::source::{Feed, Flow, Intake, Intermediate};
use async_nats::jetstream::{
    self, AckKind,
    consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull},
};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, TryStreamExt};
use std::sync::Arc;
use std::time::Duration;
use weft_channel::Batch;
use weft_host::log::Severity;
use weft_host::process::{Context, Counter, Program, Running};
use weft_nats::ServerConfig;

/// Messages that are taken at once: a write of as many costs little more than one.
const TAKEN: usize = 512;

/// Bytes that are written at once, unless one message is larger.
const WRITTEN: usize = 1 << 20;

/// How long the server waits for the acknowledgement of a message. It is told of progress before that.
const ACK_WAIT: Duration = Duration::from_secs(30);

/// How often it is told that messages are still in hand.
const PROGRESS: Duration = Duration::from_secs(10);

/// How long one question for the next message of a stream lasts. After the loss of a connection the next one is asked that much later.
const ASKED: Duration = Duration::from_secs(5);

/// The pause after a question that failed.
const PAUSE: Duration = Duration::from_millis(250);

/// Where a source begins in a stream that it reads for the first time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Begin {
    /// With the oldest message that is there.
    #[default]
    Oldest,
    /// With the next one that comes.
    Newest,
}

/// The stream whose messages are read.
#[derive(Clone, Debug)]
pub struct FromStream {
    /// Its name.
    pub stream: String,
    /// The name of the durable consumer that is the place in it. It is made if there is none.
    pub consumer: String,
    /// Where it begins, the first time.
    pub begin: Begin,
}

/// Reads messages.
#[derive(Debug)]
pub struct NatsSource {
    server: ServerConfig,
    subject: Option<String>,
    queue: Option<String>,
    stream: Option<FromStream>,
    intake: Intake,
}

impl NatsSource {
    /// A source of the messages of a subject, which may have wildcards. The framing of the intake is not used.
    pub fn of_subject(server: ServerConfig, subject: impl Into<String>, intake: Intake) -> Self {
        Self {
            server,
            subject: Some(subject.into()),
            queue: None,
            stream: None,
            intake: intake.framing(Framing::Chunks),
        }
    }

    /// A source of the messages of a stream: of all, or of those of a subject.
    pub fn of_stream(
        server: ServerConfig,
        stream: FromStream,
        subject: Option<String>,
        intake: Intake,
    ) -> Self {
        Self {
            server,
            subject,
            queue: None,
            stream: Some(stream),
            intake: intake.framing(Framing::Chunks),
        }
    }

    /// The same as one of a queue group: each message goes to one of its members.
    #[must_use]
    pub fn queue(self, queue: impl Into<Option<String>>) -> Self {
        let queue = queue.into();
        Self { queue, ..self }
    }

    async fn read(&self, context: Context) -> Result<String, String> {
        let feed = Feed::new(context, &self.intake)?;
        let link = Link::open(&self.server, feed.context.name()).await?;
        let mut taking = Taking {
            lost_counter: counters::SOURCE_LOST.open(&feed.context),
            between: Intermediate::new(&self.intake),
            most: self.intake.largest(),
            feed,
            number: 0,
            lost: 0,
        };
        match &self.stream {
            Some(stream) => self.of_this_stream(&mut taking, link, stream).await?,
            None => self.as_they_come(&mut taking, link).await?,
        }
        if taking.lost > 0 {
            let text = format!(
                "{} messages were lost, as the channel had no room",
                taking.lost
            );
            taking.feed.context.log(Severity::Warn, text, []);
        }
        Ok(taking.feed.finish())
    }

    async fn as_they_come(&self, taking: &mut Taking, mut link: Link) -> Result<(), String> {
        let subject = self.subject.clone().unwrap_or_default();
        let subscribed = match &self.queue {
            Some(queue) => link.client.queue_subscribe(subject, queue.clone()).await,
            None => link.client.subscribe(subject).await,
        };
        let mut messages = subscribed
            .map_err(|error| shown(&error))?
            .ready_chunks(TAKEN);
        taking
            .feed
            .context
            .log(Severity::Info, "reads messages", []);
        loop {
            let chunk = tokio::select! {
                biased;
                () = taking.feed.context.stop_request() => break,
                () = link.watch(&taking.feed.context) => continue,
                chunk = messages.next() => chunk,
            };
            let Some(chunk) = chunk else { break };
            taking.loses(link.lost());
            let payloads = chunk.into_iter().map(|message| message.payload);
            if taking.write(payloads.collect()).await? != Flow::On {
                break;
            }
        }
        // What has come is written, if there is room.
        let _ = messages.get_mut().unsubscribe().await;
        while let Some(chunk) = messages.next().await {
            let count = chunk.len() as u64;
            let payloads = chunk.into_iter().map(|message| message.payload);
            if taking.write(payloads.collect()).await? != Flow::On {
                taking.loses(count);
            }
        }
        taking.loses(link.lost());
        Ok(())
    }

    async fn of_this_stream(
        &self,
        taking: &mut Taking,
        mut link: Link,
        from: &FromStream,
    ) -> Result<(), String> {
        let consumer = self.consumer(&link, from).await?;
        taking
            .feed
            .context
            .log(Severity::Info, "reads messages", []);
        loop {
            let messages = tokio::select! {
                biased;
                () = taking.feed.context.stop_request() => break,
                () = link.watch(&taking.feed.context) => continue,
                messages = next(&consumer) => messages,
            };
            let messages = match messages {
                Ok(messages) => messages,
                Err(error) => {
                    tracing::debug!(error, "a question for messages failed");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            let payloads = messages.iter().map(|it| it.payload.clone()).collect();
            let written = {
                let written = taking.write(payloads);
                let mut written = std::pin::pin!(written);
                loop {
                    tokio::select! {
                        biased;
                        flow = &mut written => break flow?,
                        () = tokio::time::sleep(PROGRESS) => answer(&messages, AckKind::Progress).await,
                    }
                }
            };
            if written != Flow::On {
                answer(&messages, AckKind::Nak(None)).await;
                break;
            }
            answer(&messages, AckKind::Ack).await;
        }
        // Those who are told last are told, if the server is there.
        let _ = tokio::time::timeout(PAUSE, link.client.flush()).await;
        Ok(())
    }

    async fn consumer(&self, link: &Link, from: &FromStream) -> Result<PullConsumer, String> {
        let jetstream = jetstream::new(link.client.clone());
        let stream = jetstream.get_stream(&from.stream).await;
        let stream = stream.map_err(|error| {
            let text = shown(&error);
            format!("the stream `{}` is not to be had: {text}", from.stream)
        })?;
        let config = pull::Config {
            durable_name: Some(from.consumer.clone()),
            description: Some("a source of Weft".into()),
            deliver_policy: match from.begin {
                Begin::Oldest => DeliverPolicy::All,
                Begin::Newest => DeliverPolicy::New,
            },
            ack_policy: AckPolicy::Explicit,
            ack_wait: ACK_WAIT,
            filter_subject: self.subject.clone().unwrap_or_default(),
            max_ack_pending: 2 * TAKEN as i64,
            ..pull::Config::default()
        };
        let consumer = stream.get_or_create_consumer(&from.consumer, config).await;
        consumer.map_err(|error| {
            let text = shown(&error);
            format!("the consumer `{}` is not to be had: {text}", from.consumer)
        })
    }
}

/// The messages that are there, or else the next one. None came: ask again.
async fn next(consumer: &PullConsumer) -> Result<Vec<jetstream::Message>, String> {
    let there = consumer.fetch().max_messages(TAKEN).messages().await;
    let there = there.map_err(|error| shown(&error))?;
    let there: Vec<_> = there
        .try_collect()
        .await
        .map_err(|error| error.to_string())?;
    if !there.is_empty() {
        return Ok(there);
    }
    let one = consumer.batch().max_messages(1).expires(ASKED);
    let one = one.messages().await.map_err(|error| shown(&error))?;
    one.try_collect().await.map_err(|error| error.to_string())
}

/// Tells the server the same about all of these.
async fn answer(messages: &[jetstream::Message], kind: AckKind) {
    for message in messages {
        // A server that is away gives them again.
        if let Err(error) = message.ack_with(kind).await {
            tracing::debug!(%error, "a message is not answered");
        }
    }
}

/// Messages on their way into the channel.
struct Taking {
    feed: Feed,
    between: Intermediate,
    /// Bytes of a message at most.
    most: usize,
    /// Messages so far.
    number: u64,
    lost: u64,
    lost_counter: Counter,
}

impl Taking {
    /// Messages were lost before this side had them.
    fn loses(&mut self, count: u64) {
        if count == 0 {
            return;
        }
        if self.lost == 0 {
            let text = "messages are lost: the channel has no room, and NATS does not wait for who is slow";
            self.feed.context.log(Severity::Warn, text, []);
        }
        self.lost += count;
        self.lost_counter.add(count);
    }

    /// Writes each as a frame.
    async fn write(&mut self, payloads: Vec<Bytes>) -> Result<Flow, String> {
        let mut payloads = payloads.into_iter().peekable();
        while payloads.peek().is_some() {
            let (mut ends, mut bytes) = (Vec::new(), BytesMut::new());
            let room = WRITTEN.min(self.most);
            while let Some(payload) =
                payloads.next_if(|it| ends.is_empty() || bytes.len() + it.len() <= room)
            {
                self.number += 1;
                if payload.len() > self.most {
                    let fault = Fault::TooLong { most: self.most };
                    let bad = Bad::new(self.number, fault, &payload);
                    self.feed.reject(&bad).await?;
                    continue;
                }
                bytes.extend_from_slice(&payload);
                ends.push(u32::try_from(bytes.len()).map_err(|error| error.to_string())?);
            }
            if ends.is_empty() {
                continue;
            }
            let batch = Batch::new(ends, bytes.freeze()).map_err(|error| error.to_string())?;
            let flow = self.feed.write(&mut self.between, batch).await?;
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }
}

impl Program for NatsSource {
    fn kind(&self) -> &str {
        "source:nats"
    }

    fn run(self: Arc<Self>, context: Context) -> Running {
        Box::pin(async move { self.read(context).await })
    }
}
