//! Channels on NATS servers. Channels of the same server share a connection.

use crate::manifest::{
    Begin, EngineEntry, FormatEntry, Place, StorageEntry, server, without_login,
};
use anyhow::{Context, Result, bail};
use std::path::Path;
use weft_channel::{Channel, Options};
use weft_nats::{ChannelConfig, Delivery, Format, ReaderConfig, Server, ServerConfig, Storage};
use weft_telemetry::ServerReading;

/// Copies that servers keep of a stream at most: what NATS allows.
const MOST_REPLICAS: usize = 5;

/// How a channel is had from a server.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    server: ServerConfig,
    channel: ChannelConfig,
}

impl Engine {
    /// The engine of the channel of this name. Files are relative to `folder`.
    ///
    /// # Errors
    /// When a key says something that no channel can have.
    pub(crate) fn new(
        folder: &Path,
        name: &str,
        entry: &EngineEntry,
        options: Options,
    ) -> Result<Self> {
        let server = server(
            folder,
            &entry.engine,
            entry.credentials.as_ref(),
            entry.tls.as_ref(),
        );
        let server = server.context("engine")?;
        let stream = entry.stream.clone().unwrap_or_else(|| name.to_owned());
        let mut channel = ChannelConfig::new(stream, options)
            .format(match entry.format {
                FormatEntry::Packed => Format::Packed,
                FormatEntry::Plain => Format::Plain,
            })
            .storage(match entry.storage {
                StorageEntry::File => Storage::File,
                StorageEntry::Memory => Storage::Memory,
            });
        if let Some(subject) = &entry.subject {
            channel = channel.subject(subject);
        }
        if let Some(keep) = entry.keep {
            channel = channel.keep(keep);
        }
        match entry.replicas {
            0 => bail!("replicas: a stream has at least 1"),
            replicas if replicas > MOST_REPLICAS => {
                bail!("replicas: NATS keeps at most {MOST_REPLICAS} of a stream")
            }
            replicas => channel = channel.replicas(replicas),
        }
        channel.check()?;
        Ok(Self { server, channel })
    }
}

/// The servers of a manifest, each connected to once.
#[derive(Clone)]
pub(crate) struct Servers {
    runner: String,
    connected: Vec<(ServerConfig, Server)>,
}

impl Servers {
    /// Of a runner of this name, which the servers show.
    pub(crate) fn new(runner: &str) -> Self {
        Self {
            runner: runner.to_owned(),
            connected: Vec::new(),
        }
    }

    /// No servers.
    pub(crate) fn none() -> Self {
        Self::new("")
    }

    /// Opens a channel, and makes its stream if there is none. `reopen`: if it has ended it takes frames again.
    ///
    /// # Errors
    /// When the server cannot be reached, or has a stream of this name with other settings.
    pub(crate) async fn open(&mut self, engine: &Engine, reopen: bool) -> Result<Durable> {
        let server = self.server(&engine.server).await?;
        let channel = server.channel(engine.channel.clone().reopen(reopen));
        Ok(Durable(channel.await?))
    }

    /// What reads the numbers of those that are connected to.
    pub(crate) fn readings(self) -> impl Fn() -> Vec<ServerReading> + Send + Sync + 'static {
        move || {
            let connected = self.connected.iter();
            let read = connected.map(|(config, server)| {
                let stats = server.stats();
                let mut reading = ServerReading::default();
                reading.server = shown(config);
                reading.connected = stats.connected;
                reading.reconnects = stats.reconnects;
                reading.waiting = stats.waiting;
                reading.retries = stats.retries;
                reading.unavailable = stats.unavailable;
                reading
            });
            read.collect()
        }
    }

    async fn server(&mut self, config: &ServerConfig) -> Result<Server> {
        let mut known = self.connected.iter();
        if let Some((_, server)) = known.find(|(known, _)| known == config) {
            return Ok(server.clone());
        }
        let named = config.clone().name(format!("weft {}", self.runner));
        let server = Server::connect(named).await;
        let server = server.with_context(|| shown(config))?;
        self.connected.push((config.clone(), server.clone()));
        Ok(server)
    }
}

/// Where a server is, without who logs in.
fn shown(config: &ServerConfig) -> String {
    let shown = config.addresses.iter().map(|it| without_login(it));
    shown.collect::<Vec<_>>().join(", ")
}

/// A channel that a server keeps.
#[derive(Clone, Debug)]
pub(crate) struct Durable(weft_nats::Durable);

impl Durable {
    /// A handle whose readers have no names and begin at the oldest frame retained.
    pub(crate) fn channel(&self) -> Channel {
        self.0.channel()
    }

    /// A handle whose readers begin with what is written from now on.
    pub(crate) fn newest(&self) -> Channel {
        let begin = ReaderConfig::default().begin(weft_nats::Begin::Newest);
        self.0.channel_as(begin)
    }

    /// A handle whose readers have this place. `once`: a frame counts as read when it is handed out, and not when it is finished.
    pub(crate) fn reading(&self, place: &Place, once: bool) -> Channel {
        let config = match &place.name {
            Some(name) => ReaderConfig::named(name),
            None => ReaderConfig::default(),
        };
        let begin = match place.begin.unwrap_or_default() {
            Begin::Oldest => weft_nats::Begin::Oldest,
            Begin::Newest => weft_nats::Begin::Newest,
            Begin::Time(time) => weft_nats::Begin::Time(time),
            Begin::Sequence(sequence) => weft_nats::Begin::Sequence(sequence),
        };
        let delivery = match once {
            true => Delivery::AtMostOnce,
            false => Delivery::Committed,
        };
        self.0.channel_as(config.begin(begin).delivery(delivery))
    }

    /// Waits until the server knows all that is to be told.
    pub(crate) async fn close(self) {
        self.0.close().await;
    }
}
