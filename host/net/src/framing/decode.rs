//! Bytes into frames.
//!
//! Bytes are put in with [`Decoder::room`], frames are taken out with [`Decoder::next`] until it wants more. A frame that is bad stays
//! where it is until it is [passed over](Decoder::pass_over), so that a source can also end in front of it.
//!
//! Invariant: of a frame that is too long, no more is kept than a frame may have and one read beyond.

use super::{Bad, Bounds, Fault, Framing, PREFIX, Piece};
use bytes::{Buf, BytesMut};
use serde::de::IgnoredAny;

/// What there is to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Put more bytes in; at the end: all has been taken.
    More,
    /// The piece is full: send it.
    Full,
    /// This makes no frame. What is before it is in the piece.
    Bad(Bad),
}

/// Finds frames in bytes.
#[derive(Debug)]
pub(crate) struct Decoder {
    framing: Framing,
    /// Bytes of a frame at most.
    most: usize,
    bounds: Bounds,
    buffer: BytesMut,
    /// Bytes at the beginning of the buffer in which there is no newline.
    searched: usize,
    /// Bytes that were taken as frames, or passed over.
    taken: u64,
    /// Lines or frames that were taken or passed over.
    number: u64,
    /// What is passed over of a frame that is not all there.
    passing: Passing,
    /// Bytes of the bad frame at the beginning of the buffer, and what comes then.
    bad: Option<(usize, Passing)>,
}

/// What is passed over of what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Passing {
    Nothing,
    /// The rest of a line, of which so many bytes have been passed over.
    Line(u64),
    /// So many bytes, of a frame of so many with its length.
    Bytes(u64, u64),
}

/// Bytes of a frame at most, in a channel of this capacity.
pub(crate) fn most_of(capacity: usize) -> usize {
    usize::try_from(weft_channel::MAX_FRAME_BYTES).map_or(capacity, |largest| capacity.min(largest))
}

impl Decoder {
    /// For a channel of this capacity. `most`: bytes of a frame at most, if they are to be less than the channel takes.
    pub(crate) fn new(framing: Framing, most: Option<usize>, capacity: usize) -> Self {
        Self {
            framing,
            most: most.unwrap_or(usize::MAX).min(most_of(capacity)),
            bounds: Bounds::of_channel(capacity),
            buffer: BytesMut::new(),
            searched: 0,
            taken: 0,
            number: 0,
            passing: Passing::Nothing,
            bad: None,
        }
    }

    /// Room for `bytes` more, behind what is there.
    pub(crate) fn room(&mut self, bytes: usize) -> &mut BytesMut {
        self.buffer.reserve(bytes);
        &mut self.buffer
    }

    /// The offset behind the last frame that was taken or passed over, since the beginning or [`begin`](Self::begin).
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// Lines or frames that were taken or passed over.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Begins with another input, at this offset and behind so many lines.
    pub(crate) fn begin(&mut self, taken: u64, number: u64) {
        self.buffer.clear();
        (self.searched, self.bad) = (0, None);
        self.passing = Passing::Nothing;
        (self.taken, self.number) = (taken, number);
    }

    /// What was put in and not taken, as a frame that was cut off; none if there is nothing.
    pub(crate) fn cut_off(&self) -> Option<Bad> {
        let unfinished = self.passing == Passing::Nothing && !self.buffer.is_empty();
        unfinished.then(|| self.fault(Fault::CutOff, &self.buffer))
    }

    /// Moves frames into the piece. `end`: nothing comes behind what was put in.
    pub(crate) fn next(&mut self, piece: &mut Piece, end: bool) -> Next {
        self.pass();
        if end {
            self.pass_end();
        }
        match self.framing {
            Framing::Lines | Framing::Json => self.lines(piece, end),
            Framing::Chunks => self.chunks(piece),
            Framing::LengthPrefixed => self.prefixed(piece, end),
        }
    }

    /// Passes over the frame that was bad.
    pub(crate) fn pass_over(&mut self) {
        let Some((bytes, then)) = self.bad.take() else {
            return;
        };
        self.buffer.advance(bytes.min(self.buffer.len()));
        self.searched = 0;
        self.passing = then;
        if then == Passing::Nothing {
            self.taken += bytes as u64;
            self.number += 1;
        }
    }

    fn fault(&self, fault: Fault, bytes: &[u8]) -> Bad {
        Bad::new(self.number + 1, fault, bytes)
    }

    /// Passes over what is there of a frame that was too long.
    fn pass(&mut self) {
        let there = self.buffer.len();
        let (passed, whole) = match self.passing {
            Passing::Nothing => return,
            Passing::Line(before) => match memchr::memchr(b'\n', &self.buffer) {
                Some(at) => (at + 1, Some(before + at as u64 + 1)),
                None => {
                    self.passing = Passing::Line(before + there as u64);
                    (there, None)
                }
            },
            Passing::Bytes(left, whole) => {
                let passed = usize::try_from(left).unwrap_or(usize::MAX).min(there);
                let left = left - passed as u64;
                self.passing = Passing::Bytes(left, whole);
                (passed, (left == 0).then_some(whole))
            }
        };
        self.buffer.advance(passed);
        if let Some(whole) = whole {
            self.passing = Passing::Nothing;
            self.taken += whole;
            self.number += 1;
        }
    }

