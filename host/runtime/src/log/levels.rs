//! Which entries are kept: a default level, and levels for targets and for processes.
//!
//! The syntax follows `tracing`'s `EnvFilter` as far as possible:
//!
//! ```text
//! info                    entries of this level and above; off for none
//! flights=debug           of targets that begin with this name
//! parse/=trace            of the process of this name
//! parse/flights=off       of those targets of that process
//! worker-*/=debug         of the processes whose names begin with this
//! ```
//!
//! Invariant: the most specific rule wins, in any order of the rules: a process before all processes, a full
//! name before a prefix, a longer target before a shorter one.

use super::entry::Severity;
use std::cmp::Reverse;
use std::str::FromStr;

/// The names of the levels, the strictest first.
const LEVELS: [(&str, Option<Severity>); 6] = [
    ("off", None),
    ("error", Some(Severity::Error)),
    ("warn", Some(Severity::Warn)),
    ("info", Some(Severity::Info)),
    ("debug", Some(Severity::Debug)),
    ("trace", Some(Severity::Trace)),
];

/// Which entries of which processes are kept. The default keeps all. Levels read from text keep `info` and
/// above where no rule applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLevels {
    /// The most specific first. The last one applies to everything.
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    processes: Processes,
    /// A prefix of the target.
    target: String,
    /// The lowest level that is kept; `None` keeps nothing.
    least: Option<Severity>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Processes {
    Named(String),
    Beginning(String),
    All,
}

/// What is wrong with the text of levels.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogLevelsError {
    /// The text is empty.
    #[error("no level is given; write one of {}, or TARGET=LEVEL", levels())]
    Empty,
    /// A word that is not a level and has no target or process.
    #[error(
        "`{word}` is no level; there are {}; for a target write TARGET=LEVEL, for a process PROCESS/=LEVEL",
        levels()
    )]
    Word {
        /// The word.
        word: String,
    },
    /// A target or process with a level that does not exist.
    #[error("`{level}` in `{directive}` is no level; there are {}", levels())]
    Level {
        /// The whole rule.
        directive: String,
        /// The text in place of the level.
        level: String,
    },
    /// A rule with a `=` but without target and process.
    #[error("`{0}` names neither target nor process; for all write the level alone")]
    Nameless(String),
    /// A target or a process name that can never match: a process with a `*` before its end, for example.
    #[error(
        "`{0}` can mean nothing: a target has neither `=` nor `*`, as its beginning is enough; a `*` ends the name of a process, as in worker-*/=LEVEL"
    )]
    Pattern(String),
    /// A rule for spans and their fields, which `EnvFilter` has and this does not.
    #[error("`{0}`: levels are for targets and processes, not for spans and fields")]
    Span(String),
}

fn levels() -> String {
    LEVELS.map(|(name, _)| name).join(", ")
}

fn level(word: &str) -> Option<Option<Severity>> {
    let found = LEVELS
        .iter()
        .find(|(name, _)| word.eq_ignore_ascii_case(name));
    found.map(|(_, least)| *least)
}

impl Default for LogLevels {
    fn default() -> Self {
        Self {
            rules: vec![Rule::of_all(Some(Severity::Trace))],
        }
    }
}

impl LogLevels {
    /// The lowest level that is kept for a target of a process; none if nothing is kept.
    pub fn least(&self, process: &str, target: &str) -> Option<Severity> {
        let mut rules = self.rules.iter();
        let rule =
            rules.find(|rule| rule.processes.has(process) && target.starts_with(&rule.target));
        rule.and_then(|rule| rule.least)
    }

    /// Whether an entry is kept.
    pub fn enabled(&self, process: &str, target: &str, severity: Severity) -> bool {
        self.least(process, target)
            .is_some_and(|least| severity >= least)
    }

    /// The same levels, but entries of this severity and above are always kept.
    #[must_use]
    pub fn with_at_least(mut self, severity: Severity) -> Self {
        for rule in &mut self.rules {
            rule.least = Some(rule.least.map_or(severity, |least| least.min(severity)));
        }
        self
    }

    /// The levels for one process, so that its name need not be matched again.
    pub(crate) fn of_process(&self, name: &str) -> Self {
        let rules = self.rules.iter().filter(|rule| rule.processes.has(name));
        let rules = rules.map(|rule| Rule {
            processes: Processes::All,
            ..rule.clone()
        });
        Self {
            rules: rules.collect(),
        }
    }
}

impl FromStr for LogLevels {
    type Err = LogLevelsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words = text.split(',').map(str::trim);
        let words = words.filter(|word| !word.is_empty());
        let mut rules = words.map(Rule::read).collect::<Result<Vec<_>, _>>()?;
        if rules.is_empty() {
            return Err(LogLevelsError::Empty);
        }
        // Of two rules for the same target and process, the later one wins.
        rules.reverse();
        rules.push(Rule::of_all(Some(Severity::Info)));
        rules.sort_by_key(|rule| Reverse(rule.specificity()));
        Ok(Self { rules })
    }
}

impl Rule {
    fn of_all(least: Option<Severity>) -> Self {
        Self {
            processes: Processes::All,
            target: String::new(),
            least,
        }
    }

