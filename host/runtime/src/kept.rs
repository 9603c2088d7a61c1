//! The host memory for each kind of object that the host keeps for a process outside of memories and channels: the amounts that
//! count against the limit `host-bytes`.
//!
//! Who pays and for how long is decided by the [`Charge`](crate::account::Charge), which lives as long as the object.
//!
//! Invariant: an amount is never less than the object takes, including the allocator's overhead. Each was measured as the growth of
//! a host that holds ten thousand of the objects, and rounded up.

use wasmtime::component::Val;

/// The record of a process while somebody holds a handle of it: its names, its relations, an empty log.
pub(crate) const RECORD: u64 = 8 << 10;

/// A handle in the table of a process, with its object: an end of a channel, a monitor, a stream of WASI.
pub(crate) const HANDLE: u64 = 512;

/// A call that waits while its guest runs, with its task of the component model.
pub(crate) const WAITING_CALL: u64 = 2 << 10;

/// An open span, its name and fields included.
pub(crate) const SPAN: u64 = 10 << 10;

/// A field of a span or a log entry, in addition to its text.
pub(crate) const FIELD: usize = 128;

/// A series of a guest's own metrics, in addition to its texts and its buckets.
pub(crate) const SERIES: u64 = 1 << 10;

/// A bucket of a histogram, with its bound.
pub(crate) const BUCKET: usize = 32;

/// A frame that was given back to a reader, in addition to its bytes; and the same for each time frames are
/// given back.
pub(crate) const RETURNED: u64 = 256;

/// Values that are passed into a guest: the host holds a list of bytes as a list of values.
pub(crate) fn of_values<'a>(values: impl IntoIterator<Item = &'a Val>) -> u64 {
    // An explicit stack: WAVE can nest as deep as its text is long.
    let mut bytes = 0u64;
    let mut rest: Vec<&Val> = values.into_iter().collect();
    while let Some(value) = rest.pop() {
        bytes += size_of::<Val>() as u64;
        match value {
            Val::String(text) | Val::Enum(text) => bytes += text.len() as u64,
            Val::List(items) | Val::FixedLengthList(items) | Val::Tuple(items) => {
                rest.extend(items.iter());
            }
            Val::Record(fields) => {
                bytes += fields.iter().map(|(name, _)| named(name)).sum::<u64>();
                rest.extend(fields.iter().map(|(_, value)| value));
            }
            Val::Flags(names) => bytes += names.iter().map(|name| named(name)).sum::<u64>(),
            Val::Variant(name, value) => {
                bytes += named(name);
                rest.extend(value.as_deref());
            }
            Val::Option(value) | Val::Result(Ok(value) | Err(value)) => {
                rest.extend(value.as_deref());
            }
            Val::Map(entries) => {
                for (key, value) in entries {
                    rest.extend([key, value]);
                }
            }
            _ => {}
        }
    }
    bytes
}

/// A name stored beside a value.
fn named(name: &str) -> u64 {
    (size_of::<String>() + name.len()) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_bytes_weighs_a_value_for_each() {
        let list = Val::List(vec![Val::U8(0); 1000]);
        assert_eq!(of_values([&list]), 1001 * size_of::<Val>() as u64);
    }

    #[test]
    fn values_that_nest_deep_are_weighed_without_a_deep_stack() {
        let mut deep = Val::Bool(true);
        for _ in 0..100_000 {
            deep = Val::Option(Some(Box::new(deep)));
        }
        assert_eq!(of_values([&deep]), 100_001 * size_of::<Val>() as u64);
        // Dropping it would recurse as deep.
        std::mem::forget(deep);
    }
}
