//! What stands for sources and sinks of NATS where the command is built without the feature `nats`.

use super::Nats;
use crate::manifest::edge::format::{SinkEntry, SourceEntry};
use crate::manifest::nats::Addresses;
use anyhow::{Result, bail};
use std::path::Path;
use weft_net::sink::Outflow;
use weft_net::source::Intake;

/// What is said where one is wanted all the same.
const ABSENT: &str = "this `weft` is built without the feature `nats`";

impl Nats {
    pub(in crate::manifest::edge) fn source(
        _: &Path,
        _: &str,
        _: &Addresses,
        _: &SourceEntry,
        _: Intake,
    ) -> Result<Self> {
        bail!("{ABSENT}")
    }

    pub(in crate::manifest::edge) fn sink(
        _: &Path,
        _: &Addresses,
        _: &SinkEntry,
        _: Outflow,
    ) -> Result<Self> {
        bail!("{ABSENT}")
    }
}
