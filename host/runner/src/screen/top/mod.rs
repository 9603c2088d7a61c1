//! What `weft top` draws: processes and channels, live.
//!
//! ```text
//! view      what is shown and how: which rows there are, their order, what is selected
//! rates     what two snapshots say of the time between them
//! columns   the columns of both tables, their cells, and which of them fit
//! draw      a view on an area of the screen
//! keys      what is typed
//! terminal  the terminal taken over, and given back on every way out
//! ```
//!
//! It is not who asks the runner: that is the command, which hands in events and samples.
//!
//! Invariant: nothing here waits for anything but the terminal.

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
