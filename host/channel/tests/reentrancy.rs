//! Wakers and payloads may call back into the channel.
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::{
    sync::Arc,
    task::{Context, Wake, Waker},
};

use bytes::Bytes;
use common::block;
use weft_channel::Channel;

/// A waker and a payload that calls into the channel when woken and when dropped.
struct Nosy(Channel);

impl Wake for Nosy {
    fn wake(self: Arc<Self>) {
        let _ = self.0.stats();
    }
}

impl Drop for Nosy {
    fn drop(&mut self) {
        let _ = self.0.stats();
    }
}

impl AsRef<[u8]> for Nosy {
    fn as_ref(&self) -> &[u8] {
        b"nosy"
    }
}

#[test]
fn wakers_and_payloads_may_call_back_into_the_channel() {
    // A deadlock is what failure looks like here, so a thread of its own does it.
    let (done, wait) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        let channel = block(8);
        let nosy = || Bytes::from_owner(Nosy(channel.clone()));
        let waker = || Waker::from(Arc::new(Nosy(channel.clone())));
        let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
        let mut read = Box::pin(reader.read());
        for _ in 0..2 {
            // The second poll replaces the waker of the first.
            let poll = read.as_mut().poll(&mut Context::from_waker(&waker()));
            assert!(poll.is_pending());
        }
        assert_eq!(writer.try_write(nosy()), Ok(true));
        drop(read);
        assert_eq!(writer.try_write(nosy()), Ok(true));
        let mut write = Box::pin(writer.write(nosy()));
        for _ in 0..2 {
            let poll = write.as_mut().poll(&mut Context::from_waker(&waker()));
            assert!(poll.is_pending());
        }
        drop(reader);
        drop(write);
        for _ in 0..5 {
            assert_eq!(writer.try_write(nosy()), Ok(true));
        }
        let fresh = channel.strong_reader();
        assert!(writer.try_write(nosy()).is_err());
        channel.terminate();
        drop((fresh, writer));
        done.send(()).unwrap();
    });
    wait.recv_timeout(std::time::Duration::from_secs(60))
        .unwrap();
    thread.join().unwrap();
}
