//! `weft ps`: the processes of a runner.

use super::asked;
use crate::cli::PsArgs;
use crate::screen::table::{Column, table, time_text};
use crate::setting::size_text;
use anyhow::Result;
use std::time::Duration;
use weft_control::protocol::{ProcessRow, State};

const COLUMNS: [Column; 12] = [
    Column::right("ID"),
    Column::left("NAME"),
    Column::left("COMPONENT"),
    Column::right("AGE"),
    Column::right("CPU"),
    Column::right("MEMORY"),
    Column::right("HANDLES"),
    Column::right("CHANNELS"),
    Column::right("CHILDREN"),
    Column::right("RESTARTS"),
    Column::right("STARTER"),
    Column::left("STATE"),
];

/// Prints the processes.
pub(super) async fn ps(args: PsArgs) -> Result<u8> {
    let mut snapshot = asked::snapshot(&args.on.on).await?;
    if !args.all {
        let over = |row: &ProcessRow| row.starter.is_some() && matches!(row.state, State::Ended(_));
        snapshot.processes.retain(|row| !over(row));
    }
    if args.on.json {
        return super::print_json(&snapshot);
    }
    let rows = snapshot.processes.iter().map(cells);
    super::print_rows(&table(&COLUMNS, rows), snapshot.left_out)
}

fn cells(row: &ProcessRow) -> [String; COLUMNS.len()] {
    [
        row.id.to_string(),
        row.name.clone(),
        row.component.clone(),
        time_text(Duration::from_nanos(row.age)),
        time_text(Duration::from_nanos(row.cpu_time)),
        size_text(row.memory),
        row.handles.to_string(),
        row.channels.to_string(),
        row.children.to_string(),
        row.restarts.to_string(),
        row.starter
            .map_or_else(|| "-".to_owned(), |id| id.to_string()),
        match &row.state {
            State::Running => "running".to_owned(),
            State::Stopping => "stopping".to_owned(),
            State::Waiting(end) | State::Ended(end) => end.clone(),
        },
    ]
}
