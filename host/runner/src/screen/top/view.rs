//! The state of the screen: the rows, their order, and the selection.
//!
//! Events add and remove rows as they happen. Samples, taken periodically, update the values in the rows.
//!
//! Invariant: the selection is a process or a channel, not a position. It stays selected wherever a new snapshot or
//! another order puts it. When it is gone, the row at its position is selected.

use super::columns::{CHANNELS, ChannelColumn, PROCESSES, ProcessColumn, state_text};
use super::rates::{self, Rates};
use std::cmp::Ordering;
use std::time::Duration;
use weft_control::protocol::{ChannelRow, Event, ProcessRow, Snapshot};

/// The data and settings of the screen.
pub(crate) struct View {
    pub(super) now: Snapshot,
    /// The snapshot from which the next rates are computed.
    sampled: Snapshot,
    pub(super) rates: Rates,
    interval: Duration,
    pub(super) processes: Table<ProcessColumn, u64>,
    pub(super) channels: Table<ChannelColumn, (String, Option<String>)>,
    pub(super) focus: Focus,
}

/// The table that keys act on.
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
    /// The selected row's last known position.
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

    /// Shows a newer snapshot, with the rates since the last one.
    pub(super) fn update(&mut self, now: Snapshot) {
        self.rates = Rates::between(&self.sampled, &now);
        self.sampled = now.clone();
        self.now = now;
    }

    /// Shows an event.
    pub(crate) fn apply(&mut self, event: Event) {
        match event {
            Event::Numbers(now) => self.update(now),
            event => self.now.apply(event),
        }
    }

    /// The processes in display order.
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

    /// The channels in display order.
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

    /// The position of the selected process.
    pub(super) fn selected_process(&self) -> Option<usize> {
        let keys = self.process_rows().into_iter().map(|row| row.id);
        self.processes.index(keys)
    }

    /// The position of the selected channel.
    pub(super) fn selected_channel(&self) -> Option<usize> {
        self.channels
            .index(self.channel_rows().into_iter().map(rates::key))
    }

    /// Moves the selection down by this many rows, within the table.
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

    /// Sorts the table by its next column, and after the last one in the runner's order. Without `forward`, goes the
    /// other way.
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

    /// Reverses the order of the table.
    pub(super) fn reverse(&mut self) {
        match self.focus {
            Focus::Processes => self.processes.reversed = !self.processes.reversed,
            Focus::Channels => self.channels.reversed = !self.channels.reversed,
        }
    }

    /// Switches to the other table.
    pub(super) fn other_table(&mut self) {
        self.focus = match self.focus {
            Focus::Processes => Focus::Channels,
            Focus::Channels => Focus::Processes,
        };
    }
}

/// Compares numbers. An unknown number is less than any other.
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

    /// The position of the selection among these keys. If it is gone, the position where it was.
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
        // The position after the last column stands for the snapshot's order.
        let now = self
            .sort
            .and_then(|column| columns.iter().position(|other| *other == column));
        let next = now.unwrap_or(count) + if forward { 1 } else { count };
        self.sort = columns.get(next % (count + 1)).copied();
    }
}
