//! Formats an entry for people.
//!
//! ```text
//! 14:02:11.483 parse      WARN  flights::parse: no such airport line=120 code=XXX
//! 14:02:11.484 join       INFO  stdout: two
//!                             | lines
//! ```

use super::{EXCEPTION, PANIC, PANICKED, TRAP};
use crate::screen::{one_line, paint, plain};
use console::{Style, StyledObject};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::VecDeque;
use std::fmt::{Display, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use weft_host::{
    capability::Capability,
    log::{
        LogEntry, LogResource, SPAN_ATTRIBUTES, SPAN_DURATION, SPAN_EVENT, SPAN_UNFINISHED,
        Severity,
    },
};

/// The initial width of the name column. It is wide enough that the column seldom changes.
const NARROWEST: usize = 10;
/// The maximum width of the name column. A longer name shifts the rest of its line.
const WIDEST: usize = 24;
/// The width of the time, for lines without one.
const TIME: usize = "14:02:11.483".len();

/// The attribute with the name of a missing capability.
const CAPABILITY: &str = "weft.capability";

/// The attribute with a panic's message. The body contains it too.
const MESSAGE: &str = "exception.message";

/// What an entry of a guest about its panic says of its kind.
const OF_GUEST: &str = "panic";

/// Panics that are remembered: the host tells of one right after the guest.
const PANICS: usize = 64;

/// Writes entries for people.
pub(super) struct Pretty {
    /// The width of the name column. It only grows.
    width: AtomicUsize,
    colour: bool,
    zone: TimeZone,
    /// The panics that guests have told of and the host has not, newest first: the process and the message.
    panics: Mutex<VecDeque<(LogResource, String)>>,
}

impl Pretty {
    /// For the machine's time zone, in colour or not.
    pub(super) fn new(colour: bool) -> Self {
        Self {
            width: AtomicUsize::new(NARROWEST),
            colour,
            zone: TimeZone::system(),
            panics: Mutex::default(),
        }
    }

    /// Widens the name column for this name.
    pub(super) fn make_room_for(&self, name: &str) {
        let width = console::measure_text_width(&one_line(name));
        self.width.fetch_max(width.min(WIDEST), Ordering::Relaxed);
    }

    /// The lines of an entry, without a final newline.
    pub(super) fn entry(&self, entry: &LogEntry) -> String {
        let LogResource {
            service_name: name,
            process_id: id,
        } = &entry.resource;
        let width = self.width.load(Ordering::Relaxed);
        let dim = Style::new().dim();
        let time = self.paint(&dim, self.time(&entry.timestamp));
        let name =
            console::pad_str(&one_line(name), width, console::Alignment::Left, None).into_owned();
        let name = self.paint(&paint::of_process(*id), name);
        let level = self.paint(&of_level(entry.severity_number), level_text(entry));
        let target = one_line(&entry.instrumentation_scope.name);
        let target = self.paint(&dim, format!("{target}:"));
        // Indent further lines of a message, so that they cannot look like entries.
        let indent = format!("\n{:width$}| ", "", width = TIME + 1 + width + 1 + 4);
        let span = entry.event_name.as_deref() == Some(SPAN_EVENT);
        let body = match span {
            true => span_text(entry),
            false => plain(self.body(entry)).replace('\n', &indent),
        };
        let mut line = format!("{time} {name} {level} {target} {body}");
        let attributes = entry.attributes.iter();
        let attributes = attributes.filter(|(key, value)| match key.as_str() {
            MESSAGE => !entry.body.contains(value.as_str()),
            key => !(span && key.starts_with(SPAN_ATTRIBUTES)),
        });
        // Values of several lines, such as a backtrace, come last.
        let (long, short): (Vec<_>, Vec<_>) =
            attributes.partition(|(_, value)| value.trim_end().contains('\n'));
        for (key, value) in short {
            let field = format!("{}={}", one_line(key), value_text(value));
            let _ = write!(line, " {}", self.paint(&dim, field));
        }
        line.push_str(&hint(entry));
        for (key, value) in long {
            let _ = write!(
                line,
                "{indent}{}",
                self.paint(&dim, format!("{}:", one_line(key)))
            );
            for text in plain(value.trim_end()).lines() {
                let _ = write!(line, "{indent}  {}", self.paint(&dim, text));
            }
        }
        line
    }

    /// The body of an entry. That of the host about a panic leaves out the message if the guest's own entry has shown it.
    fn body<'a>(&self, entry: &'a LogEntry) -> &'a str {
        let kind = entry.attributes.get(EXCEPTION).map(String::as_str);
        let (Some(message), Some(kind)) = (entry.attributes.get(MESSAGE), kind) else {
            return &entry.body;
        };
        let process = &entry.resource;
        let mut panics = self.panics.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = panics
            .iter()
            .position(|(of, shown)| of == process && shown == message);
        match (kind, shown) {
            (OF_GUEST, None) => {
                panics.truncate(PANICS - 1);
                panics.push_front((process.clone(), message.clone()));
                &entry.body
            }
            (TRAP, Some(at)) if entry.body.strip_prefix(PANICKED) == Some(message) => {
                panics.remove(at);
                PANIC
            }
            _ => &entry.body,
        }
    }

    /// Whether a guest of this name has told of this panic.
    pub(super) fn has_told(&self, name: &str, message: &str) -> bool {
        let panics = self.panics.lock().unwrap_or_else(PoisonError::into_inner);
        let mut panics = panics.iter();
        panics.any(|(of, told)| of.service_name == name && told == message)
    }

    /// The time of day in this machine's zone.
    fn time(&self, nanoseconds: &str) -> String {
        let nanoseconds = nanoseconds.parse().ok();
        let time = nanoseconds.and_then(|time| Timestamp::from_nanosecond(time).ok());
        match time {
            Some(time) => {
                let time = time.to_zoned_datetime(self.zone.clone());
                time.strftime("%H:%M:%S%.3f").to_string()
            }
            // A guest may write any text as the time.
            None => "--:--:--.---".to_owned(),
        }
    }

    fn paint<T: Display>(&self, style: &Style, text: T) -> StyledObject<T> {
        style.clone().force_styling(self.colour).apply_to(text)
    }
}

