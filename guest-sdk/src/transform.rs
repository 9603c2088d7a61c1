//! Transforms: frames in, frames out, and nothing else.
//!
//! A component that is a transform holds no channels. The host runs it between two (`transform` in a manifest), or
//! it is plugged into another component with `weft compose`, which calls it through [`plugged`].
//!
//! ```no_run
//! use weft_guest::Result;
//! use weft_guest::transform::{Output, Transform};
//!
//! /// Leaves out what is a comment.
//! #[derive(Default)]
//! struct Uncomment;
//!
//! impl Transform for Uncomment {
//!     fn frame(&mut self, frame: &[u8], out: &mut Output) -> Result {
//!         if !frame.starts_with(b"#") {
//!             out.push(frame);
//!         }
//!         Ok(())
//!     }
//! }
//!
//! weft_guest::transform!(Uncomment);
//! # fn main() {}
//! ```

pub mod plugged;

use crate::bindings::transform::exports::weft::fabric::transformer::Batch;
use crate::bindings::transform::exports::weft::fabric::transformer_rest::Batch as RestBatch;
use crate::bindings::weft::fabric::frames::PackedFrames;
use crate::error::Result;
use std::cell::RefCell;

/// A transform. One instance sees the frames of one stream, in order.
///
/// ```no_run
/// use weft_guest::Result;
/// use weft_guest::transform::{Output, Transform};
///
/// /// Numbers lines.
/// #[derive(Default)]
/// struct Number(u64);
///
/// impl Transform for Number {
///     fn frame(&mut self, line: &[u8], out: &mut Output) -> Result {
///         self.0 += 1;
///         let line = std::str::from_utf8(line)?;
///         out.push(format!("{} {line}", self.0));
///         Ok(())
///     }
/// }
/// # fn main() {}
/// ```
pub trait Transform: Default {
    /// Takes a frame, and pushes those to be sent on. An error ends the process as failed; what was pushed
    /// for the frames before is sent, what was pushed for this one is not.
    fn frame(&mut self, frame: &[u8], out: &mut Output) -> Result;

    /// Takes the frames of one batch. By default it takes them one by one. If an implementation of this returns
    /// an error, the frames that it has pushed before are still sent.
    fn batch(&mut self, frames: &Frames, out: &mut Output) -> Result {
        for frame in frames.iter() {
            let before = (out.0.ends.len(), out.0.payload.len());
            if let Err(error) = self.frame(frame, out) {
                out.0.ends.truncate(before.0);
                out.0.payload.truncate(before.1);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Called when there are no more frames; pushes the remaining output.
    fn finish(&mut self, out: &mut Output) -> Result {
        let _ = out;
        Ok(())
    }
}

/// Frames that came together.
///
/// ```no_run
/// # fn f(frames: &weft_guest::transform::Frames) {
/// let bytes: usize = frames.iter().map(<[u8]>::len).sum();
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frames {
    ends: Vec<u32>,
    payload: Vec<u8>,
}

impl Frames {
    /// The frames, in order.
    ///
    /// ```no_run
    /// # fn f(frames: &weft_guest::transform::Frames) {
    /// for frame in frames.iter() {
    ///     println!("{} bytes", frame.len());
    /// }
    /// # }
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let frame = self.payload.get(start..end as usize);
            start = end as usize;
            // The host gives no malformed batch.
            frame.unwrap_or_default()
        })
    }

    /// How many there are.
    ///
    /// ```no_run
    /// # fn f(frames: &weft_guest::transform::Frames) {
    /// println!("{} frames", frames.len());
    /// # }
    /// ```
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    ///
    /// ```no_run
    /// # fn f(frames: &weft_guest::transform::Frames) {
    /// assert!(!frames.is_empty());
    /// # }
    /// ```
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

/// Frames to be sent on.
///
/// ```no_run
/// # fn f(out: &mut weft_guest::transform::Output) {
/// out.push("a frame");
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Output(Frames);

impl Output {
    /// Adds a frame. Those of one call have at most 4 GiB together.
    ///
    /// ```no_run
    /// # fn f(out: &mut weft_guest::transform::Output) {
    /// out.push(b"a frame");
    /// # }
    /// ```
    pub fn push(&mut self, frame: impl AsRef<[u8]>) {
        self.0.payload.extend_from_slice(frame.as_ref());
        // A guest has no more memory than that.
        let end = u32::try_from(self.0.payload.len()).unwrap_or(u32::MAX);
        self.0.ends.push(end);
    }

