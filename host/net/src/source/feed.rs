//! Frames on their way from bytes to a channel.
//!
//! Invariant: what has been taken out of the decoder is in the channel or in [`Intermediate::waiting`], so that the next process of a
//! source that is restarted loses nothing.

use super::{Intake, OUTPUT};
use crate::counters;
#[cfg(feature = "nats")]
use crate::framing::Bad;
use crate::framing::{Decoder, Next, Piece};
use crate::rejected::Rejects;
use std::sync::Arc;
use weft_channel::{Batch, WriteError, Writer};
use weft_host::log::Severity;
use weft_host::process::{Context, Counter};

/// What is between the bytes and the channel.
#[derive(Debug)]
pub(crate) struct Intermediate {
    pub(super) decoder: Decoder,
    piece: Piece,
    /// What is being written.
    waiting: Option<Batch>,
    /// Bytes and lines before it.
    reached: (u64, u64),
}

impl Intermediate {
    pub(crate) fn new(intake: &Intake) -> Self {
        Self {
            decoder: intake.decoder(),
            piece: Piece::default(),
            waiting: None,
            reached: (0, 0),
        }
    }

    /// Begins with another input, at this offset and behind so many lines of it.
    pub(super) fn begin(&mut self, offset: u64, number: u64) {
        self.decoder.begin(offset, number);
        self.reached = (offset, number);
    }

    /// Bytes and lines of the input that are in the channel, or were passed over.
    pub(super) fn reached(&self) -> (u64, u64) {
        self.reached
    }
}

/// Whether there is anything to go on for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    On,
    /// The process was asked to stop.
    Stop,
    /// The channel takes no more frames, or nobody will read them.
    Unread,
}

/// Writes to the channel, for one process.
pub(crate) struct Feed {
    pub(crate) context: Context,
    writer: Arc<Writer>,
    rejects: Rejects,
    frames: u64,
    /// Frames for which there was no room.
    dropped: u64,
    counts: [Counter; 3],
}

impl Feed {
    /// # Errors
    /// If there is no writer among the arguments.
    pub(crate) fn new(mut context: Context, intake: &Intake) -> Result<Self, String> {
        let writer = context.writer(OUTPUT);
        let writer = writer.ok_or("there is no writer called `output` among its arguments")?;
        let rejects = Rejects::new(&mut context, intake.framing, intake.on_error);
        let counts = [
            counters::SOURCE_FRAMES.open(&context),
            counters::SOURCE_BYTES.open(&context),
            counters::SOURCE_DROPPED.open(&context),
        ];
        Ok(Self {
            context,
            writer,
            rejects,
            frames: 0,
            dropped: 0,
            counts,
        })
    }

    /// Writes all frames that are there. `end`: no bytes come behind those that are there.
    ///
    /// # Errors
    /// The text that the process is to fail with.
    pub(super) async fn drain(&mut self, of: &mut Intermediate, end: bool) -> Result<Flow, String> {
        let mut flow = self.send(of).await?;
        while flow == Flow::On {
            let next = of.decoder.next(&mut of.piece, end);
            if !of.piece.is_empty() {
                let batch = of.piece.batch();
                of.waiting = Some(batch.map_err(|error| error.to_string())?);
            }
            flow = self.send(of).await?;
            if flow == Flow::On {
                of.reached = (of.decoder.taken(), of.decoder.number());
            }
            match next {
                Next::More => break,
                Next::Full => {}
                Next::Bad(_) if flow != Flow::On => {}
                Next::Bad(bad) => {
                    self.rejects.handle(&self.context, &bad).await?;
                    of.decoder.pass_over();
                }
            }
        }
        Ok(flow)
    }

    /// Writes frames that are whole as they come.
    ///
    /// # Errors
    /// The text that the process is to fail with.
    #[cfg(feature = "nats")]
    pub(crate) async fn write(
        &mut self,
        of: &mut Intermediate,
        frames: Batch,
    ) -> Result<Flow, String> {
        of.waiting = Some(frames);
        self.send(of).await
    }

    /// Handles what can be no frame.
    ///
    /// # Errors
    /// The text that the process is to fail with.
    #[cfg(feature = "nats")]
    pub(crate) async fn reject(&mut self, bad: &Bad) -> Result<(), String> {
        self.rejects.handle(&self.context, bad).await
    }

    /// Says that what is left in the decoder is no frame.
    ///
    /// # Errors
    /// The text that the process is to fail with.
    pub(super) async fn cut_off(&mut self, of: &Intermediate) -> Result<(), String> {
        match of.decoder.cut_off() {
            Some(bad) => self.rejects.handle(&self.context, &bad).await,
            None => Ok(()),
        }
    }

    async fn send(&mut self, of: &mut Intermediate) -> Result<Flow, String> {
        let Some(batch) = of.waiting.clone() else {
            return Ok(Flow::On);
        };
        let (frames, all) = (batch.len() as u64, batch.bytes() as u64);
        let written = tokio::select! {
            biased;
            written = self.writer.write_batch(batch) => written,
            () = self.context.stop_request() => return Ok(Flow::Stop),
        };
        let sent = match written {
            Ok(sent) => u64::from(sent),
            Err(WriteError::Drained | WriteError::Terminated) => return Ok(Flow::Unread),
            Err(error) => return Err(format!("cannot write to its channel: {error}")),
        };
        let batch = of.waiting.take();
        self.frames += sent;
        let [count, counted_bytes, dropped] = &self.counts;
        count.add(sent);
        if sent == frames {
            counted_bytes.add(all);
        } else {
            // Those that were dropped are the last ones.
            let before = usize::try_from(sent).ok().and_then(|it| it.checked_sub(1));
            let end = before.and_then(|last| batch.as_ref()?.ends().nth(last));
            counted_bytes.add(end.unwrap_or_default().into());
            dropped.add(frames - sent);
            if self.dropped == 0 {
                let text = "the channel has no room, and drops frames";
                self.context.log(Severity::Warn, text, []);
            }
            self.dropped += frames - sent;
        }
        Ok(match self.writer.is_unread() {
            true => Flow::Unread,
            false => Flow::On,
        })
    }

    /// What the process returns: how many frames it has written.
    pub(crate) fn finish(self) -> String {
        self.rejects.finish(&self.context);
        if self.dropped > 0 {
            let text = format!("{} frames were dropped for want of room", self.dropped);
            self.context.log(Severity::Warn, text, []);
        }
        crate::source::count(self.frames)
    }
}
