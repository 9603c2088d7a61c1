//! What is typed.
//!
//! Keys are read on a thread of its own, since nothing else can wait for them. It ends with the command, or when
//! nobody listens any more and the next key comes.

use super::view::View;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::io;
use tokio::sync::mpsc::{Receiver, channel};

/// Keys that wait to be heard; more than a key held down makes between two drawings.
const WAITING: usize = 64;

/// Rows of a page, however many are on the screen.
const PAGE: isize = 10;

/// What comes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// The view may look different now.
    Draw,
    /// That was all.
    Quit,
}

/// The keys of the terminal.
pub(crate) struct Keys(Receiver<io::Result<Event>>);

impl Keys {
    /// Listens from now on.
    ///
    /// # Errors
    /// When there is no room for a thread.
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

    /// Waits for something to happen at the terminal. Losing the future loses nothing.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(crate) async fn next(&mut self) -> io::Result<Event> {
        let event = self.0.recv().await;
        event.unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))
    }
}

impl View {
    /// Does what a key says.
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
