//! Names that are published and looked up.

use crate::channels::channel;
use crate::make::{How, LARGE, MANY, Made, OFTEN, insist, repeat, said};
use weft_guest::bindings::weft::fabric::registry;

/// Bytes of the longest name.
const LONGEST: usize = 255;

pub fn make(axis: &str, how: How) -> Option<Made> {
    let root = match axis {
        "published-names" | "looked-up-names" => channel(1),
        _ => return None,
    };
    let root = match root {
        Ok(root) => root,
        Err(error) => return Some(Made::new(0, said(error), ())),
    };
    let published = |name: &str| registry::publish(name, &root);
    let made = match (axis, how) {
        ("published-names", How::Number) => repeat(MANY, |n| published(&n.to_string())),
        ("published-names", How::Size) => {
            let name = "x".repeat(LARGE);
            insist(OFTEN, |_| published(&name))
        }
        ("published-names", How::Both) => repeat(MANY, |n| {
            let registration = published(&format!("{n:0>LONGEST$}"))?;
            registration.name();
            Ok::<_, weft_guest::bindings::weft::fabric::types::Error>(registration)
        }),
        (_, How::Number) => {
            let name = "axes/one";
            let registration = published(name);
            repeat(MANY, |_| registry::lookup(name)).and(registration)
        }
        (_, How::Size | How::Both) => {
            let name = "x".repeat(LARGE);
            insist(OFTEN, |_| registry::lookup(&name))
        }
    };
    Some(made.and(root))
}
