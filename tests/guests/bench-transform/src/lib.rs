//! A transform that keeps the frames with a word in them, as `grep` does.

use memchr::memmem;
use weft_guest::Result;
use weft_guest::transform::{Output, Transform};

/// Looks for the word.
struct Found(memmem::Finder<'static>);

impl Default for Found {
    fn default() -> Self {
        Self(memmem::Finder::new("order"))
    }
}

impl Transform for Found {
    fn frame(&mut self, frame: &[u8], out: &mut Output) -> Result {
        if self.0.find(frame).is_some() {
            out.push(frame);
        }
        Ok(())
    }
}

weft_guest::transform!(Found);
