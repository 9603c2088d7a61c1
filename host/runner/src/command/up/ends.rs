//! The channels of a manifest while it runs, and how ends of them are opened.
//!
//! A durable channel is opened on its server. Where nothing will run, a channel in memory stands for it, and no server is asked.

use crate::durable::{Durable, Servers};
use crate::manifest::{Checked, End, EndKind, Manifest};
use anyhow::{Context, Result};
use futures::future::join_all;
use indexmap::IndexMap;
use weft_channel::{Channel, Strength, Writer};
use weft_host::Host;
use weft_host::channel::{ReaderHandle, Redelivery};

/// The channels of a manifest by their names.
#[derive(Clone)]
pub(in crate::command) struct Channels {
    by_name: IndexMap<String, Opened>,
    servers: Servers,
}

#[derive(Clone)]
struct Opened {
    channel: Channel,
    durable: Option<Durable>,
}

/// When frames count as read.
#[derive(Clone, Debug)]
pub(super) enum Counts {
    /// When they are handed out.
    AtOnce,
    /// When they are finished. Until then they come again after a restart, if there is one.
    Finished(Option<Redelivery>),
}

impl Channels {
    /// Makes the channels, and registers their names with the host. `asks`: whether servers are asked for those that they keep.
    pub(super) async fn open(
        host: &Host,
        manifest: &Manifest,
        checked: &Checked,
        asks: bool,
    ) -> Result<Self> {
        let mut servers = Servers::new(&manifest.source.runner());
        let parts = checked.parts(manifest);
        let mut channels = IndexMap::new();
        for (name, declared) in manifest.channels.keys().zip(&checked.channels) {
            let of = || format!("channel `{name}`");
            let durable = match &declared.engine {
                Some(engine) if asks => {
                    // Who reads alone reads what has ended to its end.
                    let writes = parts.iter().any(|part| part.keeps_open(name));
                    Some(servers.open(engine, writes).await.with_context(of)?)
                }
                _ => None,
            };
            let channel = match &durable {
                Some(durable) => durable.channel(),
                None => Channel::new(declared.options).with_context(of)?,
            };
            host.name_channel(name, &channel);
            channels.insert(name.clone(), Opened { channel, durable });
        }
        Ok(Self {
            by_name: channels,
            servers,
        })
    }

    /// The servers that keep some of them.
    pub(super) fn servers(&self) -> Servers {
        self.servers.clone()
    }

    /// Those that are in memory, by their names: what is in one is gone with it.
    pub(super) fn in_memory(&self) -> impl Iterator<Item = (&String, &Channel)> {
        let channels = self.by_name.iter().filter(|(_, it)| it.durable.is_none());
        channels.map(|(name, it)| (name, &it.channel))
    }

    /// Those of these names.
    pub(super) fn only<'a>(&self, names: impl Iterator<Item = &'a String>) -> Self {
        let channels =
            names.filter_map(|name| Some((name.clone(), self.by_name.get(name)?.clone())));
        Self {
            by_name: channels.collect(),
            servers: self.servers.clone(),
        }
    }

    /// A reader.
    pub(super) async fn reader(&self, end: &End, counts: Counts) -> Result<ReaderHandle> {
        let opened = self.find(end)?;
        let strength = match end.weak {
            true => Strength::Weak,
            false => Strength::Strong,
        };
        let keeps_place = opened.durable.is_some() && end.place.name.is_some();
        let channel = opened.durable.as_ref().map(|durable| {
            let once = matches!(counts, Counts::AtOnce);
            durable.reading(&end.place, once)
        });
        let channel = channel.as_ref().unwrap_or(&opened.channel);
        let reader = channel.open_reader(strength).await;
        let reader = reader.with_context(|| shown(end))?;
        Ok(match counts {
            Counts::Finished(Some(again)) => ReaderHandle::committed(reader, again),
            Counts::Finished(None) if keeps_place => {
                ReaderHandle::committed(reader, Redelivery::default())
            }
            Counts::Finished(None) | Counts::AtOnce => reader.into(),
        })
    }

    /// A writer.
    pub(super) async fn writer(&self, end: &End) -> Result<Writer> {
        let strength = match end.weak {
            true => Strength::Weak,
            false => Strength::Strong,
        };
        let writer = self.find(end)?.channel.open_writer(strength).await;
        writer.with_context(|| shown(end))
    }

    /// The channel itself.
    pub(super) fn channel(&self, end: &End) -> Result<Channel> {
        Ok(self.find(end)?.channel.clone())
    }

    /// The channel itself, for one that shows what is written from now on.
    pub(super) fn shown_from_now(&self, end: &End) -> Result<Channel> {
        let opened = self.find(end)?;
        let newest = opened.durable.as_ref().map(Durable::newest);
        Ok(newest.unwrap_or_else(|| opened.channel.clone()))
    }

    fn find(&self, end: &End) -> Result<&Opened> {
        let opened = self.by_name.get(&end.channel);
        opened.context("the manifest was checked for this")
    }

    /// Lets go of them, and waits until servers know which ends are gone and where readers were.
    pub(super) async fn close(self) {
        drop(self.servers);
        let opened = self.by_name.into_values();
        join_all(opened.filter_map(|it| it.durable).map(Durable::close)).await;
    }
}

fn shown(end: &End) -> String {
    let kind = match end.kind {
        EndKind::Reader => "a reader of",
        EndKind::Writer => "a writer of",
        EndKind::Channel => "",
    };
    format!("{kind} the channel `{}`", end.channel)
        .trim()
        .to_owned()
}
