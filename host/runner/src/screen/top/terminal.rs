//! Takes over the terminal, and restores it.
//!
//! Invariant: on every way out, even after a panic, the terminal is restored: its cooked mode, its cursor and its
//! content. So a signal must make the command return, and not kill the program.

use super::draw::draw;
use super::view::View;
use ratatui::DefaultTerminal;
use std::io;

/// The whole screen of the terminal on stdout. Dropping this restores the terminal.
pub(crate) struct Screen(DefaultTerminal);

impl Screen {
    /// Takes over the terminal. A panic from here on restores it before its message is printed.
    ///
    /// # Errors
    /// When stdout is not a terminal that can be taken over.
    pub(crate) fn take() -> io::Result<Self> {
        match ratatui::try_init() {
            Ok(terminal) => Ok(Self(terminal)),
            Err(error) => {
                // Part of the setup may have succeeded.
                let _ = ratatui::try_restore();
                Err(error)
            }
        }
    }

    /// Draws the view at the terminal's current size.
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
