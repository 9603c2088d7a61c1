//! No wake-up is lost: random sequences of pending reads and writes, where a future
//! is polled only when it was woken. Whenever nobody is left to poll, a poll out of turn
//! must find that each pending future really has to wait.
//!
//! Also: wakers and payloads may call back into the channel.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Wake, Waker},
};

use bytes::Bytes;
use common::{Hand, channel, park};
use proptest::prelude::*;
use weft_channel::{Backpressure, Batch, Channel, Reader, Writer};

#[derive(Debug, Clone)]
enum Op {
    OpenWriter(bool),
    OpenReader(bool),
    Write(usize, usize),
    WriteBatch(usize, Vec<usize>),
    Read(usize),
    ReadBatch(usize, u32),
    TryRead(usize),
    TryWrite(usize, usize),
    Cancel(usize),
    Poll(usize),
    WeakenReader(usize),
    WeakenWriter(usize),
    CloseReader(usize),
    CloseWriter(usize),
    /// Lets everybody who was woken go on, until nobody is.
    Settle,
    Drain,
    Terminate,
}

fn op() -> impl Strategy<Value = Op> {
    let at = 0..16_usize;
    prop_oneof![
        4 => any::<bool>().prop_map(Op::OpenWriter),
        4 => any::<bool>().prop_map(Op::OpenReader),
        20 => (at.clone(), 0..9_usize).prop_map(|(w, len)| Op::Write(w, len)),
        8 => (at.clone(), prop::collection::vec(0..3_usize, 0..5))
            .prop_map(|(w, lens)| Op::WriteBatch(w, lens)),
        15 => at.clone().prop_map(Op::Read),
        8 => (at.clone(), 0..5_u32).prop_map(|(r, n)| Op::ReadBatch(r, n)),
        5 => at.clone().prop_map(Op::TryRead),
        5 => (at.clone(), 0..9_usize).prop_map(|(w, len)| Op::TryWrite(w, len)),
        12 => at.clone().prop_map(Op::Cancel),
        8 => at.clone().prop_map(Op::Poll),
        3 => at.clone().prop_map(Op::WeakenReader),
        1 => at.clone().prop_map(Op::WeakenWriter),
        4 => at.clone().prop_map(Op::CloseReader),
        1 => at.prop_map(Op::CloseWriter),
        15 => Just(Op::Settle),
        1 => Just(Op::Drain),
        1 => Just(Op::Terminate),
    ]
}

/// Whose future it is, so that closing an end takes its futures along.
#[derive(Clone, Copy, PartialEq)]
enum Owner {
    Writer(usize),
    Reader(usize),
}

struct Pending {
    owner: Owner,
    hand: Hand<Pin<Box<dyn Future<Output = ()>>>>,
    /// Wakes already answered by a poll.
    answered: usize,
}

struct World {
    channel: Channel,
    writers: Vec<Option<Arc<Writer>>>,
    readers: Vec<Option<Arc<Reader>>>,
    pending: Vec<Pending>,
}

impl World {
    fn writer(&self, at: usize) -> Option<(usize, Arc<Writer>)> {
        let at = at.checked_rem(self.writers.len())?;
        Some((at, self.writers.get(at)?.clone()?))
    }

    fn reader(&self, at: usize) -> Option<(usize, Arc<Reader>)> {
        let at = at.checked_rem(self.readers.len())?;
        Some((at, self.readers.get(at)?.clone()?))
    }

    fn start(&mut self, owner: Owner, future: impl Future<Output = ()> + 'static) {
        let mut hand = Hand::new(Box::pin(future) as Pin<Box<dyn Future<Output = ()>>>);
        if hand.poll().is_pending() {
            let answered = hand.wakes();
            self.pending.push(Pending {
                owner,
                hand,
                answered,
            });
        }
    }

    fn close(&mut self, owner: Owner) {
        self.pending.retain(|pending| pending.owner != owner);
        match owner {
            Owner::Writer(at) => self.writers[at] = None,
            Owner::Reader(at) => self.readers[at] = None,
        }
    }

    fn poll(&mut self, at: usize) {
        let pending = &mut self.pending[at];
        pending.answered = pending.hand.wakes();
        if pending.hand.poll().is_ready() {
            self.pending.remove(at);
        }
    }

