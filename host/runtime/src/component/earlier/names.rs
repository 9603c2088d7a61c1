//! What version 0.2 of the contract calls by other names than 0.1, and the cases it has besides.
//!
//! Invariant: an old name and the new one have the same shape, so code that was compiled to the old one fits.

use wasmparser::{ComponentDefinedType, ComponentValType, PrimitiveValType, VariantCase};

/// The interfaces, by their names of before and of now.
const INTERFACES: [(&str, &str); 11] = [
    ("weft:fabric/channel@0.1.0", "weft:fabric/channel@0.2.0"),
    (
        "weft:fabric/channel-async@0.1.0",
        "weft:fabric/channel-async@0.2.0",
    ),
    ("weft:fabric/frames@0.1.0", "weft:fabric/frames@0.2.0"),
    ("weft:fabric/log@0.1.0", "weft:fabric/log@0.2.0"),
    ("weft:fabric/process@0.1.0", "weft:fabric/process@0.2.0"),
    (
        "weft:fabric/process-async@0.1.0",
        "weft:fabric/process-async@0.2.0",
    ),
    ("weft:fabric/registry@0.1.0", "weft:fabric/registry@0.2.0"),
    (
        "weft:fabric/registry-async@0.1.0",
        "weft:fabric/registry-async@0.2.0",
    ),
    (
        "weft:fabric/transformer@0.1.0",
        "weft:fabric/transformer@0.2.0",
    ),
    (
        "weft:fabric/transformer-rest@0.1.0",
        "weft:fabric/transformer-rest@0.2.0",
    ),
    ("weft:fabric/types@0.1.0", "weft:fabric/types@0.2.0"),
];

/// Functions with other names. No other interface would have one of these.
const FUNCTIONS: [(&str, &str); 1] = [("[method]monitor.take-links", "[method]monitor.trap-exits")];

/// The types that changed, by their names, which are the same still but for `bond`.
const TYPES: [&str; 7] = [
    "backpressure",
    "bond",
    "capability",
    "error",
    "read-error",
    "write-error",
    "start-options",
];

/// What tools put before the names of types where a component hands types to one within.
const PREFIXES: [&str; 2] = ["import-type-", "export-type-"];

/// The fields of `process.start-options` as they were called, and those that have other names now.
const START_OPTIONS: [&str; 7] = [
    "component",
    "name",
    "entrypoint",
    "args",
    "capabilities",
    "limits",
    "bond",
];
const FIELDS: [(&str, &str); 2] = [("entrypoint", "entry-point"), ("bond", "ownership")];

/// `channel.backpressure`, as it was and as it is.
const BACKPRESSURE: ([&str; 2], [&str; 2]) = (["park", "drop"], ["block", "drop"]);

/// The variants as they were that have a case more now, at the end, and that case, which holds a text. Code that does not know it
/// takes it for its own last case. The host gives it only for what is new since.
const VARIANTS: [(&[&str], &str); 4] = [
    (
        &[
            "permission-denied",
            "not-found",
            "invalid-argument",
            "exhausted",
            "already-exists",
            "closed",
            "unsupported",
            "failed",
        ],
        UNAVAILABLE,
    ),
    (
        &["lagged", "terminated", "would-block", "permission-denied"],
        UNAVAILABLE,
    ),
    (
        &[
            "drained",
            "terminated",
            "too-large",
            "too-many-handles",
            "exhausted",
            "would-block",
            "malformed-batch",
            "permission-denied",
        ],
        UNAVAILABLE,
    ),
    (
        &[
            "channel-lifecycle",
            "channel-reader",
            "channel-writer",
            "process-lifecycle",
            "log-reader",
            "registry-publish",
            "registry-lookup",
            "clocks",
            "environment",
            "filesystem",
        ],
        "other",
    ),
];
const UNAVAILABLE: &str = "unavailable";

/// Whether an interface of the earlier version has this name.
pub(super) fn is_earlier(name: &str) -> bool {
    INTERFACES.iter().any(|(before, _)| *before == name)
}

/// An interface or a function by its name of now.
pub(super) fn of_now(name: &str) -> &str {
    let names = INTERFACES.iter().chain(&FUNCTIONS);
    find(names, name)
}

fn find<'a>(
    names: impl IntoIterator<Item = &'a (&'static str, &'static str)>,
    name: &'a str,
) -> &'a str {
    let found = names.into_iter().find(|(before, _)| *before == name);
    found.map_or(name, |(_, now)| now)
}

/// Whether a type of this name may be one of those that changed.
pub(super) fn is_changed_type(name: &str) -> bool {
    let stripped = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix));
    TYPES.contains(&stripped.unwrap_or(name))
}

/// A type that changed, as it is now; none for another type of the same name.
pub(super) fn changed<'a>(ty: &ComponentDefinedType<'a>) -> Option<ComponentDefinedType<'a>> {
    match ty {
        ComponentDefinedType::Enum(cases) if **cases == BACKPRESSURE.0 => {
            Some(ComponentDefinedType::Enum(BACKPRESSURE.1.into()))
        }
        ComponentDefinedType::Record(fields)
            if fields.iter().map(|(name, _)| *name).eq(START_OPTIONS) =>
        {
            let fields = fields.iter().map(|(name, ty)| (find(&FIELDS, name), *ty));
            Some(ComponentDefinedType::Record(fields.collect()))
        }
        ComponentDefinedType::Variant(cases) => {
            let is = |(before, _): &&(&[&str], &str)| {
                let cases = cases.iter().map(|case| case.name);
                cases.eq(before.iter().copied())
            };
            let (_, added) = VARIANTS.iter().find(is)?;
            let added = VariantCase {
                name: added,
                ty: Some(ComponentValType::Primitive(PrimitiveValType::String)),
            };
            let cases = cases.iter().cloned().chain([added]);
            Some(ComponentDefinedType::Variant(cases.collect()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]
    use super::*;

    #[test]
    fn a_variant_has_the_case_that_was_added() {
        for (before, added) in VARIANTS {
            let case = |name| VariantCase { name, ty: None };
            let cases = before.iter().map(|name| case(name)).collect();
            let Some(ComponentDefinedType::Variant(now)) =
                changed(&ComponentDefinedType::Variant(cases))
            else {
                panic!("{added} is not added")
            };
            let names = now.iter().map(|case| case.name);
            assert!(names.eq(before.iter().copied().chain([added])));
        }
    }
}
