//! A pure stage that marks frames and hands them to the stage that is plugged into it.

use weft_guest::Result;
use weft_guest::transform::{Frames, Output, Transform, plugged};

#[derive(Default)]
struct Link;

impl Transform for Link {
    fn frame(&mut self, frame: &[u8], out: &mut Output) -> Result {
        out.append(plugged::apply([frame])?);
        Ok(())
    }

    fn batch(&mut self, frames: &Frames, out: &mut Output) -> Result {
        let marked = frames.iter().map(|frame| [b">", frame].concat());
        out.append(plugged::apply(marked)?);
        Ok(())
    }

    fn finish(&mut self, out: &mut Output) -> Result {
        out.append(plugged::finish()?);
        Ok(())
    }
}

weft_guest::transform!(Link);
