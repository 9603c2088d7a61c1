//! A transform that marks frames and hands them to the transform that is plugged into it.

use weft_guest::Result;
use weft_guest::transform::{Frames, Output, Transform, plugged};

#[derive(Default)]
struct Link {
    marked: Vec<u8>,
}

impl Transform for Link {
    fn frame(&mut self, frame: &[u8], out: &mut Output) -> Result {
        out.append(plugged::apply([frame])?);
        Ok(())
    }

    fn batch(&mut self, frames: &Frames, out: &mut Output) -> Result {
        let mut marked = Output::default();
        for frame in frames.iter() {
            self.marked.clear();
            self.marked.push(b'>');
            self.marked.extend_from_slice(frame);
            marked.push(&self.marked);
        }
        out.append(plugged::apply_all(marked.into())?);
        Ok(())
    }

    fn finish(&mut self, out: &mut Output) -> Result {
        out.append(plugged::finish()?);
        Ok(())
    }
}

weft_guest::transform!(Link);
