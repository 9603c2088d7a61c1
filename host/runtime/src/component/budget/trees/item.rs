//! The weight of one indexed item.
//!
//! Parsing a component shows what it does with an argument. Only its instantiation shows what the argument is. So a weight is linear in
//! the argument: a known part, plus a number of uses of the argument.

use std::collections::HashMap;
use std::rc::Rc;
use wasmparser::ComponentExternalKind as Kind;

/// A weight as a linear function of the arguments' weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Linear {
    /// The known part, in bytes.
    pub(super) fixed: u64,
    /// How often the arguments are used.
    pub(super) handed: u64,
}

impl Linear {
    /// One use of the arguments.
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

    /// The weight when the arguments weigh `given`.
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

/// What a component makes of its arguments.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made {
    /// The weight of making one instance.
    pub(super) work: Linear,
    /// The weight of one use of such an instance.
    pub(super) weight: Linear,
}

/// A module, function, type, instance or component.
#[derive(Clone, Default)]
pub(super) struct Item<'a> {
    /// The weight of one more use.
    pub(super) weight: Linear,
    /// Set for modules and components that are defined, not passed as arguments.
    pub(super) made: Option<Made>,
    /// The weight of the arguments of an instance; the weights of its exports refer to it.
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

    /// One of its exports. Weightless if there is none, which the validator reports later.
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