    fn settle(&mut self) {
        let woken = |pending: &Pending| pending.hand.wakes() > pending.answered;
        while let Some(at) = self.pending.iter().position(woken) {
            self.poll(at);
        }
        for pending in &mut self.pending {
            let kind = match pending.owner {
                Owner::Writer(_) => "write",
                Owner::Reader(_) => "read",
            };
            assert!(pending.hand.poll().is_pending(), "a {kind} was not woken");
        }
        let woken = self.pending.iter().any(woken);
        assert!(!woken, "a poll in vain wakes nobody");
    }

    fn run(&mut self, op: &Op) {
        match *op {
            Op::OpenWriter(strong) => {
                let opened = match strong {
                    true => self.channel.strong_writer(),
                    false => self.channel.weak_writer(),
                };
                self.writers.extend(opened.map(|end| Some(Arc::new(end))));
            }
            Op::OpenReader(strong) => {
                let reader = match strong {
                    true => self.channel.strong_reader(),
                    false => self.channel.weak_reader(),
                };
                self.readers.push(Some(Arc::new(reader)));
            }
            Op::Write(at, len) => {
                if let Some((at, writer)) = self.writer(at) {
                    let payload = Bytes::from(vec![0; len]);
                    let write = async move {
                        let _ = writer.write(payload).await;
                    };
                    self.start(Owner::Writer(at), write);
                }
            }
            Op::WriteBatch(at, ref lens) => {
                if let Some((at, writer)) = self.writer(at) {
                    let mut end = 0;
                    let ends = lens.iter().map(|&len| {
                        end += len as u32;
                        end
                    });
                    let payload = vec![0; lens.iter().sum()];
                    let batch = Batch::new(ends.collect(), payload.into()).unwrap();
                    let write = async move {
                        let _ = writer.write_batch(batch).await;
                    };
                    self.start(Owner::Writer(at), write);
                }
            }
            Op::Read(at) => {
                if let Some((at, reader)) = self.reader(at) {
                    let read = async move {
                        let _ = reader.read().await;
                    };
                    self.start(Owner::Reader(at), read);
                }
            }
            Op::ReadBatch(at, frames) => {
                if let Some((at, reader)) = self.reader(at) {
                    let read = async move {
                        let _ = reader.read_batch(frames, 8).await;
                    };
                    self.start(Owner::Reader(at), read);
                }
            }
            Op::TryRead(at) => {
                let _ = self.reader(at).map(|(_, reader)| reader.try_read());
            }
            Op::TryWrite(at, len) => {
                let payload = Bytes::from(vec![0; len]);
                let _ = self.writer(at).map(|(_, writer)| writer.try_write(payload));
            }
            Op::Cancel(at) => {
                if let Some(at) = at.checked_rem(self.pending.len()) {
                    self.pending.remove(at);
                }
            }
            Op::Poll(at) => {
                if let Some(at) = at.checked_rem(self.pending.len()) {
                    self.poll(at);
                }
            }
            Op::WeakenReader(at) => {
                let _ = self.reader(at).map(|(_, reader)| reader.set_weak());
            }
            Op::WeakenWriter(at) => {
                let _ = self.writer(at).map(|(_, writer)| writer.set_weak());
            }
            Op::CloseReader(at) => {
                if let Some((at, _)) = self.reader(at) {
                    self.close(Owner::Reader(at));
                }
            }
            Op::CloseWriter(at) => {
                if let Some((at, _)) = self.writer(at) {
                    self.close(Owner::Writer(at));
                }
            }
            Op::Settle => self.settle(),
            Op::Drain => self.channel.drain(),
            Op::Terminate => self.channel.terminate(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2048,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whoever_can_go_on_was_woken(
        capacity in 1..12_u64,
        park in prop::bool::weighted(0.9),
        ends in any::<bool>(),
        ops in prop::collection::vec(op(), 1..200),
    ) {
        let backpressure = if park { Backpressure::Park } else { Backpressure::Drop };
        let channel = channel(capacity, backpressure);
        let mut world = World { channel, writers: vec![], readers: vec![], pending: vec![] };
        for op in &ops {
            // Half of the sequences leave the channel open to the last.
            let ending = matches!(
                op,
                Op::Drain | Op::Terminate | Op::CloseWriter(_) | Op::WeakenWriter(_)
            );
            if ends || !ending {
                world.run(op);
            }
        }
        world.settle();
        world.channel.drain();
        world.settle();
        assert!(world.pending.is_empty(), "nobody waits on an ended channel");
    }
}

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
        let channel = park(8);
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
