//! Frames into bytes.

use super::{Bad, Fault, Framing, decode::json};
use weft_channel::PackedFrames;

/// Writes frames one after the other.
#[derive(Debug)]
pub(crate) struct Encoder {
    framing: Framing,
    /// Frames so far.
    number: u64,
}

impl Encoder {
    pub(crate) fn new(framing: Framing) -> Self {
        Self { framing, number: 0 }
    }

    /// Adds these frames to the bytes. Returns those that cannot be written so.
    pub(crate) fn encode(&mut self, frames: &PackedFrames, out: &mut Vec<u8>) -> Vec<Bad> {
        out.reserve(frames.payload.len() + frames.ends.len() * super::PREFIX);
        if self.framing == Framing::Chunks {
            self.number += frames.ends.len() as u64;
            out.extend_from_slice(&frames.payload);
            return Vec::new();
        }
        let (mut bad, mut begin) = (Vec::new(), 0);
        for end in &frames.ends {
            let end = *end as usize;
            let frame = frames.payload.get(begin..end).unwrap_or_default();
            begin = end;
            self.number += 1;
            if let Err(fault) = self.add(frame, out) {
                bad.push(Bad::new(self.number, fault, frame));
            }
        }
        bad
    }

    fn add(&self, frame: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        match self.framing {
            Framing::Lines => {
                // Its reader would take it for several.
                if memchr::memchr(b'\n', frame).is_some() {
                    return Err(Fault::Newline);
                }
                out.extend_from_slice(frame);
                out.push(b'\n');
            }
            Framing::Json => {
                json(frame)?;
                on_one_line(frame, out);
            }
            Framing::LengthPrefixed => {
                // No frame of a channel is longer.
                let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
                out.extend_from_slice(&length.to_be_bytes());
                out.extend_from_slice(frame);
            }
            Framing::Chunks => out.extend_from_slice(frame),
        }
        Ok(())
    }
}

/// Adds a frame as one line. Between the parts of a JSON text a newline means no more than a space, and within a string of one there is
/// none.
pub(crate) fn on_one_line(frame: &[u8], out: &mut Vec<u8>) {
    let from = out.len();
    out.extend_from_slice(frame);
    for byte in out.iter_mut().skip(from) {
        if matches!(*byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(frames: &[&str]) -> PackedFrames {
        let mut end = 0;
        let ends = frames.iter().map(|frame| {
            end += frame.len() as u32;
            end
        });
        PackedFrames {
            ends: ends.collect(),
            writers: vec![1; frames.len()],
            payload: frames.concat().into(),
        }
    }

    fn encoded(framing: Framing, frames: &[&str]) -> (Vec<u8>, Vec<u64>) {
        let mut out = Vec::new();
        let bad = Encoder::new(framing).encode(&packed(frames), &mut out);
        (out, bad.iter().map(|bad| bad.number).collect())
    }

    #[test]
    fn frames_are_written_as_they_are_read() {
        let (bytes, bad) = encoded(Framing::Lines, &["one", "", "two"]);
        assert_eq!((bytes.as_slice(), bad.len()), (&b"one\n\ntwo\n"[..], 0));
        let (bytes, _) = encoded(Framing::LengthPrefixed, &["one", ""]);
        assert_eq!(bytes, b"\0\0\0\x03one\0\0\0\0");
        let (bytes, _) = encoded(Framing::Chunks, &["one", "two"]);
        assert_eq!(bytes, b"onetwo");
    }

    #[test]
    fn what_would_be_read_as_something_else_is_refused() {
        let (bytes, bad) = encoded(Framing::Lines, &["one", "a\nb", "two"]);
        assert_eq!((bytes.as_slice(), bad), (&b"one\ntwo\n"[..], vec![2]));
        let (bytes, bad) = encoded(Framing::Json, &["{\n\"a\": \"\\n\"}", "no"]);
        assert_eq!(bytes, b"{ \"a\": \"\\n\"}\n");
        assert_eq!(bad, [2]);
    }
}
