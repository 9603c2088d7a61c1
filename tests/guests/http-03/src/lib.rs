//! Answers HTTP requests by `wasi:http` 0.3, several at once. The path says how: well, badly, or with what another server says.

mod asking;
mod hoard;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Poll};
use wasip3::clocks::monotonic_clock::wait_for;
use wasip3::exports::http::handler::Guest;
use wasip3::http::types;
use wasip3::http_compat::{IncomingRequestBody, http_from_wasi_request, http_into_wasi_response};

mod export {
    #![allow(missing_docs, unsafe_code)]
    use super::Web;
    wasip3::http::service::export!(Web);
}

struct Web;

type Answer = Response<UnsyncBoxBody<Bytes, types::ErrorCode>>;

thread_local! {
    static SERVED: Cell<u32> = const { Cell::new(0) };
}

impl Guest for Web {
    async fn handle(request: types::Request) -> Result<types::Response, types::ErrorCode> {
        let request = http_from_wasi_request(request)?;
        http_into_wasi_response(answer(request).await?)
    }
}

async fn answer(request: Request<IncomingRequestBody>) -> Result<Answer, types::ErrorCode> {
    SERVED.set(SERVED.get() + 1);
    let uri = request.uri().clone();
    let query = uri.query().unwrap_or_default();
    Ok(match uri.path() {
        "/hello" => say(200, "hello"),
        "/count" => say(200, SERVED.get().to_string()),
        "/seen" => say(200, format!("{} {uri}", request.method())),
        "/echo" => Response::new(request.into_body().boxed_unsync()),
        "/wait" => {
            let millis: u64 = query.parse().unwrap();
            wait_for(millis * 1_000_000).await;
            say(200, "waited")
        }
        "/trap" => panic!("asked to"),
        "/spin" => loop {
            std::hint::black_box(());
        },
        "/spin-later" => {
            wasip3::spawn_local(async {
                wait_for(1_000_000).await;
                loop {
                    std::hint::black_box(());
                }
            });
            say(200, "spins")
        }
        "/never" => {
            wait_for(3_600_000_000_000).await;
            say(200, "after all")
        }
        "/error" => return Err(types::ErrorCode::LoopDetected),
        "/endless" => Response::new(Endless.boxed_unsync()),
        "/half" => Response::new(Half(false).boxed_unsync()),
        "/hoard" => hoard::hoard(query),
        "/calls" => say(200, asking::calls(query).await),
        "/get" => match asking::get(query).await {
            Ok((status, body)) => say(status, body),
            Err(code) => say(200, format!("{code:?}")),
        },
        "/gets" => say(200, asking::gets(query).await),
        "/timed" => say(200, asking::timed(query).await),
        "/hold" => {
            asking::hold(query).await;
            say(200, "held")
        }
        _ => say(404, "nothing"),
    })
}

fn say(status: u16, text: impl Into<Bytes>) -> Answer {
    let body = Full::new(text.into()).map_err(|never| match never {});
    let response = Response::builder().status(status);
    let response = response.header("content-type", "text/plain");
    response.body(body.boxed_unsync()).unwrap()
}

/// A body that traps after its first half.
struct Half(bool);

impl Body for Half {
    type Data = Bytes;
    type Error = types::ErrorCode;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, types::ErrorCode>>> {
        assert!(!self.0, "asked to");
        self.0 = true;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"half")))))
    }
}

/// A body without end.
struct Endless;

impl Body for Endless {
    type Data = Bytes;
    type Error = types::ErrorCode;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, types::ErrorCode>>> {
        let piece = Bytes::from_static(&[b'x'; 16 << 10]);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}
