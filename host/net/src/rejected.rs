//! What is done with input that makes no frame, and with frames that make no output.
//!
//! Invariant: each is counted; the first is told in the log with its number, and at the end how many there were.

use crate::counters;
use crate::framing::{Bad, Framing};
use bytes::Bytes;
use serde::Serialize;
use std::sync::Arc;
use weft_channel::{WriteError, Writer};
use weft_host::log::Severity;
use weft_host::process::{Context, Counter};

/// What is done with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// It is passed over.
    #[default]
    Skip,
    /// The process fails.
    Stop,
    /// It is passed over, and a frame about it goes to the writer among the arguments that is called [`REJECTED`].
    Channel,
}

/// The name of the argument for rejected frames, a writer.
pub const REJECTED: &str = "rejected";

/// What is in a frame about input that made no frame.
#[derive(Serialize)]
struct Report<'a> {
    /// The process.
    from: &'a str,
    /// The number of the line, or else of the frame.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frame: Option<u64>,
    error: String,
    /// Its first bytes, as text.
    text: std::borrow::Cow<'a, str>,
}

/// Handles it for one process.
pub(crate) struct Rejects {
    framing: Framing,
    then: OnError,
    writer: Option<Arc<Writer>>,
    count: u64,
    /// Reports that did not reach their channel.
    lost: u64,
    counter: Counter,
    lost_counter: Counter,
}

impl Rejects {
    pub(crate) fn new(context: &mut Context, framing: Framing, then: OnError) -> Self {
        let writer = context.writer(REJECTED);
        Self {
            framing,
            then,
            writer,
            count: 0,
            lost: 0,
            counter: counters::REJECTED.open(context),
            lost_counter: counters::REPORTS_LOST.open(context),
        }
    }

    /// Handles one.
    ///
    /// # Errors
    /// The text that the process is to fail with.
    pub(crate) async fn handle(&mut self, context: &Context, bad: &Bad) -> Result<(), String> {
        let Bad { number, fault, .. } = bad;
        let unit = self.framing.unit();
        let text = format!("{unit} {number} makes no frame: {fault}");
        self.count += 1;
        self.counter.add(1);
        if self.then == OnError::Stop {
            return Err(text);
        }
        if self.count == 1 {
            let then = match self.then {
                OnError::Channel => "it goes to the channel for rejected frames, and so do others",
                _ => "it is passed over, and so are others",
            };
            let fields = [(unit, number.to_string())];
            context.log(Severity::Warn, format!("{text}; {then}"), fields);
        }
        let Some(writer) = self.writer.clone() else {
            return Ok(());
        };
        let report = self.report(context, bad);
        let sent = tokio::select! {
            biased;
            sent = writer.write(report.clone()) => sent,
            // There is no time to wait for room.
            () = context.stop_request() => writer.try_write(report),
        };
        let error = match sent {
            Ok(true) => return Ok(()),
            Ok(false) | Err(WriteError::WouldBlock) => None,
            Err(error) => Some(error),
        };
        self.lost_counter.add(1);
        self.lost += 1;
        if let Some(error) = error
            && self.lost == 1
        {
            let text = format!("a rejected {unit} reached no channel: {error}");
            context.log(Severity::Warn, text, []);
        }
        Ok(())
    }

    fn report(&self, context: &Context, bad: &Bad) -> Bytes {
        let is_line = self.framing.unit() == "line";
        let report = Report {
            from: context.name(),
            line: is_line.then_some(bad.number),
            frame: (!is_line).then_some(bad.number),
            error: bad.fault.to_string(),
            text: String::from_utf8_lossy(&bad.head),
        };
        serde_json::to_vec(&report).unwrap_or_default().into()
    }

    /// Says how many there were, unless that was all said with the first.
    pub(crate) fn finish(&self, context: &Context) {
        let unit = self.framing.unit();
        if self.count > 1 {
            let text = format!("{} {unit}s in all made no frame", self.count);
            context.log(Severity::Warn, text, []);
        }
        if self.lost > 0 {
            let text = format!("{} reports of rejected {unit}s were lost", self.lost);
            context.log(Severity::Warn, text, []);
        }
    }
}
