//! The format of a manifest. An unknown key is an error that names its place.

use anyhow::{Context, Result, bail};
use indexmap::IndexMap;
use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};
use std::num::NonZeroU32;
use std::path::PathBuf;

use weft_host::component::TRANSFORM;

use super::component::Component;
use super::delivery::Delivery;
use super::edge::{From, HttpEntry, ServeEntry, SinkEntry, SourceEntry, To};
use super::engine::{self, FormatEntry, StorageEntry};
use super::nats::{Addresses, TlsEntry};
use super::network::{CertificateEntry, NetworkEntry};
use super::place::ReadEntry;
use super::read::{self, Changes};
use super::source::Source;
use super::supervision::{Restart, Supervision};

/// A manifest. Processes are started in the order they are written in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// Components by name.
    #[serde(default)]
    pub(crate) components: IndexMap<String, Component>,
    /// Channels by name.
    #[serde(default)]
    pub(crate) channels: IndexMap<String, Channel>,
    /// Settings for all processes.
    #[serde(default)]
    pub(crate) host: HostEntry,
    /// What the network of all processes is like.
    #[serde(default)]
    pub(crate) network: NetworkEntry,
    /// The certificates that processes may show, by name.
    #[serde(default)]
    pub(crate) certificates: IndexMap<String, CertificateEntry>,
    /// How ended processes are restarted.
    #[serde(default)]
    pub(crate) supervision: Supervision,
    /// Processes by name.
    #[serde(default)]
    pub(crate) processes: IndexMap<String, Process>,
    /// What writes to channels from outside, by name.
    #[serde(default)]
    pub(crate) sources: IndexMap<String, SourceEntry>,
    /// What listens for HTTP, by name.
    #[serde(default)]
    pub(crate) http: IndexMap<String, HttpEntry>,
    /// What reads channels for the outside, by name.
    #[serde(default)]
    pub(crate) sinks: IndexMap<String, SinkEntry>,
    /// Other files that are part of it. They are read before.
    #[serde(default, rename = "include")]
    _include: IgnoredAny,
    /// What is merged over it when it is asked for. Those that are chosen are merged before.
    #[serde(default, rename = "profile")]
    _profile: IgnoredAny,
    /// Where processes of included files are declared, by their names.
    #[serde(skip)]
    pub(super) origins: Vec<(String, String)>,
    /// The files that it includes, from its folder.
    #[serde(skip)]
    pub(crate) included: Vec<PathBuf>,
    /// The manifest's folder.
    #[serde(skip)]
    pub(crate) folder: PathBuf,
    /// Where it comes from.
    #[serde(skip)]
    pub(crate) source: Source,
}

/// Settings that all processes of a host share.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct HostEntry {
    /// Stack size in bytes, as a number or a text such as "1MiB".
    #[serde(default)]
    pub(crate) stack: Option<toml::Value>,
    /// The bound on a component file's size in bytes, as a number or a text such as "256MiB".
    #[serde(default)]
    pub(crate) component_bytes: Option<toml::Value>,
}

/// A channel.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Channel {
    /// Bytes, as a number or such as "1MiB".
    #[serde(default)]
    pub(super) capacity: Option<toml::Value>,
    /// What a write does when there is no room.
    #[serde(default)]
    pub(crate) backpressure: Backpressure,
    /// What is done when nobody reads it any more, if not what is usual.
    #[serde(default)]
    pub(crate) on_no_reader: Option<OnNoReader>,
    /// What fills it.
    #[serde(default)]
    pub(crate) from: Option<From>,
    /// Where its frames go.
    #[serde(default)]
    pub(crate) to: Option<To>,
    /// The NATS server that keeps it, if one does. The keys from here on are about that.
    #[serde(default)]
    pub(super) engine: Option<Addresses>,
    /// The file of credentials for the server.
    #[serde(default)]
    pub(super) credentials: Option<PathBuf>,
    /// TLS to the server.
    #[serde(default)]
    pub(super) tls: Option<TlsEntry>,
    /// The name of its stream, if not its own.
    #[serde(default)]
    pub(super) stream: Option<String>,
    /// The subject of its frames.
    #[serde(default)]
    pub(super) subject: Option<String>,
    /// How its frames lie in messages.
    #[serde(default)]
    pub(super) format: Option<FormatEntry>,
    /// Where the server keeps it.
    #[serde(default)]
    pub(super) storage: Option<StorageEntry>,
    /// How many servers keep it.
    #[serde(default)]
    pub(super) replicas: Option<usize>,
    /// The age at which frames go that every strong reader has read.
    #[serde(default)]
    pub(super) keep: Option<toml::Value>,
}

