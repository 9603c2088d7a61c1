//! Where others connect.
//!
//! An accept tries first and waits second. Where other futures run too the wait takes nobody, so an accept that is given up loses nobody.

use super::{Connection, ListenOptions, NetError};
use crate::bindings::networks::weft::fabric::{net as raw, net_async};
use crate::task::{Call, Pending};
use futures::future::LocalBoxFuture;
use futures::stream::{self, FusedStream};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;

/// A place where others connect. Dropping it closes it; connections that were accepted stay.
///
/// ```no_run
/// # async fn f() -> weft_guest::Result {
/// use weft_guest::net::Listener;
/// let listener = Listener::listen("tcp://0.0.0.0:7000")?;
/// let client = listener.accept().await?;
/// println!("{} is here", client.remote);
/// # Ok(()) }
/// ```
pub struct Listener {
    raw: Rc<raw::Listener>,
    kept: Kept<raw::Connection>,
}

impl Listener {
    /// Listens on `tcp://ADDRESS:PORT`, where ADDRESS is one of this machine; port 0 for any that is free.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// let listener = weft_guest::net::Listener::listen("tcp://127.0.0.1:0")?;
    /// println!("listening on {}", listener.address());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NetError`]: why not. Without a right, [`NetError::PermissionDenied`].
    pub fn listen(address: &str) -> Result<Self, NetError> {
        Self::listen_with(address, ListenOptions::new())
    }

    /// The same with options, also on `tls://ADDRESS:PORT`.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// use weft_guest::net::{Listener, ListenOptions};
    /// let listener = Listener::listen_with("tls://0.0.0.0:8443", ListenOptions::new().certificate("www"))?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Listener::listen`].
    pub fn listen_with(address: &str, options: ListenOptions) -> Result<Self, NetError> {
        let raw = raw::Listener::listen(address, &options.into_raw())?;
        Ok(Listener {
            raw: Rc::new(raw),
            kept: Kept::default(),
        })
    }

    /// The address, with the port that it has.
    ///
    /// ```no_run
    /// # fn f(listener: weft_guest::net::Listener) {
    /// println!("listening on {}", listener.address());
    /// # }
    /// ```
    pub fn address(&self) -> String {
        self.raw.address()
    }

    /// Takes the next connection, waiting for one. A call that is dropped before it is ready has taken none.
    ///
    /// ```no_run
    /// # async fn f(listener: weft_guest::net::Listener) -> weft_guest::Result {
    /// loop {
    ///     let client = listener.accept().await?;
    ///     client.output.write("welcome\n").await?.or_dropped();
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NetError::Exhausted`] when this process holds as many handles as it may: the connection is closed.
    pub async fn accept(&self) -> Result<Connection, NetError> {
        let accepted = accept(&self.kept, || AcceptCall(Rc::clone(&self.raw))).await;
        Ok(Connection::from_raw(accepted?))
    }

    /// Takes the next connection without waiting.
    ///
    /// ```no_run
    /// # fn f(listener: weft_guest::net::Listener) -> weft_guest::Result {
    /// use weft_guest::net::NetError;
    /// match listener.try_accept() {
    ///     Err(NetError::WouldBlock) => println!("nobody is there yet"),
    ///     client => println!("{} is here", client?.remote),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NetError::WouldBlock`] where [`Listener::accept`] would wait, and as there.
    pub fn try_accept(&self) -> Result<Connection, NetError> {
        let accepted = self.kept.take().unwrap_or_else(|| self.raw.try_accept());
        Ok(Connection::from_raw(accepted?))
    }

    /// Takes the next connection, waiting on the guest's own stack. For a plain `fn main`, not for `async fn main`.
    ///
    /// ```no_run
    /// # fn f(listener: weft_guest::net::Listener) -> weft_guest::Result {
    /// use weft_guest::blocking::{Reader, Writer};
    /// let client = listener.accept_blocking()?;
    /// let (mut input, output) = (Reader::from(client.input), Writer::from(client.output));
    /// while let Some(frame) = input.read()? {
    ///     output.write(&frame.payload)?.or_dropped();
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Listener::accept`].
    pub fn accept_blocking(&self) -> Result<Connection, NetError> {
        crate::task::buffers::flush_and_wait();
        let accepted = self.kept.take().unwrap_or_else(|| self.raw.accept());
        Ok(Connection::from_raw(accepted?))
    }

    /// The connections as a stream.
    ///
    /// ```no_run
    /// # async fn f(listener: weft_guest::net::Listener) -> weft_guest::Result {
    /// use weft_guest::StreamExt;
    /// let mut clients = listener.incoming();
    /// while let Some(client) = clients.next().await {
    ///     println!("{} is here", client?.remote);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn incoming(&self) -> Pin<Box<dyn FusedStream<Item = Result<Connection, NetError>> + '_>> {
        Box::pin(stream::unfold(self, async |listener| {
            Some((listener.accept().await, listener))
        }))
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("raw", &self.raw)
            .finish_non_exhaustive()
    }
}

type Taken<T> = Result<T, raw::Error>;

/// What was taken on the guest's own stack for a wait that was dropped.
pub(super) struct Kept<T>(RefCell<VecDeque<Taken<T>>>);

impl<T> Kept<T> {
    pub(super) fn take(&self) -> Option<Taken<T>> {
        self.0.borrow_mut().pop_front()
    }
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Kept(RefCell::default())
    }
}

/// The result of a wait for somebody to arrive.
pub(crate) enum Wait<T> {
    /// On the guest's own stack: it was taken.
    Took(Taken<T>),
    /// Somebody is there.
    Arrived,
}

/// A wait that keeps what it has taken when it is given up.
struct Waiting<'a, T: 'static, C: Call<Output = Wait<T>>> {
    kept: &'a Kept<T>,
    pending: Pending<C>,
}

impl<T: 'static, C: Call<Output = Wait<T>>> Drop for Waiting<'_, T, C> {
    fn drop(&mut self) {
        if let Some(Wait::Took(taken)) = self.pending.take_done() {
            self.kept.0.borrow_mut().push_back(taken);
        }
    }
}

/// A call that can be tried first.
pub(super) trait Accept<T>: Call<Output = Wait<T>> {
    /// Takes who is there, without waiting.
    fn try_take(&self) -> Taken<T>;
}

/// Takes the next one, waiting for it.
pub(super) async fn accept<T: 'static, C: Accept<T>>(
    kept: &Kept<T>,
    call: impl Fn() -> C,
) -> Taken<T> {
    loop {
        let call = call();
        match kept.take().unwrap_or_else(|| call.try_take()) {
            Err(raw::Error::WouldBlock) => {}
            taken => return taken,
        }
        let pending = Pending::new(call);
        let mut waiting = Waiting { kept, pending };
        if let Wait::Took(taken) = poll_fn(|cx| waiting.pending.poll(cx)).await {
            return taken;
        }
    }
}

struct AcceptCall(Rc<raw::Listener>);

impl Accept<raw::Connection> for AcceptCall {
    fn try_take(&self) -> Taken<raw::Connection> {
        self.0.try_accept()
    }
}

impl Call for AcceptCall {
    type Output = Wait<raw::Connection>;

    fn wait(self) -> Self::Output {
        Wait::Took(self.0.accept())
    }

    fn start(self) -> LocalBoxFuture<'static, Self::Output> {
        Box::pin(async move {
            net_async::await_connection(&self.0).await;
            Wait::Arrived
        })
    }
}
