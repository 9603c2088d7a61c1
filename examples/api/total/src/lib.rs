//! Answers `GET /api/total?apple&pear` with the sum of their prices, for which it asks another server, all at once. It exports
//! `wasi:http/handler` 0.3, so one instance answers several requests at the same time.

use bytes::Bytes;
use futures::future::try_join_all;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use serde_json::json;
use wasip3::exports::http::handler::Guest;
use wasip3::http::client;
use wasip3::http::types::{self, ErrorCode};
use wasip3::http_compat::{
    http_from_wasi_request, http_from_wasi_response, http_into_wasi_request,
    http_into_wasi_response,
};

mod export {
    #![allow(missing_docs, unsafe_code)]
    use super::Total;
    wasip3::http::service::export!(Total);
}

/// The variable that says where prices are.
const PRICES: &str = "PRICES";

struct Total;

impl Guest for Total {
    async fn handle(request: types::Request) -> Result<types::Response, ErrorCode> {
        let request = http_from_wasi_request(request)?;
        let things = request.uri().query().unwrap_or_default();
        let asked = things.split('&').filter(|it| !it.is_empty());
        let (status, said) = match try_join_all(asked.map(price)).await {
            Ok(prices) => (
                StatusCode::OK,
                json!({ "total": prices.iter().sum::<u32>() }),
            ),
            Err(Failed::Unknown(thing)) => (
                StatusCode::NOT_FOUND,
                json!({ "error": format!("nobody sells `{thing}`") }),
            ),
            Err(Failed::Server(code)) => (
                StatusCode::BAD_GATEWAY,
                json!({ "error": format!("the prices cannot be had: {code}") }),
            ),
        };
        let response = Response::builder()
            .status(status)
            .header("content-type", "application/json")
            .body(format!("{said}\n"));
        let response = response.map_err(|error| failed(&error))?;
        http_into_wasi_response(response)
    }
}

/// Why there is no price.
enum Failed {
    Unknown(String),
    Server(ErrorCode),
}

impl From<ErrorCode> for Failed {
    fn from(code: ErrorCode) -> Self {
        Self::Server(code)
    }
}

/// Asks for the price of a thing.
async fn price(thing: &str) -> Result<u32, Failed> {
    let server = std::env::var(PRICES).unwrap_or_default();
    let request = Request::get(format!("{server}/{thing}")).body(Empty::<Bytes>::new());
    let request = http_into_wasi_request(request.map_err(|error| failed(&error))?)?;
    let response = http_from_wasi_response(client::send(request).await?)?;
    if response.status() == StatusCode::NOT_FOUND {
        return Err(Failed::Unknown(thing.to_owned()));
    }
    let body = response.into_body().collect().await?.to_bytes();
    let text = String::from_utf8_lossy(&body);
    Ok(text.trim().parse().map_err(|error| failed(&error))?)
}

fn failed(error: &impl ToString) -> ErrorCode {
    ErrorCode::InternalError(Some(error.to_string()))
}
