//! The lines at the foot of a terminal that move: what is compiled, and the rates of channels.
//!
//! They are what is, not what was said: one that could not be drawn is not missed. Only the writer draws them, since drawing waits for
//! the terminal.

use super::super::one_line;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// How often they are drawn anew.
const REDRAW: Duration = Duration::from_millis(200);

/// The part of a terminal's rows that they take at the most.
const SHARE: u16 = 3;

/// A line that moves.
pub(crate) struct Line {
    /// What it is about, in a column of its own.
    pub(crate) name: Option<String>,
    /// What it says now.
    pub(crate) text: Box<dyn FnMut() -> String + Send>,
}

/// The lines there are.
pub(super) struct Moving {
    /// None where there is no terminal.
    bars: Option<MultiProgress>,
    lines: Vec<(u64, Line)>,
    /// One for each line that is drawn, and one for those that are not.
    drawn: Vec<ProgressBar>,
    /// When they said last what they say now.
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

    /// The time to the next step; none where nothing moves.
    pub(super) fn period(&self) -> Option<Duration> {
        let left = REDRAW.saturating_sub(self.stepped.elapsed());
        (!self.lines.is_empty()).then_some(left)
    }

    /// Adds a line, while they are hidden.
    pub(super) fn add(&mut self, id: u64, line: Line) {
        if self.bars.is_none() {
            return;
        }
        self.lines.push((id, line));
        self.say();
        // They are among those that are shown from their first time on.
        if let Some(last) = self.drawn.last() {
            last.force_draw();
        }
        self.hide();
    }

    /// Takes a line away, while they are hidden.
    pub(super) fn remove(&mut self, id: u64) {
        self.lines.retain(|(it, _)| *it != id);
        self.say();
    }

    /// Hides them, so that something can be written.
    pub(super) fn hide(&self) {
        if let Some(bars) = &self.bars {
            let _ = bars.clear();
        }
    }

    /// Shows them again.
    pub(super) fn show(&mut self) {
        // Where much is written there is no other time for it.
        if self.stepped.elapsed() >= REDRAW {
            self.step();
        }
        if let Some(last) = self.drawn.last() {
            last.force_draw();
        }
    }

    /// Draws what they say now.
    pub(super) fn step(&mut self) {
        self.stepped = Instant::now();
        self.say();
        for bar in &self.drawn {
            bar.tick();
        }
    }

    /// Has as many of them as the terminal has room for say what they say now.
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

/// How many of so many lines are drawn on a terminal with so many rows: most of it is for what was said.
fn most(rows: u16, lines: usize) -> usize {
    let room = usize::from(rows / SHARE).max(1);
    match lines <= room {
        true => lines,
        // One is for those that are not drawn.
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
