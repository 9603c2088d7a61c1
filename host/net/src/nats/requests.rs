//! A source of requests: a message that wants an answer becomes a request of a server among the guests, and the server's reply the answer.
//!
//! To the guests it is a client as any other. So a server that ends, or drops a request, is heard of at once, and the one who asked gets an
//! error with the headers that services of NATS use.

use super::calls::{Asks, Call, Calls, Says, open, seal};
use super::link::{Link, shown};
use crate::counters;
use crate::source::{OUTPUT, count};
use async_nats::{HeaderMap, Message, Subject};
use bytes::Bytes;
use futures::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};
use weft_channel::{
    Attachment, Attachments, Channel, Frame, Options, ReadError, Reader, WriteError, Writer,
};
use weft_host::log::Severity;
use weft_host::process::{Context, Counter, Program, Running};
use weft_nats::ServerConfig;

/// Bytes of replies that wait to be sent.
const REPLIES: u64 = 4 << 20;

/// The headers of an error, and what they say.
const ERROR: &str = "Nats-Service-Error";
const ERROR_CODE: &str = "Nats-Service-Error-Code";

/// How many requests are answered at once, and how long one may take.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Answering {
    /// Requests that wait for a reply at once. One more is answered with an error. Default: 1024.
    pub requests: usize,
    /// Time until a reply. Default: 30 s, as of requests over HTTP.
    pub answer_time: Duration,
}

impl Default for Answering {
    fn default() -> Self {
        Self {
            requests: 1024,
            answer_time: Duration::from_secs(30),
        }
    }
}

impl Answering {
    /// Sets how many requests wait for a reply at once.
    #[must_use]
    pub fn requests(self, requests: usize) -> Self {
        Self { requests, ..self }
    }

    /// Sets the time until a reply.
    #[must_use]
    pub fn answer_time(self, answer_time: Duration) -> Self {
        Self {
            answer_time,
            ..self
        }
    }
}

/// Takes requests.
#[derive(Debug)]
pub struct NatsRequests {
    server: ServerConfig,
    subject: String,
    queue: Option<String>,
    answering: Answering,
}

impl NatsRequests {
    /// A source of the requests of this subject.
    pub fn new(server: ServerConfig, subject: impl Into<String>, answering: Answering) -> Self {
        Self {
            server,
            subject: subject.into(),
            queue: None,
            answering,
        }
    }

    /// The same as one of a queue group: each request goes to one of its members.
    #[must_use]
    pub fn queue(self, queue: impl Into<Option<String>>) -> Self {
        let queue = queue.into();
        Self { queue, ..self }
    }

    async fn serve(&self, mut context: Context) -> Result<String, String> {
        let writer = context.writer(OUTPUT);
        let writer = writer.ok_or("there is no writer called `output` among its arguments")?;
        let mut link = Link::open(&self.server, context.name()).await?;
        let subscribed = match &self.queue {
            Some(queue) => {
                let subject = self.subject.clone();
                link.client.queue_subscribe(subject, queue.clone()).await
            }
            None => link.client.subscribe(self.subject.clone()).await,
        };
        let mut messages = subscribed.map_err(|error| shown(&error))?;
        let [frames, lost] = [&counters::SOURCE_FRAMES, &counters::SOURCE_LOST];
        let mut asking = Asking {
            frames: frames.open(&context),
            client: link.client.clone(),
            answering: self.answering,
            calls: Calls::default(),
            replies: None,
            writer,
            taken: 0,
        };
        let lost = lost.open(&context);
        context.log(Severity::Info, "takes requests", []);
        let mut stopping = false;
        while !(stopping && asking.calls.len() == 0) {
            tokio::select! {
                biased;
                () = context.stop_request(), if !stopping => {
                    stopping = true;
                    let _ = messages.unsubscribe().await;
                }
                () = link.watch(&context) => {}
                said = asking.hears() => asking.said(said).await?,
                () = asking.is_due() => asking.gives_up().await,
                message = messages.next(), if !stopping => {
                    lost.add(link.lost());
                    match message {
                        Some(message) => match asking.asks(message).await? {
                            true => {}
                            false => break,
                        },
                        None => stopping = true,
                    }
                }
            }
        }
        for call in asking.calls.take() {
            asking.fails(call.answer, 503, "the service ends").await;
        }
        let _ = link.client.flush().await;
        Ok(count(asking.taken))
    }
}

/// A client of the server among the guests.
struct Asking {
    client: async_nats::Client,
    answering: Answering,
    calls: Calls,
    /// None until the server has been told where replies go.
    replies: Option<Reader>,
    writer: Arc<Writer>,
    taken: u64,
    frames: Counter,
}

