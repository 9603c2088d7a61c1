//! The screen of `weft top`: processes and channels, live.
//!
//! ```text
//! view      the rows, their order, and the selection
//! rates     rates between two snapshots
//! columns   the columns of both tables, their cells, and which columns fit
//! draw      draws a view into an area of the screen
//! keys      reads keys and acts on them
//! terminal  takes over the terminal, and restores it on every way out
//! ```
//!
//! The command asks the runner, and passes events and samples to the view.
//!
//! Invariant: nothing here waits, except for the terminal.

mod columns;
mod draw;
mod keys;
mod rates;
mod terminal;
mod view;

pub(crate) use draw::text;
pub(crate) use keys::{Keys, Then};
pub(crate) use terminal::Screen;
pub(crate) use view::View;

#[cfg(test)]
mod tests;