    /// Adds frames.
    ///
    /// ```no_run
    /// # fn f(out: &mut weft_guest::transform::Output) -> weft_guest::Result {
    /// let filtered = weft_guest::transform::plugged::apply(["a frame"])?;
    /// out.append(filtered);
    /// # Ok(()) }
    /// ```
    pub fn append(&mut self, frames: Frames) {
        if self.0.is_empty() {
            self.0 = frames;
        } else {
            frames.iter().for_each(|frame| self.push(frame));
        }
    }
}

/// What was pushed, such as for the transform that is plugged in.
impl From<Output> for Frames {
    fn from(output: Output) -> Self {
        output.0
    }
}

/// What [`transform!`](crate::transform!) calls.
#[doc(hidden)]
pub fn apply<T: Transform>(
    transform: &mut T,
    frames: PackedFrames,
) -> std::result::Result<Batch, String> {
    let PackedFrames { ends, payload, .. } = frames;
    let mut out = Output::default();
    match transform.batch(&Frames { ends, payload }, &mut out) {
        Ok(()) => Ok(batch(out)),
        Err(error) => {
            REST.set(out);
            Err(error.to_string())
        }
    }
}

thread_local! {
    /// Output of the frames before one that failed.
    static REST: RefCell<Output> = RefCell::default();
}

/// What [`transform!`](crate::transform!) calls after an error.
#[doc(hidden)]
pub fn rest() -> RestBatch {
    let Output(Frames { ends, payload }) = REST.take();
    RestBatch { ends, payload }
}

/// What [`transform!`](crate::transform!) calls at the end.
#[doc(hidden)]
pub fn finish<T: Transform>(transform: &mut T) -> std::result::Result<Batch, String> {
    let mut out = Output::default();
    let finished = transform.finish(&mut out);
    finished.map_err(|error| error.to_string())?;
    Ok(batch(out))
}

fn batch(Output(Frames { ends, payload }): Output) -> Batch {
    Batch { ends, payload }
}

/// Makes the component the transform of this type, which is begun with its `Default`.
///
/// ```no_run
/// # use weft_guest::Result;
/// # use weft_guest::transform::{Output, Transform};
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
/// weft_guest::transform!(Echo);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! transform {
    ($transform:ty) => {
        #[doc(hidden)]
        #[allow(unsafe_code, missing_docs, unused, clippy::all, clippy::pedantic)]
        mod __weft_guest_transform {
            use super::*;
            use $crate::bindings::transform::exports::weft::fabric::transformer as raw;
            use $crate::bindings::transform::exports::weft::fabric::transformer_rest as raw_rest;

            ::std::thread_local! {
                static TRANSFORM: ::std::cell::RefCell<::std::option::Option<$transform>> =
                    const { ::std::cell::RefCell::new(::std::option::Option::None) };
            }

            fn with<T>(work: impl FnOnce(&mut $transform) -> T) -> T {
                TRANSFORM.with_borrow_mut(|transform| {
                    work(transform.get_or_insert_with(|| {
                        $crate::rt::start();
                        ::std::default::Default::default()
                    }))
                })
            }

            struct Exported;

            impl raw::Guest for Exported {
                fn apply(
                    frames: $crate::bindings::weft::fabric::frames::PackedFrames,
                ) -> ::std::result::Result<raw::Batch, ::std::string::String> {
                    with(|transform| $crate::transform::apply(transform, frames))
                }

                fn finish() -> ::std::result::Result<raw::Batch, ::std::string::String> {
                    let last = with(|transform| $crate::transform::finish(transform));
                    $crate::rt::finish();
                    last
                }
            }

            impl raw_rest::Guest for Exported {
                fn rest() -> raw_rest::Batch {
                    $crate::transform::rest()
                }
            }

            $crate::bindings::transform::export_transformer!(Exported with_types_in $crate::bindings::transform);
        }
    };
}
