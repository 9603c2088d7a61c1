//! What has become of a frame that a write was made with.

/// What has become of a frame. Only a channel that drops frames for which it has no room says [`Written::Dropped`]; where writers wait,
/// a write that is no error is [`Written::Kept`]. Of a reply, `Dropped` says that nobody waits for it any more.
///
/// It is `#[must_use]`: a frame that is dropped is no error, so a line that does not look at the answer would lose it without a word. Each
/// write says what it means:
///
/// ```no_run
/// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
/// use weft_guest::Written;
/// // Either is all right. What is dropped, the host counts.
/// output.write("a reading of the thermometer").await?.or_dropped();
/// // It matters whether the frame was dropped.
/// if output.write("an alarm").await?.is_dropped() {
///     println!("there was no room");
/// }
/// // Both have something to do.
/// match output.write("an order").await? {
///     Written::Kept => println!("sent"),
///     Written::Dropped => println!("there was no room"),
/// }
/// # Ok(()) }
/// ```
///
/// A line that says nothing is warned of:
///
/// ```compile_fail
/// #![deny(unused_must_use)]
/// async fn f(output: weft_guest::Writer) -> weft_guest::Result {
///     output.write("an order").await?; // error: unused `Written` that must be used
///     Ok(())
/// }
/// ```
#[must_use = "the frame may have been dropped: look with `is_dropped()`, or say with `or_dropped()` that either is all right"]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Written {
    /// The channel has it.
    Kept,
    /// Nobody will read it. The channel had no room and dropped it, and the host has counted it for
    /// [`Stats::frames_dropped`](super::Stats::frames_dropped) and `weft channels`.
    Dropped,
}

impl Written {
    /// Says that either is all right here: written, or dropped and counted by the host. Also for a channel whose writers wait, which drops
    /// nothing. It does nothing itself.
    ///
    /// ```no_run
    /// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
    /// output.write("a frame").await?.or_dropped();
    /// # Ok(()) }
    /// ```
    pub fn or_dropped(self) {}

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
