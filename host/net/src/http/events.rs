//! A channel's frames as an answer that goes on: server-sent events, or JSON lines.
//!
//! An event's id is the number of its frame in the channel, with a mark of the channel before it. A client that comes again with its
//! last id gets what it missed, if that is retained; what is gone is told as an event of its own.

use super::answer::{Answer, Body, out_of_reach};
use super::looking::{Looking, SIGN_OF_LIFE, Seen, Watched};
use crate::framing::on_one_line;
use bytes::Bytes;
use futures::stream::unfold;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use std::io::Write as _;
use wasmtime_wasi_http::Error;

/// A comment: an event that is none.
const NOTHING: Bytes = Bytes::from_static(b":\n\n");

/// Where a client's last id is.
const LAST_EVENT_ID: &str = "last-event-id";

/// How frames are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Server-sent events.
    Events,
    /// Each frame on a line.
    Lines,
}

impl Shape {
    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Shape::Events => "text/event-stream",
            Shape::Lines => "application/x-ndjson",
        })
    }
}

/// Answers with the frames of a channel.
pub(super) async fn answer(request: &Request<Incoming>, watched: Watched<'_>) -> Response<Body> {
    let epoch = watched.epoch;
    let Some(shape) = shape(request.headers()) else {
        let text = "frames come as text/event-stream or application/x-ndjson";
        return Answer::refused(StatusCode::NOT_ACCEPTABLE, text).response();
    };
    let Ok(looking) = Looking::new(watched, after(request.headers(), epoch)).await else {
        return out_of_reach();
    };
    let showing = Showing {
        shape,
        looking,
        is_silent: true,
    };
    let body = match *request.method() == Method::HEAD {
        true => super::answer::whole(Bytes::new()),
        false => StreamBody::new(unfold(showing, Showing::next)).boxed_unsync(),
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, shape.content_type());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// How the client wants them; none if it takes neither.
fn shape(headers: &HeaderMap) -> Option<Shape> {
    let accepted = headers.get_all(ACCEPT).iter();
    let accepted: Vec<String> = accepted
        .flat_map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
            let kinds = text.split(',').map(|kind| {
                let kind = kind.split(';').next().unwrap_or_default();
                kind.trim().to_owned()
            });
            kinds.collect::<Vec<_>>()
        })
        .collect();
    let takes = |kinds: &[&str]| accepted.iter().any(|it| kinds.contains(&it.as_str()));
    if takes(&["text/event-stream"]) {
        return Some(Shape::Events);
    }
    let any = [
        "application/x-ndjson",
        "application/jsonl",
        "application/*",
        "*/*",
    ];
    (accepted.is_empty() || takes(&any)).then_some(Shape::Lines)
}

/// The number of the frame behind the one with this id.
fn seen(id: &str, epoch: u64) -> Option<u64> {
    let (of, number) = id.split_once('-')?;
    let is_of_this = u64::from_str_radix(of, 16) == Ok(epoch);
    number
        .parse::<u64>()
        .ok()?
        .checked_add(1)
        .filter(|_| is_of_this)
}

/// The number of the frame behind the last one that a client has seen, if it says so.
pub(super) fn after(headers: &HeaderMap, epoch: u64) -> Option<u64> {
    let last = headers.get(LAST_EVENT_ID)?;
    seen(last.to_str().ok()?, epoch)
}

/// An answer that goes on.
struct Showing {
    shape: Shape,
    looking: Looking,
    /// Whether nothing has been sent yet: the client is told at once that it is connected.
    is_silent: bool,
}

type Sent = Result<Frame<Bytes>, Error>;

impl Showing {
    /// The next piece; none at the end.
    async fn next(mut self) -> Option<(Sent, Self)> {
        if std::mem::take(&mut self.is_silent) && self.shape == Shape::Events {
            return Some((Ok(Frame::data(NOTHING)), self));
        }
        let pause = (self.shape == Shape::Events).then_some(SIGN_OF_LIFE);
        loop {
            let piece = match self.looking.next(pause).await {
                Seen::Frames {
                    lost,
                    first,
                    frames,
                } => self.piece(lost, first, &frames),
                Seen::Nothing => NOTHING,
                Seen::Ended | Seen::Stopped => return None,
            };
            // Lines do not tell what was lost.
            if !piece.is_empty() {
                return Some((Ok(Frame::data(piece)), self));
            }
        }
    }

    /// Frames as the client wants them.
    fn piece(&self, lost: u64, first: u64, frames: &[Bytes]) -> Bytes {
        let mut out = Vec::new();
        match self.shape {
            Shape::Lines => {
                for frame in frames {
                    on_one_line(frame, &mut out);
                }
            }
            Shape::Events => {
                if lost > 0 {
                    // Writing to memory does not fail.
                    let _ = write!(out, "event: lost\ndata: {lost}\n\n");
                }
                for (number, frame) in (first..).zip(frames) {
                    let _ = writeln!(out, "id: {:x}-{number}", self.looking.epoch);
                    for line in lines(&String::from_utf8_lossy(frame)) {
                        let _ = writeln!(out, "data: {line}");
                    }
                    out.push(b'\n');
                }
            }
        }
        out.into()
    }
}

/// The lines of a text as an event has them: `\r` alone ends one too.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .flat_map(|line| line.split('\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_one_of_its_channel_alone() {
        assert_eq!(seen("2a-7", 42), Some(8));
        for id in ["2b-7", "7", "2a-", "2a-x", "", "2a-18446744073709551615"] {
            assert_eq!(seen(id, 42), None, "{id}");
        }
    }

    #[test]
    fn clients_get_what_they_take() {
        let shape = |accept: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for kind in accept {
                headers.append(ACCEPT, HeaderValue::from_static(kind));
            }
            super::shape(&headers)
        };
        assert_eq!(shape(&["text/event-stream"]), Some(Shape::Events));
        assert_eq!(
            shape(&["text/html, Text/Event-Stream;q=0.9"]),
            Some(Shape::Events)
        );
        assert_eq!(shape(&["*/*"]), Some(Shape::Lines));
        assert_eq!(shape(&[]), Some(Shape::Lines));
        assert_eq!(shape(&["application/x-ndjson"]), Some(Shape::Lines));
        assert_eq!(shape(&["text/html"]), None);
    }

    #[test]
    fn a_frame_of_several_lines_is_one_event() {
        let all: Vec<&str> = lines("a\nb\r\nc\rd").collect();
        assert_eq!(all, ["a", "b", "c", "d"]);
    }
}
