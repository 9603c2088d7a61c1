//! Events: the difference between two snapshots, and how they bring a snapshot up to date.
//!
//! Events are made by comparing snapshots, not by collecting changes. So a slow reader never has more events waiting
//! than there are processes and channels. A process that started and ended between two snapshots is reported as long as
//! the runner still remembers it.
//!
//! Invariant: applying all events between two snapshots to the older one gives the processes, states and channels of
//! the newer one.

use crate::protocol::{ChannelRow, Event, ProcessRow, Snapshot};
use std::collections::{HashMap, HashSet};

/// What identifies a channel.
type ChannelKey = (String, Option<String>);

fn key(row: &ChannelRow) -> ChannelKey {
    (row.name.clone(), row.maker.clone())
}

/// What happened between two snapshots of the same runner.
pub(crate) fn between(before: &Snapshot, now: &Snapshot) -> Vec<Event> {
    let known: HashMap<u64, &ProcessRow> =
        before.processes.iter().map(|row| (row.id, row)).collect();
    let ids: HashSet<u64> = now.processes.iter().map(|row| row.id).collect();
    let mut replaced = HashSet::new();
    let mut events = Vec::new();
    for row in &now.processes {
        match known.get(&row.id) {
            Some(old) if old.state == row.state => {}
            Some(_) => events.push(Event::State {
                id: row.id,
                state: row.state.clone(),
            }),
            None => {
                let is_before = |old: &&ProcessRow| {
                    let of_runner = old.starter.is_none() && row.starter.is_none();
                    of_runner && old.name == row.name && !ids.contains(&old.id)
                };
                let old = before.processes.iter().find(is_before);
                events.push(match old.filter(|old| replaced.insert(old.id)) {
                    Some(old) => Event::Restarted {
                        before: old.id,
                        process: row.clone(),
                    },
                    None => Event::Started(row.clone()),
                });
            }
        }
    }
    let gone = before.processes.iter().map(|row| row.id);
    let gone = gone.filter(|id| !ids.contains(id) && !replaced.contains(id));
    events.extend(gone.map(|id| Event::Forgotten { id }));
    let known: HashSet<ChannelKey> = before.channels.iter().map(key).collect();
    let there: HashSet<ChannelKey> = now.channels.iter().map(key).collect();
    let made = now.channels.iter().filter(|row| !known.contains(&key(row)));
    events.extend(made.cloned().map(Event::Made));
    let gone = before
        .channels
        .iter()
        .map(key)
        .filter(|key| !there.contains(key));
    events.extend(gone.map(|(name, maker)| Event::Gone { name, maker }));
    events
}

impl Snapshot {
    /// Brings the lists up to date: the processes, their states and the channels. Numbers such as memory keep the
    /// values they had when their row was sent; a new snapshot and [`Event::Numbers`] have the current ones.
    pub fn apply(&mut self, event: Event) {
        match event {
            Event::Started(process) => self.replace(process.id, process),
            Event::Restarted { before, process } => self.replace(before, process),
            Event::State { id, state } => {
                let row = self.processes.iter_mut().find(|row| row.id == id);
                if let Some(row) = row {
                    row.state = state;
                }
            }
            Event::Forgotten { id } => self.processes.retain(|row| row.id != id),
            Event::Numbers(now) => *self = now,
            Event::Made(channel) => {
                let made = key(&channel);
                match self.channels.iter_mut().find(|row| key(row) == made) {
                    Some(row) => *row = channel,
                    None => self.channels.push(channel),
                }
            }
            Event::Gone { name, maker } => {
                let gone = (name, maker);
                self.channels.retain(|row| key(row) != gone);
            }
        }
    }

    /// Replaces the row of process `id`, or inserts the new row behind its group: the runner's own processes, or all
    /// others.
    fn replace(&mut self, id: u64, process: ProcessRow) {
        if let Some(row) = self.processes.iter_mut().find(|row| row.id == id) {
            *row = process;
            return;
        }
        let of_runner = self.processes.iter().rposition(|row| row.starter.is_none());
        let place = match process.starter {
            None => of_runner.map_or(0, |last| last + 1),
            Some(_) => self.processes.len(),
        };
        self.processes.insert(place, process);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::State;

    fn process(id: u64, name: &str, starter: Option<u64>, state: State) -> ProcessRow {
        ProcessRow {
            id,
            name: name.to_owned(),
            component: name.to_owned(),
            state,
            started: 0,
            age: 0,
            cpu_time: 0,
            memory: 0,
            handles: 0,
            channels: 0,
            children: 0,
            restarts: 0,
            starter,
        }
    }

    fn channel(name: &str, maker: Option<&str>) -> ChannelRow {
        ChannelRow {
            name: name.to_owned(),
            maker: maker.map(str::to_owned),
            capacity: 0,
            frames_written: 0,
            bytes_written: 0,
            frames_held: 0,
            bytes_held: 0,
            dropped: 0,
            lag: 0,
            readers: 0,
            peeks: 0,
            writers: 0,
        }
    }

    fn snapshot(processes: Vec<ProcessRow>, channels: Vec<ChannelRow>) -> Snapshot {
        Snapshot {
            runner: "app".to_owned(),
            host: "here".to_owned(),
            pid: 1,
            taken: 0,
            started: 0,
            age: 0,
            processes,
            channels,
            left_out: 0,
        }
    }

    #[test]
    fn a_snapshot_to_which_events_are_applied_is_the_next() {
        let ended = || State::Ended("returned".to_owned());
        let looks = [
            snapshot(Vec::new(), vec![channel("lines", None)]),
            snapshot(
                vec![
                    process(1, "a", None, State::Running),
                    process(2, "b", None, State::Running),
                ],
                vec![channel("lines", None), channel("#1", Some("a (1)"))],
            ),
            snapshot(
                vec![
                    process(1, "a", None, State::Waiting("trapped".to_owned())),
                    process(2, "b", None, State::Stopping),
                    process(3, "a", Some(2), State::Running),
                ],
                vec![channel("lines", None), channel("#1", Some("a (1)"))],
            ),
            snapshot(
                vec![
                    process(5, "a", None, State::Running),
                    process(2, "b", None, ended()),
                    process(3, "a", Some(2), ended()),
                    process(4, "c", Some(3), ended()),
                ],
                vec![channel("lines", None), channel("#2", Some("a (5)"))],
            ),
            snapshot(vec![process(5, "a", None, State::Running)], Vec::new()),
        ];
        let mut shown = looks[0].clone();
        for pair in looks.windows(2) {
            let [before, now] = pair else { continue };
            for event in between(before, now) {
                shown.apply(event);
            }
            assert_eq!(shown.processes, now.processes);
            assert_eq!(shown.channels, now.channels);
            assert_eq!(between(now, now), []);
        }
    }

    #[test]
    fn who_comes_in_the_place_of_another_is_told_as_restarted() {
        let before = snapshot(vec![process(1, "a", None, State::Running)], Vec::new());
        let now = snapshot(vec![process(2, "a", None, State::Running)], Vec::new());
        let process = process(2, "a", None, State::Running);
        let wanted = Event::Restarted { before: 1, process };
        assert_eq!(between(&before, &now), [wanted]);
    }
}
