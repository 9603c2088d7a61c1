//! How the system finds other sides of connections that are gone without a word: it asks those that are silent.
//!
//! Not for connections on which something waits to be sent: those the system gives up by itself.

use rustix::net::sockopt;
use std::os::fd::AsFd;
use std::time::Duration;

/// The silence after which the other side is asked.
pub(crate) const SILENCE: Duration = Duration::from_secs(60);

/// The pause until it is asked again.
pub(crate) const AGAIN: Duration = Duration::from_secs(10);

/// How often it is asked until it counts as gone: after half a minute.
pub(crate) const TIMES: u32 = 3;

/// Asks the system to look whether the other side of a TCP connection is there. Where it cannot, that is found when something is sent.
pub(crate) fn keep_alive(stream: &impl AsFd) {
    let _ = sockopt::set_tcp_keepidle(stream, SILENCE);
    let _ = sockopt::set_tcp_keepintvl(stream, AGAIN);
    let _ = sockopt::set_tcp_keepcnt(stream, TIMES);
    let _ = sockopt::set_socket_keepalive(stream, true);
}

/// The same times as WASI has them: nanoseconds.
pub(crate) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The same for a socket that wasmtime-wasi has just made, by the functions of one version of `wasi:sockets`. It is done before the guest has
/// the socket, so what the guest sets itself stays. Connections that the socket accepts have it from the socket.
macro_rules! keep_alive_of_guest {
    ($host:ident, $view:expr, $number:expr) => {{
        use crate::keep_alive::{AGAIN, SILENCE, TIMES, nanoseconds};
        let (view, number) = ($view, $number);
        let this = || Resource::<TcpSocket>::new_borrow(number);
        let _ = $host::set_keep_alive_idle_time(view, this(), nanoseconds(SILENCE));
        let _ = $host::set_keep_alive_interval(view, this(), nanoseconds(AGAIN));
        let _ = $host::set_keep_alive_count(view, this(), TIMES);
        let _ = $host::set_keep_alive_enabled(view, this(), true);
    }};
}

pub(crate) use keep_alive_of_guest;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_system_looks_for_other_sides_that_are_gone() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        assert!(!sockopt::socket_keepalive(&stream).unwrap());
        keep_alive(&stream);
        assert!(sockopt::socket_keepalive(&stream).unwrap());
        assert_eq!(sockopt::tcp_keepidle(&stream).unwrap(), SILENCE);
        assert_eq!(sockopt::tcp_keepintvl(&stream).unwrap(), AGAIN);
        assert_eq!(sockopt::tcp_keepcnt(&stream).unwrap(), TIMES);
    }
}
