//! Connections over QUIC: any number of streams in one, each a [`Connection`] of its own, and datagrams.
//!
//! ```no_run
//! # async fn f() -> weft_guest::Result {
//! use weft_guest::net::quic::Session;
//! let session = Session::connect("quic://example.org:4433").await?;
//! let stream = session.open().await?;
//! stream.output.write("hello").await?.or_dropped();
//! # Ok(()) }
//! ```

use super::listener::{Accept, Kept, accept};
use super::{ConnectOptions, Connection, ListenOptions, NetError, Wait};
use crate::bindings::networks::weft::fabric::{net, quic as raw, quic_async};
use crate::channel::{Reader, Writer};
use crate::task::{Call, Pending};
use futures::future::LocalBoxFuture;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;

/// A connection. Dropping it closes it once its streams are done.
///
/// ```no_run
/// # async fn f() -> weft_guest::Result {
/// use weft_guest::net::quic::Session;
/// let session = Session::connect("quic://example.org:4433").await?;
/// println!("connected with {}", session.remote());
/// # Ok(()) }
/// ```
pub struct Session {
    raw: Rc<raw::Session>,
    kept: Kept<net::Connection>,
}

impl Session {
    /// Connects to `quic://HOST:PORT`. The host checks that the certificate is HOST's.
    ///
    /// ```no_run
    /// # async fn f() -> weft_guest::Result {
    /// let session = weft_guest::net::quic::Session::connect("quic://example.org:4433").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NetError`]: why not. Without a right, [`NetError::PermissionDenied`].
    pub async fn connect(address: &str) -> Result<Self, NetError> {
        Self::connect_with(address, ConnectOptions::new()).await
    }

    /// The same with options. The capacity is that of each stream.
    ///
    /// ```no_run
    /// # async fn f() -> weft_guest::Result {
    /// use weft_guest::net::{ConnectOptions, quic::Session};
    /// let options = ConnectOptions::new().protocol("echo");
    /// let session = Session::connect_with("quic://example.org:4433", options).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Session::connect`].
    pub async fn connect_with(address: &str, options: ConnectOptions) -> Result<Self, NetError> {
        let address = address.to_owned();
        let mut connecting = Pending::new(Connecting { address, options });
        let connected = poll_fn(|cx| connecting.poll(cx)).await;
        Ok(Self::of(connected?))
    }

    fn of(raw: raw::Session) -> Self {
        Session {
            raw: Rc::new(raw),
            kept: Kept::default(),
        }
    }

    /// The address of the other side, as `quic://192.0.2.1:40612`.
    ///
    /// ```no_run
    /// # fn f(session: weft_guest::net::quic::Session) {
    /// println!("connected with {}", session.remote());
    /// # }
    /// ```
    pub fn remote(&self) -> String {
        self.raw.remote()
    }

    /// The names in its certificate, if it showed one and it was believed.
    ///
    /// ```no_run
    /// # fn f(session: weft_guest::net::quic::Session) {
    /// let is_ada = session.names().iter().any(|name| name == "ada.example");
    /// # }
    /// ```
    pub fn names(&self) -> Vec<String> {
        self.raw.names()
    }

    /// The protocol that was agreed on, if any was offered.
    ///
    /// ```no_run
    /// # fn f(session: weft_guest::net::quic::Session) {
    /// println!("{:?}", session.protocol());
    /// # }
    /// ```
    pub fn protocol(&self) -> Option<String> {
        self.raw.protocol()
    }

    /// Opens a stream. It waits as long as the other side takes no more of them. The other side hears of it with the first frame.
    ///
    /// ```no_run
    /// # async fn f(session: weft_guest::net::quic::Session) -> weft_guest::Result {
    /// let mut stream = session.open().await?;
    /// stream.output.write("a question").await?.or_dropped();
    /// drop(stream.output); // that was all
    /// println!("{:?}", stream.input.read().await?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NetError::Closed`] when the connection is; [`NetError::Exhausted`] when this process has reached a limit.
    pub async fn open(&self) -> Result<Connection, NetError> {
        let mut opening = Pending::new(Opening(Rc::clone(&self.raw)));
        let opened = poll_fn(|cx| opening.poll(cx)).await;
        Ok(Connection::from_raw(opened?))
    }

    /// Takes the next stream that the other side has opened, waiting for one. A call that is dropped before it is ready has taken none.
    ///
    /// ```no_run
    /// # async fn f(session: weft_guest::net::quic::Session) -> weft_guest::Result {
    /// while let Ok(mut stream) = session.accept().await {
    ///     println!("{:?}", stream.input.read().await?);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Session::open`].
    pub async fn accept(&self) -> Result<Connection, NetError> {
        let accepted = accept(&self.kept, || StreamCall(Rc::clone(&self.raw))).await;
        Ok(Connection::from_raw(accepted?))
    }

    /// The datagrams of the connection, once: each frame is one, which arrives once or not at all, in any order.
    ///
    /// ```no_run
    /// # async fn f(session: weft_guest::net::quic::Session) -> weft_guest::Result {
    /// let (mut input, output) = session.datagrams()?;
    /// output.write("here I am").await?.or_dropped();
    /// println!("{:?}", input.read().await?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NetError::Closed`] when they were taken before; [`NetError::Failed`] where the other side takes none.
    pub fn datagrams(&self) -> Result<(Reader, Writer), NetError> {
        let (input, output) = self.raw.datagrams()?;
        Ok((Reader::from_raw(input), Writer::from_raw(output)))
    }

