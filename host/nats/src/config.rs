//! How a server is reached and how a channel on it is made. Whoever embeds this crate fills these in; nothing here reads a file, the
//! environment or a terminal.
//!
//! Invariant: every bound is here, with its reason, or a field of a configuration.

use std::{path::PathBuf, time::Duration};

use weft_channel::Options;

use crate::{error::ChannelError, login::Login};

/// Bytes of payload in one message at most. Servers take 1 MiB by default with headers, and stay quick with half of that.
pub(crate) const PART_BYTES: usize = 512 << 10;

/// Bytes that are left for headers beside a part, where a server takes less than [`PART_BYTES`].
pub(crate) const HEADER_BYTES: usize = 8 << 10;

/// Writes that wait while another is under way go together, up to so many bytes: beyond that a message is no cheaper by the byte.
pub(crate) const MERGE_BYTES: usize = 256 << 10;

/// The same, in writes: each may cost some bytes of a message's headers.
pub(crate) const MERGE_WRITES: usize = 64;

/// The same, in frames: each costs the bytes of its end.
pub(crate) const MERGE_FRAMES: u64 = 1 << 16;

/// Messages under way at once, in a plain channel or a write of many parts: enough to fill the time of a round trip.
pub(crate) const WINDOW: usize = 512;

/// The same, in bytes: a slow disk has them long before anybody's patience ends.
pub(crate) const WINDOW_BYTES: usize = 8 << 20;

/// Frames that any channel may retain, however small its capacity. Empty frames use no capacity, yet each costs the server a message.
pub(crate) const MIN_FRAMES: u64 = 1024;

/// A channel may retain one frame for each so many bytes of its capacity, when that is more than [`MIN_FRAMES`].
pub(crate) const BYTES_PER_FRAME: u64 = 16;

/// Places in the index of what is retained: above this, neighbouring messages share one, and are removed together. 8 MiB at most.
pub(crate) const INDEX_PLACES: u64 = 1 << 16;

/// Messages that have made room are removed from the server once they are this part of the capacity, or at the next
/// [`ServerConfig::lease`] third: one removal costs the server as much as ten messages.
pub(crate) const PURGE_PART: u64 = 8;

/// Records of control that may lie in a stream before the old ones are removed.
pub(crate) const CONTROL_RECORDS: u64 = 64;

/// Messages that a reader behind the cache fetches at once, and their bytes.
pub(crate) const LOAD_MESSAGES: usize = 256;
pub(crate) const LOAD_BYTES: usize = 4 << 20;

/// How often the places of readers are told to other hosts, at most. A writer elsewhere that waits for room learns of it so much later.
pub(crate) const PLACES_EVERY: Duration = Duration::from_millis(20);

/// For how long the server remembers the ids of messages. Nothing of Weft's rests on it: what has landed is read from the stream. A longer
/// one costs the server memory for each message.
pub(crate) const DUPLICATE_WINDOW: Duration = Duration::from_secs(10);

/// The first and the longest pause before a connection is tried again.
pub(crate) const RECONNECT_FIRST: Duration = Duration::from_millis(50);
pub(crate) const RECONNECT_LONGEST: Duration = Duration::from_secs(1);

/// How often the server is asked whether it is there. One that stands still is noticed after two of these.
pub(crate) const PING_EVERY: Duration = Duration::from_secs(2);

/// How long a request that is made again by itself waits for its answer, and a message for its acknowledgement after that of the one before it.
/// Where a server of a cluster fails, what was on its way to it is never answered, and the next leader is asked so much later.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// How long one address is given to say what it is. One of a cluster that stands still is given up for the next.
pub(crate) const CONNECT_WITHIN: Duration = Duration::from_secs(2);

/// Messages of a subscription for which nobody has asked yet, on a connection for something else than channels. What comes then is lost. It bounds
/// memory: each may have a MiB.
pub(crate) const SUBSCRIBED: usize = 4096;

