//! The prefix of a path, by whole segments: `/api` has `/api` and `/api/orders`, and not `/apidocs`.
//!
//! Invariant: a path that a server could take for one outside of the prefix is not in it. Segments are compared decoded, and a path with a
//! segment that leads elsewhere (`..`, a slash or a backslash that is encoded) is in no prefix but the empty one.

use std::fmt;

/// The first segments of a path. The empty one has every path.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix(Vec<String>);

impl Prefix {
    /// Reads a prefix, which begins with a slash or is empty. A slash at its end means nothing.
    ///
    /// # Errors
    /// What to write instead.
    pub fn read(text: &str) -> Result<Self, String> {
        let inner = text.strip_prefix('/').unwrap_or(text);
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        if inner.is_empty() {
            return Ok(Self::default());
        }
        let segments = inner.split('/').map(|segment| match segment {
            "" => Err("a prefix has no empty segment; write `/api/v1`".to_owned()),
            "." | ".." => Err(format!(
                "`{segment}` is no segment of a prefix; write where it leads"
            )),
            _ => match segment.bytes().find(|byte| !is_plain(*byte)) {
                None => Ok(segment.to_owned()),
                Some(byte) => Err(format!(
                    "`{}` cannot be in a prefix; write letters, digits and any of -._~!$&'()+,;=:@",
                    char::from(byte).escape_default()
                )),
            },
        });
        segments.collect::<Result<_, _>>().map(Self)
    }

    /// Whether the path is in it, of which the query is no part.
    pub fn has(&self, path: &str) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let end = path.find(['?', '#']).unwrap_or(path.len());
        let Some(path) = path.get(..end).and_then(|path| path.strip_prefix('/')) else {
            return false;
        };
        let segments: Option<Vec<_>> = path.split('/').map(decoded).collect();
        segments.is_some_and(|segments| {
            let own = self.0.iter().map(String::as_bytes);
            segments.len() >= self.0.len()
                && segments
                    .iter()
                    .map(Vec::as_slice)
                    .zip(own)
                    .all(|(a, b)| a == b)
        })
    }

    /// Whether all of the other's paths are in it.
    pub fn has_prefix(&self, other: &Prefix) -> bool {
        other.0.starts_with(&self.0)
    }
}

/// A segment without its percent signs; none if it leads elsewhere.
fn decoded(segment: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(segment.len());
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        });
    }
    let leads =
        decoded == b".." || decoded == b"." || decoded.iter().any(|byte| b"/\\\0".contains(byte));
    (!leads).then_some(decoded)
}

/// Whether a segment has the byte as itself. A star would look like a wildcard, which it is not.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()+,;=:@".contains(&byte)
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|segment| write!(f, "/{segment}"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_prefix_has_whole_segments() {
        let prefix = Prefix::read("/api/v1/").unwrap();
        assert_eq!(prefix.to_string(), "/api/v1");
        for (path, has) in [
            ("/api/v1", true),
            ("/api/v1/", true),
            ("/api/v1/orders?to=/x", true),
            ("/api/%76%31/orders", true),
            ("/api/v10", false),
            ("/api", false),
            ("/", false),
            ("", false),
            ("/API/v1", false),
            ("/api/v1/../v2", false),
            ("/api/v1/%2e%2E/v2", false),
            ("/api/v1/a%2f..", false),
            ("/api/v1/a%5cb", false),
            ("/api/v1/%zz", false),
            ("//api/v1", false),
        ] {
            assert_eq!(prefix.has(path), has, "{path}");
        }
        assert!(Prefix::default().has("/anything/../else"));
    }

    #[test]
    fn what_cannot_be_a_prefix_says_what_to_write() {
        for text in ["/a//b", "/a/../b", "/a%20", "/a*", "/a?b"] {
            assert!(Prefix::read(text).is_err(), "{text}");
        }
        assert_eq!(Prefix::read("/").unwrap(), Prefix::default());
    }
}
