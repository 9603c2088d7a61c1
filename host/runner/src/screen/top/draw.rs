//! Draws a view into an area of any size.

use super::columns::{self, CHANNELS, Column, GAP, PROCESSES};
use super::view::{Focus, View};
use crate::screen::one_line;
use crate::screen::table::time_text;
use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Text};
use ratatui::widgets::{Row, StatefulWidget, Table, TableState, Widget};
use std::time::Duration;

/// The smallest area that can show anything.
const SMALLEST: (u16, u16) = (24, 4);

/// Below this height only one table is shown.
const TWO_TABLES: u16 = 9;

/// The width of printed text when stdout is no terminal.
const TEXT_WIDTH: u16 = 120;

/// The keys, the most useful first. What does not fit is cut.
const HELP: &str = "q quit  ↑↓ select  s sort  r reverse  tab other table";

/// Draws the view.
pub(super) fn draw(view: &mut View, area: Rect, buffer: &mut Buffer) {
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        Line::raw("too small").render(area, buffer);
        return;
    }
    let [head, body, help] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(1),
    ])
    .areas(area);
    Line::styled(title(view), Modifier::BOLD).render(head, buffer);
    Line::styled(HELP, Modifier::DIM).render(help, buffer);
    if area.height < TWO_TABLES {
        match view.focus {
            Focus::Processes => processes(view, body, buffer),
            Focus::Channels => channels(view, body, buffer),
        }
        return;
    }
    // Channels get the rows they need, up to half of the area or to what the processes leave.
    let needed = |rows: usize| u16::try_from(rows + 1).unwrap_or(u16::MAX);
    let left = body
        .height
        .saturating_sub(1 + needed(view.now.processes.len()));
    let most = left.max(body.height / 2);
    let wanted = needed(view.now.channels.len()).min(most).max(2);
    let [upper, _, lower] = Layout::vertical([
        Constraint::Min(2),
        Constraint::Length(1),
        Constraint::Length(wanted),
    ])
    .areas(body);
    processes(view, upper, buffer);
    channels(view, lower, buffer);
}

/// The whole view as lines of text, for output without a screen.
pub(crate) fn text(view: &mut View, width: Option<u16>) -> String {
    let rows = view.now.processes.len() + view.now.channels.len();
    // The title, two headers, the gap between the tables, and the line of keys, which is removed below.
    let height = u16::try_from(rows + 5).unwrap_or(u16::MAX);
    let height = height.max(TWO_TABLES);
    let area = Rect::new(0, 0, width.unwrap_or(TEXT_WIDTH).max(SMALLEST.0), height);
    let mut buffer = Buffer::empty(area);
    draw(view, area, &mut buffer);
    let mut text = lines(&buffer).join("\n").replace(HELP, "");
    while text.contains("\n\n\n") {
        text = text.replace("\n\n\n", "\n\n");
    }
    format!("{}\n", text.trim_end())
}

/// The lines of a buffer, without trailing spaces.
pub(super) fn lines(buffer: &Buffer) -> Vec<String> {
    let area = buffer.area;
    let line = |y: u16| {
        let (mut line, mut x) = (String::new(), area.left());
        while let Some(cell) = buffer.cell((x, y)).filter(|_| x < area.right()) {
            line.push_str(cell.symbol());
            // A wide character also covers the cells after its own.
            let width = u16::try_from(console::measure_text_width(cell.symbol()));
            x += width.unwrap_or(1).max(1);
        }
        line.trim_end().to_owned()
    };
    (area.top()..area.bottom()).map(line).collect()
}

fn title(view: &View) -> String {
    let now = &view.now;
    let up = Duration::from_nanos(now.age);
    let count = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    };
    let left_out = match now.left_out {
        0 => String::new(),
        more => format!(", {more} more not shown"),
    };
    format!(
        "{} ({})  up {}  {}  {}{left_out}  every {}",
        one_line(&now.runner),
        now.pid,
        time_text(up),
        count(now.processes.len(), "process", "processes"),
        count(now.channels.len(), "channel", "channels"),
        humantime::format_duration(view.interval()),
    )
}