/// What is done when nobody reads a channel any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OnNoReader {
    /// It is told.
    Warn,
    /// It is told, and the processes that have a writer of it are stopped.
    Stop,
    /// Nothing.
    Drop,
}

/// Enough for a few batches of the SDK, and small enough to stay in a CPU cache.
const CAPACITY: &str = "256KiB";

impl Channel {
    /// Whether a server keeps it.
    pub(super) fn is_durable(&self) -> bool {
        self.engine.is_some()
    }

    /// What it retains, as it is written or by default.
    pub(super) fn capacity(&self) -> toml::Value {
        let usual = match self.engine {
            None => CAPACITY,
            Some(_) => engine::CAPACITY,
        };
        let given = self.capacity.clone();
        given.unwrap_or_else(|| toml::Value::String(usual.into()))
    }
}

/// What a write does when there is no room.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Backpressure {
    /// The write waits.
    #[default]
    Block,
    /// The write drops its frame.
    Drop,
}

impl<'de> Deserialize<'de> for Backpressure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        match name.as_str() {
            // `park` is what manifests before 0.2 have. It is taken, and offered to nobody.
            "block" | "park" => Ok(Backpressure::Block),
            "drop" => Ok(Backpressure::Drop),
            other => Err(D::Error::unknown_variant(other, &["block", "drop"])),
        }
    }
}

/// A process.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Process {
    /// The component's name; for a transform, that of `transform`.
    #[serde(default)]
    pub(crate) component: String,
    /// The name of a component that is a transform, instead of `component` and `args`.
    #[serde(default)]
    transform: Option<String>,
    /// The channel that a transform reads, or its place in one.
    #[serde(default)]
    input: Option<ReadEntry>,
    /// The channel that a transform writes to.
    #[serde(default)]
    output: Option<String>,
    /// The entry point; empty for the component's default.
    #[serde(default)]
    pub(crate) entry_point: String,
    /// Its arguments by parameter name.
    #[serde(default)]
    pub(crate) args: IndexMap<String, toml::Value>,
    /// The command line of a command component, without the program's name.
    #[serde(default)]
    pub(crate) command_line: Vec<String>,
    /// Capabilities by name.
    #[serde(default)]
    pub(crate) capabilities: Vec<String>,
    /// Environment variables.
    #[serde(default)]
    pub(crate) env: IndexMap<String, String>,
    /// Mounted folders.
    #[serde(default)]
    pub(crate) mounts: Vec<MountEntry>,
    /// Limits by name, as numbers or texts.
    #[serde(default)]
    pub(crate) limits: IndexMap<String, toml::Value>,
    /// Where stdout and stderr go besides the log.
    #[serde(default)]
    pub(crate) stdio: StdioEntry,
    /// When the process is started again after it has ended.
    #[serde(default)]
    pub(crate) restart: Restart,
    /// Whether frames that it had not finished come again when it is restarted.
    #[serde(default)]
    pub(super) delivery: Option<Delivery>,
    /// Deliveries of a frame until it is rejected.
    #[serde(default)]
    pub(super) max_deliveries: Option<NonZeroU32>,
    /// The channel for rejected frames.
    #[serde(default)]
    pub(super) rejected: Option<String>,
    /// How many instances it has, if it answers HTTP requests.
    #[serde(default)]
    pub(super) serve: Option<ServeEntry>,
}

