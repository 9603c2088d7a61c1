//! A batch on its way out: frames in one list of bytes, and where each ends.

use super::{end, slice};

/// Frames to be sent together.
///
/// ```
/// let mut batch = weft_guest::Batch::new();
/// batch.push(b"one");
/// batch.push(b"");
/// assert_eq!((batch.len(), batch.bytes()), (2, 3));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    ends: Vec<u32>,
    payload: Vec<u8>,
}

impl Batch {
    /// A batch of no frames.
    ///
    /// ```
    /// assert!(weft_guest::Batch::new().is_empty());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// The frames that end at these places in these bytes.
    pub(super) fn of(ends: Vec<u32>, payload: Vec<u8>) -> Self {
        Batch { ends, payload }
    }

    /// Adds a frame.
    ///
    /// ```
    /// let mut batch = weft_guest::Batch::new();
    /// batch.push(b"one");
    /// batch.push(b"two");
    /// assert_eq!(batch.len(), 2);
    /// ```
    #[inline]
    pub fn push(&mut self, frame: impl AsRef<[u8]>) {
        self.payload.extend_from_slice(frame.as_ref());
        self.close_frame();
    }

    /// Adds the frame that `encode` appends to the bytes it is given. When it
    /// fails, no frame is added.
    ///
    /// ```
    /// let mut batch = weft_guest::Batch::new();
    /// let encode = |bytes: &mut Vec<u8>| {
    ///     bytes.extend(7u32.to_le_bytes());
    ///     Ok::<_, std::fmt::Error>(())
    /// };
    /// batch.push_with(encode)?;
    /// assert_eq!(batch.bytes(), 4);
    /// # Ok::<_, std::fmt::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of `encode`.
    pub fn push_with<E>(
        &mut self,
        encode: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = self.payload.len();
        match encode(&mut self.payload) {
            Ok(()) => {
                self.close_frame();
                Ok(())
            }
            Err(error) => {
                self.payload.truncate(start);
                Err(error)
            }
        }
    }

    /// The number of frames.
    ///
    /// ```
    /// let batch: weft_guest::Batch = ["one", ""].iter().collect();
    /// assert_eq!(batch.len(), 2);
    /// ```
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no frame.
    ///
    /// ```
    /// assert!(weft_guest::Batch::default().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of payload of all frames together.
    ///
    /// ```
    /// let batch: weft_guest::Batch = ["one", "three"].iter().collect();
    /// assert_eq!(batch.bytes(), 8);
    /// ```
    pub fn bytes(&self) -> usize {
        self.payload.len()
    }

    /// The frames, in order.
    ///
    /// ```
    /// let batch: weft_guest::Batch = ["one", "two"].iter().collect();
    /// assert!(batch.iter().eq([b"one", b"two"]));
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|index| slice(&self.ends, &self.payload, index).unwrap_or_default())
    }

    /// Removes all frames and keeps the memory.
    ///
    /// ```
    /// let mut batch: weft_guest::Batch = ["one"].iter().collect();
    /// batch.clear();
    /// assert!(batch.is_empty());
    /// ```
    pub fn clear(&mut self) {
        self.ends.clear();
        self.payload.clear();
    }

    /// Where each frame ends, and the bytes of all, as the contract wants them.
    ///
    /// ```
    /// let batch: weft_guest::Batch = ["one", "two"].iter().collect();
    /// assert_eq!(batch.into_parts(), (vec![3, 6], b"onetwo".to_vec()));
    /// ```
    pub fn into_parts(self) -> (Vec<u32>, Vec<u8>) {
        (self.ends, self.payload)
    }

    /// Where each frame ends, and the bytes of all.
    ///
    /// ```
    /// let batch: weft_guest::Batch = ["one", "two"].iter().collect();
    /// assert_eq!(batch.parts(), (&[3, 6][..], &b"onetwo"[..]));
    /// ```
    pub fn parts(&self) -> (&[u32], &[u8]) {
        (&self.ends, &self.payload)
    }

    /// Ends a frame where the payload ends. Beyond 4 GiB, more than a guest's
    /// memory, the ends stop and the host refuses the batch as malformed.
    #[inline]
    fn close_frame(&mut self) {
        self.ends.push(end(self.payload.len()));
    }
}

impl<T: AsRef<[u8]>> FromIterator<T> for Batch {
    fn from_iter<I: IntoIterator<Item = T>>(frames: I) -> Self {
        let mut batch = Batch::new();
        batch.extend(frames);
        batch
    }
}

impl<T: AsRef<[u8]>> Extend<T> for Batch {
    fn extend<I: IntoIterator<Item = T>>(&mut self, frames: I) {
        for frame in frames {
            self.push(frame.as_ref());
        }
    }
}
