//! How a process that answers HTTP requests is run: how it is written, and its check.

use super::keys::time_of;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::num::NonZeroUsize;
use weft_net::serve::Settings;

/// How many instances a process has that answers requests, and how long they may take.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ServeEntry {
    /// Most instances at once.
    #[serde(default)]
    instances: Option<NonZeroUsize>,
    /// Instances that are kept without a request.
    #[serde(default)]
    warm: Option<usize>,
    /// Requests that an instance answers in its life.
    #[serde(default)]
    requests: Option<NonZeroUsize>,
    /// Requests that it answers at the same time.
    #[serde(default)]
    at_once: Option<NonZeroUsize>,
    /// Requests that wait for an instance.
    #[serde(default)]
    waiting: Option<NonZeroUsize>,
    /// Time until an answer begins.
    #[serde(default)]
    answer_time: Option<toml::Value>,
    /// Time without a request after which an instance ends.
    #[serde(default)]
    idle_time: Option<toml::Value>,
}

impl ServeEntry {
    pub(super) fn check(&self) -> Result<Settings> {
        let mut settings = Settings::default();
        let numbers = [
            (&mut settings.instances, self.instances),
            (&mut settings.at_once, self.at_once),
            (&mut settings.waiting, self.waiting),
        ];
        for (setting, given) in numbers {
            *setting = given.unwrap_or(*setting);
        }
        settings.requests = self.requests;
        settings.warm = self.warm.unwrap_or(settings.warm);
        let times = [
            ("answer-time", &mut settings.answer_time, &self.answer_time),
            ("idle-time", &mut settings.idle_time, &self.idle_time),
        ];
        for (key, setting, given) in times {
            if let Some(given) = given {
                *setting = time_of(given).context(key)?;
            }
        }
        Ok(settings)
    }
}
