//! The terminal taken over, and given back.
//!
//! Invariant: whatever the way out, a panic included, the terminal is left as it was: cooked, with its cursor, and with what
//! stood on it. A signal must therefore end the command in order, and not the program.

use super::draw::draw;
use super::view::View;
use ratatui::DefaultTerminal;
use std::io;

/// The whole screen of the terminal that stdout is. Dropping it gives the terminal back.
pub(crate) struct Screen(DefaultTerminal);

impl Screen {
    /// Takes the terminal over; panics from here on give it back before they are told.
    ///
    /// # Errors
    /// When stdout is no terminal that can be.
    pub(crate) fn take() -> io::Result<Self> {
        match ratatui::try_init() {
            Ok(terminal) => Ok(Self(terminal)),
            Err(error) => {
                // It may have come half of the way.
                let _ = ratatui::try_restore();
                Err(error)
            }
        }
    }

    /// Draws, on as much of the terminal as there is now.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(crate) fn draw(&mut self, view: &mut View) -> io::Result<()> {
        self.0
            .draw(|frame| draw(view, frame.area(), frame.buffer_mut()))?;
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.0.show_cursor();
        let _ = ratatui::try_restore();
    }
}
