//! The columns of both tables, their cells, and which columns fit.

use super::rates::Rates;
use crate::screen::one_line;
use crate::screen::table::time_text;
use crate::setting::size_text;
use std::time::Duration;
use weft_control::protocol::{ChannelRow, ProcessRow, State};

/// The width at which texts are cut, such as names of processes.
const TEXT: usize = 28;
/// The space between two columns.
pub(super) const GAP: usize = 2;

/// A column of a table.
#[derive(Clone, Copy)]
pub(super) struct Column<C> {
    pub(super) what: C,
    pub(super) name: &'static str,
    /// Whether it holds numbers.
    pub(super) right: bool,
    /// When space is short, columns of the highest rank are dropped first. Rank 0 is never dropped.
    rank: u8,
}

/// A column of processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProcessColumn {
    Id,
    Name,
    Cpu,
    Time,
    Memory,
    Handles,
    Restarts,
    State,
}

/// A column of channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChannelColumn {
    Name,
    Maker,
    Frames,
    Bytes,
    Depth,
    Held,
    Capacity,
    Lag,
    Dropped,
}

const fn column<C>(what: C, name: &'static str, right: bool, rank: u8) -> Column<C> {
    Column {
        what,
        name,
        right,
        rank,
    }
}

/// The columns of processes, in order.
pub(super) const PROCESSES: [Column<ProcessColumn>; 8] = [
    column(ProcessColumn::Id, "ID", true, 4),
    column(ProcessColumn::Name, "NAME", false, 0),
    column(ProcessColumn::Cpu, "CPU%", true, 0),
    column(ProcessColumn::Time, "TIME", true, 2),
    column(ProcessColumn::Memory, "MEMORY", true, 1),
    column(ProcessColumn::Handles, "HANDLES", true, 5),
    column(ProcessColumn::Restarts, "RESTARTS", true, 6),
    column(ProcessColumn::State, "STATE", false, 3),
];

/// The columns of channels, in order.
pub(super) const CHANNELS: [Column<ChannelColumn>; 9] = [
    column(ChannelColumn::Name, "NAME", false, 0),
    column(ChannelColumn::Maker, "MAKER", false, 6),
    column(ChannelColumn::Frames, "FRAMES/S", true, 0),
    column(ChannelColumn::Bytes, "BYTES/S", true, 3),
    column(ChannelColumn::Depth, "DEPTH", true, 1),
    column(ChannelColumn::Held, "HELD", true, 4),
    column(ChannelColumn::Capacity, "CAPACITY", true, 7),
    column(ChannelColumn::Lag, "LAG", true, 2),
    column(ChannelColumn::Dropped, "DROPS", true, 5),
];

/// The text of a process's cell.
pub(super) fn of_process(column: ProcessColumn, row: &ProcessRow, rates: &Rates) -> String {
    match column {
        ProcessColumn::Id => row.id.to_string(),
        ProcessColumn::Name => one_line(&row.name),
        ProcessColumn::Cpu => known(rates.cpu(row).map(|cpu| format!("{cpu:.1}"))),
        ProcessColumn::Time => time_text(Duration::from_nanos(row.cpu_time)),
        ProcessColumn::Memory => size_text(row.memory),
        ProcessColumn::Handles => row.handles.to_string(),
        ProcessColumn::Restarts => row.restarts.to_string(),
        ProcessColumn::State => state_text(&row.state),
    }
}

/// The text of a channel's cell.
pub(super) fn of_channel(column: ChannelColumn, row: &ChannelRow, rates: &Rates) -> String {
    let flow = rates.flow(row);
    match column {
        ChannelColumn::Name => one_line(&row.name),
        ChannelColumn::Maker => one_line(row.maker.as_deref().unwrap_or("-")),
        ChannelColumn::Frames => known(flow.map(|flow| format!("{:.0}", flow.frames))),
        ChannelColumn::Bytes => known(flow.map(|flow| size_text(flow.bytes as u64))),
        ChannelColumn::Depth => row.frames_held.to_string(),
        ChannelColumn::Held => size_text(row.bytes_held),
        ChannelColumn::Capacity => size_text(row.capacity),
        ChannelColumn::Lag => row.lag.to_string(),
        ChannelColumn::Dropped => match flow.filter(|flow| flow.dropped >= 0.5) {
            Some(flow) => format!("{} (+{:.0}/s)", row.dropped, flow.dropped),
            None => row.dropped.to_string(),
        },
    }
}

fn known(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".to_owned())
}

/// The state of a process as text.
pub(super) fn state_text(state: &State) -> String {
    match state {
        State::Running => "running".to_owned(),
        State::Stopping => "stopping".to_owned(),
        State::Waiting(end) => format!("restarting: {}", one_line(end)),
        State::Ended(end) => one_line(end),
    }
}

/// The columns that fit into this width, given the rows' cells, and the width of each.
pub(super) fn fit<C>(
    columns: &[Column<C>],
    rows: &[Vec<String>],
    room: usize,
) -> Vec<(usize, usize)> {
    let cells = |index: usize| rows.iter().filter_map(move |row| row.get(index));
    let mut shown: Vec<(usize, usize)> = columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let widths = cells(index).map(|cell| console::measure_text_width(cell));
            let widest = widths.max().unwrap_or(0).min(TEXT);
            (index, widest.max(column.name.len()))
        })
        .collect();
    let taken =
        |shown: &[(usize, usize)]| shown.iter().map(|(_, width)| width + GAP).sum::<usize>();
    let rank = |index: usize| columns.get(index).map_or(0, |column| column.rank);
    while taken(&shown) > room + GAP {
        let last = shown.iter().map(|(index, _)| rank(*index)).max();
        let Some(last) = last.filter(|rank| *rank > 0) else {
            break;
        };
        shown.retain(|(index, _)| rank(*index) != last);
    }
    shown
}
