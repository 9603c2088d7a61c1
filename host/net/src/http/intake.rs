//! A request's body into frames.
//!
//! The body is read to its end first, and looked through. So either all of its frames are good, or none is written.

use super::answer::Answer;
use super::bounds::Bounds;
use crate::framing::{Bad, Decoder, Fault, Framing, Next, Piece, json, most_of};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use hyper::{Request, StatusCode};
use tokio::time::{Instant, timeout};
use weft_channel::{Batch, WriteError, Writer};

/// How the frames of a channel lie in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As in a stream of bytes.
    Framed(Framing),
    /// One frame, a JSON text.
    OneJson,
    /// One frame, whatever it is.
    One,
}

/// The content types that say what a body is.
const TYPES: [(&str, Form); 8] = [
    ("application/x-ndjson", Form::Framed(Framing::Json)),
    ("application/ndjson", Form::Framed(Framing::Json)),
    ("application/jsonl", Form::Framed(Framing::Json)),
    ("application/x-jsonlines", Form::Framed(Framing::Json)),
    ("application/json-lines", Form::Framed(Framing::Json)),
    ("text/plain", Form::Framed(Framing::Lines)),
    ("application/json", Form::OneJson),
    ("application/octet-stream", Form::One),
];

/// What a route does with bodies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Intake {
    pub(super) framing: Option<Framing>,
    pub(super) capacity: usize,
}

impl Intake {
    /// Takes the frames of a request.
    pub(super) async fn take(
        self,
        request: Request<Incoming>,
        writer: &Writer,
        bounds: &Bounds,
    ) -> Answer {
        let form = match form(self.framing, request.headers()) {
            Ok(form) => form,
            Err(refused) => return refused,
        };
        let body = match read(request.into_body(), bounds).await {
            Ok(body) => body,
            Err(refused) => return refused,
        };
        match self.batches(form, body) {
            Ok(batches) => write(batches, writer, bounds).await,
            Err(refused) => refused,
        }
    }

    /// The frames of a body, in pieces that the channel takes at once.
    fn batches(self, form: Form, body: Bytes) -> Result<Vec<Batch>, Answer> {
        let framing = match form {
            Form::Framed(framing) => framing,
            form => return self.one(form, body),
        };
        let mut decoder = Decoder::new(framing, None, self.capacity);
        decoder.room(body.len()).extend_from_slice(&body);
        drop(body);
        let (mut piece, mut batches) = (Piece::default(), Vec::new());
        loop {
            let next = decoder.next(&mut piece, true);
            if !piece.is_empty() {
                batches.push(batch(piece.batch())?);
            }
            match next {
                Next::Full => {}
                Next::Bad(bad) => return Err(wrong(framing, &bad)),
                Next::More => break,
            }
        }
        match decoder.cut_off() {
            Some(bad) => Err(wrong(framing, &bad)),
            None => Ok(batches),
        }
    }

    /// A body that is one frame.
    fn one(self, form: Form, body: Bytes) -> Result<Vec<Batch>, Answer> {
        let most = most_of(self.capacity);
        if body.len() > most {
            let text = format!("a frame of this channel has {most} bytes at most");
            return Err(Answer::refused(StatusCode::PAYLOAD_TOO_LARGE, text));
        }
        if form == Form::OneJson {
            json(&body)
                .map_err(|fault| Answer::refused(StatusCode::BAD_REQUEST, fault.to_string()))?;
        }
        // The bound on frames is below this.
        let end = u32::try_from(body.len()).unwrap_or(u32::MAX);
        Ok(vec![batch(Batch::new(vec![end], body))?])
    }
}

fn batch<E: std::fmt::Display>(made: Result<Batch, E>) -> Result<Batch, Answer> {
    made.map_err(|error| Answer::refused(StatusCode::PAYLOAD_TOO_LARGE, error.to_string()))
}

fn wrong(framing: Framing, bad: &Bad) -> Answer {
    let status = match bad.fault {
        Fault::TooLong { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::BAD_REQUEST,
    };
    let (unit, number) = (framing.unit(), bad.number);
    let text = format!("{unit} {number}: {}; none was taken", bad.fault);
    Answer::refused(status, text).at(Some(number))
}

/// How frames lie in the body, by the route or else by what the request says.
fn form(framing: Option<Framing>, headers: &HeaderMap) -> Result<Form, Answer> {
    let refused = |text: String| Answer::refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, text);
    let text = |value: &hyper::header::HeaderValue| {
        String::from_utf8_lossy(value.as_bytes())
            .trim()
            .to_ascii_lowercase()
    };
    if let Some(encoding) = headers.get(CONTENT_ENCODING).map(text)
        && encoding != "identity"
    {
        return Err(refused(format!(
            "the body is encoded as `{encoding}`; send it as it is"
        )));
    }
    if let Some(framing) = framing {
        return Ok(Form::Framed(framing));
    }
    let kind = headers.get(CONTENT_TYPE).map(text).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let found = TYPES.iter().find(|(name, _)| *name == kind);
    found.map(|(_, form)| *form).ok_or_else(|| {
        let said = match kind {
            "" => "the request has no content-type".to_owned(),
            kind => format!("`{kind}` says nothing about frames"),
        };
        refused(format!(
            "{said}; send application/x-ndjson (a frame a line of JSON), text/plain (a frame a line), application/json or application/octet-stream (one frame)"
        ))
    })
}

