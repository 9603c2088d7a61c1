//! What is shown and how: which rows there are, their order, what is selected.
//!
//! Which rows there are is known from events, as they come; what goes on in them, from samples taken now and then.
//!
//! Invariant: what is selected is a process or a channel, not a place: it stays selected wherever a new snapshot or
//! another order puts it, and when it is gone its place is.

use super::columns::{CHANNELS, ChannelColumn, PROCESSES, ProcessColumn, state_text};
use super::rates::{self, Rates};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::time::Duration;
use weft_control::protocol::{ChannelRow, Event, ProcessRow, Snapshot};

/// What `weft top` shows.
pub(crate) struct View {
    pub(super) now: Snapshot,
    /// What rates begin from.
    sampled: Snapshot,
    pub(super) rates: Rates,
    interval: Duration,
    pub(super) processes: Table<ProcessColumn, u64>,
    pub(super) channels: Table<ChannelColumn, (String, Option<String>)>,
    pub(super) focus: Focus,
}

/// The table that keys are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Focus {
    Processes,
    Channels,
}

/// How one table is shown.
pub(super) struct Table<C, K> {
    /// None for the order of the snapshot.
    pub(super) sort: Option<C>,
    pub(super) reversed: bool,
    selected: Option<K>,
    /// Where it was when last looked at.
    pub(super) place: usize,
    /// The first row that is drawn.
    pub(super) offset: usize,
}

impl View {
    /// A view of this snapshot, with samples to come at this interval.
    pub(crate) fn new(now: Snapshot, interval: Duration) -> Self {
        Self {
            sampled: now.clone(),
            now,
            rates: Rates::default(),
            interval,
            processes: Table::sorted(Some(ProcessColumn::Cpu)),
            channels: Table::sorted(None),
            focus: Focus::Processes,
        }
    }

    /// The runner's name.
    pub(crate) fn runner(&self) -> &str {
        &self.now.runner
    }

    /// Time between two samples.
    pub(crate) fn interval(&self) -> Duration {
        self.interval
    }

    /// Shows a newer snapshot, with the rates since the one before.
    pub(crate) fn update(&mut self, now: Snapshot) {
        self.rates = Rates::between(&self.sampled, &now);
        self.sampled = now.clone();
        self.now = now;
    }

    /// Shows what has happened.
    pub(crate) fn apply(&mut self, event: Event) {
        self.now.apply(event);
    }

    /// Shows what goes on in the rows there are, with the rates since the last sample. Which rows there are is for events to say: some may
    /// be on their way.
    pub(crate) fn sample(&mut self, sample: Snapshot) {
        self.rates = Rates::between(&self.sampled, &sample);
        let processes: HashMap<_, _> = sample.processes.iter().map(|row| (row.id, row)).collect();
        for row in &mut self.now.processes {
            if let Some(sampled) = processes.get(&row.id) {
                row.clone_from(sampled);
            }
        }
        let channels = sample.channels.iter().map(|row| (rates::key(row), row));
        let channels: HashMap<_, _> = channels.collect();
        for row in &mut self.now.channels {
            if let Some(sampled) = channels.get(&rates::key(row)) {
                row.clone_from(sampled);
            }
        }
        (self.now.taken, self.now.age) = (sample.taken, sample.age);
        self.now.left_out = sample.left_out;
        self.sampled = sample;
    }

    /// The processes in the order they are shown in.
    pub(super) fn process_rows(&self) -> Vec<&ProcessRow> {
        let compare = |column: ProcessColumn, a: &ProcessRow, b: &ProcessRow| match column {
            ProcessColumn::Id => a.id.cmp(&b.id),
            ProcessColumn::Name => a.name.cmp(&b.name),
            ProcessColumn::Cpu => numbers(self.rates.cpu(b), self.rates.cpu(a)),
            ProcessColumn::Time => b.cpu_time.cmp(&a.cpu_time),
            ProcessColumn::Memory => b.memory.cmp(&a.memory),
            ProcessColumn::Handles => b.handles.cmp(&a.handles),
            ProcessColumn::Restarts => b.restarts.cmp(&a.restarts),
            ProcessColumn::State => state_text(&a.state).cmp(&state_text(&b.state)),
        };
        self.processes.sorted_rows(&self.now.processes, compare)
    }

