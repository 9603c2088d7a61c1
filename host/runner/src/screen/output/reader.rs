//! Detects when nobody reads stdout any more.
//!
//! A write would fail, but a command that waits for something to write makes none: `weft logs -f | grep -m1 ready`
//! would run until the process logs again.

use rustix::event::{PollFd, PollFlags, poll};
use std::os::fd::{AsFd, OwnedFd};
use tokio::sync::oneshot;

/// Resolves when nobody reads stdout any more: the other end of a pipe or a socket is closed, or the terminal is gone.
/// For a file, and where the system does not tell, it never resolves.
pub(crate) async fn gone() {
    let watched = std::io::stdout().as_fd().try_clone_to_owned();
    let (tell, told) = oneshot::channel();
    // The thread waits for as long as the command runs. Its end does not wait for the thread.
    let thread = std::thread::Builder::new().name("weft-reader-gone".into());
    let started = watched.and_then(|stdout| {
        thread.spawn(move || {
            if is_gone(&stdout) {
                let _ = tell.send(());
            }
        })
    });
    if started.is_ok() && told.await.is_ok() {
        return;
    }
    std::future::pending().await
}

/// Waits until the reader is gone. Returns false if the system cannot tell.
fn is_gone(stdout: &OwnedFd) -> bool {
    let ended = PollFlags::ERR | PollFlags::HUP;
    loop {
        // No events are requested: these two are always reported.
        let mut watched = [PollFd::new(stdout, PollFlags::empty())];
        match poll(&mut watched, None) {
            Ok(_) => {
                let [told] = watched;
                return told.revents().intersects(ended);
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::net::UnixStream;

    #[test]
    fn the_end_of_a_reader_is_noticed_without_a_write() {
        let (read, write) = std::io::pipe().unwrap();
        let waiting = std::thread::spawn(move || is_gone(&write.into()));
        drop(read);
        assert!(waiting.join().unwrap());
        let (read, write) = UnixStream::pair().unwrap();
        drop(read);
        assert!(is_gone(&write.into()));
    }
}
