//! The frame format of requests and replies. The book specifies both, on the page "Requests and replies".
//! `golden.json` holds this and the other languages to the same bytes.
//!
//! The payload comes first and the envelope last, where it is put on and taken
//! off without moving the payload: one byte for the kind, eight for the number
//! of the call, the lowest first. Numbers belong to one writer: the host's own id
//! of it, which nobody can forge, says whose call it is.

use crate::trace;

/// Bytes of an envelope.
pub(crate) const ENVELOPE: usize = 9;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// To the server: a request.
    Call,
    /// To the server: a request, with the span it was made in behind it; see `trace::seal`.
    TracedCall,
    /// To the server: nobody waits for the reply to that request any more.
    Cancel,
    /// To the client: the reply.
    Reply,
    /// To the client: there will be no reply.
    NoReply,
    /// To the client: the server forgets it. Requests it has not answered were
    /// not read and may be sent again, with a new writer for the replies.
    Forgotten,
}

const KINDS: [Kind; 6] = [
    Kind::Call,
    Kind::TracedCall,
    Kind::Cancel,
    Kind::Reply,
    Kind::NoReply,
    Kind::Forgotten,
];

impl Kind {
    fn code(self) -> u8 {
        match self {
            Kind::Call => 1,
            Kind::Cancel => 2,
            Kind::Reply => 3,
            Kind::NoReply => 4,
            Kind::Forgotten => 5,
            Kind::TracedCall => 6,
        }
    }
}

/// A request as a frame, with the current span if there is one.
pub(crate) fn call(request: Vec<u8>, number: u64) -> Vec<u8> {
    match trace::current() {
        Some(_) => seal(trace::seal(request), Kind::TracedCall, number),
        None => seal(request, Kind::Call, number),
    }
}

/// Puts an envelope behind a payload.
pub(crate) fn seal(mut payload: Vec<u8>, kind: Kind, number: u64) -> Vec<u8> {
    payload.reserve_exact(ENVELOPE);
    payload.push(kind.code());
    payload.extend_from_slice(&number.to_le_bytes());
    payload
}

/// The parts of a frame; `None` if it is not one of these.
pub(crate) fn open(frame: &[u8]) -> Option<(&[u8], Kind, u64)> {
    let (payload, envelope) = frame.split_at_checked(frame.len().checked_sub(ENVELOPE)?)?;
    let (code, number) = envelope.split_first()?;
    let kind = KINDS.into_iter().find(|kind| kind.code() == *code)?;
    Some((payload, kind, u64::from_le_bytes(number.try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::TraceContext;
    use serde_json::Value;

    #[test]
    fn every_kind_goes_both_ways() {
        for kind in KINDS {
            let frame = seal(b"what".to_vec(), kind, u64::MAX - 7);
            assert_eq!(open(&frame), Some((&b"what"[..], kind, u64::MAX - 7)));
        }
    }

    #[test]
    fn what_is_no_envelope_is_none() {
        assert_eq!(open(b""), None);
        assert_eq!(open(&[1; ENVELOPE - 1]), None);
        assert_eq!(open(&[0; ENVELOPE]), None);
        assert_eq!(open(&[7; 100]).map(|(_, kind, _)| kind), None);
    }

    /// The frames that the tests of the other languages read too.
    fn golden(table: &str) -> Vec<Value> {
        let golden: Value = serde_json::from_str(include_str!("golden.json")).expect("JSON");
        golden[table].as_array().expect("a list").clone()
    }

    fn text<'a>(row: &'a Value, key: &str) -> &'a str {
        row[key].as_str().expect("a text")
    }

    fn bytes(row: &Value, key: &str) -> Vec<u8> {
        let digits = text(row, key).as_bytes().chunks(2);
        let bytes = digits.map(|two| {
            let two = std::str::from_utf8(two).expect("ASCII");
            u8::from_str_radix(two, 16).expect("hex digits")
        });
        bytes.collect()
    }

    #[test]
    fn frames_have_the_bytes_that_the_specification_says() {
        let rows = golden("frames");
        for row in &rows {
            let name = text(row, "name");
            let (payload, frame) = (bytes(row, "payload"), bytes(row, "frame"));
            let number: u64 = text(row, "number").parse().expect("a number");
            let of_name = |kind: &Kind| named(*kind) == text(row, "kind");
            let kind = KINDS.into_iter().find(of_name).expect("a kind");
            let span: Option<TraceContext> = row["traceparent"]
                .as_str()
                .map(|text| text.parse().expect("a traceparent"));

            let written = trace::sync_scope(span, || match (kind, span) {
                (Kind::Call, _) | (Kind::TracedCall, Some(_)) => call(payload.clone(), number),
                (Kind::TracedCall, None) => seal(trace::seal(&*payload), kind, number),
                _ => seal(payload.clone(), kind, number),
            });
            assert_eq!(written, frame, "{name}");
            let (content, read_kind, read_number) = open(&frame).expect(name);
            assert_eq!((read_kind, read_number), (kind, number), "{name}");
            match kind {
                Kind::TracedCall => {
                    assert_eq!(trace::open(content), Some((&*payload, span)), "{name}");
                }
                _ => assert_eq!(content, payload, "{name}"),
            }
        }
        for kind in KINDS {
            let rows = rows.iter().filter(|row| text(row, "kind") == named(kind));
            assert_ne!(rows.count(), 0, "no frame is a {kind:?}");
        }
    }

    #[test]
    fn what_the_specification_says_is_no_frame_is_none() {
        for row in golden("not-frames") {
            let frame = bytes(&row, "frame");
            let call = match open(&frame) {
                Some((content, Kind::TracedCall, _)) => trace::open(content).is_some(),
                other => other.is_some(),
            };
            assert!(!call, "{}", text(&row, "name"));
        }
    }

    fn named(kind: Kind) -> &'static str {
        match kind {
            Kind::Call => "call",
            Kind::TracedCall => "traced-call",
            Kind::Cancel => "cancel",
            Kind::Reply => "reply",
            Kind::NoReply => "no-reply",
            Kind::Forgotten => "forgotten",
        }
    }
}