impl Asking {
    /// Sends a request on. False: nobody will read it.
    async fn asks(&mut self, message: Message) -> Result<bool, String> {
        let Some(answer) = message.reply else {
            tracing::debug!("a message that wants no answer is passed over");
            return Ok(true);
        };
        if self.calls.len() >= self.answering.requests {
            self.fails(answer, 503, "too many requests wait for a reply")
                .await;
            return Ok(true);
        }
        let number = self.calls.begin(Call {
            answer,
            request: message.payload.clone(),
            until: Instant::now() + self.answering.answer_time,
        });
        self.send(number, &message.payload).await
    }

    async fn send(&mut self, number: u64, request: &[u8]) -> Result<bool, String> {
        let frame = seal(request, Asks::Call, number);
        let attached = match &self.replies {
            Some(_) => Attachments::default(),
            None => {
                let channel = Channel::new(Options::new(REPLIES));
                let channel = channel.map_err(|error| error.to_string())?;
                let to = channel.strong_writer().map_err(|error| error.to_string())?;
                self.replies = Some(channel.strong_reader());
                Attachments::new(vec![Attachment::Writer(to)])
            }
        };
        let written = self.writer.write_with(frame, attached);
        match timeout(self.answering.answer_time, written).await {
            Ok(Ok(true)) => {
                self.taken += 1;
                self.frames.add(1);
                Ok(true)
            }
            Ok(Ok(false)) | Err(_) => {
                // If it was the first, the next one says again where replies go.
                self.forget_if_alone();
                self.fails_at(number, 503, "the channel has no room").await;
                Ok(true)
            }
            Ok(Err(error @ WriteError::TooLarge { .. })) => {
                self.forget_if_alone();
                self.fails_at(number, 413, &error.to_string()).await;
                Ok(true)
            }
            Ok(Err(WriteError::Drained | WriteError::Terminated)) => Ok(false),
            Ok(Err(error)) => Err(format!("cannot write to its channel: {error}")),
        }
    }

    fn forget_if_alone(&mut self) {
        if self.calls.len() == 1 {
            self.replies = None;
        }
    }

    /// The next frame of the server; none once it has let go of us.
    async fn hears(&self) -> Result<Option<Frame>, ReadError> {
        match &self.replies {
            Some(replies) => replies.read().await,
            None => std::future::pending().await,
        }
    }

    async fn said(&mut self, said: Result<Option<Frame>, ReadError>) -> Result<(), String> {
        let Ok(Some(frame)) = said else {
            // The server has ended. Another one may take its place.
            self.replies = None;
            for call in self.calls.take() {
                self.fails(call.answer, 503, "the server of the requests has ended")
                    .await;
            }
            return Ok(());
        };
        match open(&frame.payload) {
            Some(Says::Reply(number, payload)) => {
                if let Some(call) = self.calls.end(number) {
                    if payload.len() > self.client.max_payload() {
                        let text = "the reply is larger than a message may be";
                        self.fails(call.answer, 500, text).await;
                    } else {
                        let sent = self.client.publish(call.answer, payload).await;
                        sent.map_err(|error| shown(&error))?;
                    }
                }
            }
            Some(Says::NoReply(number)) => self.fails_at(number, 500, "there is no reply").await,
            Some(Says::Forgotten) => {
                self.replies = None;
                for (number, request) in self.calls.requests() {
                    self.send(number, &request).await?;
                }
            }
            None => tracing::debug!("a frame of a server that is no reply"),
        }
        Ok(())
    }

    async fn is_due(&self) {
        match self.calls.due() {
            Some(due) => sleep_until(due).await,
            None => std::future::pending().await,
        }
    }

    /// Gives up those that have waited long enough, and tells the server.
    async fn gives_up(&mut self) {
        while let Some((number, call)) = self.calls.take_due(Instant::now()) {
            // Where there is no room, its reply is passed over when it comes.
            let _ = self.writer.try_write(seal(&[], Asks::Cancel, number));
            self.fails(call.answer, 504, "no reply in time").await;
        }
    }

    async fn fails_at(&mut self, number: u64, code: u16, text: &str) {
        if let Some(call) = self.calls.end(number) {
            self.fails(call.answer, code, text).await;
        }
    }

    /// Answers with an error.
    async fn fails(&self, answer: Subject, code: u16, text: &str) {
        let mut headers = HeaderMap::new();
        headers.insert(ERROR, text);
        headers.insert(ERROR_CODE, code.to_string());
        let sent = self
            .client
            .publish_with_headers(answer, headers, Bytes::new());
        if let Err(error) = sent.await {
            tracing::debug!(%error, "an error is not sent");
        }
    }
}

impl Program for NatsRequests {
    fn kind(&self) -> &str {
        "source:nats-requests"
    }

    fn run(self: Arc<Self>, context: Context) -> Running {
        Box::pin(async move { self.serve(context).await })
    }
}