    /// Closes the connection at once, with a number and a text for the other side.
    ///
    /// ```no_run
    /// # fn f(session: weft_guest::net::quic::Session) {
    /// session.close(1, "good bye");
    /// # }
    /// ```
    pub fn close(&self, code: u32, reason: &str) {
        self.raw.close(code, reason);
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("raw", &self.raw)
            .finish_non_exhaustive()
    }
}

/// A place where others connect. Dropping it ends the wait for others; sessions that were accepted stay.
///
/// ```no_run
/// # async fn f() -> weft_guest::Result {
/// use weft_guest::net::{ListenOptions, quic::Endpoint};
/// let endpoint = Endpoint::listen("quic://0.0.0.0:4433", ListenOptions::new().certificate("www"))?;
/// let session = endpoint.accept().await?;
/// # Ok(()) }
/// ```
pub struct Endpoint {
    raw: Rc<raw::Endpoint>,
    kept: Kept<raw::Session>,
}

impl Endpoint {
    /// Listens on `quic://ADDRESS:PORT`, where ADDRESS is one of this machine; port 0 for any that is free. There is no QUIC without a certificate.
    ///
    /// ```no_run
    /// # fn f() -> weft_guest::Result {
    /// use weft_guest::net::{ListenOptions, quic::Endpoint};
    /// let options = ListenOptions::new().certificate("www").protocol("echo");
    /// let endpoint = Endpoint::listen("quic://0.0.0.0:4433", options)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NetError`]: why not. Without a right, [`NetError::PermissionDenied`].
    pub fn listen(address: &str, options: ListenOptions) -> Result<Self, NetError> {
        let raw = raw::Endpoint::listen(address, &options.into_raw())?;
        Ok(Endpoint {
            raw: Rc::new(raw),
            kept: Kept::default(),
        })
    }

    /// The address, with the port that it has.
    ///
    /// ```no_run
    /// # fn f(endpoint: weft_guest::net::quic::Endpoint) {
    /// println!("listening on {}", endpoint.address());
    /// # }
    /// ```
    pub fn address(&self) -> String {
        self.raw.address()
    }

    /// Takes the next connection, waiting for one. A call that is dropped before it is ready has taken none.
    ///
    /// ```no_run
    /// # async fn f(endpoint: weft_guest::net::quic::Endpoint) -> weft_guest::Result {
    /// loop {
    ///     let session = endpoint.accept().await?;
    ///     println!("{} is here", session.remote());
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NetError::Exhausted`] when this process holds as many handles as it may: the connection is closed.
    pub async fn accept(&self) -> Result<Session, NetError> {
        let accepted = accept(&self.kept, || SessionCall(Rc::clone(&self.raw))).await;
        Ok(Session::of(accepted?))
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("raw", &self.raw)
            .finish_non_exhaustive()
    }
}

/// A call that connects.
struct Connecting {
    address: String,
    options: ConnectOptions,
}

impl Call for Connecting {
    type Output = Result<raw::Session, net::Error>;

    fn wait(self) -> Self::Output {
        raw::Session::connect(&self.address, &self.options.into_raw())
    }

    fn start(self) -> LocalBoxFuture<'static, Self::Output> {
        Box::pin(quic_async::connect(self.address, self.options.into_raw()))
    }
}

/// A call that opens a stream.
struct Opening(Rc<raw::Session>);

impl Call for Opening {
    type Output = Result<net::Connection, net::Error>;

    fn wait(self) -> Self::Output {
        self.0.open()
    }

    fn start(self) -> LocalBoxFuture<'static, Self::Output> {
        Box::pin(async move { quic_async::open(&self.0).await })
    }
}

/// A wait for a stream.
struct StreamCall(Rc<raw::Session>);

impl Accept<net::Connection> for StreamCall {
    fn try_take(&self) -> Result<net::Connection, net::Error> {
        self.0.try_accept()
    }
}

impl Call for StreamCall {
    type Output = Wait<net::Connection>;

    fn wait(self) -> Self::Output {
        Wait::Took(self.0.accept())
    }

    fn start(self) -> LocalBoxFuture<'static, Self::Output> {
        Box::pin(async move {
            quic_async::await_stream(&self.0).await;
            Wait::Arrived
        })
    }
}

/// A wait for a session.
struct SessionCall(Rc<raw::Endpoint>);

impl Accept<raw::Session> for SessionCall {
    fn try_take(&self) -> Result<raw::Session, net::Error> {
        self.0.try_accept()
    }
}

impl Call for SessionCall {
    type Output = Wait<raw::Session>;

    fn wait(self) -> Self::Output {
        Wait::Took(self.0.accept())
    }

    fn start(self) -> LocalBoxFuture<'static, Self::Output> {
        Box::pin(async move {
            quic_async::await_session(&self.0).await;
            Wait::Arrived
        })
    }
}