impl Process {
    /// Rewrites a transform as the process it stands for, with the entry point `transform`.
    fn settle(&mut self) -> Result<()> {
        let Some(component) = &self.transform else {
            let ends = [
                ("input", self.input.is_some()),
                ("output", self.output.is_some()),
            ];
            if let Some((name, _)) = ends.iter().find(|(_, given)| *given) {
                bail!("`{name}` goes with `transform`; a component takes its channels as args");
            }
            if self.component.is_empty() {
                bail!(
                    "nothing says what it runs; write component = \"NAME\", or transform = \"NAME\" for a component that exports `weft:fabric/transformer`"
                );
            }
            return Ok(());
        };
        if !self.component.is_empty() || !self.args.is_empty() || !self.command_line.is_empty() {
            bail!(
                "`transform` says already what runs, and its input and output are all it takes; leave out component, args and command-line"
            );
        }
        let output = self.output.clone().map(toml::Value::String);
        let ends = [
            ("input", "reader", self.input.clone().map(Into::into)),
            ("output", "writer", output),
        ];
        for (name, kind, channel) in ends {
            let channel =
                channel.with_context(|| format!("a transform needs {name} = \"CHANNEL\""))?;
            let end = toml::Table::from_iter([(kind.to_owned(), channel)]);
            self.args.insert(name.to_owned(), end.into());
        }
        self.component.clone_from(component);
        TRANSFORM.clone_into(&mut self.entry_point);
        Ok(())
    }

    /// A key that says something which means nothing to a process that answers HTTP requests.
    pub(super) fn of_no_use_to_a_service(&self) -> Option<&'static str> {
        let given = [
            ("transform", self.transform.is_some()),
            ("entry-point", !self.entry_point.is_empty()),
            ("args", !self.args.is_empty()),
            ("command-line", !self.command_line.is_empty()),
            ("stdio", self.stdio != StdioEntry::Log),
            ("delivery", self.delivery.is_some()),
            ("max-deliveries", self.max_deliveries.is_some()),
            ("rejected", self.rejected.is_some()),
        ];
        let mut given = given.into_iter();
        given.find_map(|(key, given)| given.then_some(key))
    }

    /// Whether a frame counts as read once it is handed out.
    pub(crate) fn is_read_once(&self) -> bool {
        self.delivery == Some(Delivery::AtMostOnce)
    }

    /// Whether it is a transform, which needs no rights for its ends: the host moves the frames.
    pub(crate) fn is_transform(&self) -> bool {
        self.transform.is_some()
    }
}

/// A mounted folder.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MountEntry {
    /// The folder, relative to the manifest.
    pub(crate) host: PathBuf,
    /// Where the process sees it.
    pub(crate) guest: String,
    /// Whether the process may change it.
    #[serde(default)]
    pub(crate) writable: bool,
}

/// Where stdout and stderr go besides the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StdioEntry {
    /// Nowhere.
    #[default]
    Log,
    /// To the command's own stdout and stderr.
    Inherit,
}

impl Manifest {
    /// Reads a manifest.
    pub(crate) fn read(source: Source, changes: &Changes) -> Result<Self> {
        let text = source.read();
        let text = text.with_context(|| format!("cannot read {}", source.shown()))?;
        Self::parse(&text, source, changes)
    }

    /// Parses the text of a manifest from this source.
    pub(crate) fn parse(text: &str, source: Source, changes: &Changes) -> Result<Self> {
        let shown = source.shown();
        let mut manifest: Manifest =
            read::read(text, &source, changes).with_context(|| format!("{shown} is not valid"))?;
        for (name, process) in &mut manifest.processes {
            let of = |origins| format!("{shown}: {}", named(origins, name));
            let settled = process.settle();
            settled.with_context(|| of(&manifest.origins))?;
        }
        manifest.folder = source.folder().to_owned();
        manifest.source = source;
        Ok(manifest)
    }
}

/// What messages call a process: its name, and where it is declared if that is not in the manifest itself.
pub(super) fn named(origins: &[(String, String)], name: &str) -> String {
    match origins.iter().find(|(declared, _)| declared == name) {
        Some((_, place)) => format!("process `{name}` ({place})"),
        None => format!("process `{name}`"),
    }
}
