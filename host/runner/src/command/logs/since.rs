//! The times that `--since` and `--until` accept: how long ago, or a point in time.
//!
//! Invariant: a time without a zone is in this machine's zone, like the times that `weft logs` prints.

use crate::setting;
use anyhow::{Context, Result, anyhow, bail};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ZonedDateTime};

/// The number of digits of seconds since 1970, from 1973 on. A shorter number is more likely a duration that lacks its
/// unit.
const DIGITS_OF_SECONDS: usize = 9;

/// Reads the time that an option was given, in nanoseconds since 1970.
///
/// # Errors
/// When the text is not a time, or names no single point in time.
pub(super) fn read(option: &str, text: &str) -> Result<u64> {
    let since = timestamp(text.trim(), Timestamp::now(), &TimeZone::system());
    let since = since.with_context(|| format!("{option} {text}"))?;
    // No entry is older than 1970.
    Ok(u64::try_from(since.as_nanosecond().max(0)).unwrap_or(u64::MAX))
}

fn timestamp(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp> {
    let in_zone = |time: DateTime| zone.to_timestamp(time).map_err(anyhow::Error::from);
    let seconds = match text.strip_prefix('@') {
        Some(seconds) => Some(seconds),
        None => Some(text).filter(|text| text.len() >= DIGITS_OF_SECONDS),
    };
    // Only digits: parsing would accept a sign.
    let digits = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = seconds.filter(digits);
    if let Some(seconds) = seconds.and_then(|seconds| seconds.parse().ok()) {
        return Ok(Timestamp::from_second(seconds)?);
    }
    if let Ok(ago) = setting::duration(text) {
        return Ok(now.checked_sub(ago).unwrap_or(Timestamp::MIN));
    }
    // Try the format with a zone first: without its zone the text would mean another time.
    if let Ok(time) = humantime::parse_rfc3339(text) {
        // Near the end of the calendar, `humantime` reads one more day than `jiff` can represent.
        return Ok(Timestamp::try_from(time).unwrap_or(Timestamp::MAX));
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    if let Ok(time) = text.parse::<ZonedDateTime>() {
        return Ok(time.timestamp());
    }
    if let Ok(time) = text.parse::<DateTime>() {
        return in_zone(time);
    }
    if let Ok(date) = text.parse::<Date>() {
        return in_zone(date.to_datetime(Time::midnight()));
    }
    if let Ok(time) = text.parse::<Time>() {
        let today = zone.to_datetime(now).date().to_datetime(time);
        // If the time is still to come today, it means yesterday's.
        return match in_zone(today)? {
            time if time <= now => Ok(time),
            _ => in_zone(today.checked_sub(Span::new().days(1))?),
        };
    }
    match digits(&text) && !text.is_empty() {
        true => Err(anyhow!(
            "this has no unit; write {text}s for so many seconds ago, or @{text} for so many since 1970"
        )),
        false => bail!(
            "this is no time; write how long ago as \"5m\", or a time as \"14:02:11\", \"2030-01-31 14:02:11\" or \"2030-01-31T12:00:00Z\""
        ),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The current time is half past two at night, in a zone two hours ahead of UTC.
    fn read(text: &str) -> Result<String> {
        let now = "2030-07-01T00:30:00Z".parse().unwrap();
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        timestamp(text, now, &zone).map(|time| time.to_string())
    }

    #[test]
    fn a_time_is_of_this_machine_s_zone_unless_it_says_another() {
        for (text, wanted) in [
            ("90s", "2030-07-01T00:28:30Z"),
            ("0s", "2030-07-01T00:30:00Z"),
            ("2030-06-30T12:00:00Z", "2030-06-30T12:00:00Z"),
            ("2030-06-30T12:00:00+01:00", "2030-06-30T11:00:00Z"),
            ("2030-06-30 12:00:00+01:00", "2030-06-30T11:00:00Z"),
            ("2030-06-30T12:00:00", "2030-06-30T10:00:00Z"),
            ("2030-06-30 12:00:00.5", "2030-06-30T10:00:00.5Z"),
            ("2030-06-30 12:00", "2030-06-30T10:00:00Z"),
            ("2030-07-01", "2030-06-30T22:00:00Z"),
            ("02:29:11.483", "2030-07-01T00:29:11.483Z"),
            ("02:29", "2030-07-01T00:29:00Z"),
            ("23:00:00", "2030-06-30T21:00:00Z"),
            ("@1909000000", "2030-06-29T21:46:40Z"),
            ("1909000000", "2030-06-29T21:46:40Z"),
            ("@5", "1970-01-01T00:00:05Z"),
            ("9999-12-31T23:59:59Z", &Timestamp::MAX.to_string()),
        ] {
            assert_eq!(read(text).unwrap(), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_or_lacks_its_unit_is_refused() {
        for text in [
            "",
            "noon",
            "-5m",
            "5",
            "25:00:00",
            "2030-02-30",
            "@x",
            "@-5",
            "@+5",
            "-000000005",
            "+000000005",
            "5M",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
