//! From an address to a socket that is connected to it.
//!
//! Invariant: what is dialled is an address that was checked, never a name.

use super::target::{Target, TargetHost};
use super::{Error, failed};
use crate::sockets::{OfProcess, Unanswered, look_up};
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// Connects within the time for it.
pub(super) async fn dial(of: &OfProcess, to: &Target) -> Result<(TcpStream, SocketAddr), Error> {
    let addresses = addresses(of, to).await?;
    let connected = of.connect(&addresses).await;
    connected.map_err(|failure| match failure {
        Some((error, address)) => failed(&error, address),
        None => nobody(to),
    })
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
