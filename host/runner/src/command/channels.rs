//! `weft channels`: the channels between the processes of a runner.

use super::asked;
use crate::cli::ChannelsArgs;
use crate::screen::table::{Column, table};
use crate::setting::size_text;
use anyhow::Result;
use weft_control::protocol::ChannelRow;

const COLUMNS: [Column; 11] = [
    Column::left("NAME"),
    Column::left("MAKER"),
    Column::right("CAPACITY"),
    Column::right("HELD"),
    Column::right("DEPTH"),
    Column::right("FRAMES"),
    Column::right("BYTES"),
    Column::right("DROPPED"),
    Column::right("LAG"),
    Column::right("READERS"),
    Column::right("WRITERS"),
];

/// Prints the channels.
pub(super) async fn channels(args: ChannelsArgs) -> Result<u8> {
    let snapshot = asked::snapshot(&args.on.on).await?;
    if args.on.json {
        return super::print_json(&snapshot);
    }
    let rows = snapshot.channels.iter().map(cells);
    super::print_rows(&table(&COLUMNS, rows), snapshot.left_out)
}

fn cells(row: &ChannelRow) -> [String; COLUMNS.len()] {
    [
        row.name.clone(),
        row.maker.clone().unwrap_or_else(|| "-".to_owned()),
        size_text(row.capacity),
        size_text(row.bytes_held),
        row.frames_held.to_string(),
        row.frames_written.to_string(),
        size_text(row.bytes_written),
        row.dropped.to_string(),
        row.lag.to_string(),
        readers(row),
        row.writers.to_string(),
    ]
}

/// The readers, and who only peeks. Nobody who reads, where somebody writes, is a word of its own: what is written is lost.
fn readers(row: &ChannelRow) -> String {
    let readers = match (row.readers, row.writers) {
        (0, 1..) => "nobody".to_owned(),
        (readers, _) => readers.to_string(),
    };
    match row.peeks {
        0 => readers,
        1 => format!("{readers} +1 peek"),
        peeks => format!("{readers} +{peeks} peeks"),
    }
}
