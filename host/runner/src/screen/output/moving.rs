//! The lines at the foot of a terminal that move: what is compiled, and the rates of channels.
//!
//! They are what is, not what was said: one that could not be drawn is not missed. Only the writer draws them, since drawing waits for
//! the terminal.

use super::super::one_line;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// How often they are drawn anew.
const REDRAW: Duration = Duration::from_millis(200);

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
    lines: Vec<Drawn>,
    /// When they said last what they say now.
    stepped: Instant,
}

struct Drawn {
    id: u64,
    bar: ProgressBar,
    text: Box<dyn FnMut() -> String + Send>,
}

impl Moving {
    pub(super) fn new(terminal: bool) -> Self {
        Self {
            bars: terminal.then(MultiProgress::new),
            lines: Vec::new(),
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
        let Some(bars) = &self.bars else { return };
        let Line { name, mut text } = line;
        let template = match name {
            Some(_) => "{spinner} {prefix:12} {msg}",
            None => "{spinner} {msg}",
        };
        let mut bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar = bar.with_style(style);
        }
        bar = bar.with_message(text());
        if let Some(name) = name {
            bar = bar.with_prefix(one_line(&name));
        }
        let bar = bars.add(bar);
        // It is among those that are shown from its first time on.
        bar.force_draw();
        let _ = bars.clear();
        self.lines.push(Drawn { id, bar, text });
    }

    /// Takes a line away, while they are hidden.
    pub(super) fn remove(&mut self, id: u64) {
        let Some(bars) = &self.bars else { return };
        for drawn in self.lines.extract_if(.., |drawn| drawn.id == id) {
            bars.remove(&drawn.bar);
        }
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
        if let Some(last) = self.lines.last() {
            last.bar.force_draw();
        }
    }

    /// Draws what they say now.
    pub(super) fn step(&mut self) {
        self.stepped = Instant::now();
        for drawn in &mut self.lines {
            drawn.bar.set_message((drawn.text)());
            drawn.bar.tick();
        }
    }
}
