//! Whose pages may use a listener.
//!
//! A browser says of whose page a request is, in `Origin`. It keeps answers from pages of others unless the answer says that they may
//! have them (CORS), but it sends requests for them all the same, and opens WebSockets. So a request of a page that is neither the
//! listener's own nor of one of [`Origins`] is refused here.
//!
//! What is no browser sends no `Origin`, or any: this keeps nobody out who is not behind a browser.

use super::answer::{Answer, Body, whole};
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HOST,
    HeaderMap, HeaderValue, ORIGIN, VARY,
};
use hyper::http::uri::Authority;
use hyper::{Method, Request, Response, StatusCode, Uri};
use std::str::FromStr;

/// The headers of a request that are read here, besides those that every page may send.
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static("content-type, last-event-id");

/// The header of an answer that a script may want to read, besides those that each may.
const ANSWER_HEADERS: HeaderValue = HeaderValue::from_static("retry-after");

/// How long a browser may remember what it was permitted, in seconds: ten minutes, so that a change is seen soon.
const REMEMBERED: HeaderValue = HeaderValue::from_static("600");

/// Whose pages may use a listener, besides its own. Default: nobody's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Allowed);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Allowed {
    These(Vec<Origin>),
    All,
}

impl Default for Allowed {
    fn default() -> Self {
        Self::These(Vec::new())
    }
}

/// Where a page is from.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: String,
    /// None if it is the usual one of the scheme.
    port: Option<u16>,
}

/// Why a text is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no origin; write a scheme and a host, such as \"https://app.example\" or \"http://localhost:3000\""
)]
pub struct OriginFault(String);

impl Origins {
    /// Everybody's.
    pub fn all() -> Self {
        Self(Allowed::All)
    }

    /// Those from these places, as `https://app.example`.
    ///
    /// # Errors
    /// [`OriginFault`] when one is not a scheme and a host.
    pub fn these<'a>(origins: impl IntoIterator<Item = &'a str>) -> Result<Self, OriginFault> {
        let origins = origins.into_iter().map(|text| {
            let origin = Origin::from_str(text);
            origin.map_err(|()| OriginFault(text.to_owned()))
        });
        Ok(Self(Allowed::These(origins.collect::<Result<_, _>>()?)))
    }

    /// Of whose page a request is.
    pub(super) fn caller(&self, request: &Request<Incoming>) -> Caller {
        self.caller_of(request.headers(), request.uri())
    }

    fn caller_of(&self, headers: &HeaderMap, uri: &Uri) -> Caller {
        let mut origins = headers.get_all(ORIGIN).iter();
        let Some(origin) = origins.next() else {
            return Caller::Own;
        };
        let text = String::from_utf8_lossy(origin.as_bytes()).into_owned();
        match &self.0 {
            Allowed::All => return Caller::Allowed(HeaderValue::from_static("*")),
            // Two of them are nobody's.
            Allowed::These(_) if origins.next().is_some() => {}
            Allowed::These(all) => match Origin::from_str(&text) {
                Ok(from) if all.contains(&from) => return Caller::Allowed(origin.clone()),
                Ok(from) if from.is_at(headers, uri) => return Caller::Own,
                // Such as `null`, of a page that is nobody's.
                _ => {}
            },
        }
        Caller::Other(text)
    }

    /// Says in an answer whether it is for the page that asked.
    pub(super) fn mark(&self, caller: &Caller, response: &mut Response<Body>) {
        let headers = response.headers_mut();
        if matches!(&self.0, Allowed::These(all) if !all.is_empty()) {
            // The answer depends on it, as whoever keeps answers has to know.
            headers.append(VARY, ORIGIN.into());
        }
        if let Caller::Allowed(origin) = caller {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, ANSWER_HEADERS);
        }
    }
}

impl FromStr for Origin {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.to_ascii_lowercase();
        let (scheme, rest) = text.split_once("://").ok_or(())?;
        let authority = Authority::from_str(rest).map_err(drop)?;
        if rest.contains('@') || authority.host().is_empty() || scheme.is_empty() {
            return Err(());
        }
        let is_of_scheme = |it: char| it.is_ascii_alphanumeric() || "+-.".contains(it);
        // What is behind the host is a port, or nothing.
        let is_whole = authority.port().is_some() || rest.len() == authority.host().len();
        if !scheme.chars().all(is_of_scheme) || !is_whole {
            return Err(());
        }
        Ok(Self {
            port: port(&authority, scheme),
            host: authority.host().to_owned(),
            scheme: scheme.to_owned(),
        })
    }
}

/// The port, if it is not the usual one of the scheme.
fn port(authority: &Authority, scheme: &str) -> Option<u16> {
    let usual = match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    };
    authority.port_u16().filter(|port| Some(*port) != usual)
}

