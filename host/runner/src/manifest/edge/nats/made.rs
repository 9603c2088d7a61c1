//! The programs of sources and sinks of NATS, from their keys.

use super::Nats;
use crate::manifest::edge::format::{SinkEntry, SourceEntry};
use crate::manifest::edge::keys::time_of;
use crate::manifest::nats::{Addresses, server};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::sync::Arc;
use weft_net::nats::{Answering, FromStream, NatsRequests, NatsSink, NatsSource};
use weft_net::sink::Outflow;
use weft_net::source::Intake;

const NO_SUBJECT: &str = "nothing says which messages; write subject = \"orders.>\"";

impl Nats {
    /// A source of this name.
    ///
    /// # Errors
    /// When a key says something that is none of NATS, or keys do not go together.
    pub(in crate::manifest::edge) fn source(
        folder: &Path,
        name: &str,
        addresses: &Addresses,
        entry: &SourceEntry,
        intake: Intake,
    ) -> Result<Self> {
        let SourceEntry {
            credentials, tls, ..
        } = entry;
        let server = server(folder, addresses, credentials.as_ref(), tls.as_ref());
        let server = server.context("nats")?;
        let asked = entry.subject.as_deref().map(|text| subject(text, true));
        let asked = asked.transpose().context("subject")?;
        let queue = entry.queue.clone();
        check_keys(entry)?;
        if entry.reply {
            let mut answering = Answering::default();
            if let Some(requests) = entry.requests {
                answering = answering.requests(requests.get());
            }
            if let Some(time) = &entry.answer_time {
                answering = answering.answer_time(time_of(time).context("answer-time")?);
            }
            let requests = NatsRequests::new(server, asked.context(NO_SUBJECT)?, answering);
            return Ok(Self {
                program: Arc::new(requests.queue(queue)),
                kind: "source:nats-requests",
            });
        }
        let source = match &entry.stream {
            Some(stream) => {
                let from = FromStream {
                    stream: stream.clone(),
                    consumer: entry.consumer.clone().unwrap_or_else(|| consumer(name)),
                    begin: entry.begin.map(Into::into).unwrap_or_default(),
                };
                NatsSource::of_stream(server, from, asked, intake)
            }
            None => NatsSource::of_subject(server, asked.context(NO_SUBJECT)?, intake).queue(queue),
        };
        Ok(Self {
            program: Arc::new(source),
            kind: "source:nats",
        })
    }

    /// A sink.
    ///
    /// # Errors
    /// When a key says something that is none of NATS.
    pub(in crate::manifest::edge) fn sink(
        folder: &Path,
        addresses: &Addresses,
        entry: &SinkEntry,
        outflow: Outflow,
    ) -> Result<Self> {
        let SinkEntry {
            credentials, tls, ..
        } = entry;
        let server = server(folder, addresses, credentials.as_ref(), tls.as_ref());
        let server = server.context("nats")?;
        let to = entry.subject.as_deref();
        let to = to.context("nothing says where messages go; write subject = \"orders.new\"")?;
        let to = subject(to, false).context("subject")?;
        let sink = NatsSink::new(server, to, outflow.on_error).stream(entry.stream.clone());
        Ok(Self {
            program: Arc::new(sink),
            kind: "sink:nats",
        })
    }
}

/// Checks that each key is one for what the source is.
fn check_keys(entry: &SourceEntry) -> Result<()> {
    let given = [
        (
            "queue",
            entry.queue.is_some(),
            entry.stream.is_none(),
            "a stream: its consumer is shared by all who name it",
        ),
        (
            "consumer",
            entry.consumer.is_some(),
            entry.stream.is_some(),
            "messages that are of no stream",
        ),
        (
            "begin",
            entry.begin.is_some(),
            entry.stream.is_some(),
            "messages that are of no stream",
        ),
        ("stream", entry.stream.is_some(), !entry.reply, "requests"),
        (
            "requests",
            entry.requests.is_some(),
            entry.reply,
            "messages that want no answer; write reply = true for those that do",
        ),
        (
            "answer-time",
            entry.answer_time.is_some(),
            entry.reply,
            "messages that want no answer; write reply = true for those that do",
        ),
        (
            "on-error",
            entry.on_error.is_some(),
            !entry.reply,
            "requests: who asks is told",
        ),
        (
            "max-frame",
            entry.max_frame.is_some(),
            !entry.reply,
            "requests: who asks is told",
        ),
    ];
    if let Some((key, _, _, of)) = given.iter().find(|(_, given, fits, _)| *given && !fits) {
        bail!("`{key}` is of no use for {of}");
    }
    Ok(())
}

/// The consumer of a source, made of its name: a server takes no dots and spaces in one.
fn consumer(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let name = name.chars().map(|c| if fits(c) { c } else { '_' });
    format!("weft-{}", name.collect::<String>())
}

/// Checks a subject to be published to, or one with wildcards to be subscribed to.
fn subject(text: &str, wildcards: bool) -> Result<String> {
    let words: Vec<&str> = text.split('.').collect();
    let last = words.len().saturating_sub(1);
    let fits = |(at, word): (usize, &&str)| match *word {
        "" => false,
        "*" => wildcards,
        ">" => wildcards && at == last,
        word => {
            !word.contains(|c: char| c.is_whitespace() || c.is_control() || c == '*' || c == '>')
        }
    };
    if words.iter().enumerate().all(fits) {
        return Ok(text.to_owned());
    }
    match wildcards {
        true => bail!(
            "`{text}` is no subject; one is words with dots between, such as orders.new or orders.>"
        ),
        false => bail!(
            "`{text}` is no subject to send to; one is words with dots between, such as orders.new"
        ),
    }
}
