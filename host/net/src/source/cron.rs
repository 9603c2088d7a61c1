//! Times by the clock on the wall, as cron has them, in a time zone.
//!
//! [`croner`] reads the text and finds the times; the calendar is that of [`jiff`].

use croner::errors::CronError;
use croner::parser::CronParser;
use croner::time::{CivilDate, CivilDateTime, CivilTime, CronDateTime, Resolution, Weekday};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ZonedDateTime};
use std::cmp::Ordering;

/// Times as cron has them.
#[derive(Clone, Debug)]
pub struct Cron {
    pattern: croner::Cron,
    zone: TimeZone,
}

/// Why there are no such times.
#[derive(Debug, thiserror::Error)]
pub enum CronFault {
    /// The text is none that is understood.
    #[error("`{text}` is no time as cron has them: {why}")]
    Pattern {
        /// The text.
        text: String,
        /// What is wrong.
        why: String,
    },
    /// There is no such time zone on this machine.
    #[error("there is no time zone `{0}`; write one as \"Europe/Berlin\" or \"UTC\"")]
    Zone(String),
    /// It never comes.
    #[error("`{0}` is a time that never comes")]
    Never(String),
}

impl CronFault {
    /// Whether it is the time zone that is wrong.
    pub fn is_of_zone(&self) -> bool {
        matches!(self, CronFault::Zone(_))
    }
}

impl Cron {
    /// Reads five fields (minute, hour, day, month, day of the week) or six, with the second before them, in the time zone of this name.
    ///
    /// # Errors
    /// [`CronFault`] says what is wrong.
    pub fn new(text: &str, zone: &str) -> Result<Self, CronFault> {
        let pattern = CronParser::new().parse(text);
        let pattern = pattern.map_err(|why| CronFault::Pattern {
            text: text.to_owned(),
            why: why.to_string(),
        })?;
        let zone = TimeZone::get(zone).map_err(|_| CronFault::Zone(zone.to_owned()))?;
        let cron = Self { pattern, zone };
        match cron.after(Timestamp::now()) {
            Some(_) => Ok(cron),
            None => Err(CronFault::Never(text.to_owned())),
        }
    }

    /// The next time behind this one.
    pub(super) fn after(&self, time: Timestamp) -> Option<Timestamp> {
        let time = Civil(time.to_zoned_datetime(self.zone.clone()));
        let next = self.pattern.find_next_occurrence(&time, false).ok()?;
        Some(next.0.timestamp())
    }
}

/// A time in a zone, as the search of croner sees it.
#[derive(Clone, Debug)]
struct Civil(ZonedDateTime);

impl CronDateTime for Civil {
    fn to_civil(&self) -> CivilDateTime {
        let time = self.0.datetime();
        CivilDateTime::new(
            // The calendar has checked both.
            CivilDate::from_parts_unchecked(
                time.year().into(),
                field(time.month()),
                field(time.day()),
            ),
            CivilTime::from_parts_unchecked(
                field(time.hour()),
                field(time.minute()),
                field(time.second()),
            ),
        )
    }

    fn civil_weekday(&self) -> Weekday {
        Weekday::from_days_from_sunday(field(self.0.weekday().to_sunday_zero_offset()))
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let time = date_time(civil).ok_or(CronError::InvalidDate)?;
        let found = self.0.time_zone().to_ambiguous_zoned_datetime(time);
        let of = |found: Result<ZonedDateTime, jiff::Error>| {
            found.map(Civil).map_err(|_| CronError::InvalidTime)
        };
        Ok(match found.offset() {
            AmbiguousOffset::Unambiguous { .. } => Resolution::Single(of(found.unambiguous())?),
            AmbiguousOffset::Fold { .. } => {
                Resolution::Ambiguous(of(found.clone().earlier())?, of(found.later())?)
            }
            AmbiguousOffset::Gap { .. } => Resolution::Gap,
        })
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        let later = self.0.checked_add(SignedDuration::from_secs(seconds));
        later.ok().map(Civil)
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.0.timestamp().cmp(&other.0.timestamp())
    }
}

/// A field of the calendar, none of which is below zero.
fn field(number: i8) -> u32 {
    number.unsigned_abs().into()
}

fn date_time(civil: CivilDateTime) -> Option<DateTime> {
    let small = |number: u32| i8::try_from(number).ok();
    DateTime::new(
        i16::try_from(civil.year()).ok()?,
        small(civil.month())?,
        small(civil.day())?,
        small(civil.hour())?,
        small(civil.minute())?,
        small(civil.second())?,
        0,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The next times behind one.
    fn times(text: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
        let cron = Cron::new(text, zone).unwrap();
        let from: Timestamp = from.parse().unwrap();
        let times = std::iter::successors(cron.after(from), |time| cron.after(*time));
        times.take(count).map(|time| time.to_string()).collect()
    }

    #[test]
    fn six_fields_have_seconds_and_five_have_none() {
        let wanted = ["2026-03-01T00:05:00Z", "2026-03-01T00:10:00Z"];
        assert_eq!(
            times("0 */5 * * * *", "UTC", "2026-03-01T00:00:00Z", 2),
            wanted
        );
        assert_eq!(
            times("*/5 * * * *", "UTC", "2026-03-01T00:00:00Z", 2),
            wanted
        );
        assert_eq!(
            times("*/20 * * * * *", "UTC", "2026-03-01T00:00:30Z", 2),
            ["2026-03-01T00:00:40Z", "2026-03-01T00:01:00Z"]
        );
    }

    #[test]
    fn an_hour_is_that_of_the_zone_in_summer_and_in_winter() {
        assert_eq!(
            times("30 9 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 2),
            ["2026-03-28T08:30:00Z", "2026-03-29T07:30:00Z"]
        );
    }

    #[test]
    fn a_time_that_the_clock_leaps_over_comes_right_after_the_leap_and_once() {
        // In Berlin 02:00 became 03:00 on 29 March 2026, at 01:00 UTC.
        assert_eq!(
            times("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3),
            [
                "2026-03-28T01:30:00Z",
                "2026-03-29T01:00:00Z",
                "2026-03-30T00:30:00Z"
            ]
        );
        assert_eq!(
            times("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 4),
            [
                "2026-03-29T00:30:00Z",
                "2026-03-29T01:00:00Z",
                "2026-03-29T01:30:00Z",
                "2026-03-29T02:00:00Z"
            ]
        );
    }

    #[test]
    fn a_time_that_comes_twice_counts_the_first_time_unless_it_is_each_hour() {
        // In Berlin 03:00 became 02:00 on 25 October 2026, at 01:00 UTC.
        assert_eq!(
            times("30 2 * * *", "Europe/Berlin", "2026-10-24T00:00:00Z", 3),
            [
                "2026-10-24T00:30:00Z",
                "2026-10-25T00:30:00Z",
                "2026-10-26T01:30:00Z"
            ]
        );
        assert_eq!(
            times("30 * * * *", "Europe/Berlin", "2026-10-24T23:00:00Z", 4),
            [
                "2026-10-24T23:30:00Z",
                "2026-10-25T00:30:00Z",
                "2026-10-25T01:30:00Z",
                "2026-10-25T02:30:00Z"
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        let why = |text: &str, zone: &str| Cron::new(text, zone).unwrap_err().to_string();
        assert!(why("61 * * * *", "UTC").contains("`61 * * * *` is no time as cron has them"));
        assert!(why("* * * * *", "Mars/Olympus").contains("no time zone `Mars/Olympus`"));
        assert!(why("0 0 30 2 *", "UTC").contains("never comes"));
    }
}
