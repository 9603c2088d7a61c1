//! What a request is for.
//!
//! A route is a method and a path, written as `POST /orders`, or a path alone for all methods. A path that ends in `/*` is for everything below it. Of several routes that
//! fit, the one with the longest path counts, and one that is no prefix before one that is.

use crate::framing::Framing;
use crate::serve::Requests;
use hyper::Method;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// A method and a path, or a path for all methods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// None for all.
    method: Option<Method>,
    /// Decoded, without the `*` of a prefix.
    path: String,
    is_prefix: bool,
}

/// What a request does with a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It sees the frames.
    Read,
    /// It brings frames.
    Write,
}

/// What requests of a route are for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Target {
    /// Their bodies become frames of a channel.
    Intake {
        /// How frames lie in a body; none: as its content type says.
        framing: Option<Framing>,
        /// The capacity of the channel in bytes.
        capacity: usize,
    },
    /// They see the frames of a channel.
    Events,
    /// A guest answers them.
    Handler(Requests),
}

/// Why a text is no route.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouteFault {
    /// It is neither a method and a path nor a path.
    #[error(
        "`{0}` is no route; write a method and a path, such as \"POST /orders\" or \"GET /alerts/*\", or for a process a path alone, such as \"/api/*\""
    )]
    Form(String),
    /// The method is no name.
    #[error("`{0}` is no method")]
    Method(String),
}

impl FromStr for Route {
    type Err = RouteFault;

    fn from_str(text: &str) -> Result<Self, RouteFault> {
        let form = || RouteFault::Form(text.to_owned());
        let (method, path) = match text.trim().split_once(' ') {
            Some((method, path)) => (Some(method), path.trim()),
            None => (None, text.trim()),
        };
        if !path.starts_with('/') || path.contains(['?', '#', ' ']) {
            return Err(form());
        }
        let (path, is_prefix) = match path.strip_suffix("/*") {
            Some(path) => (format!("{path}/"), true),
            None => (path.to_owned(), false),
        };
        if path.contains('*') {
            return Err(form());
        }
        let path = decoded(&path).ok_or_else(form)?.into_owned();
        let named = |method: &str| {
            let named = Method::from_bytes(method.as_bytes());
            // Methods are told apart by their case, and all that people write are upper.
            let named = named.ok().filter(|_| method == method.to_ascii_uppercase());
            named.ok_or_else(|| RouteFault::Method(method.to_owned()))
        };
        Ok(Self {
            method: method.map(named).transpose()?,
            path,
            is_prefix,
        })
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.is_prefix { "*" } else { "" };
        match &self.method {
            Some(method) => write!(f, "{method} {}{star}", self.path),
            None => write!(f, "{}{star}", self.path),
        }
    }
}

impl Route {
    /// What its requests do with a channel, if it is a route for one: GET reads it, POST and PUT write to it.
    pub fn of_channel(&self) -> Option<Use> {
        match self.method.as_ref()?.as_str() {
            "GET" => Some(Use::Read),
            "POST" | "PUT" => Some(Use::Write),
            _ => None,
        }
    }

    fn fits(&self, path: &str) -> bool {
        match self.is_prefix {
            true => path.starts_with(&self.path),
            false => path == self.path,
        }
    }

    /// How well it fits: the longer its path the better, and one for a method before one for all.
    fn rank(&self) -> (usize, bool, bool) {
        (self.path.len(), !self.is_prefix, self.method.is_some())
    }
}

/// A path with its escapes resolved; none if that is no text.
fn decoded(path: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(path).decode_utf8().ok()
}

/// What is found for a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a, T> {
    Route(&'a T),
    /// There is the path, for other methods.
    Methods(Vec<&'a Method>),
    Nothing,
}

/// Finds the route of a request among these.
pub(super) fn find<'a, T>(
    routes: &'a [(Route, T)],
    method: &Method,
    path: &str,
) -> Found<'a, (Route, T)> {
    let Some(path) = decoded(path) else {
        return Found::Nothing;
    };
    let fitting = || routes.iter().filter(|(route, _)| route.fits(&path));
    // What HEAD answers is what GET would, without the body.
    let asked = if method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    let is_for = |route: &Route| route.method.as_ref().is_none_or(|it| it == asked);
    let found = fitting().filter(|(route, _)| is_for(route));
    if let Some(found) = found.max_by_key(|(route, _)| route.rank()) {
        return Found::Route(found);
    }
    let methods = fitting().filter_map(|(route, _)| route.method.as_ref());
    let methods: Vec<_> = methods.collect();
    match methods.is_empty() {
        true => Found::Nothing,
        false => Found::Methods(methods),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn routes(texts: &[&str]) -> Vec<(Route, String)> {
        let routes = texts.iter();
        routes
            .map(|text| (text.parse().unwrap(), (*text).to_owned()))
            .collect()
    }

    fn found(texts: &[&str], method: &str, path: &str) -> String {
        let routes = routes(texts);
        match find(
            &routes,
            &Method::from_bytes(method.as_bytes()).unwrap(),
            path,
        ) {
            Found::Route((_, text)) => text.clone(),
            Found::Methods(methods) => format!("{methods:?}"),
            Found::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn the_longest_path_counts_and_no_prefix_before_a_prefix() {
        let all = [
            "GET /a/*",
            "GET /a/b",
            "GET /a/b/*",
            "POST /a/b",
            "/b/*",
            "GET /b/c",
        ];
        for (method, path, wanted) in [
            ("GET", "/a/b", "GET /a/b"),
            ("GET", "/a/c", "GET /a/*"),
            ("GET", "/a/b/c/d", "GET /a/b/*"),
            ("HEAD", "/a/b", "GET /a/b"),
            ("POST", "/a/b", "POST /a/b"),
            ("POST", "/a/c", "[GET]"),
            ("GET", "/a", "nothing"),
            ("GET", "/", "nothing"),
            ("PATCH", "/b/c", "/b/*"),
            ("GET", "/b/c", "GET /b/c"),
        ] {
            assert_eq!(found(&all, method, path), wanted, "{method} {path}");
        }
    }

    #[test]
    fn a_path_is_compared_by_what_it_means() {
        assert_eq!(found(&["GET /über"], "GET", "/%C3%BCber"), "GET /über");
        assert_eq!(
            found(&["POST /orders"], "POST", "/%6frders"),
            "POST /orders"
        );
        assert_eq!(found(&["POST /orders"], "POST", "/%ff"), "nothing");
    }

    #[test]
    fn what_is_no_route_is_told() {
        let fault = |text: &str| Route::from_str(text).unwrap_err().to_string();
        for text in ["orders", "POST orders", "POST /a?b", "GET /a*/b", "POST"] {
            assert!(fault(text).contains("is no route"), "{text}");
        }
        for method in ["post", "PO(ST"] {
            assert!(fault(&format!("{method} /orders")).contains("is no method"));
        }
        for text in [
            "POST /orders",
            "GET /alerts/*",
            "GET /",
            "/api/*",
            "DELETE /a",
        ] {
            assert_eq!(Route::from_str(text).unwrap().to_string(), text);
        }
    }
}
