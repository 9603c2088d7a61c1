//! What stands for durable channels where the command is built without the feature `nats`. None of it can be made.

use crate::manifest::{EngineEntry, Place};
use anyhow::{Result, bail};
use std::path::Path;
use weft_channel::{Channel, Options};
use weft_telemetry::ServerReading;

/// How a channel is had from a server.
#[derive(Clone, Debug)]
pub(crate) enum Engine {}

impl Engine {
    pub(crate) fn new(_: &Path, _: &str, _: &EngineEntry, _: Options) -> Result<Self> {
        bail!("this `weft` is built without the feature `nats`, so it has no durable channels")
    }
}

/// The servers of a manifest.
#[derive(Clone)]
pub(crate) struct Servers;

impl Servers {
    pub(crate) fn new(_runner: &str) -> Self {
        Self
    }

    /// No servers.
    pub(crate) fn none() -> Self {
        Self::new("")
    }

    pub(crate) fn readings(self) -> impl Fn() -> Vec<ServerReading> + Send + Sync + 'static {
        Vec::new
    }

    pub(crate) async fn open(&mut self, engine: &Engine, _reopen: bool) -> Result<Durable> {
        match *engine {}
    }
}

/// A channel that a server keeps.
#[derive(Clone, Debug)]
pub(crate) enum Durable {}

impl Durable {
    pub(crate) fn channel(&self) -> Channel {
        match *self {}
    }

    pub(crate) fn newest(&self) -> Channel {
        match *self {}
    }

    pub(crate) fn reading(&self, _place: &Place, _once: bool) -> Channel {
        match *self {}
    }

    pub(crate) async fn close(self) {
        match self {}
    }
}
