//! Reads keys and acts on them.
//!
//! A thread of its own reads keys, since reading blocks. It ends with the command, or at the next key after the
//! receiver was dropped.

use super::view::View;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::io;
use tokio::sync::mpsc::{Receiver, channel};

/// Keys that may wait: more than a key that is held down makes between two drawings.
const WAITING: usize = 64;

/// Rows that a page key moves by, whatever the size of the screen.
const PAGE: isize = 10;

/// What to do after a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Draw the view again.
    Draw,
    /// Leave.
    Quit,
}

/// The events of the terminal.
pub(crate) struct Keys(Receiver<io::Result<Event>>);

impl Keys {
    /// Starts reading.
    ///
    /// # Errors
    /// When the system cannot start a thread.
    pub(crate) fn listen() -> io::Result<Self> {
        let (tell, heard) = channel(WAITING);
        std::thread::Builder::new()
            .name("weft-keys".into())
            .spawn(move || {
                loop {
                    let event = event::read();
                    let last = event.is_err();
                    if tell.blocking_send(event).is_err() || last {
                        return;
                    }
                }
            })?;
        Ok(Self(heard))
    }

    /// Waits for the next event of the terminal. Cancel safe: a dropped call loses no event.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(crate) async fn next(&mut self) -> io::Result<Event> {
        let event = self.0.recv().await;
        event.unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))
    }
}

impl View {
    /// Acts on a key.
    pub(crate) fn take(&mut self, event: &Event) -> Then {
        let Event::Key(KeyEvent {
            code,
            modifiers,
            kind: KeyEventKind::Press | KeyEventKind::Repeat,
            ..
        }) = event
        else {
            return Then::Draw;
        };
        match code {
            KeyCode::Char('c' | 'd') if modifiers.contains(KeyModifiers::CONTROL) => {
                return Then::Quit;
            }
            KeyCode::Char('q' | 'Q') | KeyCode::Esc => return Then::Quit,
            KeyCode::Up | KeyCode::Char('k') => self.move_by(-1),
            KeyCode::Down | KeyCode::Char('j') => self.move_by(1),
            KeyCode::PageUp => self.move_by(-PAGE),
            KeyCode::PageDown => self.move_by(PAGE),
            KeyCode::Home => self.move_by(isize::MIN),
            KeyCode::End => self.move_by(isize::MAX),
            KeyCode::Tab | KeyCode::BackTab => self.other_table(),
            KeyCode::Char('s') => self.sort_next(true),
            KeyCode::Char('S') => self.sort_next(false),
            KeyCode::Char('r') => self.reverse(),
            _ => {}
        }
        Then::Draw
    }
}
