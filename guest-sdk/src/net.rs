//! Connections to other machines, over TCP, TLS and QUIC. A connection is a [`Reader`] and a [`Writer`].
//!
//! So it waits, holds back, goes into `select!`, to a child and along with a frame as the ends of any channel do. Frames are pieces of a stream of bytes
//! here: where one ends means nothing. [`Connection::into_bytes`] makes of both ends what reads and writes bytes
//! ([`AsyncRead`](futures::io::AsyncRead) and [`AsyncWrite`](futures::io::AsyncWrite)), with all that is built on these.
//!
//! Connecting needs the right `connect` with a pattern of the address, listening needs `listen`, and showing a certificate `certificate`. Reading and writing need
//! `channel-reader` and `channel-writer`, as always. Only hosts with a network run guests that use this module; it costs others nothing.
//!
//! ```no_run
//! # mod guest {
//! use weft_guest::net::Listener;
//!
//! /// Sends back to each client what it sends.
//! #[weft_guest::main]
//! async fn main() -> weft_guest::Result {
//!     let listener = Listener::listen("tcp://127.0.0.1:7000")?;
//!     loop {
//!         let mut client = listener.accept().await?;
//!         weft_guest::spawn(async move {
//!             while let Ok(Some(frame)) = client.input.read().await {
//!                 if client.output.write(frame.payload).await.is_err() {
//!                     break;
//!                 }
//!             }
//!         });
//!     }
//! }
//! # }
//! # fn main() {}
//! ```
//!
//! A test of a guest with the kit has no network: every call fails with [`NetError::Failed`]. Give what handles a connection its two ends, and test that.

mod bytes;
mod error;
mod listener;
mod options;
pub mod quic;

pub use bytes::{ByteStream, ReadHalf, WriteHalf};
pub use error::NetError;
pub use listener::Listener;
pub(crate) use listener::Wait;
pub use options::{ConnectOptions, ListenOptions};

use crate::bindings::networks::weft::fabric::{net as raw, net_async};
use crate::channel::{Reader, Writer};
use crate::task::{Call, Pending};
use futures::future::LocalBoxFuture;
use std::future::poll_fn;

/// A connection, or a stream of a [QUIC session](quic::Session). It is closed when both ends are dropped.
///
/// ```no_run
/// # async fn f() -> weft_guest::Result {
/// use weft_guest::net::Connection;
/// let mut server = Connection::connect("tcp://db.example:5432").await?;
/// server.output.write("hello").await?.or_dropped();
/// while let Some(frame) = server.input.read().await? {
///     println!("{} bytes", frame.payload.len());
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Connection {
    /// What the other side sends. It ends when the other side has sent all; a connection that broke is
    /// [`ReadError::Terminated`](crate::ReadError::Terminated).
    pub input: Reader,
    /// What is sent to the other side. Dropping it tells the other side that nothing more comes. A frame may have as many bytes as may be in
    /// flight, 128 KiB unless the host or the options say otherwise.
    pub output: Writer,
    /// The address of the other side, as `tls://192.0.2.1:40612`.
    pub remote: String,
    /// The names in its certificate, if it showed one and it was believed.
    pub names: Vec<String>,
    /// The protocol that was agreed on, if any was offered.
    pub protocol: Option<String>,
}

impl Connection {
    /// Connects to `tcp://HOST:PORT` or `tls://HOST:PORT`. Over TLS, the host checks that the certificate is HOST's.
    ///
    /// ```no_run
    /// # async fn f() -> weft_guest::Result {
    /// let server = weft_guest::net::Connection::connect("tls://example.org:443").await?;
    /// println!("connected with {}", server.remote);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NetError`]: why not. Without a right, [`NetError::PermissionDenied`].
    pub async fn connect(address: &str) -> Result<Self, NetError> {
        Self::connect_with(address, ConnectOptions::new()).await
    }

    /// The same with options.
    ///
    /// ```no_run
    /// # async fn f() -> weft_guest::Result {
    /// use weft_guest::net::{Connection, ConnectOptions};
    /// let options = ConnectOptions::new().capacity(1 << 20).protocol("h2");
    /// let server = Connection::connect_with("tls://example.org:443", options).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Connection::connect`].
    pub async fn connect_with(address: &str, options: ConnectOptions) -> Result<Self, NetError> {
        let address = address.to_owned();
        let mut connecting = Pending::new(Connecting { address, options });
        let connected = poll_fn(|cx| connecting.poll(cx)).await;
        Ok(Self::from_raw(connected?))
    }

    /// Both ends as one stream of bytes.
    ///
    /// ```no_run
    /// # async fn f(server: weft_guest::net::Connection) -> weft_guest::Result {
    /// use weft_guest::futures::io::{AsyncReadExt, AsyncWriteExt};
    /// let mut server = server.into_bytes();
    /// server.write_all(b"how are you?\n").await?;
    /// let mut answer = [0; 16];
    /// server.read_exact(&mut answer).await?;
    /// # Ok(()) }
    /// ```
    pub fn into_bytes(self) -> ByteStream {
        ByteStream::new(self.input, self.output)
    }

    /// Takes a connection of the raw bindings.
    ///
    /// ```no_run
    /// # fn f(raw: weft_guest::bindings::networks::weft::fabric::net::Connection) {
    /// let connection = weft_guest::net::Connection::from_raw(raw);
    /// # }
    /// ```
    pub fn from_raw(raw: raw::Connection) -> Self {
        Connection {
            input: Reader::from_raw(raw.input),
            output: Writer::from_raw(raw.output),
            remote: raw.remote,
            names: raw.names,
            protocol: raw.protocol,
        }
    }
}

/// A call that connects.
struct Connecting {
    address: String,
    options: ConnectOptions,
}

impl Call for Connecting {
    type Output = Result<raw::Connection, raw::Error>;

    fn wait(self) -> Self::Output {
        raw::connect(&self.address, &self.options.into_raw())
    }

    fn start(self) -> LocalBoxFuture<'static, Self::Output> {
        Box::pin(net_async::connect(self.address, self.options.into_raw()))
    }
}
