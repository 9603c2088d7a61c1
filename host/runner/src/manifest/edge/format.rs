//! How sources and sinks are written.

use crate::manifest::nats::{Addresses, TlsEntry};
use crate::manifest::place::ReadEntry;
use crate::manifest::supervision::Restart;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use weft_net::framing::Framing;
use weft_net::sink::Fsync;
use weft_net::source::Begin;

/// What fills a channel, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum From {
    /// A frame for each line of stdin.
    Stdin,
}

/// Where the frames of a channel go, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum To {
    /// To stdout, each on a line.
    Stdout,
}

/// A source.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SourceEntry {
    /// The channel that it writes to.
    #[serde(default)]
    pub(super) channel: Option<String>,
    /// The file that it reads, relative to the manifest.
    #[serde(default)]
    pub(super) file: Option<PathBuf>,
    /// Whether it reads stdin.
    #[serde(default)]
    pub(super) stdin: bool,
    /// The NATS server whose messages it reads.
    #[serde(default)]
    pub(super) nats: Option<Addresses>,
    /// The subject of the messages.
    #[serde(default)]
    pub(super) subject: Option<String>,
    /// The queue group that it is one of.
    #[serde(default)]
    pub(super) queue: Option<String>,
    /// The stream of JetStream whose messages it reads.
    #[serde(default)]
    pub(super) stream: Option<String>,
    /// The name of the durable consumer that is its place in the stream.
    #[serde(default)]
    pub(super) consumer: Option<String>,
    /// Whether messages are requests that a process answers.
    #[serde(default)]
    pub(super) reply: bool,
    /// Requests that wait for an answer at once.
    #[serde(default)]
    pub(super) requests: Option<NonZeroUsize>,
    /// Time until an answer.
    #[serde(default)]
    pub(super) answer_time: Option<toml::Value>,
    /// The file of credentials for the server.
    #[serde(default)]
    pub(super) credentials: Option<PathBuf>,
    /// TLS to the server.
    #[serde(default)]
    pub(super) tls: Option<TlsEntry>,
    /// The time between two ticks.
    #[serde(default)]
    pub(super) every: Option<toml::Value>,
    /// The times of ticks.
    #[serde(default)]
    pub(super) cron: Option<String>,
    /// The time zone of `cron`.
    #[serde(default)]
    pub(super) time_zone: Option<String>,
    /// Whether it goes on when the file ends.
    #[serde(default)]
    pub(super) follow: bool,
    /// Where it begins in a file that it follows.
    #[serde(default)]
    pub(super) begin: Option<BeginEntry>,
    /// The file in which it remembers where it was.
    #[serde(default)]
    pub(super) state: Option<PathBuf>,
    /// How frames lie in the bytes.
    #[serde(default)]
    pub(super) frames: Option<Frames>,
    /// Bytes of a frame at most.
    #[serde(default)]
    pub(super) max_frame: Option<toml::Value>,
    /// What is done with input that makes no frame.
    #[serde(default)]
    pub(super) on_error: Option<OnErrorEntry>,
    /// When it is started again after it has ended.
    #[serde(default)]
    pub(super) restart: Restart,
}

/// A sink.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SinkEntry {
    /// The channel that it reads, or its place in one.
    #[serde(default)]
    pub(super) channel: Option<ReadEntry>,
    /// The file that it appends to, relative to the manifest.
    #[serde(default)]
    pub(super) file: Option<PathBuf>,
    /// Whether it writes to stdout.
    #[serde(default)]
    pub(super) stdout: bool,
    /// The NATS server that it sends messages to.
    #[serde(default)]
    pub(super) nats: Option<Addresses>,
    /// The subject of the messages.
    #[serde(default)]
    pub(super) subject: Option<String>,
    /// The stream of JetStream that acknowledges them.
    #[serde(default)]
    pub(super) stream: Option<String>,
    /// The file of credentials for the server.
    #[serde(default)]
    pub(super) credentials: Option<PathBuf>,
    /// TLS to the server.
    #[serde(default)]
    pub(super) tls: Option<TlsEntry>,
    /// How frames lie in the bytes.
    #[serde(default)]
    pub(super) frames: Option<Frames>,
    /// What is done with frames that cannot be written so.
    #[serde(default)]
    pub(super) on_error: Option<OnErrorEntry>,
    /// When the bytes are on the disk.
    #[serde(default)]
    pub(super) fsync: Option<FsyncEntry>,
    /// Bytes of a file at most.
    #[serde(default)]
    pub(super) rotate_bytes: Option<toml::Value>,
    /// The age of a file at most.
    #[serde(default)]
    pub(super) rotate_every: Option<toml::Value>,
    /// Old files that stay.
    #[serde(default)]
    pub(super) keep: Option<u32>,
    /// When it is started again after it has ended.
    #[serde(default)]
    pub(super) restart: Restart,
}

/// How frames lie in a stream of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::manifest) enum Frames {
    Lines,
    Json,
    Chunks,
    LengthPrefixed,
}

impl std::convert::From<Frames> for Framing {
    fn from(frames: Frames) -> Self {
        match frames {
            Frames::Lines => Framing::Lines,
            Frames::Json => Framing::Json,
            Frames::Chunks => Framing::Chunks,
            Frames::LengthPrefixed => Framing::LengthPrefixed,
        }
    }
}

/// Where a source begins in a file that it follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum BeginEntry {
    Start,
    End,
}

#[cfg(feature = "nats")]
impl std::convert::From<BeginEntry> for weft_net::nats::Begin {
    fn from(begin: BeginEntry) -> Self {
        match begin {
            BeginEntry::Start => Self::Oldest,
            BeginEntry::End => Self::Newest,
        }
    }
}

impl std::convert::From<BeginEntry> for Begin {
    fn from(begin: BeginEntry) -> Self {
        match begin {
            BeginEntry::Start => Begin::Start,
            BeginEntry::End => Begin::End,
        }
    }
}

/// When bytes are on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FsyncEntry {
    Never,
    Batch,
}

impl std::convert::From<FsyncEntry> for Fsync {
    fn from(fsync: FsyncEntry) -> Self {
        match fsync {
            FsyncEntry::Never => Fsync::Never,
            FsyncEntry::Batch => Fsync::Batch,
        }
    }
}

/// What is done with input that makes no frame: a word, or a table with a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OnErrorEntry {
    Stop,
    Skip,
    Channel(String),
}

/// `{ channel = "NAME" }`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rejecting {
    channel: String,
}

impl<'de> Deserialize<'de> for OnErrorEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = OnErrorEntry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"stop\", \"skip\" or { channel = \"NAME\" }")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                match text {
                    "stop" => Ok(OnErrorEntry::Stop),
                    "skip" => Ok(OnErrorEntry::Skip),
                    other => Err(E::unknown_variant(other, &["stop", "skip"])),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let Rejecting { channel } =
                    Rejecting::deserialize(MapAccessDeserializer::new(map))?;
                Ok(OnErrorEntry::Channel(channel))
            }
        }
        deserializer.deserialize_any(Either)
    }
}
