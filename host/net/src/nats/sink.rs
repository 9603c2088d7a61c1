//! A sink that sends frames as messages of a subject.
//!
//! To core NATS they are sent and forgotten: nobody says whether somebody has them. A stream acknowledges each, and what it has not
//! acknowledged is sent again, under the same id, which the stream takes once.

use super::link::{Link, shown};
use crate::OnError;
use crate::counters;
use crate::framing::{Bad, Fault, Framing};
use crate::rejected::Rejects;
use crate::sink::INPUT;
use crate::source::count;
use async_nats::jetstream::{self, context::PublishErrorKind, message::PublishMessage};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use weft_channel::{Frame, ReadError};
use weft_host::log::Severity;
use weft_host::process::{Context, Program, Running};
use weft_nats::ServerConfig;

/// Frames that are sent before their acknowledgements are waited for.
const FRAMES: u32 = 512;

/// The same, in bytes.
const BYTES: u64 = 4 << 20;

/// Bytes of a message that its headers may take.
const HEADERS: usize = 512;

/// The pause before frames are sent again.
const PAUSE: Duration = Duration::from_millis(250);

/// Sends messages.
#[derive(Debug)]
pub struct NatsSink {
    server: ServerConfig,
    subject: String,
    stream: Option<String>,
    on_error: OnError,
}

impl NatsSink {
    /// A sink that sends to this subject.
    pub fn new(server: ServerConfig, subject: impl Into<String>, on_error: OnError) -> Self {
        Self {
            server,
            subject: subject.into(),
            stream: None,
            on_error,
        }
    }

    /// The same to a stream, which takes the messages of the subject and acknowledges them.
    #[must_use]
    pub fn stream(self, stream: impl Into<Option<String>>) -> Self {
        let stream = stream.into();
        Self { stream, ..self }
    }

    async fn write(&self, mut context: Context) -> Result<String, String> {
        let input = context.reader(INPUT);
        let input = input.ok_or("there is no reader called `input` among its arguments")?;
        let mut rejects = Rejects::new(&mut context, Framing::Chunks, self.on_error);
        let [sent, sent_bytes, overtaken] = [
            counters::SINK_FRAMES.open(&context),
            counters::SINK_BYTES.open(&context),
            counters::SINK_OVERTAKEN.open(&context),
        ];
        let mut link = Link::open(&self.server, context.name()).await?;
        let mut sending = Sending::of(self, &link).await?;
        let most = link.client.max_payload().saturating_sub(HEADERS);
        let (mut number, mut frames, mut gone) = (0, 0, 0);
        loop {
            let read = tokio::select! {
                biased;
                read = input.read_batch(FRAMES, BYTES) => read,
                () = link.watch(&context) => continue,
            };
            let batch = match read {
                Ok(batch) if batch.is_empty() => break,
                Ok(batch) => batch,
                Err(ReadError::Lagged(lost)) => {
                    gone += lost;
                    overtaken.add(lost);
                    continue;
                }
                Err(error) => return Err(format!("cannot read its channel: {error}")),
            };
            let mut good = Vec::new();
            for frame in batch.iter() {
                number += 1;
                match frame.payload.len() > most {
                    false => good.push(frame),
                    true => {
                        let bad = Bad::new(number, Fault::TooLong { most }, &frame.payload);
                        rejects.handle(&context, &bad).await?;
                    }
                }
            }
            let bytes: usize = good.iter().map(|frame| frame.payload.len()).sum();
            let all = good.len() as u64;
            tokio::select! {
                sent = sending.send(good) => sent?,
                () = link.watch(&context) => {}
            }
            frames += all;
            sent.add(all);
            sent_bytes.add(bytes as u64);
        }
        rejects.finish(&context);
        if gone > 0 {
            let text = format!("{gone} frames were gone before they were read");
            context.log(Severity::Warn, text, []);
        }
        Ok(count(frames))
    }
}

/// Messages on their way.
struct Sending {
    client: async_nats::Client,
    subject: String,
    /// The stream, and what its acknowledgements are asked by.
    stream: Option<(String, jetstream::Context)>,
    /// What tells its messages from those of others.
    id: String,
    last: u64,
}

impl Sending {
    async fn of(sink: &NatsSink, link: &Link) -> Result<Self, String> {
        let stream = match &sink.stream {
            None => None,
            Some(name) => {
                let jetstream = jetstream::new(link.client.clone());
                let stream = jetstream.get_stream(name).await;
                stream.map_err(|error| {
                    format!("the stream `{name}` is not to be had: {}", shown(&error))
                })?;
                Some((name.clone(), jetstream))
            }
        };
        Ok(Self {
            client: link.client.clone(),
            subject: sink.subject.clone(),
            stream,
            // The inbox is random, and nobody else's.
            id: link.client.new_inbox(),
            last: 0,
        })
    }

    /// Returns once the server has all of them, or the stream.
    async fn send(&mut self, frames: Vec<Frame>) -> Result<(), String> {
        let Some((stream, jetstream)) = &self.stream else {
            for frame in frames {
                let sent = self.client.publish(self.subject.clone(), frame.payload);
                sent.await.map_err(|error| shown(&error))?;
            }
            return self.client.flush().await.map_err(|error| shown(&error));
        };
        let mut left = VecDeque::new();
        for frame in frames {
            self.last += 1;
            left.push_back((self.last, frame.payload));
        }
        while !left.is_empty() {
            let mut acknowledged = Vec::with_capacity(left.len());
            for (number, payload) in &left {
                let message = PublishMessage::build()
                    .payload(payload.clone())
                    .message_id(format!("{}.{number}", self.id))
                    .expected_stream(stream);
                let sent = jetstream.send_publish(self.subject.clone(), message).await;
                acknowledged.push(sent.map_err(|error| shown(&error))?);
            }
            for one in acknowledged {
                match one.await {
                    Ok(_) => drop(left.pop_front()),
                    Err(error) => match error.kind() {
                        PublishErrorKind::TimedOut | PublishErrorKind::BrokenPipe => break,
                        PublishErrorKind::StreamNotFound => {
                            return Err(format!(
                                "no stream takes messages of the subject `{}`",
                                self.subject
                            ));
                        }
                        _ => return Err(shown(&error)),
                    },
                }
            }
            if !left.is_empty() {
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(())
    }
}

impl Program for NatsSink {
    fn kind(&self) -> &str {
        "sink:nats"
    }

    fn run(self: Arc<Self>, context: Context) -> Running {
        Box::pin(async move { self.write(context).await })
    }
}
