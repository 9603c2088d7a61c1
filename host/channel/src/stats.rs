//! The counters of a channel, and what a look at it shows.

/// Counters of a channel, all of one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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

/// What goes on in a channel, all of one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Observation {
    /// The counters.
    pub stats: Stats,
    /// Frames accepted since the last reader was gone; 0 while there is a reader. A new reader gets those that are retained.
    pub without_reader: u64,
    /// Bytes of payload accepted so far.
    pub bytes_written: u64,
    /// Unread frames of the slowest open reader, lost ones included.
    pub lag: u64,
}

/// Frames that were retained when somebody looked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Glance {
    /// The sequence number of the first frame: more than was asked for if the frames before are gone.
    pub first: u64,
    /// Their payloads, shared with the channel.
    pub frames: Vec<bytes::Bytes>,
    /// Whether no more frames come after those that are retained.
    pub ended: bool,
}