/// How a server is reached.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerConfig {
    /// Its addresses, or those of a cluster: `nats://host:port`, or `tls://host:port`. `nats://name:password@host:port` logs in.
    pub addresses: Vec<String>,
    /// A file of credentials, as `nsc` makes them.
    pub credentials: Option<PathBuf>,
    /// Who logs in, where there is no such file and no address says so.
    pub login: Option<Login>,
    /// How the connection is encrypted, beside what the addresses say.
    pub tls: Tls,
    /// What the server calls this connection in its lists.
    pub name: String,
    /// How long a call waits for a server that is away, before it fails with `Unavailable`.
    pub patience: Duration,
    /// How long the server may hear nothing of this host before others count its strong ends as gone. They wait half as long again.
    /// Less than 1 second is taken for that: no server knows shorter ones.
    pub lease: Duration,
}

impl ServerConfig {
    /// A server at this address.
    #[must_use]
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            addresses: vec![address.into()],
            credentials: None,
            login: None,
            tls: Tls::default(),
            name: "weft".into(),
            patience: Duration::from_secs(5),
            lease: Duration::from_secs(10),
        }
    }

    /// Sets the addresses of a cluster.
    #[must_use]
    pub fn addresses(mut self, addresses: Vec<String>) -> Self {
        self.addresses = addresses;
        self
    }

    /// Sets the file of credentials.
    #[must_use]
    pub fn credentials(mut self, file: impl Into<PathBuf>) -> Self {
        self.credentials = Some(file.into());
        self
    }

    /// Sets who logs in.
    #[must_use]
    pub fn login(mut self, login: Login) -> Self {
        self.login = Some(login);
        self
    }

    /// Sets how the connection is encrypted.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// Sets what the server calls this connection.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets how long a call waits for a server that is away.
    #[must_use]
    pub fn patience(mut self, most: Duration) -> Self {
        self.patience = most;
        self
    }

    /// Sets how long the server may hear nothing of this host.
    #[must_use]
    pub fn lease(mut self, lasts: Duration) -> Self {
        self.lease = lasts;
        self
    }
}

/// TLS to a server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tls {
    /// Whether a server that offers none is refused.
    pub required: bool,
    /// Files of certificates whose servers are believed, beside those of the system.
    pub authorities: Vec<PathBuf>,
    /// Files of the certificate that is shown to the server, and of its key.
    pub certificate: Option<(PathBuf, PathBuf)>,
}

impl Tls {
    /// Sets whether a server that offers none is refused.
    #[must_use]
    pub fn required(mut self, required: bool) -> Self {
        self.required = required;
        self
    }

    /// Adds one more file of certificates whose servers are believed.
    #[must_use]
    pub fn authority(mut self, file: impl Into<PathBuf>) -> Self {
        self.authorities.push(file.into());
        self
    }

    /// Sets the files of the certificate that is shown, and of its key.
    #[must_use]
    pub fn certificate(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.certificate = Some((certificate.into(), key.into()));
        self
    }
}

/// How the frames of a channel lie in its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// The frames of a batch, and of writes that wait together, in one message.
    #[default]
    Packed,
    /// One frame a message, so that programs that know nothing of Weft can write to and read from the same stream.
    Plain,
}

impl Format {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Packed => "packed",
            Self::Plain => "plain",
        }
    }
}

/// Where the server keeps a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Storage {
    /// In files: it outlives the server.
    #[default]
    File,
    /// In memory.
    Memory,
}

/// A channel on a server.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ChannelConfig {
    /// The name of its stream.
    pub stream: String,
    /// Capacity in bytes of payload, and what happens to a write that finds no room.
    pub options: Options,
    /// How frames lie in messages.
    pub format: Format,
    /// The subject of its frames; none is `weft.frames.STREAM`. Other programs that write to or read a plain channel use it.
    pub subject: Option<String>,
    /// Where the server keeps it.
    pub storage: Storage,
    /// How many servers of a cluster keep it.
    pub replicas: usize,
    /// Frames older than this are removed once every strong reader has read them.
    pub keep: Option<Duration>,
    /// Whether a channel that its last strong writer, or a drain, has ended takes frames again. A channel that was terminated does too, and is empty.
    pub reopen: bool,
    /// Bytes of the newest frames that are held in this program, for its readers.
    pub cache: u64,
}

