//! What happens to frames that a process had read and not finished when it is restarted.

use super::argument::{End, EndKind};
use super::format::{Manifest, Process};
use super::supervision::Restart;
use anyhow::{Result, bail};
use serde::Deserialize;

/// Whether such frames come again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Delivery {
    /// They come again.
    #[default]
    AtLeastOnce,
    /// They are lost.
    AtMostOnce,
}

/// How the frames come again, checked.
#[derive(Debug)]
pub(crate) struct Again {
    /// Deliveries until a frame is rejected, if not the default.
    pub(crate) max_deliveries: Option<u32>,
    /// The writer of the channel for rejected frames.
    pub(crate) rejected: Option<End>,
}

impl Again {
    /// Checks the keys of a process. None: its frames do not come again.
    ///
    /// `keeps_place`: whether a reader of its has a name, so that frames come again after the end of its runner, too.
    pub(super) fn check(
        manifest: &Manifest,
        process: &Process,
        keeps_place: bool,
    ) -> Result<Option<Self>> {
        let given = [
            ("delivery", process.delivery.is_some()),
            ("max-deliveries", process.max_deliveries.is_some()),
            ("rejected", process.rejected.is_some()),
        ];
        let once = process.delivery == Some(Delivery::AtMostOnce);
        let of_no_use = match (process.restart, once) {
            (Restart::Never, _) if !keeps_place => Some((&given[..], "without `restart`")),
            (_, true) => Some((&given[1..], "with delivery = \"at-most-once\"")),
            _ => None,
        };
        if let Some((keys, why)) = of_no_use
            && let Some((key, _)) = keys.iter().find(|(_, is_given)| *is_given)
        {
            bail!("`{key}` is of no use {why}");
        }
        if of_no_use.is_some() {
            return Ok(None);
        }
        if let Some(channel) = &process.rejected {
            manifest
                .check_channel(channel)
                .map_err(|error| error.context("rejected"))?;
        }
        Ok(Some(Self {
            max_deliveries: process.max_deliveries.map(Into::into),
            rejected: (process.rejected.clone()).map(|channel| End::held(EndKind::Writer, channel)),
        }))
    }
}
