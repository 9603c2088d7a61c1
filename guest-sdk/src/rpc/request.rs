//! One request, from its arrival to its answer.

use super::desk::{DeskState, Reading};
use super::sessions::{Key, State};
use super::wire::{self, ENVELOPE, Kind};
use crate::error::WriteError;
use crate::log;
use crate::trace::TraceContext;
use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;

/// A request, to be answered once. Dropped without a reply, it tells the client
/// that there will be none.
///
/// ```no_run
/// # async fn f(mut server: weft_guest::rpc::Server) -> weft_guest::Result {
/// if let Some(request) = server.next().await? {
///     println!("client {} asks", request.client());
///     request.reply("yes").await?;
/// }
/// # Ok(()) }
/// ```
pub struct Request {
    pub(super) server: Rc<RefCell<DeskState>>,
    pub(super) key: Key,
    pub(super) payload: Vec<u8>,
    pub(super) trace: Option<TraceContext>,
    pub(super) state: Rc<State>,
    pub(super) answered: bool,
}

impl Request {
    /// The payload of the request.
    ///
    /// ```no_run
    /// # async fn f(request: weft_guest::rpc::Request) -> weft_guest::Result {
    /// let answer = request.payload().to_ascii_uppercase();
    /// request.reply(answer).await?;
    /// # Ok(()) }
    /// ```
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Takes the payload, without copying it.
    ///
    /// ```no_run
    /// # async fn f(mut request: weft_guest::rpc::Request) -> weft_guest::Result {
    /// let text = String::from_utf8(request.take_payload())?;
    /// request.reply(text + "!").await?;
    /// # Ok(()) }
    /// ```
    pub fn take_payload(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.payload)
    }

    /// The span in which it was made, and to which the work on it belongs; see
    /// [`trace::scope`](crate::trace::scope).
    ///
    /// ```no_run
    /// # async fn f(request: weft_guest::rpc::Request) -> weft_guest::Result {
    /// let context = request.trace();
    /// weft_guest::trace::scope(context, async { request.reply("yes").await }).await?;
    /// # Ok(()) }
    /// ```
    pub fn trace(&self) -> Option<TraceContext> {
        self.trace
    }

    /// The client: the id of its writer, which the host assigns and nobody can forge.
    ///
    /// ```no_run
    /// # async fn f(request: weft_guest::rpc::Request) -> weft_guest::Result {
    /// println!("client {} asks", request.client());
    /// # Ok(()) }
    /// ```
    pub fn client(&self) -> u32 {
        self.key.0
    }

    /// Replies. True: as far as is known, the client waits; the reply is sent, with others, when the guest is about to wait.
    /// False: the client has given the request up or has ended. Or the reply is larger than the client has room for, or than
    /// this process may send in one frame; that is logged, and the client gets [`NoReply`](super::RpcError::NoReply).
    ///
    /// A problem with one client is false and not an error, so that a server that ends at errors goes on serving the others. This waits only for a client that does not read its replies.
    ///
    /// ```no_run
    /// # async fn f(request: weft_guest::rpc::Request) -> weft_guest::Result {
    /// if !request.reply("yes").await? {
    ///     println!("nobody waits for it any more");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// When this process cannot write, as without the capability `channel-writer`.
    pub async fn reply(mut self, payload: impl Into<Vec<u8>>) -> Result<bool, WriteError> {
        if !self.state.is_waited_for() {
            return Ok(false);
        }
        let frame = wire::seal(payload.into(), Kind::Reply, self.key.1);
        let replies = Rc::clone(&self.state.replies);
        let room = poll_fn(|cx| replies.poll_room(cx, frame.len())).await;
        match room.and_then(|()| replies.add_fitting(&frame)) {
            Ok(()) => {
                self.answered = true;
                Ok(true)
            }
            Err(WriteError::Drained | WriteError::Terminated) => Ok(false),
            Err(WriteError::TooLarge { most, .. }) => {
                let (bytes, client) = (frame.len(), self.client());
                log::write(
                    log::Level::Warn,
                    module_path!(),
                    "a reply is larger than its client has room for",
                    &[("bytes", &bytes), ("room", &most), ("client", &client)],
                );
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the client has given this request up, or has ended. Reads what is there and
    /// does not wait.
    ///
    /// ```no_run
    /// # async fn f(request: weft_guest::rpc::Request) -> weft_guest::Result {
    /// if !request.is_cancelled() {
    ///     request.reply("yes").await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn is_cancelled(&self) -> bool {
        if !self.state.cancelled.get() {
            self.server.borrow_mut().look();
        }
        !self.state.is_waited_for()
    }

    /// Returns when the client gives this request up, or ends; never, if it does neither.
    ///
    /// ```no_run
    /// # async fn f(request: weft_guest::rpc::Request) -> weft_guest::Result {
    /// use weft_guest::futures::{FutureExt, select};
    /// use weft_guest::time::sleep;
    /// let work = sleep(std::time::Duration::from_secs(5));
    /// let done = select! {
    ///     () = work.fuse() => true,
    ///     () = request.cancelled().fuse() => false,
    /// };
    /// if done {
    ///     request.reply("done").await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn cancelled(&self) {
        let waiter = self.server.borrow_mut().sessions.new_waiter(self.key);
        let reading = Reading(&self.server, Some(waiter));
        poll_fn(|cx| {
            let mut server = reading.0.borrow_mut();
            server.poll_cancelled(cx, &self.server, waiter, &self.state)
        })
        .await;
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        if !self.answered && !self.state.cancelled.get() {
            let frame = wire::seal(Vec::with_capacity(ENVELOPE), Kind::NoReply, self.key.1);
            // A client without room for this cannot receive anything.
            let _ = self.state.replies.add_fitting(&frame);
        }
        let mut shared = self.server.borrow_mut();
        shared.sessions.finish(self.key, &self.state);
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("client", &self.client())
            .field("payload", &self.payload)
            .finish_non_exhaustive()
    }
}
