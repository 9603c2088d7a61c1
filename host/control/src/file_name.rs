//! The name of a runner as a part of the name of its socket's file.
//!
//! Letters, digits, `-`, `_` and `.` stand for themselves, of every other byte there is `%` and its number. What gets too long for the
//! path of a socket is cut, with a sum of the whole at its end.
//!
//! Invariant: different names are written differently, so a runner is found by the name that `weft top` shows and by no other.

use std::fmt::Write;

/// Bytes at most: with a process id and the folder's own name they fit into the path of a socket.
const MOST: usize = 40;

/// What stands before the sum.
const CUT: char = '~';

/// Writes a name.
pub(super) fn of(name: &str) -> String {
    let mut written = String::new();
    for (at, byte) in name.bytes().enumerate() {
        let stands = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        // A file that begins with a dot is hidden from people.
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

/// A name as it was before it was written, for people; one that was cut or would disturb a terminal is left as it is.
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

/// FNV-1a, which is the same in every version of this program.
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
