//! Frames on their way from a channel to bytes.

use super::{INPUT, Outflow};
use crate::counters;
use crate::framing::Encoder;
use crate::rejected::Rejects;
use crate::source::count;
use weft_channel::{Frames, ReadError};
use weft_host::log::Severity;
use weft_host::process::{Context, Counter, Input};

/// Frames that are read at once: as many as the channel hands out.
const FRAMES: u32 = 64 << 10;

/// Bytes that are read at once, unless one frame is larger: a system call costs little beside them.
const BYTES: u64 = 1 << 20;

/// Reads the channel for one process.
pub(super) struct Drain {
    pub(super) context: Context,
    input: Input,
    encoder: Encoder,
    rejects: Rejects,
    most: u64,
    /// Frames and bytes that are being written.
    under_way: (u64, u64),
    frames: u64,
    /// Frames that a weak reader did not get.
    overtaken: u64,
    counts: [Counter; 3],
}

impl Drain {
    /// `most`: bytes that are read at once, if they are to be fewer than usual.
    ///
    /// # Errors
    /// If there is no reader among the arguments.
    pub(super) fn new(
        mut context: Context,
        outflow: &Outflow,
        most: Option<u64>,
    ) -> Result<Self, String> {
        let input = context.reader(INPUT);
        let input = input.ok_or("there is no reader called `input` among its arguments")?;
        let rejects = Rejects::new(&mut context, outflow.framing, outflow.on_error);
        let counts = [
            counters::SINK_FRAMES.open(&context),
            counters::SINK_BYTES.open(&context),
            counters::SINK_OVERTAKEN.open(&context),
        ];
        Ok(Self {
            context,
            input,
            encoder: Encoder::new(outflow.framing),
            rejects,
            most: most.unwrap_or(BYTES).clamp(1, BYTES),
            under_way: (0, 0),
            frames: 0,
            overtaken: 0,
            counts,
        })
    }

    /// Reads on: what was read before is written. Puts the next frames into `out` as bytes. False: there are no more.
    ///
    /// # Errors
    /// The text that the process is to fail with.
    pub(super) async fn next(&mut self, out: &mut Vec<u8>) -> Result<bool, String> {
        out.clear();
        self.written();
        let frames = self.read().await?;
        if frames.is_empty() {
            return Ok(false);
        }
        let bad = self.encoder.encode(&frames.pack(), out);
        let refused = bad.len() as u64;
        for bad in bad {
            self.rejects.handle(&self.context, &bad).await?;
        }
        let good = (frames.len() as u64).saturating_sub(refused);
        self.under_way = (good, out.len() as u64);
        Ok(true)
    }

    /// Counts what was under way: it is written.
    fn written(&mut self) {
        let (frames, bytes) = std::mem::take(&mut self.under_way);
        self.frames += frames;
        let [count, counted_bytes, _] = &self.counts;
        count.add(frames);
        counted_bytes.add(bytes);
    }

    async fn read(&mut self) -> Result<Frames, String> {
        loop {
            match self.input.read_batch(FRAMES, self.most).await {
                Ok(frames) => return Ok(frames),
                Err(ReadError::Lagged(lost)) => {
                    if self.overtaken == 0 {
                        let text = "frames were gone before they were read";
                        self.context.log(Severity::Warn, text, []);
                    }
                    self.overtaken += lost;
                    let [_, _, overtaken] = &self.counts;
                    overtaken.add(lost);
                }
                Err(error) => return Err(format!("cannot read its channel: {error}")),
            }
        }
    }

    /// What the process returns: how many frames it has written.
    pub(super) fn finish(self) -> String {
        self.rejects.finish(&self.context);
        if self.overtaken > 0 {
            let text = format!("{} frames were gone before they were read", self.overtaken);
            self.context.log(Severity::Warn, text, []);
        }
        count(self.frames)
    }
}
