//! Tables: aligned columns below their names.

use std::time::Duration;

/// A column.
pub(crate) struct Column {
    name: &'static str,
    right: bool,
}

impl Column {
    /// A column of texts.
    pub(crate) const fn left(name: &'static str) -> Self {
        Self { name, right: false }
    }

    /// A column of numbers.
    pub(crate) const fn right(name: &'static str) -> Self {
        Self { name, right: true }
    }
}

/// Formats a table. Each column is as wide as its widest cell. Cells may contain text from guests.
pub(crate) fn table<const N: usize>(
    columns: &[Column; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let names = columns.each_ref().map(|column| column.name.to_owned());
    let rows: Vec<_> = std::iter::once(names)
        .chain(rows)
        .map(|row| row.map(|cell| super::one_line(&cell)))
        .collect();
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(console::measure_text_width(cell));
        }
    }
    let mut text = String::new();
    for row in &rows {
        let cells = row
            .iter()
            .zip(columns)
            .zip(widths)
            .map(|((cell, column), width)| {
                let side = match column.right {
                    true => console::Alignment::Right,
                    false => console::Alignment::Left,
                };
                console::pad_str(cell, width, side, None)
            });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// A duration in its largest unit and the next smaller one, such as `2m 5s`. Below a minute it is in seconds, `0.12s`.
pub(crate) fn time_text(time: Duration) -> String {
    let seconds = time.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{:.2}s", time.as_secs_f64()),
        (0, 0, _) => format!("{minutes}m {}s", seconds % 60),
        (0, _, _) => format!("{hours}h {}m", minutes % 60),
        _ => format!("{days}d {}h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_one_cell_stays_on_one_line() {
        let rows = [
            ["a".to_owned(), "1".to_owned()],
            ["long\nname".to_owned(), "100".to_owned()],
        ];
        let columns = [Column::left("NAME"), Column::right("N")];
        assert_eq!(
            table(&columns, rows.into_iter()),
            "NAME          N\na             1\nlong\\nname  100\n"
        );
    }

    #[test]
    fn times_are_short() {
        let texts = [0.0, 1.234, 61.0, 3_725.0, 100_000.0]
            .map(|seconds| time_text(Duration::from_secs_f64(seconds)));
        assert_eq!(texts, ["0.00s", "1.23s", "1m 1s", "1h 2m", "1d 3h"]);
    }
}
