//! Keys of a source, a sink or a route: which may stand beside which, and the values that more than one of them has.

use super::format::SourceEntry;
use crate::manifest::check::plain;
use crate::setting;
use anyhow::{Context, Result, bail};
use std::time::Duration;
use weft_net::source::{Cron, SHORTEST_TICK, Schedule};

/// The time zone of cron if none is given: what a machine is set to is no part of a manifest.
const USUAL_ZONE: &str = "UTC";

/// The kinds of sources that some keys are for.
const BYTES: &[&str] = &["file", "stdin", "nats"];
pub(super) const NATS: &[&str] = &["nats"];

/// Checks that a source is one thing, and that each key is one for it.
pub(super) fn check_source(entry: &SourceEntry) -> Result<()> {
    let kinds = [
        ("file", entry.file.is_some()),
        ("stdin", entry.stdin),
        ("nats", entry.nats.is_some()),
        ("every", entry.every.is_some()),
        ("cron", entry.cron.is_some()),
    ];
    let kind = one_of(
        &kinds,
        "write file = \"FILE\", stdin = true, nats = \"nats://HOST:4222\", every = \"1s\" or cron = \"* * * * *\"",
    )?;
    let given = [
        ("time-zone", entry.time_zone.is_some(), &["cron"][..]),
        ("follow", entry.follow, &["file"]),
        ("begin", entry.begin.is_some(), &["file", "nats"]),
        ("state", entry.state.is_some(), &["file"]),
        ("frames", entry.frames.is_some(), &["file", "stdin"]),
        ("max-frame", entry.max_frame.is_some(), BYTES),
        ("on-error", entry.on_error.is_some(), BYTES),
        ("subject", entry.subject.is_some(), NATS),
        ("queue", entry.queue.is_some(), NATS),
        ("stream", entry.stream.is_some(), NATS),
        ("consumer", entry.consumer.is_some(), NATS),
        ("reply", entry.reply, NATS),
        ("requests", entry.requests.is_some(), NATS),
        ("answer-time", entry.answer_time.is_some(), NATS),
        ("credentials", entry.credentials.is_some(), NATS),
        ("tls", entry.tls.is_some(), NATS),
    ];
    of_use(&given, kind)?;
    if !entry.follow && entry.nats.is_none() {
        let of_follow = [
            ("begin", entry.begin.is_some()),
            ("state", entry.state.is_some()),
        ];
        if let Some((key, _)) = of_follow.iter().find(|(_, given)| *given) {
            bail!("`{key}` is of no use without follow = true");
        }
    }
    Ok(())
}

/// The one of these keys that is given.
pub(super) fn one_of(keys: &[(&'static str, bool)], wanted: &str) -> Result<&'static str> {
    let given: Vec<_> = keys
        .iter()
        .filter(|(_, given)| *given)
        .map(|(key, _)| *key)
        .collect();
    match given.as_slice() {
        [one] => Ok(one),
        [] => bail!("nothing says what it is; {wanted}"),
        [one, other, ..] => bail!("it is one thing, and both `{one}` and `{other}` are given"),
    }
}

/// Checks that each key that is given is one for this kind.
pub(super) fn of_use(given: &[(&str, bool, &[&str])], kind: &str) -> Result<()> {
    let other = given
        .iter()
        .find(|(_, given, kinds)| *given && !kinds.contains(&kind));
    match other {
        Some((key, _, kinds)) => bail!(
            "`{key}` goes with {}, and is of no use with `{kind}`",
            kinds.join(" and ")
        ),
        None => Ok(()),
    }
}

pub(super) fn schedule(entry: &SourceEntry) -> Result<Schedule> {
    if let Some(cron) = &entry.cron {
        let zone = entry.time_zone.as_deref().unwrap_or(USUAL_ZONE);
        let cron = Cron::new(cron, zone);
        let cron = cron.map_err(|fault| {
            let key = if fault.is_of_zone() {
                "time-zone"
            } else {
                "cron"
            };
            anyhow::Error::new(fault).context(key)
        })?;
        return Ok(Schedule::Cron(Box::new(cron)));
    }
    let every = entry.every.as_ref().context("nothing says when it ticks")?;
    let pause = time_of(every).context("every")?;
    if pause < SHORTEST_TICK {
        bail!("every: {every} is too short; ticks are a millisecond apart at least");
    }
    Ok(Schedule::Every(pause))
}

/// A size above zero.
pub(super) fn size_of(value: &toml::Value) -> Result<u64> {
    match setting::bytes(&plain(value))? {
        0 => bail!("0 bytes hold nothing; give at least 1, such as \"64KiB\""),
        bytes => Ok(bytes),
    }
}

pub(super) fn time_of(value: &toml::Value) -> Result<Duration> {
    let time = setting::duration(&plain(value))?;
    match time.is_zero() {
        true => bail!("it is no time at all; write it as \"1s\""),
        false => Ok(time),
    }
}
