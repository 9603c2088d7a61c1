//! Making until refused: what all axes have in common.

use std::any::Any;
use std::fmt::Debug;
use std::future::Future;
use weft_guest::futures::future::poll_immediate;

/// A mebibyte.
pub const MIB: usize = 1 << 20;

/// What one call may hand to the host under the limits of the table, with little to spare.
pub const LARGE: usize = 15 * MIB;

/// So many that a host that bounds nothing would hold gigabytes, or hundreds of megabytes of the smallest things.
pub const MANY: u64 = 1_000_000;

/// So many calls with something large that a host that kept it would hold gigabytes.
pub const OFTEN: u64 = 60;

/// Characters that are left of an answer.
const ANSWER: usize = 200;

/// Which way it is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// As many as possible of the smallest.
    Number,
    /// As large as possible.
    Size,
    /// Many large ones.
    Both,
}

impl How {
    /// The way of this name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "number" => How::Number,
            "size" => How::Size,
            "both" => How::Both,
            _ => return None,
        })
    }

    /// One value for each way.
    pub fn pick<T>(self, number: T, size: T, both: T) -> T {
        match self {
            How::Number => number,
            How::Size => size,
            How::Both => both,
        }
    }
}

/// What was made, and what came of it.
pub struct Made {
    count: u64,
    answer: String,
    _kept: Box<dyn Any>,
}

impl Made {
    pub fn new(count: u64, answer: impl Into<String>, kept: impl Any) -> Self {
        Self {
            count,
            answer: answer.into(),
            _kept: Box::new(kept),
        }
    }

    /// How many, and the last answer.
    pub fn told(&self) -> String {
        format!("{} made, then: {}", self.count, self.answer)
    }

    /// The same with something more that is kept.
    pub fn and(self, kept: impl Any) -> Self {
        Self {
            _kept: Box::new((self._kept, kept)),
            ..self
        }
    }
}

/// The beginning of an answer's debug form.
pub fn said(answer: impl Debug) -> String {
    format!("{answer:?}").chars().take(ANSWER).collect()
}

/// Makes and keeps until it is refused, `most` times at the most.
pub fn repeat<T: 'static, E: Debug>(most: u64, mut make: impl FnMut(u64) -> Result<T, E>) -> Made {
    let mut kept = Vec::new();
    for n in 0..most {
        match make(n) {
            Ok(one) => kept.push(one),
            Err(error) => return Made::new(n, said(error), kept),
        }
    }
    Made::new(most, "all", kept)
}

/// Calls so often, whatever is answered, and keeps what it gets.
pub fn insist<T: 'static, E: Debug>(times: u64, mut call: impl FnMut(u64) -> Result<T, E>) -> Made {
    let mut kept = Vec::new();
    let mut answer = "all".to_owned();
    for n in 0..times {
        match call(n) {
            Ok(one) => kept.push(one),
            Err(error) => answer = said(error),
        }
    }
    Made::new(times, answer, kept)
}

/// Begins calls that wait and keeps them waiting, until one is answered at once.
pub async fn wait<F>(most: u64, mut begin: impl FnMut(u64) -> F) -> Made
where
    F: Future<Output: Debug> + 'static,
{
    let mut waiting = Vec::new();
    for n in 0..most {
        let mut call = Box::pin(begin(n));
        match poll_immediate(&mut call).await {
            None => waiting.push(call),
            Some(answer) => return Made::new(n, said(answer), waiting),
        }
    }
    Made::new(most, "all", waiting)
}

/// Keeps something for ever, so that what waits on it may too.
pub fn hold<T>(held: T) -> &'static T {
    Box::leak(Box::new(held))
}