fn processes(view: &mut View, area: Rect, buffer: &mut Buffer) {
    let rows = view.process_rows();
    let cells = |row| PROCESSES.map(|column| columns::of_process(column.what, row, &view.rates));
    let rows: Vec<Vec<String>> = rows.into_iter().map(|row| cells(row).to_vec()).collect();
    let sorted = PROCESSES.map(|column| view.processes.sort == Some(column.what));
    let shown = Shown {
        focused: view.focus == Focus::Processes,
        sorted: &sorted,
        selected: view.selected_process(),
        offset: view.processes.offset,
    };
    let (place, offset) = table(&PROCESSES, &rows, &shown, area, buffer);
    view.processes.offset = offset;
    view.processes.place = place.unwrap_or(view.processes.place);
}

fn channels(view: &mut View, area: Rect, buffer: &mut Buffer) {
    let rows = view.channel_rows();
    let cells = |row| CHANNELS.map(|column| columns::of_channel(column.what, row, &view.rates));
    let rows: Vec<Vec<String>> = rows.into_iter().map(|row| cells(row).to_vec()).collect();
    let sorted = CHANNELS.map(|column| view.channels.sort == Some(column.what));
    let shown = Shown {
        focused: view.focus == Focus::Channels,
        sorted: &sorted,
        selected: view.selected_channel(),
        offset: view.channels.offset,
    };
    let (place, offset) = table(&CHANNELS, &rows, &shown, area, buffer);
    view.channels.offset = offset;
    view.channels.place = place.unwrap_or(view.channels.place);
}

/// How a table is shown.
struct Shown<'a> {
    focused: bool,
    sorted: &'a [bool],
    selected: Option<usize>,
    offset: usize,
}

/// Draws a table. Returns the selected row and the first row that is drawn.
fn table<C>(
    columns: &[Column<C>],
    rows: &[Vec<String>],
    shown: &Shown<'_>,
    area: Rect,
    buffer: &mut Buffer,
) -> (Option<usize>, usize) {
    // The marker of the selected row, and a space.
    let room = usize::from(area.width).saturating_sub(2);
    let fitting = columns::fit(columns, rows, room);
    let aligned = |index: usize, text: String| {
        let right = columns.get(index).is_some_and(|column| column.right);
        let alignment = if right {
            Alignment::Right
        } else {
            Alignment::Left
        };
        Text::from(text).alignment(alignment)
    };
    let heads = fitting.iter().map(|(index, _)| {
        let name = columns.get(*index).map_or("", |column| column.name);
        let sorted = shown.sorted.get(*index).copied().unwrap_or(false);
        let style = match sorted {
            true => Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED),
            false => Style::new().add_modifier(Modifier::BOLD),
        };
        aligned(*index, name.to_owned()).style(style)
    });
    let body = rows.iter().map(|row| {
        let cells = fitting.iter().map(|(index, _)| {
            let cell = row.get(*index).cloned().unwrap_or_default();
            aligned(*index, cell)
        });
        Row::new(cells.collect::<Vec<_>>())
    });
    let last = fitting.len().saturating_sub(1);
    let widths = fitting.iter().enumerate().map(|(place, (index, width))| {
        let width = u16::try_from(*width).unwrap_or(u16::MAX);
        let text = columns.get(*index).is_some_and(|column| !column.right);
        // A text column at the end gets the remaining width.
        match place == last && text {
            true => Constraint::Min(width),
            false => Constraint::Length(width),
        }
    });
    let widths: Vec<_> = widths.collect();
    let selected = shown.selected.filter(|_| shown.focused);
    let table = Table::new(body.collect::<Vec<_>>(), widths)
        .header(Row::new(heads.collect::<Vec<_>>()))
        .column_spacing(GAP as u16)
        .highlight_symbol("> ")
        .highlight_spacing(ratatui::widgets::HighlightSpacing::Always)
        .row_highlight_style(Modifier::REVERSED);
    let mut state = TableState::new()
        .with_offset(shown.offset)
        .with_selected(selected);
    StatefulWidget::render(table, area, buffer, &mut state);
    (shown.selected, state.offset())
}
