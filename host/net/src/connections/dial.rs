//! From an address to a socket that is connected to it.
//!
//! Invariant: what is dialled is an address that was checked, never a name.

use super::target::{Target, TargetHost};
use super::{Error, failed};
use crate::sockets::{OfProcess, Unanswered, look_up};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Connects within the time for it.
pub(super) async fn dial(of: &OfProcess, to: &Target) -> Result<(TcpStream, SocketAddr), Error> {
    let mut last = None;
    let addresses = addresses(of, to).await?;
    let time = share(of, addresses.len());
    for address in addresses {
        let connecting = timeout(time, TcpStream::connect(address)).await;
        match connecting.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            Ok(stream) => {
                // Frames are whole requests and replies as often as not, and somebody waits for them.
                let _ = stream.set_nodelay(true);
                return Ok((stream, address));
            }
            Err(error) => last = Some(failed(&error, address)),
        }
    }
    Err(last.unwrap_or_else(|| nobody(to)))
}

/// The time for one of so many addresses, so that one which does not answer leaves some for the others.
pub(super) fn share(of: &OfProcess, addresses: usize) -> Duration {
    let addresses = u32::try_from(addresses).unwrap_or(u32::MAX);
    of.config.connect_time / addresses.max(1)
}

/// The addresses that the process may dial there; never none.
pub(super) async fn addresses(of: &OfProcess, to: &Target) -> Result<Vec<SocketAddr>, Error> {
    let name = match &to.host {
        TargetHost::Address(address) => {
            let address = SocketAddr::new(*address, to.port);
            let allowed = of.guard.may_dial(to.scheme, address);
            return match allowed {
                Ok(()) => Ok(vec![address]),
                Err(denied) => Err(Error::PermissionDenied(denied)),
            };
        }
        TargetHost::Name(name) => name,
    };
    let allowed = of.guard.may_dial_name(to.scheme, name, to.port);
    allowed.map_err(Error::PermissionDenied)?;
    let found = look_up(of, name).await.map_err(|why| match why {
        Unanswered::TooLate => Error::Timeout,
        Unanswered::Denied | Unanswered::NoName | Unanswered::Nothing => nobody(to),
    })?;
    let mut denied = None;
    let mut allowed = Vec::new();
    for address in found {
        let address = SocketAddr::new(address, to.port);
        match of.guard.may_dial_of(to.scheme, name, address) {
            Ok(()) => allowed.push(address),
            Err(text) => denied = Some(text),
        }
    }
    match (allowed.is_empty(), denied) {
        (true, Some(denied)) => Err(Error::PermissionDenied(denied)),
        (true, None) => Err(nobody(to)),
        (false, _) => Ok(allowed),
    }
}

fn nobody(to: &Target) -> Error {
    Error::NameNotFound(format!("`{}` has no address", to.host_name()))
}
