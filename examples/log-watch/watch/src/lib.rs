//! Starts a component, reads its log, and raises an alert on floods of warnings.
//!
//! It needs no clock: every entry has its time.

use serde::Serialize;
use std::collections::VecDeque;
use std::time::Duration;
use weft_guest::log::{self, Entry, Level};
use weft_guest::{Capability, Process, ReadError, StartOptions, TypedWriter};

/// What whoever is on duty gets, as JSON.
#[derive(Serialize)]
struct Alert {
    /// The process that warns.
    process: String,
    /// How often it did.
    warnings: usize,
    /// In which time.
    within_ms: u128,
    /// The last warning.
    last: String,
}

/// Runs `component` on the file `path` and watches it: so many warnings within so many milliseconds
/// are an alert.
#[weft_guest::main]
async fn main(
    component: String,
    path: String,
    warnings: u32,
    within_ms: u64,
    alerts: TypedWriter<Alert>,
) -> weft_guest::Result<String> {
    let folder = Capability::Filesystem {
        source: "/data".to_owned(),
        guest_path: "/data".to_owned(),
        writable: false,
    };
    let worker = StartOptions::new(component).arg(path).capability(folder);
    let worker = Process::start(worker)?;
    let mut entries = worker.log_channel()?.weak_reader()?;
    let mut flood = Flood::new(usize::try_from(warnings)?, Duration::from_millis(within_ms));
    let (mut seen, mut raised) = (0, 0);
    loop {
        let frame = match entries.read().await {
            Ok(Some(frame)) => frame,
            // The process has ended.
            Ok(None) => break,
            // A log waits for nobody who reads it.
            Err(ReadError::Lagged(lost)) => {
                log::info!("{lost} entries were overwritten before they were read");
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let entry = Entry::from_frame(&frame.payload)?;
        if entry.level() < Level::Warn {
            continue;
        }
        seen += 1;
        let Some(took) = flood.add(entry.time()) else {
            continue;
        };
        raised += 1;
        let process = entry.resource.service_name;
        log::warn!(
            "{process} warned {warnings} times in {took:?}, the last time: {}",
            entry.body
        );
        let alert = Alert {
            process,
            warnings: flood.most,
            within_ms: took.as_millis(),
            last: entry.body,
        };
        if alerts.write(&alert).await?.is_dropped() {
            log::error!("there was no room for the alert: nobody gets it");
        }
    }
    let status = worker.wait().await;
    Ok(format!(
        "{seen} warnings seen, {raised} alerts; {} {status}",
        worker.name()
    ))
}

/// The times of the last warnings that belong to no alert yet.
struct Flood {
    times: VecDeque<Duration>,
    most: usize,
    within: Duration,
}

impl Flood {
    fn new(most: usize, within: Duration) -> Self {
        Flood {
            times: VecDeque::new(),
            most: most.max(1),
            within,
        }
    }

    /// One more warning. If they are a flood now: how long it took, and the next has to begin anew.
    fn add(&mut self, time: Duration) -> Option<Duration> {
        self.times.push_back(time);
        // Wall clocks can be set back.
        let took = |first: &Duration| time.saturating_sub(*first);
        while self
            .times
            .front()
            .is_some_and(|first| took(first) > self.within)
        {
            self.times.pop_front();
        }
        let took = self.times.front().map(took)?;
        if self.times.len() < self.most {
            return None;
        }
        self.times.clear();
        Some(took)
    }
}
