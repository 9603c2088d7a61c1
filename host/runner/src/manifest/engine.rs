//! The keys of a channel that a server keeps.

use super::check::plain;
use super::format::Channel;
use super::nats::{Addresses, TlsEntry};
use crate::durable::Engine;
use crate::setting;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;
use weft_channel::Options;

/// What such a channel retains if its capacity is not given: on a server that is a file, and not the memory of a process.
pub(super) const CAPACITY: &str = "64MiB";

/// How the frames of a channel lie in its stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FormatEntry {
    /// A message is a batch.
    #[default]
    Packed,
    /// A message is a frame.
    Plain,
}

/// Where a server keeps a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StorageEntry {
    /// In files.
    #[default]
    File,
    /// In its memory.
    Memory,
}

/// The engine of a channel, as it is written.
#[derive(Debug)]
pub(crate) struct EngineEntry {
    pub(crate) engine: Addresses,
    pub(crate) credentials: Option<PathBuf>,
    pub(crate) tls: Option<TlsEntry>,
    pub(crate) stream: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) format: FormatEntry,
    pub(crate) storage: StorageEntry,
    pub(crate) replicas: usize,
    pub(crate) keep: Option<Duration>,
}

/// The engine of a channel, if it has another than the host's own.
///
/// # Errors
/// When a key is of no use without one, or with one, or says something that no such channel can have.
pub(super) fn check(
    folder: &Path,
    name: &str,
    channel: &Channel,
    options: Options,
) -> Result<Option<Engine>> {
    let Some(engine) = channel.engine.clone() else {
        let given = [
            ("stream", channel.stream.is_some()),
            ("subject", channel.subject.is_some()),
            ("format", channel.format.is_some()),
            ("storage", channel.storage.is_some()),
            ("replicas", channel.replicas.is_some()),
            ("keep", channel.keep.is_some()),
            ("credentials", channel.credentials.is_some()),
            ("tls", channel.tls.is_some()),
        ];
        return match given.iter().find(|(_, given)| *given) {
            Some((key, _)) => bail!(
                "`{key}` is for channels that a server keeps; write engine = \"nats://HOST:4222\" beside it"
            ),
            None => Ok(None),
        };
    };
    if channel.on_no_reader.is_some() {
        bail!(
            "`on-no-reader` is of no use with an engine: the server keeps the frames for who reads them later"
        );
    }
    let keep = channel.keep.as_ref().map(|keep| {
        let keep = setting::duration(&plain(keep)).context("keep")?;
        match keep.is_zero() {
            true => bail!("keep: it is no time at all; write it as \"7d\""),
            false => Ok(keep),
        }
    });
    let entry = EngineEntry {
        engine,
        credentials: channel.credentials.clone(),
        tls: channel.tls.clone(),
        stream: channel.stream.clone(),
        subject: channel.subject.clone(),
        format: channel.format.unwrap_or_default(),
        storage: channel.storage.unwrap_or_default(),
        replicas: channel.replicas.unwrap_or(1),
        keep: keep.transpose()?,
    };
    Engine::new(folder, name, &entry, options).map(Some)
}
