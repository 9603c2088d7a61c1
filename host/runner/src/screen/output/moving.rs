//! The status lines at the bottom of a terminal: what is being compiled, and the rates of channels.
//!
//! They show the current state and keep no history, so one that cannot be drawn is not missed. Only the writer draws
//! them, since drawing waits for the terminal.

use super::super::one_line;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// How often they are redrawn.
const REDRAW: Duration = Duration::from_millis(200);

/// They take at most one row in this many.
const SHARE: u16 = 3;

/// A status line.
pub(crate) struct Line {
    /// The name it starts with, in a column of its own.
    pub(crate) name: Option<String>,
    /// Makes the current text.
    pub(crate) text: Box<dyn FnMut() -> String + Send>,
}

/// All status lines.
pub(super) struct Moving {
    /// None without a terminal.
    bars: Option<MultiProgress>,
    lines: Vec<(u64, Line)>,
    /// One bar for each line that is drawn, and one that counts the others.
    drawn: Vec<ProgressBar>,
    /// When the texts were last renewed.
    stepped: Instant,
}

impl Moving {
    pub(super) fn new(terminal: bool) -> Self {
        Self {
            bars: terminal.then(MultiProgress::new),
            lines: Vec::new(),
            drawn: Vec::new(),
            stepped: Instant::now(),
        }
    }

    /// The time until the next step; none without any line.
    pub(super) fn period(&self) -> Option<Duration> {
        let left = REDRAW.saturating_sub(self.stepped.elapsed());
        (!self.lines.is_empty()).then_some(left)
    }

    /// Adds a line, while the lines are hidden.
    pub(super) fn add(&mut self, id: u64, line: Line) {
        if self.bars.is_none() {
            return;
        }
        self.lines.push((id, line));
        self.say();
        // `indicatif` includes a bar from its first drawing on.
        if let Some(last) = self.drawn.last() {
            last.force_draw();
        }
        self.hide();
    }

    /// Removes a line, while the lines are hidden.
    pub(super) fn remove(&mut self, id: u64) {
        self.lines.retain(|(it, _)| *it != id);
        self.say();
        // `indicatif` draws the lines that are left.
        self.hide();
    }

    /// Hides the lines, so that something can be written.
    pub(super) fn hide(&self) {
        if let Some(bars) = &self.bars {
            let _ = bars.clear();
        }
    }

    /// Shows the lines again.
    pub(super) fn show(&mut self) {
        // While much is written, this is the only chance to renew the texts.
        if self.stepped.elapsed() >= REDRAW {
            self.step();
        }
        if let Some(last) = self.drawn.last() {
            last.force_draw();
        }
    }

    /// Renews the texts and draws the lines.
    pub(super) fn step(&mut self) {
        self.stepped = Instant::now();
        self.say();
        for bar in &self.drawn {
            bar.tick();
        }
    }

    /// Renews the texts of as many lines as the terminal has room for.
    fn say(&mut self) {
        let Some(bars) = &self.bars else { return };
        let (rows, _) = console::Term::stderr().size();
        let most = most(rows, self.lines.len());
        let lines = self.lines.iter_mut().take(most);
        let mut texts: Vec<String> = lines.map(|(_, line)| line.say()).collect();
        let others = self.lines.len().saturating_sub(most);
        if others > 0 {
            texts.push(format!("and {others} more: weft channels"));
        }
        for gone in self.drawn.drain(texts.len().min(self.drawn.len())..) {
            bars.remove(&gone);
        }
        while self.drawn.len() < texts.len() {
            let mut bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
                bar = bar.with_style(style);
            }
            self.drawn.push(bars.add(bar));
        }
        for (bar, text) in self.drawn.iter().zip(texts) {
            bar.set_message(text);
        }
    }
}

impl Line {
    fn say(&mut self) -> String {
        let text = (self.text)();
        match &self.name {
            Some(name) => format!("{:12} {text}", one_line(name)),
            None => text,
        }
    }
}

/// How many of the lines are drawn on a terminal with this many rows. Most rows are left for other output.
fn most(rows: u16, lines: usize) -> usize {
    let room = usize::from(rows / SHARE).max(1);
    match lines <= room {
        true => lines,
        // One row counts the lines that are not drawn.
        false => room.saturating_sub(1).max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_of_a_terminal_is_for_what_was_said() {
        for (rows, lines, wanted) in [
            (24, 3, 3),
            (24, 8, 8),
            (24, 9, 7),
            (24, 1000, 7),
            (4, 5, 1),
            (0, 1, 1),
        ] {
            assert_eq!(most(rows, lines), wanted, "{lines} on {rows}");
        }
    }
}