    /// Nothing comes behind: what is passed over ends here.
    fn pass_end(&mut self) {
        let passed = match std::mem::replace(&mut self.passing, Passing::Nothing) {
            Passing::Nothing => return,
            Passing::Line(passed) => passed,
            Passing::Bytes(left, whole) => whole - left,
        };
        self.taken += passed;
        self.number += 1;
    }

    fn lines(&mut self, piece: &mut Piece, end: bool) -> Next {
        let data: &[u8] = &self.buffer;
        let (mut begin, mut number, mut next, mut bad) = (0, self.number, None, None);
        let first = memchr::memchr_iter(b'\n', data.get(self.searched..).unwrap_or_default());
        for at in first {
            let at = at + self.searched;
            let line = data.get(begin..at).unwrap_or_default();
            match self.frame(line) {
                Ok(Some(frame)) if !piece.add(frame, self.bounds) => next = Some(Next::Full),
                Ok(_) => {
                    begin = at + 1;
                    number += 1;
                }
                Err(fault) => {
                    next = Some(Next::Bad(Bad::new(number + 1, fault, line)));
                    bad = Some((at + 1 - begin, Passing::Nothing));
                }
            }
            if next.is_some() {
                break;
            }
        }
        self.take(begin, number);
        self.searched = 0;
        self.bad = bad;
        if let Some(next) = next {
            return next;
        }
        let rest: &[u8] = &self.buffer;
        let there = rest.len();
        if there > self.most {
            let fault = Fault::TooLong { most: self.most };
            let bad = self.fault(fault, rest);
            let then = if end {
                Passing::Nothing
            } else {
                Passing::Line(there as u64)
            };
            self.bad = Some((there, then));
            return Next::Bad(bad);
        }
        if !end || there == 0 {
            self.searched = there;
            return Next::More;
        }
        match self.frame(rest) {
            Ok(Some(frame)) if !piece.add(frame, self.bounds) => Next::Full,
            Ok(_) => {
                self.take(there, number + 1);
                Next::More
            }
            Err(fault) => {
                let bad = self.fault(fault, rest);
                self.bad = Some((there, Passing::Nothing));
                Next::Bad(bad)
            }
        }
    }

    /// The frame that a line is; none for a blank one among those of JSON.
    fn frame<'a>(&self, line: &'a [u8]) -> Result<Option<&'a [u8]>, Fault> {
        if line.len() > self.most {
            return Err(Fault::TooLong { most: self.most });
        }
        if self.framing == Framing::Lines {
            return Ok(Some(line));
        }
        let text = line.trim_ascii();
        match text.is_empty() {
            true => Ok(None),
            false => json(text).map(|()| Some(text)),
        }
    }

    fn chunks(&mut self, piece: &mut Piece) -> Next {
        while !self.buffer.is_empty() {
            let bytes = self.buffer.len().min(self.most).min(self.bounds.bytes);
            let chunk = self.buffer.get(..bytes).unwrap_or_default();
            if !piece.add(chunk, self.bounds) {
                return Next::Full;
            }
            self.take(bytes, self.number + 1);
        }
        Next::More
    }

    fn prefixed(&mut self, piece: &mut Piece, end: bool) -> Next {
        while let Some((prefix, rest)) = self.buffer.split_first_chunk::<PREFIX>() {
            let length = u32::from_be_bytes(*prefix);
            let bytes = length as usize;
            let whole = PREFIX + bytes;
            if bytes > self.most {
                let bad = self.fault(Fault::TooLong { most: self.most }, rest);
                let there = self.buffer.len().min(whole);
                let left = (whole - there) as u64;
                let then = match left {
                    0 => Passing::Nothing,
                    left => Passing::Bytes(left, whole as u64),
                };
                self.bad = Some((there, then));
                return Next::Bad(bad);
            }
            let Some(frame) = rest.get(..bytes) else {
                break;
            };
            if !piece.add(frame, self.bounds) {
                return Next::Full;
            }
            self.take(whole, self.number + 1);
        }
        let there = self.buffer.len();
        if !end || there == 0 {
            return Next::More;
        }
        let bad = self.fault(Fault::CutOff, &self.buffer);
        self.bad = Some((there, Passing::Nothing));
        Next::Bad(bad)
    }

    /// These bytes are in frames that were taken.
    fn take(&mut self, bytes: usize, number: u64) {
        self.buffer.advance(bytes);
        self.taken += bytes as u64;
        self.number = number;
    }
}

/// Checks that a text is JSON, and keeps nothing of it.
pub(crate) fn json(text: &[u8]) -> Result<(), Fault> {
    let not = |error: &dyn std::fmt::Display| Fault::NotJson(error.to_string());
    let text = std::str::from_utf8(text).map_err(|error| not(&error))?;
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| not(&error))?;
    Ok(())
}

#[cfg(test)]
mod tests;
