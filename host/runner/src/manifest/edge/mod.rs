//! The sources and sinks of a manifest.
//!
//! What listens for HTTP (`http`) counts as a source: it is there before the processes, and is stopped before them.
//!
//! `format` is what is written, `check` makes [`Edge`]s of it, with the rules for `keys`, and those of `nats`: named programs with the ends of channels that they are given. The `from` and
//! `to` of a channel are short for a source and a sink, and are the same to all others.
//!
//! `serve` is about processes that answer requests: which these are is said by the routes.
//!
//! Not how they run: `command/up/edges` makes the programs.

mod check;
mod format;
mod front;
mod http;
mod keys;
mod nats;
mod serve;

use check::Checking;
pub(super) use check::{CheckedEdges, check};
pub(crate) use format::{From, SinkEntry, SourceEntry, To};
pub(crate) use front::Front;
pub(crate) use http::HttpEntry;
pub(crate) use nats::Nats;
pub(crate) use serve::ServeEntry;

use super::argument::End;
use super::supervision::Restart;
use std::path::PathBuf;
use weft_net::http::{Bounds, Route, Target};
use weft_net::sink::{Fsync, Outflow, Rotation};
use weft_net::source::{Begin, Intake, Schedule};

/// A source or a sink, checked.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) name: String,
    pub(crate) restart: Restart,
    /// The ends of channels that it is given, by the names of its arguments.
    pub(crate) ends: Vec<(String, End)>,
    pub(crate) what: What,
}

/// What it is.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// Reads a file to its end.
    File(PathBuf, Intake),
    /// Reads stdin to its end.
    Stdin(Intake),
    /// Follows a file. The place is remembered in this file, if one is named.
    Follow(PathBuf, Begin, Option<PathBuf>, Intake),
    /// Writes frames at times.
    Ticks(Schedule),
    /// Reads or sends messages of NATS.
    Nats(Nats),
    /// Listens for HTTP at this address.
    Http(String, Vec<(Route, Target)>, Bounds, Front),
    /// Writes to a file.
    Append(PathBuf, Outflow, Rotation, Fsync),
    /// Writes to stdout.
    Stdout(Outflow),
}

impl What {
    /// Whether all it does is to write to its channel.
    pub(crate) fn is_source(&self) -> bool {
        match self {
            What::File(..) | What::Stdin(_) | What::Follow(..) | What::Ticks(_) => true,
            What::Nats(nats) => nats.is_source(),
            What::Http(..) | What::Append(..) | What::Stdout(_) => false,
        }
    }

    /// Whether it listens for clients.
    pub(crate) fn listens(&self) -> bool {
        matches!(self, What::Http(..))
    }

    /// What it is called where processes have a component.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            What::File(..) => "source:file",
            What::Stdin(_) => "source:stdin",
            What::Follow(..) => "source:follow",
            What::Ticks(Schedule::Every(_)) => "source:every",
            What::Ticks(Schedule::Cron(_)) => "source:cron",
            What::Nats(nats) => nats.kind(),
            What::Http(..) => "http",
            What::Append(..) => "sink:file",
            What::Stdout(_) => "sink:stdout",
        }
    }
}
