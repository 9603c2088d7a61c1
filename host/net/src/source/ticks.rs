//! A source that writes a frame at times.
//!
//! A frame is a JSON object: `tick`, its number from 1; `time`, when it was due, in UTC; and `missed`, how many before it were due while
//! the channel had no room, if there were any. Ticks do not pile up.

use super::{Cron, OUTPUT, count};
use crate::counters;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use weft_channel::WriteError;
use weft_host::process::{Context, Program, Running};

/// The longest sleep: a clock on the wall may be set meanwhile.
const MOST: Duration = Duration::from_secs(60);

/// When there is a tick.
#[derive(Clone, Debug)]
pub enum Schedule {
    /// Each time this has passed since the source was started, at least a millisecond.
    Every(Duration),
    /// By the clock on the wall.
    Cron(Box<Cron>),
}

/// Writes a frame at each of these times.
#[derive(Debug)]
pub struct Ticks {
    schedule: Schedule,
}

/// The shortest time between two ticks.
pub const SHORTEST_TICK: Duration = Duration::from_millis(1);

#[derive(Serialize)]
struct Tick {
    tick: u64,
    time: String,
    #[serde(skip_serializing_if = "is_none")]
    missed: u64,
}

fn is_none(missed: &u64) -> bool {
    *missed == 0
}

impl Ticks {
    /// A source of ticks at these times.
    pub fn new(schedule: Schedule) -> Self {
        Self { schedule }
    }

    async fn tick(&self, mut context: Context) -> Result<String, String> {
        let writer = context.writer(OUTPUT);
        let writer = writer.ok_or("there is no writer called `output` among its arguments")?;
        let counter = counters::SOURCE_FRAMES.open(&context);
        let bytes = counters::SOURCE_BYTES.open(&context);
        let lost = counters::SOURCE_MISSED.open(&context);
        let (mut tick, mut frames, mut missed) = (0, 0, 0);
        let mut due = self.after(Timestamp::now());
        while let Some(time) = due {
            if !until(&context, time).await {
                break;
            }
            tick += 1;
            let frame = Tick {
                tick,
                time: time.to_string(),
                missed: std::mem::take(&mut missed),
            };
            let frame = serde_json::to_vec(&frame).map_err(|error| error.to_string())?;
            let length = frame.len() as u64;
            let sent = tokio::select! {
                biased;
                sent = writer.write(frame.into()) => sent,
                () = context.stop_request() => break,
            };
            match sent {
                Ok(true) => {
                    frames += 1;
                    counter.add(1);
                    bytes.add(length);
                }
                Ok(false) => {
                    missed = 1;
                    lost.add(1);
                }
                Err(WriteError::Drained | WriteError::Terminated) => break,
                Err(error) => return Err(format!("cannot write to its channel: {error}")),
            }
            if writer.is_unread() {
                break;
            }
            let now = Timestamp::now();
            let (next, over) = self.next(time, now);
            due = next;
            (tick, missed) = (tick + over, missed + over);
            lost.add(over);
        }
        Ok(count(frames))
    }

    /// The first tick that is not over, and how many are.
    fn next(&self, last: Timestamp, now: Timestamp) -> (Option<Timestamp>, u64) {
        let (mut over, mut due) = (0, self.after(last));
        while let Some(time) = due
            && time < now
        {
            match &self.schedule {
                // As many as fit in between, at once: the clock may have been set by years.
                Schedule::Every(pause) => {
                    let behind = now.duration_since(time).as_nanos().unsigned_abs();
                    let more = behind / pause.as_nanos().max(1);
                    let skipped = SignedDuration::try_from(*pause).ok();
                    let skipped =
                        skipped.and_then(|it| it.checked_mul(i32::try_from(more + 1).ok()?));
                    over += u64::try_from(more + 1).unwrap_or(u64::MAX);
                    due = match skipped.and_then(|it| time.checked_add(it).ok()) {
                        Some(time) => Some(time),
                        None => self.after(now),
                    };
                }
                Schedule::Cron(_) => {
                    over += 1;
                    due = self.after(time);
                }
            }
        }
        (due, over)
    }

    fn after(&self, time: Timestamp) -> Option<Timestamp> {
        match &self.schedule {
            Schedule::Every(pause) => time
                .checked_add(SignedDuration::try_from(*pause).ok()?)
                .ok(),
            Schedule::Cron(cron) => cron.after(time),
        }
    }
}

/// Waits for a time. False: the process was asked to stop.
async fn until(context: &Context, time: Timestamp) -> bool {
    loop {
        let left = time.duration_since(Timestamp::now());
        let Ok(left) = Duration::try_from(left) else {
            return !context.stop_requested();
        };
        if left.is_zero() {
            return !context.stop_requested();
        }
        tokio::select! {
            () = tokio::time::sleep(left.min(MOST)) => {}
            () = context.stop_request() => return false,
        }
    }
}

impl Program for Ticks {
    fn kind(&self) -> &str {
        match self.schedule {
            Schedule::Every(_) => "source:every",
            Schedule::Cron(_) => "source:cron",
        }
    }

    fn run(self: Arc<Self>, context: Context) -> Running {
        Box::pin(async move { self.tick(context).await })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-03-01T{text}Z").parse().unwrap()
    }

    #[test]
    fn ticks_that_are_over_are_counted_and_the_next_keeps_the_beat() {
        let ticks = Ticks::new(Schedule::Every(Duration::from_secs(10)));
        let next = |last, now| ticks.next(at(last), at(now));
        assert_eq!(next("00:00:00", "00:00:01"), (Some(at("00:00:10")), 0));
        assert_eq!(next("00:00:00", "00:00:35"), (Some(at("00:00:40")), 3));
        let cron = Cron::new("* * * * *", "UTC").unwrap();
        let ticks = Ticks::new(Schedule::Cron(Box::new(cron)));
        let next = ticks.next(at("00:00:00"), at("00:02:30"));
        assert_eq!(next, (Some(at("00:03:00")), 2));
    }
}
