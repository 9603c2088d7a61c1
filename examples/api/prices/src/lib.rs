//! Answers `GET /THING` with its price in cents. It exports `wasi:http/incoming-handler` 0.2, so each request has an instance of its own.

use std::io::Write as _;
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

mod export {
    #![allow(missing_docs, unsafe_code)]
    use super::Prices;
    wasip2::http::proxy::export!(Prices);
}

const PRICES: [(&str, u32); 3] = [("apple", 40), ("pear", 55), ("plum", 15)];

struct Prices;

impl Guest for Prices {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        let thing = path.trim_start_matches('/');
        let found = PRICES.iter().find(|(name, _)| *name == thing);
        match found {
            Some((_, price)) => answer(out, 200, &format!("{price}\n")),
            None => answer(out, 404, &format!("there is no price of `{thing}`\n")),
        }
    }
}

fn answer(out: ResponseOutparam, status: u16, text: &str) {
    let response = OutgoingResponse::new(Fields::new());
    // Fails for what is no status.
    let _ = response.set_status_code(status);
    let Ok(body) = response.body() else {
        return;
    };
    ResponseOutparam::set(out, Ok(response));
    if let Ok(mut stream) = body.write() {
        // The client may have gone.
        let _ = stream.write_all(text.as_bytes());
        let _ = stream.flush();
    }
    let _ = OutgoingBody::finish(body, None);
}
