//! `weft:fabric/net` and `quic`: connections as ends of channels, under the rights `connect`, `listen` and `certificate`.
//!
//! ```text
//! target      an address as guests write it
//! dial        from an address to a socket: rights, look-up, the attempts
//! arrivals    who has connected and was not accepted yet
//! listener    accepts TCP and TLS
//! secure      handshakes of TLS, and the names in certificates
//! ends        the two channels of a connection, and what they cost
//! pump        moves bytes between a stream and its channels
//! quic/       connections with streams and datagrams
//! plain       the calls that wait on the guest's stack
//! concurrent  those that wait beside it
//! channel     what `bindgen!` is to take of the interface `channel`
//! ```
//!
//! Not sockets: those of WASI are in [`sockets`](crate::sockets). It is the same extension, with the same checks of addresses, look-ups and
//! places.
//!
//! A guest holds ends of native channels and nothing else: a task of the host has the other ends and the stream. So backpressure, waiting,
//! and ends that travel need nothing here. The task ends when both directions are done, and the stream is closed with it.
//!
//! Invariants:
//! - No address is dialled or bound that the process's rights do not have; of a name, each address is checked, and the one that was checked is
//!   dialled.
//! - What the host holds for a connection is paid for by the process that opened it, until the connection is closed.
//! - An end that is not clean is seen: both channels are terminated.
//! - A call answers what went wrong by a value; none ends its guest.

mod arrivals;
pub mod channel;
mod concurrent;
mod dial;
mod ends;
mod listener;
mod plain;
mod pump;
mod quic;
mod secure;
mod target;

pub use listener::Listener;
pub use quic::{Endpoint, Session};

use crate::sockets::{CONNECT, OfProcess, Sockets, View, view};
use bindings::weft::fabric::{net as wit, net_async, quic as wit_quic, quic_async};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use weft_host::engine::EngineKind;
use weft_host::extension::ExtensionRight;
use weft_host::process::ProcessState;
use weft_host::wasmtime::Result as Called;
use weft_host::wasmtime::component::Linker;

/// What `bindgen!` makes of `wit/`.
pub(crate) mod bindings {
    #![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]
    weft_host::wasmtime::component::bindgen!({
        path: "../../wit",
        world: "networks-async",
        imports: {
            "weft:fabric/net.connect": async | trappable,
            "weft:fabric/net.[static]listener.listen": async | trappable,
            "weft:fabric/net.[method]listener.accept": async | trappable,
            "weft:fabric/quic.[static]session.connect": async | trappable,
            "weft:fabric/quic.[method]session.open": async | trappable,
            "weft:fabric/quic.[method]session.accept": async | trappable,
            "weft:fabric/quic.[static]endpoint.listen": async | trappable,
            "weft:fabric/quic.[method]endpoint.accept": async | trappable,
            default: trappable,
        },
        with: {
            "weft:fabric/channel": super::channel,
            "weft:fabric/net.listener": super::Listening,
            "weft:fabric/quic.session": super::Open,
            "weft:fabric/quic.endpoint": super::Waiting,
        },
        wasmtime_crate: weft_host::wasmtime,
    });
}

/// What stands behind the resources: shared with the calls that wait on them.
pub type Listening = std::sync::Arc<Listener>;
/// The same, of a QUIC connection.
pub type Open = std::sync::Arc<Session>;
/// The same, of what accepts those.
pub type Waiting = std::sync::Arc<Endpoint>;

/// What the interfaces answer with when something went wrong.
pub(crate) use wit::Error;

/// Links the interfaces, in a plain engine those without async functions.
pub(crate) fn link(linker: &mut Linker<ProcessState>, engine: EngineKind) -> Called<()> {
    wit::add_to_linker::<_, Sockets>(linker, view)?;
    wit_quic::add_to_linker::<_, Sockets>(linker, view)?;
    match engine {
        EngineKind::Concurrent => {
            net_async::add_to_linker::<_, Sockets>(linker, view)?;
            quic_async::add_to_linker::<_, Sockets>(linker, view)
        }
        EngineKind::Plain => Ok(()),
    }
}

/// The largest piece that is read at once: more saves nothing.
const READ_BYTES: usize = 64 << 10;

impl View<'_> {
    /// What a process with a right has. One without is denied what it asked for.
    fn admitted(
        &mut self,
        right: &'static ExtensionRight,
        address: &str,
    ) -> Result<OfProcess, Error> {
        // What a guest wrote is shown as a pattern, or not at all.
        let asked: Option<crate::pattern::Pattern> = address.parse().ok();
        let asked = asked.map(|pattern| pattern.to_string());
        let of = self.of();
        of.ok_or_else(|| Error::PermissionDenied(self.0.deny(right, asked.as_deref())))
    }

    /// The same, of one that wants to connect.
    fn connecting(&mut self, address: &str) -> Result<OfProcess, Error> {
        self.admitted(CONNECT, address)
    }
}

/// What is done within a time.
async fn in_time<T>(
    time: Duration,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let done = tokio::time::timeout(time, work).await;
    done.unwrap_or(Err(Error::Timeout))
}

/// What went wrong with a socket, to or at this address.
fn failed(error: &io::Error, address: SocketAddr) -> Error {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Error::Refused(format!("nobody listens at {address}")),
        io::ErrorKind::ConnectionReset => Error::Refused(format!("{address} ended it")),
        io::ErrorKind::TimedOut => Error::Timeout,
        io::ErrorKind::AddrInUse => Error::AddressInUse(address.to_string()),
        _ => Error::Failed(format!("{address}: {error}")),
    }
}
