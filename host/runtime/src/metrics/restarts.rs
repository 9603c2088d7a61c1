//! How often supervised processes were restarted, by their names.
//!
//! A process of a supervisor has another id after each restart, and its series end with it. Its name stays, so this is counted by name, from
//! the first start on, and kept when it has ended for good.
//!
//! Invariant: there are at most [`SERIES`] names, and one more for all others.

use super::SERIES;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The name under which restarts are counted when there are [`SERIES`] names already. No process has it.
const OTHERS: &str = "";

/// Restarts by the name of the process.
#[derive(Debug, Default)]
pub(crate) struct Restarts(Mutex<BTreeMap<String, u64>>);

impl Restarts {
    /// A process of this name begins to run: for the first time, or again.
    pub(crate) fn started(&self, name: &str, again: bool) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = match counts.contains_key(name) || counts.len() < SERIES {
            true => name,
            false => OTHERS,
        };
        let count = counts.entry(name.to_owned()).or_default();
        *count = count.saturating_add(again.into());
    }

    pub(super) fn read(&self) -> Vec<(String, u64)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts
            .iter()
            .map(|(name, count)| (name.clone(), *count))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beyond_the_bound_are_counted_together() {
        let restarts = Restarts::default();
        for number in 0..SERIES + 2 {
            let name = format!("process-{number}");
            restarts.started(&name, false);
            restarts.started(&name, true);
        }
        let read = restarts.read();
        assert_eq!(read.len(), SERIES + 1);
        assert_eq!(read.first(), Some(&(OTHERS.to_owned(), 2)));
        assert_eq!(read.last().map(|(_, count)| *count), Some(1));
    }
}