    fn read(word: &str) -> Result<Self, LogLevelsError> {
        if word.contains(['[', '{']) {
            return Err(LogLevelsError::Span(word.to_owned()));
        }
        // The last `=`: names may contain one, levels do not.
        let Some((what, name)) = word.rsplit_once('=') else {
            let least = level(word).ok_or_else(|| LogLevelsError::Word {
                word: word.to_owned(),
            })?;
            return Ok(Self::of_all(least));
        };
        let least = level(name.trim()).ok_or_else(|| LogLevelsError::Level {
            directive: word.to_owned(),
            level: name.trim().to_owned(),
        })?;
        let (process, target) = match what.split_once('/') {
            Some((process, target)) => (Some(process.trim()), target.trim()),
            None => (None, what.trim()),
        };
        let beginning = process.map(|name| name.strip_suffix('*').unwrap_or(name));
        if target.contains(['=', '*']) || beginning.is_some_and(|name| name.contains('*')) {
            return Err(LogLevelsError::Pattern(word.to_owned()));
        }
        let processes = match process {
            Some("") => return Err(LogLevelsError::Nameless(word.to_owned())),
            None if target.is_empty() => return Err(LogLevelsError::Nameless(word.to_owned())),
            None => Processes::All,
            Some(name) => match name.strip_suffix('*') {
                Some(beginning) => Processes::Beginning(beginning.to_owned()),
                None => Processes::Named(name.to_owned()),
            },
        };
        Ok(Self {
            processes,
            target: target.to_owned(),
            least,
        })
    }

    fn specificity(&self) -> (usize, usize, usize) {
        let (kind, length) = match &self.processes {
            Processes::Named(_) => (2, 0),
            Processes::Beginning(text) => (1, text.len()),
            Processes::All => (0, 0),
        };
        (kind, length, self.target.len())
    }
}

impl Processes {
    fn has(&self, name: &str) -> bool {
        match self {
            Self::Named(wanted) => wanted == name,
            Self::Beginning(beginning) => name.starts_with(beginning),
            Self::All => true,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(text: &str, wanted: &[(&str, &str, Option<Severity>)]) {
        let levels: LogLevels = text.parse().unwrap();
        for (process, target, least) in wanted {
            let seen = levels.least(process, target);
            assert_eq!(seen, *least, "{text}: {process}/{target}");
            let own = levels.of_process(process).least("", target);
            assert_eq!(own, *least, "{text}: {target} of {process}");
        }
    }

    #[test]
    fn the_most_specific_word_decides_whatever_the_order() {
        use Severity::{Debug, Error, Info, Trace, Warn};
        check("WARN", &[("p", "t", Some(Warn))]);
        check("off", &[("p", "t", None)]);
        check(
            "t=debug",
            &[("p", "t::x", Some(Debug)), ("p", "u", Some(Info))],
        );
        check(
            "t=error, t::x=debug , warn,",
            &[
                ("p", "t::x::y", Some(Debug)),
                ("p", "t", Some(Error)),
                ("p", "u", Some(Warn)),
            ],
        );
        check(
            "t=off,p/=error,p/t=trace,p*/=debug",
            &[
                ("p", "t", Some(Trace)),
                ("p", "u", Some(Error)),
                ("p2", "t", Some(Debug)),
                ("q", "t", None),
                ("q", "u", Some(Info)),
            ],
        );
        check("info,debug", &[("p", "t", Some(Debug))]);
        check(
            "*/app/db=debug",
            &[("p", "app/db", Some(Debug)), ("p", "app", Some(Info))],
        );
    }

    #[test]
    fn a_floor_is_lowered_and_never_raised() {
        let levels: LogLevels = "error,t=trace,p/=off".parse().unwrap();
        let levels = levels.with_at_least(Severity::Info);
        assert_eq!(levels.least("q", "u"), Some(Severity::Info));
        assert_eq!(levels.least("q", "t"), Some(Severity::Trace));
        assert_eq!(levels.least("p", "u"), Some(Severity::Info));
    }

    #[test]
    fn a_word_that_could_mean_nothing_is_refused() {
        for text in [
            "*=off",
            "t*l/=off",
            "**/=off",
            "a=b=off",
            "tool==off",
            "p/t*=off",
        ] {
            let refused = text.parse::<LogLevels>().unwrap_err();
            assert_eq!(refused, LogLevelsError::Pattern(text.to_owned()));
        }
        check("a=b/=off", &[("a=b", "t", None)]);
    }

    #[test]
    fn what_is_no_level_is_said_with_what_would_be() {
        for (text, wanted) in [
            (
                " ,",
                "no level is given; write one of off, error, warn, info, debug, trace, or TARGET=LEVEL",
            ),
            (
                "inof",
                "`inof` is no level; there are off, error, warn, info, debug, trace; for a target write TARGET=LEVEL, for a process PROCESS/=LEVEL",
            ),
            (
                "info,a=b",
                "`b` in `a=b` is no level; there are off, error, warn, info, debug, trace",
            ),
            (
                "a=",
                "`` in `a=` is no level; there are off, error, warn, info, debug, trace",
            ),
            (
                "=info",
                "`=info` names neither target nor process; for all write the level alone",
            ),
            (
                "/x=info",
                "`/x=info` names neither target nor process; for all write the level alone",
            ),
            (
                "*=off",
                "`*=off` can mean nothing: a target has neither `=` nor `*`, as its beginning is enough; a `*` ends the name of a process, as in worker-*/=LEVEL",
            ),
            (
                "[span]=info",
                "`[span]=info`: levels are for targets and processes, not for spans and fields",
            ),
        ] {
            assert_eq!(text.parse::<LogLevels>().unwrap_err().to_string(), wanted);
        }
    }
}
