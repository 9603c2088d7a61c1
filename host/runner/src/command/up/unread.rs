//! Channels that nobody reads any more while somebody writes to them.
//!
//! That is so when each process that the manifest gives a reader has ended for good, and nobody else has one. It is told once, and
//! then done what the manifest says for the channel. Once all is stopped, nothing is told.
//!
//! A process that waits for a restart keeps its readers. One that is started again by a reload gets new ones, and what was told may
//! be told again.

use super::ends::Channels;
use crate::manifest::{Checked, EndKind, Manifest, OnNoReader, Part};
use crate::screen::say;
use indexmap::IndexMap;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use weft_channel::Channel;
use weft_host::supervise::{Event, Next, Supervisor};

/// How often channels are looked at whose readers have gone: a reader may also end in other hands.
const LOOK: Duration = Duration::from_secs(1);

/// Looks after the channels of a manifest.
#[derive(Clone)]
pub(super) struct Unread {
    state: Arc<Mutex<State>>,
    changed: Arc<Notify>,
}

struct State {
    channels: Vec<Watched>,
    /// Whether all processes are being stopped.
    over: bool,
}

struct Watched {
    name: String,
    channel: Channel,
    /// Processes with a reader, and how each has ended if it has.
    readers: IndexMap<String, Option<String>>,
    writers: Vec<String>,
    then: OnNoReader,
    told: bool,
}

impl Unread {
    pub(super) fn new(manifest: &Manifest, checked: &Checked, channels: &Channels) -> Self {
        let parts = checked.parts(manifest);
        let has = |part: &Part<'_>, kinds: &[EndKind], channel: &str| {
            let mut ends = kinds.iter().flat_map(|kind| part.channels(*kind));
            ends.any(|it| it == channel)
        };
        let with = |kinds: &[EndKind], channel: &str| -> Vec<String> {
            let having = parts.iter().filter(|part| has(part, kinds, channel));
            having.map(|part| part.name.to_owned()).collect()
        };
        // A source has nothing else to do, and its input may have no end.
        let usual = |channel: &str| {
            let all = [EndKind::Writer, EndKind::Channel];
            let mut others = parts.iter().filter(|part| !part.is_source);
            match others.any(|part| has(part, &all, channel)) {
                true => OnNoReader::Warn,
                false => OnNoReader::Stop,
            }
        };
        // A server keeps frames for who reads them later.
        let watched = channels.in_memory();
        let watched = watched.filter_map(|it| Some((it, manifest.channels.get(it.0)?)));
        let watched = watched.map(|((name, channel), declared)| Watched {
            name: name.clone(),
            channel: channel.clone(),
            // With the channel itself a process makes readers.
            readers: with(&[EndKind::Reader, EndKind::Channel], name)
                .into_iter()
                .map(|name| (name, None))
                .collect(),
            writers: with(&[EndKind::Writer], name),
            then: declared.on_no_reader.unwrap_or_else(|| usual(name)),
            told: false,
        });
        let state = State {
            channels: watched.collect(),
            over: false,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            changed: Arc::default(),
        }
    }

    /// Hears of a start or an end.
    pub(super) fn tell(&self, event: &Event<'_>) {
        match event {
            Event::Started { child, .. } => self.note(child, None),
            Event::Ended {
                child,
                end,
                next: Next::Nothing | Next::Mend,
            } => {
                self.note(child, Some(end.to_string()));
                self.changed.notify_one();
            }
            Event::Ended {
                next: Next::GiveUp, ..
            } => self.over(),
            Event::Ended { .. } => {}
        }
    }

    /// All processes are stopped from now on.
    pub(super) fn over(&self) {
        self.lock().over = true;
    }

    fn note(&self, child: &str, end: Option<String>) {
        let mut state = self.lock();
        if state.over {
            return;
        }
        for watched in &mut state.channels {
            if let Some(known) = watched.readers.get_mut(child) {
                known.clone_from(&end);
                watched.told &= end.is_some();
            }
        }
    }

    /// Looks until the future is dropped.
    pub(super) async fn watch(&self, supervisor: &Supervisor, grace: Duration) {
        loop {
            let look = tokio::time::timeout(LOOK, self.changed.notified());
            let _ = look.await;
            for writer in self.look() {
                let supervisor = supervisor.clone();
                tokio::spawn(async move { supervisor.stop_child(&writer, grace).await });
            }
        }
    }

    /// Tells what is new, and gives the processes to be stopped.
    fn look(&self) -> Vec<String> {
        let mut stop = Vec::new();
        for watched in &mut self.lock().channels {
            if !watched.is_unread() {
                continue;
            }
            watched.told = true;
            match watched.then {
                OnNoReader::Drop => {}
                OnNoReader::Warn => say::warning(&watched.text("what is written to it is lost")),
                OnNoReader::Stop => {
                    let writers = watched.writers.join(", ");
                    say::warning(&watched.text(&format!("stopping {writers}")));
                    stop.extend(watched.writers.iter().cloned());
                }
            }
        }
        stop
    }

    /// Tells what has not been told, at the end. Returns how many frames of each channel nobody could read.
    pub(super) fn finish(&self) -> HashMap<String, u64> {
        self.look();
        let state = self.lock();
        let told = state.channels.iter();
        let told = told.filter(|it| it.told && it.then != OnNoReader::Drop);
        told.map(|it| (it.name.clone(), it.frames())).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    /// Whether it has become so.
    fn is_unread(&self) -> bool {
        let had_readers = !self.readers.is_empty();
        let gone = had_readers && self.readers.values().all(Option::is_some);
        if self.told || !gone {
            return false;
        }
        let Some(seen) = self.channel.observer().observe() else {
            return false;
        };
        let readers = seen.stats.strong_readers + seen.stats.weak_readers;
        let writers = seen.stats.strong_writers + seen.stats.weak_writers;
        // Where writers are to be stopped, it need not come to a loss.
        let stops = self.then == OnNoReader::Stop && writers > 0;
        readers == 0 && (stops || seen.without_reader > 0)
    }

    /// Frames that were written since.
    fn frames(&self) -> u64 {
        let seen = self.channel.observer().observe();
        seen.map_or(0, |seen| seen.without_reader)
    }

    fn text(&self, then: &str) -> String {
        let ends = self.readers.iter();
        let ends = ends.map(|(name, end)| format!("{name} {}", end.as_deref().unwrap_or_default()));
        let ends: Vec<String> = ends.collect();
        let name = &self.name;
        format!(
            "nobody reads channel `{name}` any more ({}): {then}",
            ends.join(", ")
        )
    }
}