fn level_text(entry: &LogEntry) -> String {
    let text = Severity::of_number(entry.severity_number).text();
    format!("{text:5}")
}

fn of_level(number: u8) -> Style {
    match Severity::of_number(number) {
        Severity::Error => Style::new().red(),
        Severity::Warn => Style::new().yellow(),
        Severity::Info => Style::new().green(),
        Severity::Debug | Severity::Trace => Style::new().dim(),
    }
}

/// A value, in quotes if it could be mistaken for something other than one value.
fn value_text(value: &str) -> String {
    let strange = |c: char| c.is_whitespace() || matches!(c, '"' | '=');
    if value.is_empty() || value.contains(strange) {
        return plain(&format!("{value:?}")).into_owned();
    }
    one_line(value)
}

fn span_text(entry: &LogEntry) -> String {
    let name = one_line(&entry.body);
    let took = entry.attributes.get(SPAN_DURATION);
    let took = took.and_then(|took| took.parse().ok());
    let mut text = match took.map(Duration::from_nanos) {
        Some(took) => format!("{name} took {took:.1?}"),
        None => name,
    };
    if entry.attributes.contains_key(SPAN_UNFINISHED) {
        text.push_str(", unfinished");
    }
    text
}

/// Which option grants the missing capability.
fn hint(entry: &LogEntry) -> String {
    let name = entry.attributes.get(CAPABILITY);
    let Some(name) = name.filter(|_| entry.instrumentation_scope.name == super::HOST) else {
        return String::new();
    };
    let capability = crate::extensions::all().capability(name);
    match capability.and_then(Capability::written) {
        Some(written) => format!(" (weft run: --grant {written}; a manifest: capabilities)"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::json;
    use super::*;

    fn entry(body: &str, attributes: &[(&str, &str)]) -> LogEntry {
        let mut entry = json::own(Severity::Info, body);
        entry.timestamp = "1700000000123456789".to_owned();
        entry.instrumentation_scope.name = "app::part".to_owned();
        entry.resource = of(1, "stats");
        let attributes = attributes.iter();
        entry.attributes = attributes
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        entry
    }

    fn of(process_id: u64, name: &str) -> LogResource {
        LogResource {
            service_name: name.to_owned(),
            process_id,
        }
    }

    fn pretty(colour: bool) -> Pretty {
        Pretty {
            zone: TimeZone::UTC,
            ..Pretty::new(colour)
        }
    }

    fn check(entry: &LogEntry, wanted: &str) {
        assert_eq!(pretty(false).entry(entry), wanted);
    }

    #[test]
    fn time_name_level_target_message_and_fields_are_one_line() {
        check(
            &entry(
                "42 flights",
                &[("airport", "LAX"), ("late", "a b"), ("none", "")],
            ),
            r#"22:13:20.123 stats      INFO  app::part: 42 flights airport=LAX late="a b" none="""#,
        );
    }

    #[test]
    fn the_column_of_names_grows_with_the_longest_within_bounds() {
        let pretty = pretty(false);
        let line = |name: &str| {
            pretty.make_room_for(name);
            let mut entry = entry("x", &[]);
            entry.resource = of(1, name);
            let line = pretty.entry(&entry);
            line.find("INFO").unwrap_or_default()
        };
        assert_eq!(line("a"), TIME + 1 + NARROWEST + 1);
        assert_eq!(line("a-name-of-16-----"), TIME + 1 + 17 + 1);
        assert_eq!(line("a"), TIME + 1 + 17 + 1);
        assert_eq!(line(&"x".repeat(100)), TIME + 1 + 100 + 1);
        assert_eq!(line("a"), TIME + 1 + WIDEST + 1);
    }

    #[test]
    fn what_has_several_lines_is_indented_and_comes_last() {
        check(
            &entry("one\ntwo", &[("stack", "f\n  g\n"), ("n", "1\n")]),
            "22:13:20.123 stats      INFO  app::part: one\n                            | two n=\"1\\n\"\n                            | stack:\n                            |   f\n                            |     g",
        );
    }

    #[test]
    fn a_guest_can_dress_nothing_up() {
        let mut hostile = entry(
            "a\u{1b}[2J\u{202e}b\rc",
            &[("k\n", "v\u{9b}"), ("l", "\u{1b} x")],
        );
        hostile.instrumentation_scope.name = "t\n\u{7}".to_owned();
        hostile.severity_text = "\u{1b}[31m".to_owned();
        hostile.timestamp = "\u{1b}".to_owned();
        hostile.resource = of(1, "p\n\u{8}");
        let line = pretty(false).entry(&hostile);
        assert!(
            !line.contains(|c: char| c.is_control() || c == '\u{202e}'),
            "{line:?}"
        );
    }

    #[test]
    fn a_span_says_how_long_it_took() {
        let mut span = entry(
            "parse",
            &[
                (SPAN_DURATION, "1234567"),
                ("weft.span.start", "1"),
                ("line", "7"),
            ],
        );
        span.event_name = Some(SPAN_EVENT.to_owned());
        check(
            &span,
            "22:13:20.123 stats      INFO  app::part: parse took 1.2ms line=7",
        );
    }

    #[test]
    fn processes_and_levels_have_colours_where_there_is_a_terminal() {
        let first = entry("x", &[("k", "v")]);
        let line = pretty(true).entry(&first);
        let name = paint::of_process(1).force_styling(true);
        let wanted = name.apply_to("stats     ").to_string();
        assert!(line.contains(&wanted), "{line:?}");
        let second = LogEntry {
            resource: of(2, "stats"),
            ..first.clone()
        };
        assert_ne!(line, pretty(true).entry(&second));
        assert_eq!(
            console::strip_ansi_codes(&line),
            pretty(false).entry(&first)
        );
    }
}