    /// The channels in the order they are shown in.
    pub(super) fn channel_rows(&self) -> Vec<&ChannelRow> {
        let flow = |row: &ChannelRow| self.rates.flow(row);
        let compare = |column: ChannelColumn, a: &ChannelRow, b: &ChannelRow| match column {
            ChannelColumn::Name => a.name.cmp(&b.name),
            ChannelColumn::Maker => a.maker.cmp(&b.maker),
            ChannelColumn::Frames => numbers(
                flow(b).map(|flow| flow.frames),
                flow(a).map(|flow| flow.frames),
            ),
            ChannelColumn::Bytes => numbers(
                flow(b).map(|flow| flow.bytes),
                flow(a).map(|flow| flow.bytes),
            ),
            ChannelColumn::Depth => b.frames_held.cmp(&a.frames_held),
            ChannelColumn::Held => b.bytes_held.cmp(&a.bytes_held),
            ChannelColumn::Capacity => b.capacity.cmp(&a.capacity),
            ChannelColumn::Lag => b.lag.cmp(&a.lag),
            ChannelColumn::Dropped => b.dropped.cmp(&a.dropped),
        };
        self.channels.sorted_rows(&self.now.channels, compare)
    }

    /// Where the selected process is.
    pub(super) fn selected_process(&self) -> Option<usize> {
        let keys = self.process_rows().into_iter().map(|row| row.id);
        self.processes.index(keys)
    }

    /// Where the selected channel is.
    pub(super) fn selected_channel(&self) -> Option<usize> {
        self.channels
            .index(self.channel_rows().into_iter().map(rates::key))
    }

    /// Selects the row so many further down, as far as there are rows.
    pub(super) fn move_by(&mut self, rows: isize) {
        match self.focus {
            Focus::Processes => {
                let keys: Vec<_> = self.process_rows().into_iter().map(|row| row.id).collect();
                self.processes.move_by(&keys, rows);
            }
            Focus::Channels => {
                let rows_there = self.channel_rows();
                let keys: Vec<_> = rows_there.into_iter().map(rates::key).collect();
                self.channels.move_by(&keys, rows);
            }
        }
    }

    /// Sorts the table by its next column, or after the last as the runner lists them; or the other way round.
    pub(super) fn sort_next(&mut self, forward: bool) {
        match self.focus {
            Focus::Processes => self
                .processes
                .sort_next(&PROCESSES.map(|column| column.what), forward),
            Focus::Channels => self
                .channels
                .sort_next(&CHANNELS.map(|column| column.what), forward),
        }
    }

    /// Turns the order of the table round.
    pub(super) fn reverse(&mut self) {
        match self.focus {
            Focus::Processes => self.processes.reversed = !self.processes.reversed,
            Focus::Channels => self.channels.reversed = !self.channels.reversed,
        }
    }

    /// Goes to the other table.
    pub(super) fn other_table(&mut self) {
        self.focus = match self.focus {
            Focus::Processes => Focus::Channels,
            Focus::Channels => Focus::Processes,
        };
    }
}

/// Compares numbers that may be unknown, which come first.
fn numbers(a: Option<f64>, b: Option<f64>) -> Ordering {
    let number = |number: Option<f64>| number.unwrap_or(-1.0);
    number(a).total_cmp(&number(b))
}

impl<C: Copy + PartialEq, K: PartialEq + Clone> Table<C, K> {
    fn sorted(sort: Option<C>) -> Self {
        Self {
            sort,
            reversed: false,
            selected: None,
            place: 0,
            offset: 0,
        }
    }

    fn sorted_rows<'a, R>(
        &self,
        rows: &'a [R],
        compare: impl Fn(C, &R, &R) -> Ordering,
    ) -> Vec<&'a R> {
        let mut rows: Vec<_> = rows.iter().collect();
        if let Some(column) = self.sort {
            rows.sort_by(|a, b| compare(column, a, b));
        }
        if self.reversed {
            rows.reverse();
        }
        rows
    }

    /// Where what is selected is among these; when it is gone, what is in its place.
    fn index(&self, keys: impl ExactSizeIterator<Item = K>) -> Option<usize> {
        let selected = self.selected.as_ref()?;
        let last = keys.len().checked_sub(1)?;
        let mut keys = keys;
        let found = keys.position(|key| key == *selected);
        Some(found.unwrap_or(self.place.min(last)))
    }

    fn move_by(&mut self, keys: &[K], rows: isize) {
        let Some(last) = keys.len().checked_sub(1) else {
            return;
        };
        let place = match self.index(keys.iter().cloned()) {
            Some(place) => place.saturating_add_signed(rows).min(last),
            None if rows < 0 => last,
            None => 0,
        };
        self.place = place;
        self.selected = keys.get(place).cloned();
    }

    fn sort_next(&mut self, columns: &[C], forward: bool) {
        let count = columns.len();
        // One past the last is the order of the snapshot.
        let now = self
            .sort
            .and_then(|column| columns.iter().position(|other| *other == column));
        let next = now.unwrap_or(count) + if forward { 1 } else { count };
        self.sort = columns.get(next % (count + 1)).copied();
    }
}
