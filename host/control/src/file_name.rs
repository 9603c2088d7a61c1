//! The name of a runner, encoded for the file name of its socket.
//!
//! Letters, digits, `-`, `_` and `.` stay as they are. Every other byte becomes `%` and its number in hex. A result
//! that is too long for the path of a socket is cut and ends in a checksum of the whole name.
//!
//! Invariant: different names have different encodings, so a runner is found by the name that `weft top` shows and by
//! no other.

use std::fmt::Write;

/// Maximum length in bytes. With a process id and the folder's own name it fits into the path of a socket.
const MOST: usize = 40;

/// Separates the cut name from its checksum.
const CUT: char = '~';

/// The name of a runner, encoded for names of files: letters, digits, `-`, `_` and `.`, with any other byte as `%` and its
/// number in hex. Of different names it is different.
#[must_use]
pub fn of(name: &str) -> String {
    let mut written = String::new();
    for (at, byte) in name.bytes().enumerate() {
        let stands = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        // A leading dot would hide the file from people.
        if stands || (byte == b'.' && at > 0) {
            written.push(char::from(byte));
        } else {
            let _ = write!(written, "%{byte:02x}");
        }
    }
    if written.is_empty() {
        return "weft".to_owned();
    }
    if written.len() > MOST {
        let sum = format!("{CUT}{:08x}", sum(name.as_bytes()));
        written.truncate(MOST.saturating_sub(sum.len()));
        written.push_str(&sum);
    }
    written
}

/// Decodes a name for people. A name that was cut, or that would disturb a terminal, stays encoded.
pub(super) fn shown(written: &str) -> String {
    let mut bytes = Vec::new();
    let mut parts = written.split('%');
    bytes.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        let Some((byte, rest)) = part.split_at_checked(2) else {
            return written.to_owned();
        };
        bytes.extend(u8::from_str_radix(byte, 16));
        bytes.extend(rest.bytes());
    }
    match String::from_utf8(bytes) {
        Ok(name) if of(&name) == written && !name.contains(char::is_control) => name,
        _ => written.to_owned(),
    }
}

/// FNV-1a: the checksum is the same in every version of this program.
fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, byte| {
        (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_names_are_written_differently() {
        assert_eq!(of("flights_2-a"), "flights_2-a");
        assert_eq!(of("flights.v2"), "flights.v2");
        assert_eq!(of("my pipeline"), "my%20pipeline");
        assert_eq!(of("größe"), "gr%c3%b6%c3%9fe");
        assert_eq!(of(".hidden"), "%2ehidden");
        assert_eq!(of(""), "weft");
        let long = "a-very-long-name-of-a-folder-with-more-than-forty-characters";
        let (one, other) = (of(long), of(&format!("{long}!")));
        assert_eq!((one.len(), other.len()), (MOST, MOST));
        assert_ne!(one, other);
        assert_ne!(of("a%20b"), of("a b"));
        for name in ["my pipeline", "größe", "a%20b", ".hidden"] {
            assert_eq!(shown(&of(name)), name);
        }
        for written in [&one, "a%", "a%zz", "a%0a"] {
            assert_eq!(shown(written), written);
        }
    }
}
