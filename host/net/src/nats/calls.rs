//! Requests that wait for a reply of a server among the guests, in the form of frames that the SDK's `rpc` has. The book specifies it, on the
//! page "Requests and replies"; the SDK's golden frames hold this to the same bytes.
//!
//! Knows nothing of waiting, and nothing of NATS but where an answer goes.
//!
//! Invariant: a request is here from when it is sent until it is answered, one way or the other.

use async_nats::Subject;
use bytes::{BufMut, Bytes, BytesMut};
use std::collections::BTreeMap;
use tokio::time::Instant;

/// Bytes of an envelope: the kind, and the number of the call.
const ENVELOPE: usize = 9;

/// What a frame to a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// A request.
    Call = 1,
    /// Nobody waits for the reply any more.
    Cancel = 2,
}

/// What a server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Says {
    Reply(u64, Bytes),
    NoReply(u64),
    /// It forgets us: what it has not answered is sent again, with a new channel for replies.
    Forgotten,
}

/// A request that waits.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) answer: Subject,
    pub(super) request: Bytes,
    pub(super) until: Instant,
}

/// The requests that wait, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Calls {
    open: BTreeMap<u64, Call>,
    last: u64,
}

impl Calls {
    /// Notes a request, and gives its number.
    pub(super) fn begin(&mut self, call: Call) -> u64 {
        self.last += 1;
        self.open.insert(self.last, call);
        self.last
    }

    pub(super) fn end(&mut self, number: u64) -> Option<Call> {
        self.open.remove(&number)
    }

    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    /// When the next one has waited long enough. They all wait equally long.
    pub(super) fn due(&self) -> Option<Instant> {
        self.open.values().next().map(|call| call.until)
    }

    /// Takes one that has waited long enough.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<(u64, Call)> {
        let first = self.open.first_entry()?;
        let is_due = first.get().until <= now;
        is_due.then(|| first.remove_entry())
    }

    /// Takes all of them.
    pub(super) fn take(&mut self) -> Vec<Call> {
        std::mem::take(&mut self.open).into_values().collect()
    }

    /// All of them, as they are sent.
    pub(super) fn requests(&self) -> Vec<(u64, Bytes)> {
        let open = self.open.iter();
        open.map(|(number, call)| (*number, call.request.clone()))
            .collect()
    }
}

/// A frame to a server.
pub(super) fn seal(payload: &[u8], kind: Asks, number: u64) -> Bytes {
    let mut frame = BytesMut::with_capacity(payload.len() + ENVELOPE);
    frame.put_slice(payload);
    frame.put_u8(kind as u8);
    frame.put_u64_le(number);
    frame.freeze()
}

/// What a frame of a server says; none if it is not one of these.
pub(super) fn open(frame: &Bytes) -> Option<Says> {
    let at = frame.len().checked_sub(ENVELOPE)?;
    let (code, number) = frame.get(at..)?.split_first()?;
    let number = u64::from_le_bytes(number.try_into().ok()?);
    match code {
        3 => Some(Says::Reply(number, frame.slice(..at))),
        4 => Some(Says::NoReply(number)),
        5 => Some(Says::Forgotten),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use serde_json::Value;

    fn bytes(row: &Value, key: &str) -> Bytes {
        let digits = row[key].as_str().unwrap().as_bytes().chunks(2);
        let byte = |two: &[u8]| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16);
        digits.map(|two| byte(two).unwrap()).collect()
    }

    #[test]
    fn frames_are_those_of_the_sdk() {
        let golden = include_str!("../../../../guest-sdk/src/rpc/golden.json");
        let golden: Value = serde_json::from_str(golden).unwrap();
        let mut seen = 0;
        for row in golden["frames"].as_array().unwrap() {
            let (payload, frame) = (bytes(row, "payload"), bytes(row, "frame"));
            let number: u64 = row["number"].as_str().unwrap().parse().unwrap();
            match row["kind"].as_str().unwrap() {
                "call" => assert_eq!(seal(&payload, Asks::Call, number), frame),
                "cancel" => assert_eq!(seal(&payload, Asks::Cancel, number), frame),
                "reply" => assert_eq!(open(&frame), Some(Says::Reply(number, payload))),
                "no-reply" => assert_eq!(open(&frame), Some(Says::NoReply(number))),
                "forgotten" => assert_eq!(open(&frame), Some(Says::Forgotten)),
                _ => continue,
            }
            seen += 1;
        }
        assert!(seen >= 5, "{golden}");
    }

    #[test]
    fn the_oldest_is_due_first() {
        let now = Instant::now();
        let call = |seconds| Call {
            answer: "a".into(),
            request: Bytes::new(),
            until: now + std::time::Duration::from_secs(seconds),
        };
        let mut calls = Calls::default();
        let [first, _] = [calls.begin(call(0)), calls.begin(call(9))];
        assert_eq!(calls.take_due(now).map(|it| it.0), Some(first));
        assert!(calls.take_due(now).is_none());
        assert_eq!(calls.len(), 1);
    }
}