impl Origin {
    /// Whether it is where the request went. Only the page's scheme is known: in front of the listener may be a proxy that speaks TLS.
    fn is_at(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let host = || headers.get(HOST)?.to_str().ok()?.parse().ok();
        let Some(authority) = uri.authority().cloned().or_else(host) else {
            return false;
        };
        authority.host().eq_ignore_ascii_case(&self.host)
            && port(&authority, &self.scheme) == self.port
    }
}

/// Of whose page a request is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// Of the listener's own, or of none.
    Own,
    /// Of one that may use it; what the answer says of that.
    Allowed(HeaderValue),
    /// Of another.
    Other(String),
}

impl Caller {
    /// The answer to one that may not use the listener; none if it may.
    pub(super) fn refused(&self) -> Option<Response<Body>> {
        let Self::Other(origin) = self else {
            return None;
        };
        let text = format!("pages of {origin} may not use this; `origins` says whose may");
        Some(Answer::refused(StatusCode::FORBIDDEN, text).response())
    }

    /// The answer to a question whether a page may send a request of this method.
    pub(super) fn permit(&self, method: &Method) -> Response<Body> {
        if let Some(refused) = self.refused() {
            return refused;
        }
        let mut response = Response::new(whole(Bytes::new()));
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        if let Ok(method) = HeaderValue::from_str(method.as_str()) {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, method);
        }
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
        headers.insert(ACCESS_CONTROL_MAX_AGE, REMEMBERED);
        response
    }
}

/// The method that a browser asks about before it sends a request for a page (a preflight), if that is what a request is.
pub(super) fn asked_about(request: &Request<Incoming>) -> Option<Method> {
    if *request.method() != Method::OPTIONS || !request.headers().contains_key(ORIGIN) {
        return None;
    }
    let method = request.headers().get(ACCESS_CONTROL_REQUEST_METHOD)?;
    Method::from_bytes(method.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn caller(origins: &Origins, origin: &'static str, host: &'static str) -> Caller {
        let mut headers = HeaderMap::new();
        headers.insert(ORIGIN, HeaderValue::from_static(origin));
        headers.insert(HOST, HeaderValue::from_static(host));
        origins.caller_of(&headers, &Uri::from_static("/alerts"))
    }

    #[test]
    fn a_page_is_its_own_by_host_and_port() {
        let none = Origins::default();
        for (origin, host, is_own) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080", true),
            ("https://Shop.example", "shop.example", true),
            ("https://shop.example", "shop.example:443", true),
            ("http://shop.example:80", "shop.example", true),
            ("http://[::1]:8080", "[::1]:8080", true),
            ("http://shop.example", "shop.example:443", false),
            ("http://127.0.0.1:8081", "127.0.0.1:8080", false),
            ("http://127.0.0.1", "127.0.0.1:8080", false),
            ("https://shop.example.evil.example", "shop.example", false),
            ("https://evil.example@shop.example", "shop.example", false),
            ("null", "shop.example", false),
            ("", "shop.example", false),
        ] {
            let own = caller(&none, origin, host) == Caller::Own;
            assert_eq!(own, is_own, "{origin} at {host}");
        }
        // In HTTP/2 the host is in the address.
        let mut headers = HeaderMap::new();
        headers.insert(ORIGIN, HeaderValue::from_static("https://shop.example"));
        let uri = Uri::from_static("https://shop.example/alerts");
        assert_eq!(none.caller_of(&headers, &uri), Caller::Own);
        headers.append(ORIGIN, HeaderValue::from_static("https://shop.example"));
        assert!(matches!(none.caller_of(&headers, &uri), Caller::Other(_)));
    }

    #[test]
    fn pages_of_those_who_are_named_are_allowed() {
        let some = Origins::these(["https://app.example", "http://localhost:3000"]).unwrap();
        for (origin, is_allowed) in [
            ("https://app.example", true),
            ("https://APP.example:443", true),
            ("http://localhost:3000", true),
            ("http://app.example", false),
            ("https://app.example:444", false),
            ("https://x.app.example", false),
            ("null", false),
        ] {
            let found = caller(&some, origin, "shop.example");
            let allowed = found == Caller::Allowed(HeaderValue::from_static(origin));
            assert_eq!(allowed, is_allowed, "{origin}: {found:?}");
        }
        let any = caller(&Origins::all(), "null", "shop.example");
        assert_eq!(any, Caller::Allowed(HeaderValue::from_static("*")));
    }

    #[test]
    fn what_is_no_origin_is_told() {
        for text in [
            "app.example",
            "https://",
            "https://app.example/",
            "https://app.example/x",
            "https://me@app.example",
            "https://app.example:",
            "https://app.example:x",
            "https://über.example",
            "*",
            "null",
        ] {
            let fault = Origins::these([text]).unwrap_err().to_string();
            assert!(fault.contains("is no origin"), "{text}");
        }
    }
}