/// The answer to a body that is larger than it may be.
fn too_large(bounds: &Bounds) -> Answer {
    let text = format!("a body has {} bytes at most", bounds.body_bytes);
    Answer::refused(StatusCode::PAYLOAD_TOO_LARGE, text)
}

/// Refuses a body before any of it is sent, if the client says how much there is and that is too much.
pub(super) fn check_size(body: &Incoming, bounds: &Bounds) -> Result<(), Answer> {
    match body.size_hint().lower() > bounds.body_bytes as u64 {
        true => Err(too_large(bounds)),
        false => Ok(()),
    }
}

/// Reads a body to its end.
async fn read(body: Incoming, bounds: &Bounds) -> Result<Bytes, Answer> {
    check_size(&body, bounds)?;
    let body = Limited::new(body, bounds.body_bytes).collect();
    match timeout(bounds.body_time, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large(bounds)),
        Ok(Err(error)) => Err(Answer::refused(
            StatusCode::BAD_REQUEST,
            format!("the body cannot be read: {error}"),
        )),
        Err(_) => Err(Answer::refused(
            StatusCode::REQUEST_TIMEOUT,
            format!("the body took longer than {:?}", bounds.body_time),
        )),
    }
}

/// Writes the frames, waiting for room as long as the bounds allow.
async fn write(batches: Vec<Batch>, writer: &Writer, bounds: &Bounds) -> Answer {
    let until = Instant::now() + bounds.room_time;
    let frames: u64 = batches.iter().map(|batch| batch.len() as u64).sum();
    let mut accepted = 0;
    let some = |status, text: String, accepted| {
        let text = format!("{text}; {accepted} of {frames} frames were taken");
        Answer::refused(status, text).after(accepted)
    };
    for batch in batches {
        let count = batch.len() as u64;
        let written = tokio::time::timeout_at(until, writer.write_batch(batch)).await;
        match written {
            Ok(Ok(sent)) => {
                accepted += u64::from(sent);
                // Dropped for want of room: so would the rest be, or it would come out of order.
                if u64::from(sent) < count {
                    break;
                }
            }
            Ok(Err(error)) => {
                let status = match error {
                    WriteError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
                    _ => StatusCode::SERVICE_UNAVAILABLE,
                };
                return some(status, error.to_string(), accepted);
            }
            Err(_) => {
                let text = format!("the channel had no room for {:?}", bounds.room_time);
                return some(StatusCode::SERVICE_UNAVAILABLE, text, accepted);
            }
        }
    }
    match accepted == frames {
        true => Answer::accepted(accepted),
        false => some(
            StatusCode::TOO_MANY_REQUESTS,
            "the channel is full".to_owned(),
            accepted,
        ),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn taken(form: Form, body: &str) -> Result<Vec<String>, Answer> {
        let intake = Intake {
            framing: None,
            capacity: 64,
        };
        let batches = intake.batches(form, Bytes::copy_from_slice(body.as_bytes()))?;
        let mut frames = Vec::new();
        for batch in batches {
            let mut begin = 0;
            for end in batch.ends() {
                let frame = &batch.payload()[begin..end as usize];
                frames.push(String::from_utf8(frame.to_vec()).unwrap());
                begin = end as usize;
            }
        }
        Ok(frames)
    }

    #[test]
    fn a_body_becomes_frames_as_its_type_says() {
        let lines = Form::Framed(Framing::Json);
        assert_eq!(
            taken(lines, "1\n\n{\"a\": 2}").unwrap(),
            ["1", "{\"a\": 2}"]
        );
        assert_eq!(
            taken(Form::Framed(Framing::Lines), "a\n\nb\n").unwrap(),
            ["a", "", "b"]
        );
        assert_eq!(taken(Form::OneJson, "[1,\n2]").unwrap(), ["[1,\n2]"]);
        assert_eq!(taken(Form::One, "").unwrap(), [""]);
        assert_eq!(taken(lines, "").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_nothing_is_taken() {
        let bad = taken(Form::Framed(Framing::Json), "1\nno\n3").unwrap_err();
        assert_eq!((bad.status, bad.line), (StatusCode::BAD_REQUEST, Some(2)));
        let long = taken(Form::Framed(Framing::Lines), &"x".repeat(65)).unwrap_err();
        assert_eq!(long.status, StatusCode::PAYLOAD_TOO_LARGE);
        let long = taken(Form::One, &"x".repeat(65)).unwrap_err();
        assert_eq!(long.status, StatusCode::PAYLOAD_TOO_LARGE);
        let bad = taken(Form::OneJson, "[1").unwrap_err();
        assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    }
}
