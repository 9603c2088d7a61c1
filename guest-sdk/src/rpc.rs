//! Requests and replies over channels.
//!
//! A server reads requests from one channel; any number of clients write to it.
//! A client's first request carries the writer of a channel for its replies. The server keeps that writer under
//! the id that the host gives the client's requests, which cannot be forged.
//!
//! ```no_run
//! # mod server {
//! use weft_guest::{Reader, rpc::Server};
//!
//! // Answers until the last client is gone.
//! #[weft_guest::main]
//! async fn main(requests: Reader) -> weft_guest::Result {
//!     let mut server = Server::new(requests);
//!     while let Some(request) = server.next().await? {
//!         let answer = request.payload().to_ascii_uppercase();
//!         request.reply(answer).await?;
//!     }
//!     Ok(())
//! }
//! # }
//! # mod client {
//! use weft_guest::{Writer, rpc::Client};
//!
//! #[weft_guest::main]
//! async fn main(server: Writer) -> weft_guest::Result<String> {
//!     let client = Client::new(server);
//!     let answer = client.call("hello").await?;
//!     Ok(String::from_utf8(answer)?)
//! }
//! # }
//! # fn main() {}
//! ```
//!
//! Failures are reported, and no call waits for a reply that cannot come:
//! - The server ends: every call under way fails with [`RpcError::ServerGone`],
//!   at once. The next one looks for a server anew.
//! - The server drops a request: its call fails with [`RpcError::NoReply`].
//! - A call is given up, or its client ends: the server is told; see [`Request::cancelled`].
//! - A restarted client is a new client, even if it has the id of its predecessor.
//! - A reply is larger than its client has room for: its call fails with [`RpcError::NoReply`], and no other.
//! - The server forgets clients that have been idle longest when there are too
//!   many. They notice by themselves, and nothing is lost.
//!
//! A request that no server has read waits for one; use [`Client::call_within`]
//! where that is not wanted. Only for `async fn main`; a plain `fn main` asks with
//! [`crate::blocking::Client`].

mod calls;
mod client;
mod desk;
mod request;
mod server;
mod sessions;
mod typed;
pub(crate) mod wire;

pub(crate) use calls::MAX_GIVEN_UP;
pub use client::Client;
pub use request::Request;
pub use server::Server;
pub use typed::{TypedClient, TypedRequest, TypedRpcError, TypedServer};

use crate::error::{CallError, WriteError};

/// Why a call has no reply.
///
/// ```no_run
/// # async fn f(client: weft_guest::rpc::Client) -> weft_guest::Result {
/// use weft_guest::rpc::RpcError;
/// match client.call("hello").await {
///     Err(RpcError::ServerGone) => println!("it may have done it or not"),
///     reply => println!("{} bytes", reply?.len()),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RpcError {
    /// The server has ended, or has closed its side. It may have done what was
    /// asked or not.
    #[error("the server is gone")]
    ServerGone,
    /// The server has dropped the request without a reply, or its reply is larger than
    /// this client has room for; see [`Client::with_capacity`].
    #[error("the server gave no reply")]
    NoReply,
    /// No reply came in time.
    #[error("no reply came in time")]
    TimedOut,
    /// The channel of requests drops frames that find no room, and dropped this request.
    #[error("the request was dropped: its channel had no room")]
    Dropped,
    /// The request could not be sent.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// No channel for replies could be made.
    #[error(transparent)]
    Open(#[from] CallError),
}

/// Counts an ignored frame, and logs the first one.
pub(crate) fn ignore(count: &mut u64, what: &str) {
    if *count == 0 {
        let level = crate::log::Level::Warn;
        crate::log::write(level, module_path!(), what, &[]);
    }
    *count += 1;
}
