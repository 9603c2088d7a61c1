//! What has become of a frame that a write was made with.

/// What has become of a frame. Only a channel that drops frames for which it has no room says [`Written::Dropped`]; where writers wait,
/// a write that is no error is [`Written::Kept`].
///
/// It is not `#[must_use]`. Nearly every writer waits, and there `output.write(frame).await?` is the whole story: with the attribute each such
/// line would have to throw the answer away, until nobody looks at it where it matters. What is dropped is not lost in silence either:
/// the host counts it, for [`Stats::frames_dropped`](super::Stats::frames_dropped) and `weft channels`.
///
/// ```no_run
/// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
/// use weft_guest::Written;
/// output.write("where writers wait").await?;
/// match output.write("where frames may be dropped").await? {
///     Written::Kept => println!("sent"),
///     Written::Dropped => println!("there was no room"),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Written {
    /// The channel has it.
    Kept,
    /// The channel had no room and dropped it. Nobody will read it, and the host has counted it.
    Dropped,
}

impl Written {
    /// Whether the channel has it.
    ///
    /// ```
    /// use weft_guest::Written;
    /// assert!(Written::Kept.is_kept());
    /// ```
    #[must_use]
    pub fn is_kept(self) -> bool {
        self == Written::Kept
    }

    /// Whether the channel has dropped it.
    ///
    /// ```no_run
    /// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
    /// let mut dropped = 0;
    /// for number in 0..1000 {
    ///     if output.write(format!("frame {number}")).await?.is_dropped() {
    ///         dropped += 1;
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_dropped(self) -> bool {
        self == Written::Dropped
    }
}

/// As the contract says it: false for a frame that was dropped.
impl From<bool> for Written {
    fn from(kept: bool) -> Self {
        match kept {
            true => Written::Kept,
            false => Written::Dropped,
        }
    }
}

impl From<Written> for bool {
    fn from(written: Written) -> Self {
        written.is_kept()
    }
}
