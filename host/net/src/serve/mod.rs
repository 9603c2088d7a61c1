//! Guests that answer HTTP requests: components that export `wasi:http/incoming-handler` (0.2) or `wasi:http/handler` (0.3).
//!
//! ```text
//! serve/requests    requests on their way to an instance; what listens puts them in
//! serve/service     the program that keeps as many instances as there is work for
//! serve/instance    one instance: a process that takes requests; `plain` calls those of 0.2, `concurrent` those of 0.3
//! serve/body        the bodies of requests and answers, with their ends
//! serve/traced      the span of a request
//! serve/settings    how many instances, and how long
//! ```
//!
//! An instance is a process like any other, a child of the service: it has the rights and limits that the service gives it, and a log.
//!
//! Invariants:
//! - A request that was taken gets one answer: the guest's, or what became of it instead.
//! - What ends an instance ends its own requests, and no others.
//! - A service that is replaced hands what waits to its successor.

mod body;
mod concurrent;
mod instance;
mod plain;
mod requests;
mod service;
mod settings;
mod traced;

pub(crate) use body::bounded;
pub use requests::Requests;
pub(crate) use requests::{Asked, Unanswered};
pub use service::Service;
pub use settings::Settings;
pub(crate) use traced::TRACEPARENT;
