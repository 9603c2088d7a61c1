//! A transform as a stage of a pipeline: called as the host calls it.

use crate::error::{Error, Result};
use crate::transform::{Frames, Output, Transform};

/// A transform under test, run as the stage that [`transform!`](crate::transform!) makes of the type. It starts with its `Default`.
///
/// ```
/// use weft_guest::Result;
/// use weft_guest::testing::Stage;
/// use weft_guest::transform::{Output, Transform};
///
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
///
/// let mut stage = Stage::<Number>::new();
/// assert_eq!(stage.texts(["over"]).unwrap(), ["1 over"]);
/// assert_eq!(stage.texts(["and under"]).unwrap(), ["2 and under"]);
/// ```
#[derive(Debug, Default)]
pub struct Stage<T> {
    transform: T,
    rest: Vec<Vec<u8>>,
}

impl<T: Transform> Stage<T> {
    /// One that has seen no frame.
    ///
    /// ```
    /// # #[derive(Default)] struct Echo;
    /// # impl weft_guest::transform::Transform for Echo {
    /// #     fn frame(&mut self, frame: &[u8], out: &mut weft_guest::transform::Output) -> weft_guest::Result { out.push(frame); Ok(()) }
    /// # }
    /// let stage = weft_guest::testing::Stage::<Echo>::new();
    /// ```
    pub fn new() -> Self {
        Stage {
            transform: T::default(),
            rest: Vec::new(),
        }
    }

    /// Passes it these frames as one batch, and gives its output.
    ///
    /// ```
    /// # #[derive(Default)] struct Echo;
    /// # impl weft_guest::transform::Transform for Echo {
    /// #     fn frame(&mut self, frame: &[u8], out: &mut weft_guest::transform::Output) -> weft_guest::Result { out.push(frame); Ok(()) }
    /// # }
    /// # let mut stage = weft_guest::testing::Stage::<Echo>::new();
    /// assert_eq!(stage.apply([[1, 2]]).unwrap(), [[1, 2]]);
    /// ```
    ///
    /// # Errors
    ///
    /// The transform's own; [`Stage::rest`] then has the output of the frames before.
    pub fn apply<F: AsRef<[u8]>>(
        &mut self,
        frames: impl IntoIterator<Item = F>,
    ) -> Result<Vec<Vec<u8>>> {
        let mut input = Output::default();
        frames.into_iter().for_each(|frame| input.push(frame));
        let mut out = Output::default();
        let applied = self.transform.batch(&input.into(), &mut out);
        let out = owned(&out.into());
        if applied.is_err() {
            self.rest.clone_from(&out);
        }
        // As the text that the host gets.
        applied.map_err(|error| Error::msg(error.to_string()))?;
        Ok(out)
    }

    /// As [`Stage::apply`], and gives text; what is no UTF-8 becomes `U+FFFD`.
    ///
    /// ```
    /// # #[derive(Default)] struct Echo;
    /// # impl weft_guest::transform::Transform for Echo {
    /// #     fn frame(&mut self, frame: &[u8], out: &mut weft_guest::transform::Output) -> weft_guest::Result { out.push(frame); Ok(()) }
    /// # }
    /// # let mut stage = weft_guest::testing::Stage::<Echo>::new();
    /// assert_eq!(stage.texts(["one", "two"]).unwrap(), ["one", "two"]);
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Stage::apply`].
    pub fn texts<F: AsRef<[u8]>>(
        &mut self,
        frames: impl IntoIterator<Item = F>,
    ) -> Result<Vec<String>> {
        let frames = self.apply(frames)?;
        let texts = frames.iter();
        Ok(texts
            .map(|frame| String::from_utf8_lossy(frame).into_owned())
            .collect())
    }

    /// After an error: the output of the frames before the one that failed, which the host sends on.
    ///
    /// ```
    /// # #[derive(Default)] struct Picky;
    /// # impl weft_guest::transform::Transform for Picky {
    /// #     fn frame(&mut self, frame: &[u8], out: &mut weft_guest::transform::Output) -> weft_guest::Result {
    /// #         out.push(std::str::from_utf8(frame)?); Ok(())
    /// #     }
    /// # }
    /// # let mut stage = weft_guest::testing::Stage::<Picky>::new();
    /// assert!(stage.apply([&b"one"[..], b"\xff"]).is_err());
    /// assert_eq!(stage.rest(), [b"one"]);
    /// ```
    pub fn rest(&self) -> &[Vec<u8>] {
        &self.rest
    }

    /// Tells it that there are no more frames, and gives its last output.
    ///
    /// ```
    /// # #[derive(Default)] struct Echo;
    /// # impl weft_guest::transform::Transform for Echo {
    /// #     fn frame(&mut self, frame: &[u8], out: &mut weft_guest::transform::Output) -> weft_guest::Result { out.push(frame); Ok(()) }
    /// # }
    /// # let stage = weft_guest::testing::Stage::<Echo>::new();
    /// assert!(stage.finish().unwrap().is_empty());
    /// ```
    ///
    /// # Errors
    ///
    /// The transform's own.
    pub fn finish(mut self) -> Result<Vec<Vec<u8>>> {
        let mut out = Output::default();
        self.transform.finish(&mut out)?;
        Ok(owned(&out.into()))
    }
}

fn owned(frames: &Frames) -> Vec<Vec<u8>> {
    frames.iter().map(<[u8]>::to_vec).collect()
}
