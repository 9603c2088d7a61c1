//! How a channel is made, and what it counts.

/// How a channel is made.
///
/// ```
/// use weft_guest::channel::Options;
/// let options = Options::bounded(64 * 1024).dropping();
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub(super) capacity: u64,
    pub(super) dropping: bool,
}

impl Options {
    /// A channel that retains at most this many bytes of payload, at least 1.
    /// Writers that find no room wait.
    ///
    /// ```
    /// use weft_guest::channel::Options;
    /// let options = Options::bounded(64 * 1024);
    /// ```
    pub fn bounded(bytes: u64) -> Self {
        Options {
            capacity: bytes,
            dropping: false,
        }
    }

    /// Frames that find no room are dropped and counted; no writer waits.
    ///
    /// ```
    /// use weft_guest::channel::Options;
    /// let options = Options::bounded(64 * 1024).dropping();
    /// ```
    pub fn dropping(self) -> Self {
        Options {
            dropping: true,
            ..self
        }
    }
}

/// Counters of a channel, at one moment.
///
/// ```no_run
/// # fn f(channel: weft_guest::Channel) -> weft_guest::Result {
/// let stats = channel.stats();
/// println!("{} of {} bytes", stats.bytes_held, stats.capacity);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Frames accepted so far.
    pub frames_written: u64,
    /// Frames dropped by full-channel writes so far.
    pub frames_dropped: u64,
    /// Frames retained now.
    pub frames_held: u64,
    /// Bytes of payload retained now.
    pub bytes_held: u64,
    /// The channel's capacity in bytes.
    pub capacity: u64,
    /// Strong writers open now.
    pub strong_writers: u32,
    /// Weak writers open now.
    pub weak_writers: u32,
    /// Strong readers open now.
    pub strong_readers: u32,
    /// Weak readers open now.
    pub weak_readers: u32,
}
