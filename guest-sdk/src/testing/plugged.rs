//! The transform that is plugged into the guest under test.
//!
//! One for each thread, as each test has a thread of its own.

use crate::bindings::weft::fabric::frames::PackedFrames;
use crate::transform::{self, Transform};
use std::cell::RefCell;

pub(crate) use crate::bindings::transform::exports::weft::fabric::transformer::Batch;

type Outcome = Result<Batch, String>;

/// A transform whose type is forgotten.
trait Plugged {
    fn apply(&mut self, frames: PackedFrames) -> Outcome;
    fn finish(&mut self) -> Outcome;
}

impl<T: Transform> Plugged for T {
    fn apply(&mut self, frames: PackedFrames) -> Outcome {
        transform::apply(self, frames)
    }

    fn finish(&mut self) -> Outcome {
        transform::finish(self)
    }
}

thread_local! {
    static TRANSFORM: RefCell<Option<Box<dyn Plugged>>> = RefCell::default();
}

/// Plugs a transform in for [`transform::plugged`], as `weft compose APP --plug TRANSFORM` does, until another one is.
///
/// ```
/// # use weft_guest::Result;
/// # use weft_guest::transform::{Output, Transform, plugged};
/// #[derive(Default)]
/// struct Echo;
///
/// impl Transform for Echo {
///     fn frame(&mut self, frame: &[u8], out: &mut Output) -> Result {
///         out.push(frame);
///         Ok(())
///     }
/// }
///
/// weft_guest::testing::plug(Echo);
/// assert_eq!(plugged::apply(["a frame"]).unwrap().len(), 1);
/// ```
pub fn plug(transform: impl Transform + 'static) {
    TRANSFORM.set(Some(Box::new(transform)));
}

fn with(work: impl FnOnce(&mut dyn Plugged) -> Outcome) -> Outcome {
    TRANSFORM.with_borrow_mut(|plugged| match plugged {
        Some(plugged) => work(&mut **plugged),
        None => Err("no transform is plugged in: `weft_guest::testing::plug`".to_owned()),
    })
}

pub(crate) fn apply(frames: &PackedFrames) -> Outcome {
    with(|plugged| plugged.apply(frames.clone()))
}

pub(crate) fn finish() -> Outcome {
    with(|plugged| plugged.finish())
}
