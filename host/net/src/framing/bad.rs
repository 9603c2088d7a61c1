//! Input that makes no frame, and frames that make no output.

use std::fmt;

/// Bytes that are kept of such input, to be shown: enough to recognize it.
const SHOWN: usize = 1024;

/// Input that makes no frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// The number of the line or the frame, from 1.
    pub number: u64,
    /// What is wrong.
    pub fault: Fault,
    /// Its first bytes, a thousand or so at most.
    pub head: Vec<u8>,
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is larger than a frame may be.
    TooLong {
        /// The most bytes of a frame.
        most: usize,
    },
    /// It is no JSON text.
    NotJson(String),
    /// The input ended in the middle of it.
    CutOff,
    /// It has a newline in it, which would end the line.
    Newline,
}

impl Bad {
    pub(crate) fn new(number: u64, fault: Fault, bytes: &[u8]) -> Self {
        Self {
            number,
            fault,
            head: bytes.get(..SHOWN).unwrap_or(bytes).to_vec(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::TooLong { most } => write!(
                f,
                "it is longer than the {most} bytes that a frame may have"
            ),
            Fault::NotJson(why) => write!(f, "it is no JSON: {why}"),
            Fault::CutOff => f.write_str("the input ends in the middle of it"),
            Fault::Newline => f.write_str("it has a newline in it"),
        }
    }
}
