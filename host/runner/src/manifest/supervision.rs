//! The supervision settings of a manifest, and their translation for the host's supervisor.

use crate::setting;
use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;
use std::time::Duration;
use weft_host::supervise::StopOrder;

/// When a process is started again after it has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Restart {
    /// Never.
    #[default]
    Never,
    /// When it has failed.
    OnFailure,
    /// Always, however it ended.
    Always,
}

/// Which other processes are restarted with a process.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Strategy {
    /// No others.
    #[default]
    OneForOne,
    /// All others.
    OneForAll,
    /// Those that are started after it.
    RestForOne,
}

/// The table `[supervision]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Supervision {
    /// Which other processes are restarted with a process.
    strategy: Strategy,
    /// The maximum number of restarts within the window.
    max_restarts: Option<toml::Value>,
    /// The window, such as "10s".
    within: Option<toml::Value>,
    /// The wait before the first restart. It doubles with each one.
    backoff: Option<toml::Value>,
    /// The longest wait before a restart.
    max_backoff: Option<toml::Value>,
}

impl From<Restart> for weft_host::supervise::Restart {
    fn from(restart: Restart) -> Self {
        match restart {
            Restart::Never => weft_host::supervise::Restart::Never,
            Restart::OnFailure => weft_host::supervise::Restart::OnFailure,
            Restart::Always => weft_host::supervise::Restart::Always,
        }
    }
}

impl From<Strategy> for weft_host::supervise::Strategy {
    fn from(strategy: Strategy) -> Self {
        match strategy {
            Strategy::OneForOne => weft_host::supervise::Strategy::OneForOne,
            Strategy::OneForAll => weft_host::supervise::Strategy::OneForAll,
            Strategy::RestForOne => weft_host::supervise::Strategy::RestForOne,
        }
    }
}

impl Supervision {
    /// Checks the table. A missing key means the host's default.
    pub(super) fn check(&self) -> Result<weft_host::supervise::Supervision> {
        let mut settings = weft_host::supervise::Supervision::default()
            .strategy(self.strategy.into())
            // Stop in starting order: a process that ends closes its writers, so those after it can finish reading.
            .stop_order(StopOrder::FirstFirst);
        if let Some(value) = &self.max_restarts {
            let most = value.as_integer().and_then(|most| u32::try_from(most).ok());
            settings.max_restarts = most.ok_or_else(|| {
                anyhow!(
                    "max-restarts: {value} is no number of restarts; write one from 0 on, such as 5"
                )
            })?;
        }
        if let Some(value) = &self.within {
            settings.within = time(value).context("within")?;
            if settings.within.is_zero() {
                bail!("within: a window of no time holds no restarts; write it as \"10s\"");
            }
        }
        let backoff = &mut settings.backoff;
        if let Some(value) = &self.backoff {
            backoff.first = time(value).context("backoff")?;
            backoff.most = backoff.most.max(backoff.first);
        }
        if let Some(value) = &self.max_backoff {
            backoff.most = time(value).context("max-backoff")?;
            if backoff.most < backoff.first {
                let first = humantime::format_duration(backoff.first);
                bail!("max-backoff: {value} is less than the first wait, backoff = \"{first}\"");
            }
        }
        Ok(settings)
    }
}

fn time(value: &toml::Value) -> Result<Duration> {
    setting::duration(value.as_str().unwrap_or(&value.to_string()))
}
