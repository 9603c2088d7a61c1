//! What a request is for.
//!
//! A route is a method and a path, written as `POST /orders`. A path that ends in `/*` is for everything below it. Of several routes that
//! fit, the one with the longest path counts, and one that is no prefix before one that is.

use crate::framing::Framing;
use hyper::Method;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// A method and a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    method: Method,
    /// Decoded, without the `*` of a prefix.
    path: String,
    is_prefix: bool,
}

/// What requests of a route are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

/// Why a text is no route.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouteFault {
    /// It is not a method and a path.
    #[error(
        "`{0}` is no route; write a method and a path, such as \"POST /orders\" or \"GET /alerts/*\""
    )]
    Form(String),
    /// The method is for nothing here.
    #[error("`{0}` is no method of a route to a channel; POST and PUT write to it, GET reads it")]
    Method(String),
}

impl FromStr for Route {
    type Err = RouteFault;

    fn from_str(text: &str) -> Result<Self, RouteFault> {
        let form = || RouteFault::Form(text.to_owned());
        let (method, path) = text.trim().split_once(' ').ok_or_else(form)?;
        let path = path.trim();
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
        match method {
            "GET" => Ok(Method::GET),
            "POST" => Ok(Method::POST),
            "PUT" => Ok(Method::PUT),
            other => Err(RouteFault::Method(other.to_owned())),
        }
        .map(|method| Self {
            method,
            path,
            is_prefix,
        })
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.is_prefix { "*" } else { "" };
        write!(f, "{} {}{star}", self.method, self.path)
    }
}

impl Route {
    /// Whether its requests read a channel rather than write to it.
    pub fn reads(&self) -> bool {
        self.method == Method::GET
    }

    fn fits(&self, path: &str) -> bool {
        match self.is_prefix {
            true => path.starts_with(&self.path),
            false => path == self.path,
        }
    }

    /// How well it fits: the longer its path the better.
    fn rank(&self) -> (usize, bool) {
        (self.path.len(), !self.is_prefix)
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
    let found = fitting().filter(|(route, _)| route.method == *asked);
    if let Some(found) = found.max_by_key(|(route, _)| route.rank()) {
        return Found::Route(found);
    }
    let methods: Vec<_> = fitting().map(|(route, _)| &route.method).collect();
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
        let all = ["GET /a/*", "GET /a/b", "GET /a/b/*", "POST /a/b"];
        for (method, path, wanted) in [
            ("GET", "/a/b", "GET /a/b"),
            ("GET", "/a/c", "GET /a/*"),
            ("GET", "/a/b/c/d", "GET /a/b/*"),
            ("HEAD", "/a/b", "GET /a/b"),
            ("POST", "/a/b", "POST /a/b"),
            ("POST", "/a/c", "[GET]"),
            ("GET", "/a", "nothing"),
            ("GET", "/", "nothing"),
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
        for text in ["/orders", "POST orders", "POST /a?b", "GET /a*/b", "POST"] {
            assert!(fault(text).contains("is no route"), "{text}");
        }
        assert!(fault("DELETE /orders").contains("`DELETE` is no method"));
        for text in ["POST /orders", "GET /alerts/*", "GET /"] {
            assert_eq!(Route::from_str(text).unwrap().to_string(), text);
        }
    }
}
