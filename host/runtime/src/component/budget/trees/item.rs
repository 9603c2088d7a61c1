//! What one thing with an index weighs.
//!
//! What a component does with an instance that it is handed shows when it is read, and what it is handed only when it is instantiated. So
//! a weight has two parts: one that is known, and how often what is handed in is meant besides.

use std::collections::HashMap;
use std::rc::Rc;
use wasmparser::ComponentExternalKind as Kind;

/// A weight in terms of what is handed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Linear {
    /// What is known, in bytes.
    pub(super) fixed: u64,
    /// How often all that is handed in is meant besides.
    pub(super) handed: u64,
}

impl Linear {
    /// What is handed in, once.
    pub(super) const HANDED: Self = Self {
        fixed: 0,
        handed: 1,
    };

    pub(super) fn fixed(fixed: u64) -> Self {
        Self { fixed, handed: 0 }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            fixed: self.fixed.saturating_add(other.fixed),
            handed: self.handed.saturating_add(other.handed),
        }
    }

    /// The weight where this is what is handed in.
    pub(super) fn given(self, given: Self) -> Self {
        Self {
            fixed: self
                .fixed
                .saturating_add(self.handed.saturating_mul(given.fixed)),
            handed: self.handed.saturating_mul(given.handed),
        }
    }
}

/// Exports by name.
pub(super) type Exports<'a> = HashMap<&'a str, (Kind, Item<'a>)>;

/// What a component makes of what it is handed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made {
    /// Of one more instance, while it is made.
    pub(super) work: Linear,
    /// Of one more use of such an instance.
    pub(super) weight: Linear,
}

/// A module, function, type, instance or component.
#[derive(Clone, Default)]
pub(super) struct Item<'a> {
    /// Of one more use of it.
    pub(super) weight: Linear,
    /// For modules and components that are defined and not handed in.
    pub(super) made: Option<Made>,
    /// What was handed to an instance when it was made; its exports are in terms of that.
    pub(super) given: Option<Linear>,
    pub(super) exports: Option<Rc<Exports<'a>>>,
}

impl<'a> Item<'a> {
    pub(super) fn of(weight: Linear) -> Self {
        Self {
            weight,
            ..Self::default()
        }
    }

    /// One of its exports; nothing, where the validator will say that there is none.
    pub(super) fn export(&self, kind: Kind, name: &str) -> Self {
        let found = self.exports.as_ref().and_then(|exports| exports.get(name));
        match (found, self.given) {
            (Some((of, item)), _) if *of != kind => Item::of(item.weight),
            (Some((_, item)), None) => item.clone(),
            (Some((_, item)), Some(given)) => Self {
                weight: item.weight.given(given),
                made: item.made,
                given: Some(item.given.map_or(given, |inner| inner.given(given))),
                exports: item.exports.clone(),
            },
            (None, _) => Item::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_handed_on_is_weighed_in_terms_of_what_was_handed_in() {
        let twice = Linear {
            fixed: 10,
            handed: 2,
        };
        let known = twice.given(Linear::fixed(100));
        assert_eq!(known, Linear::fixed(210));
        let further = twice.given(twice);
        assert_eq!(
            further,
            Linear {
                fixed: 30,
                handed: 4
            }
        );
        assert_eq!(further.given(Linear::fixed(u64::MAX)).fixed, u64::MAX);
    }
}
