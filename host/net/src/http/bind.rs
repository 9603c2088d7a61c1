//! The address that a listener listens on.

use std::io;
use tokio::net::{TcpListener, lookup_host};

/// Listens on the first address of this name, `HOST:PORT`, that can be had.
pub(super) async fn bind(address: &str) -> io::Result<TcpListener> {
    let mut refused = None;
    for address in lookup_host(address).await? {
        match crate::bind::bind(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => refused = Some(error),
        }
    }
    Err(refused.unwrap_or_else(|| io::Error::other("the name has no address")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::net::TcpStream;
    use std::time::Duration;

    #[tokio::test]
    async fn a_crowd_finds_room_before_it_is_accepted() {
        let listener = bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connect = || TcpStream::connect_timeout(&address, Duration::from_secs(60));
        let crowd: Vec<_> = (0..300).map(|_| connect().unwrap()).collect();
        assert!(bind(&address.to_string()).await.is_err());
        drop(crowd);
    }

    #[tokio::test]
    async fn a_name_is_looked_up_and_one_that_is_none_is_told() {
        let listener = bind("localhost:0").await.unwrap();
        assert!(listener.local_addr().unwrap().ip().is_loopback());
        assert!(bind("no.such.name.invalid:0").await.is_err());
    }
}