/// Enough for readers that keep up, and small beside what a host holds.
const CACHE: u64 = 16 << 20;

impl ChannelConfig {
    /// A packed channel in the stream of this name.
    #[must_use]
    pub fn new(stream: impl Into<String>, options: Options) -> Self {
        Self {
            stream: stream.into(),
            options,
            format: Format::default(),
            subject: None,
            storage: Storage::default(),
            replicas: 1,
            keep: None,
            reopen: false,
            cache: CACHE,
        }
    }

    /// Whether a channel can be so. No server is asked.
    ///
    /// # Errors
    /// When the stream has no name, its subject is none that can be published to, or the capacity is none.
    pub fn check(&self) -> Result<(), ChannelError> {
        let allowed = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
        if self.stream.is_empty() || !self.stream.chars().all(allowed) {
            return Err(ChannelError::Name(self.stream.clone()));
        }
        let is_word = |word: &str| {
            let wrong = |it: char| it.is_whitespace() || it.is_control() || it == '*' || it == '>';
            !word.is_empty() && !word.contains(wrong)
        };
        if let Some(subject) = &self.subject
            && (!subject.split('.').all(is_word) || subject.starts_with('$'))
        {
            return Err(ChannelError::Subject(subject.clone()));
        }
        let capacity = self.options.capacity;
        if capacity == 0 || capacity > i64::MAX as u64 {
            let text = format!("a channel cannot have a capacity of {capacity} bytes");
            return Err(ChannelError::Config(text));
        }
        Ok(())
    }

    /// Sets how frames lie in messages.
    #[must_use]
    pub fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// Sets the subject of its frames.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Sets where the server keeps it.
    #[must_use]
    pub fn storage(mut self, storage: Storage) -> Self {
        self.storage = storage;
        self
    }

    /// Sets how many servers of a cluster keep it.
    #[must_use]
    pub fn replicas(mut self, replicas: usize) -> Self {
        self.replicas = replicas;
        self
    }

    /// Sets after how long frames are removed that every strong reader has read.
    #[must_use]
    pub fn keep(mut self, most: Duration) -> Self {
        self.keep = Some(most);
        self
    }

    /// Sets whether a channel that has ended takes frames again.
    #[must_use]
    pub fn reopen(mut self, reopen: bool) -> Self {
        self.reopen = reopen;
        self
    }

    /// Sets how many bytes of the newest frames are held in this program.
    #[must_use]
    pub fn cache(mut self, bytes: u64) -> Self {
        self.cache = bytes;
        self
    }
}

/// Where a reader begins that has no place yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Begin {
    /// At the oldest frame retained.
    #[default]
    Oldest,
    /// At the next frame that is written.
    Newest,
    /// At the oldest frame that the server got at this time or later.
    Time(std::time::SystemTime),
    /// At the message of this sequence in the stream, or at the next one retained.
    Sequence(u64),
}

/// When a frame counts as read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    /// When the reader comes back for more: what it had in hand when its host died comes again.
    #[default]
    AtLeastOnce,
    /// When it is handed out: it never comes again.
    AtMostOnce,
    /// When its holder [says so](weft_channel::Reader::finished). What it had not finished when its host died comes again.
    Committed,
}

/// How the readers of a handle read.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ReaderConfig {
    /// The name of its place. A strong reader of this name goes on there, on whichever host it is opened, and holds frames back
    /// while nobody has it open. One host has it at a time: opening it elsewhere takes it over.
    pub name: Option<String>,
    /// Where it begins, the first time.
    pub begin: Begin,
    /// When a frame counts as read, for a named reader. Without a name a frame has been read once it is handed out.
    pub delivery: Delivery,
}

impl ReaderConfig {
    /// Readers whose place has this name.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            ..Self::default()
        }
    }

    /// Sets where a reader begins that has no place yet.
    #[must_use]
    pub fn begin(mut self, begin: Begin) -> Self {
        self.begin = begin;
        self
    }

    /// Sets when a frame counts as read.
    #[must_use]
    pub fn delivery(mut self, delivery: Delivery) -> Self {
        self.delivery = delivery;
        self
    }
}
