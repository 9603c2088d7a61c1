//! What listens for HTTP: how it is written, and its check.

use super::format::Frames;
use super::front::{Front, OriginsEntry, TlsEntry};
use super::keys::{size_of, time_of};
use super::{Checking, Edge, What};
use crate::manifest::argument::{End, EndKind};
use crate::manifest::supervision::Restart;
use anyhow::{Context, Result, bail};
use indexmap::IndexMap;
use serde::Deserialize;
use std::num::NonZeroUsize;
use weft_net::http::{Bounds, HEAD_BYTES, Route, Target, Use};

/// What listens for HTTP.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct HttpEntry {
    /// Where: an address and a port.
    listen: String,
    /// Most connections open at once.
    #[serde(default)]
    connections: Option<NonZeroUsize>,
    /// Most bytes of a request's body.
    #[serde(default)]
    max_body: Option<toml::Value>,
    /// Most bytes of a request's head.
    #[serde(default)]
    max_head: Option<toml::Value>,
    /// Time for a head, and for which a connection may be idle.
    #[serde(default)]
    idle_time: Option<toml::Value>,
    /// Time for a body.
    #[serde(default)]
    body_time: Option<toml::Value>,
    /// Time that a request waits for room in its channel.
    #[serde(default)]
    room_time: Option<toml::Value>,
    /// Whether it speaks TLS, and as whom.
    #[serde(default)]
    tls: Option<TlsEntry>,
    /// Whose pages may use it, besides its own.
    #[serde(default)]
    origins: Option<OriginsEntry>,
    /// What requests are for, by method and path.
    #[serde(default)]
    pub(super) routes: IndexMap<String, RouteEntry>,
    /// When it is started again after it has ended.
    #[serde(default)]
    restart: Restart,
}

/// What requests of a route are for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RouteEntry {
    /// The channel that they write to or read.
    #[serde(default)]
    channel: Option<String>,
    /// The process that answers them.
    #[serde(default)]
    pub(super) process: Option<String>,
    /// How frames lie in a body, whatever its content type.
    #[serde(default)]
    frames: Option<Frames>,
}

impl HttpEntry {
    /// Its routes to processes, each with the name of the process.
    pub(crate) fn to_processes(&self) -> impl Iterator<Item = (&str, &str)> {
        let routes = self.routes.iter();
        routes.filter_map(|(route, entry)| Some((route.as_str(), entry.process.as_deref()?)))
    }

    fn bounds(&self) -> Result<Bounds> {
        let mut bounds = Bounds::default();
        if let Some(most) = self.connections {
            bounds.connections = most.get();
        }
        let sizes = [
            ("max-body", &mut bounds.body_bytes, &self.max_body),
            ("max-head", &mut bounds.head_bytes, &self.max_head),
        ];
        for (key, bound, given) in sizes {
            if let Some(given) = given {
                let most = size_of(given).context(key)?;
                *bound = usize::try_from(most).unwrap_or(usize::MAX);
            }
        }
        if !HEAD_BYTES.contains(&bounds.head_bytes) {
            let (least, most) = (HEAD_BYTES.start() >> 10, HEAD_BYTES.end() >> 10);
            bail!("max-head: it is from {least}KiB to {most}KiB");
        }
        let times = [
            ("idle-time", &mut bounds.head_time, &self.idle_time),
            ("body-time", &mut bounds.body_time, &self.body_time),
            ("room-time", &mut bounds.room_time, &self.room_time),
        ];
        for (key, bound, given) in times {
            if let Some(given) = given {
                *bound = time_of(given).context(key)?;
            }
        }
        Ok(bounds)
    }
}

impl Checking<'_> {
    /// Checks one.
    pub(super) fn http(&self, name: &str, entry: &HttpEntry) -> Result<Edge> {
        check_address(&entry.listen).context("listen")?;
        if entry.routes.is_empty() {
            bail!(
                "it has no routes; write \"POST /PATH\" = {{ channel = \"NAME\" }} under http.{name}.routes"
            );
        }
        let bounds = entry.bounds()?;
        let tls = entry.tls.as_ref().map(|tls| self.tls(tls).context("tls"));
        let origins = entry.origins.as_ref().map(OriginsEntry::check);
        let front = Front {
            tls: tls.transpose()?,
            origins: origins.transpose().context("origins")?.unwrap_or_default(),
        };
        let (mut ends, mut routes) = (Vec::new(), Vec::<(Route, Target)>::new());
        for (text, entry) in &entry.routes {
            let of = || format!("route `{text}`");
            let route: Route = text.parse().with_context(of)?;
            if routes.iter().any(|(other, _)| *other == route) {
                bail!("route `{text}` is there twice");
            }
            let (target, end) = self.target(&route, entry).with_context(of)?;
            ends.extend(end.map(|end| (route.to_string(), end)));
            routes.push((route, target));
        }
        Ok(Edge {
            name: name.to_owned(),
            restart: entry.restart,
            ends,
            what: What::Http(entry.listen.clone(), routes, bounds, front),
        })
    }
}

impl Checking<'_> {
    /// What the requests of a route are for, and the end of a channel that this needs.
    fn target(&self, route: &Route, entry: &RouteEntry) -> Result<(Target, Option<End>)> {
        let channel = match (&entry.channel, &entry.process) {
            (Some(channel), None) => channel,
            (None, Some(process)) => {
                if entry.frames.is_some() {
                    bail!("`frames` is for a channel; a process is handed the request as it is");
                }
                return Ok((Target::Handler(self.requests(process)?), None));
            }
            _ => bail!(
                "its requests are for one thing; write either channel = \"NAME\" or process = \"NAME\""
            ),
        };
        let (kind, target) = match (route.of_channel(), entry.frames) {
            (None, _) => bail!(
                "a route to a channel has a method: POST and PUT write to it, GET reads it; write \"POST /PATH\" or \"GET /PATH\""
            ),
            (Some(Use::Read), None) => (EndKind::Channel, Target::Events),
            (Some(Use::Read), Some(_)) => bail!(
                "`frames` is for what writes to a channel; what reads one shows each frame as it is"
            ),
            (Some(Use::Write), frames) => {
                let framing = frames.map(Into::into);
                let capacity = self.capacity(channel);
                (EndKind::Writer, Target::Intake { framing, capacity })
            }
        };
        Ok((target, Some(self.end(kind, channel)?)))
    }
}

/// A host and a port. Whether it can be listened on is seen when it is.
fn check_address(text: &str) -> Result<()> {
    let port = text.rsplit_once(':').filter(|(host, _)| !host.is_empty());
    match port.map(|(_, port)| port.parse::<u16>()) {
        Some(Ok(_)) => Ok(()),
        _ => bail!(
            "`{text}` is no address; write HOST:PORT, such as \"127.0.0.1:8080\", or port 0 for any"
        ),
    }
}
