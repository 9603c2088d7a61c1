//! A channel, its ends and its waits beside the model, compared after every step.
//!
//! Invariants: whoever could go on was woken; and a poll, woken or not, goes on if and only if
//! the model says that it can, with the outcome the model gives. In the end the channel is freed,
//! whatever handles of its own its frames still carry.

mod hands;

use std::{
    sync::{Arc, Weak},
    task::Poll,
};

use bytes::Bytes;
use weft_channel::{Backpressure, Channel, OpenError, Options, Reader, WriteError, Writer};

use crate::{
    op::{Op, Sequence},
    reference::{self, Handle, Life, MAX_FRAMES, Reference, Ticket},
    wait::{self, Done, Offer, Wait, What},
};

struct World {
    channel: Channel,
    /// Dropped when the channel is freed.
    charge: Weak<()>,
    /// The ends at hand, by the ids that the model knows them by. Others are in frames.
    writers: Vec<(u32, Arc<Writer>)>,
    readers: Vec<(u32, Arc<Reader>)>,
    model: Reference,
    waits: Vec<Wait>,
    /// Writers opened, readers opened and waits begun so far.
    last_writer: u32,
    last_reader: u32,
    last_ticket: Ticket,
    seed: u8,
}

impl Sequence {
    /// Runs it on the engine and on the model; panics where they differ.
    pub fn run(&self) {
        let mut world = World::new(self.capacity, self.backpressure);
        for op in &self.ops {
            world.run(op);
            world.check();
        }
        world.finish();
    }
}

/// The end that `pick` means, if any is open.
fn pick<T>(ends: &[T], pick: u8) -> Option<usize> {
    usize::from(pick).checked_rem(ends.len())
}

impl World {
    fn new(capacity: usize, backpressure: Backpressure) -> Self {
        let options = Options::new(capacity as u64).backpressure(backpressure);
        let charge = Arc::new(());
        Self {
            charge: Arc::downgrade(&charge),
            channel: Channel::with_charge(options, charge).unwrap(),
            writers: vec![],
            readers: vec![],
            model: Reference::new(capacity, backpressure == Backpressure::Block),
            waits: vec![],
            last_writer: 0,
            last_reader: 0,
            last_ticket: 0,
            seed: 0,
        }
    }

    fn run(&mut self, op: &Op) {
        match *op {
            Op::OpenWriter { strong } => self.open_writer(strong),
            Op::OpenReader { strong } => self.open_reader(strong),
            Op::TryWrite { writer, len } => self.offer(writer, &[len], false, true),
            Op::TryWriteBatch { writer, ref lens } => self.offer(writer, lens, true, true),
            Op::TryWriteWith { writer, ref with } => self.offer_with(writer, with, true),
            Op::TryRead { reader } => self.try_read(reader, None),
            Op::TryReadBatch {
                reader,
                frames,
                bytes,
            } => self.try_read(reader, Some((frames, bytes))),
            Op::Write { writer, len } => self.offer(writer, &[len], false, false),
            Op::WriteBatch { writer, ref lens } => self.offer(writer, lens, true, false),
            Op::WriteWith { writer, ref with } => self.offer_with(writer, with, false),
            Op::Read { reader } => self.read(reader, None),
            Op::ReadBatch {
                reader,
                frames,
                bytes,
            } => self.read(reader, Some((frames, bytes))),
            Op::Poll {
                wait,
                with_new_waker,
            } => {
                if let Some(at) = pick(&self.waits, wait) {
                    self.poll(at, with_new_waker);
                }
            }
            Op::Cancel { wait } => {
                if let Some(at) = pick(&self.waits, wait) {
                    self.cancel(at);
                }
            }
            Op::WeakenReader { reader } => self.weaken_reader(reader),
            Op::CloseReader { reader } => {
                if let Some((id, reader)) = self.let_go_of_reader(reader) {
                    drop(reader);
                    self.model.release([Handle::Reader(id)]);
                }
            }
            Op::WeakenWriter { writer } => self.weaken_writer(writer),
            Op::CloseWriter { writer } => {
                if let Some((id, writer)) = self.let_go_of_writer(writer) {
                    drop(writer);
                    self.model.release([Handle::Writer(id)]);
                }
            }
            Op::Drain => {
                self.channel.drain();
                self.model.end();
            }
            Op::Terminate => {
                self.channel.terminate();
                self.model.terminate();
            }
        }
    }

    fn open_writer(&mut self, strong: bool) {
        let opened = match strong {
            true => self.channel.strong_writer(),
            false => self.channel.weak_writer(),
        };
        if self.model.life != Life::Open {
            assert_eq!(opened.unwrap_err(), OpenError::Ended);
            return;
        }
        let writer = opened.unwrap();
        self.last_writer += 1;
        let id = self.last_writer;
        assert_eq!((writer.id(), writer.is_strong()), (id, strong));
        let opened = reference::Writer { id, strong };
        self.model.writers.push(opened);
        self.writers.push((id, Arc::new(writer)));
    }

    fn open_reader(&mut self, strong: bool) {
        let reader = match strong {
            true => self.channel.strong_reader(),
            false => self.channel.weak_reader(),
        };
        assert_eq!(reader.is_strong(), strong);
        self.last_reader += 1;
        self.model.open_reader(self.last_reader, strong);
        self.readers.push((self.last_reader, Arc::new(reader)));
    }

    fn weaken_reader(&mut self, reader: u8) {
        if let Some(at) = pick(&self.readers, reader) {
            let (id, reader) = &self.readers[at];
            reader.set_weak();
            assert!(!reader.is_strong());
            self.model.weaken_reader(*id);
        }
    }

    fn weaken_writer(&mut self, writer: u8) {
        if let Some(at) = pick(&self.writers, writer) {
            let (id, writer) = &self.writers[at];
            writer.set_weak();
            assert!(!writer.is_strong());
            self.model.weaken_writer(*id);
        }
    }

    /// Payloads that differ from each other, as far as their length allows.
    fn frames(&mut self, lens: &[usize]) -> Vec<Bytes> {
        let frame = |&len| {
            self.seed = self.seed.wrapping_add(1);
            vec![self.seed; len].into()
        };
        lens.iter().map(frame).collect()
    }

    fn offer(&mut self, writer: u8, lens: &[usize], is_batch: bool, at_once: bool) {
        let frames = self.frames(lens);
        let Some(at) = pick(&self.writers, writer) else {
            return;
        };
        let offer = match frames.as_slice() {
            [frame] if !is_batch => Offer::Frame(frame.clone()),
            _ => Offer::Batch(wait::batch(&frames)),
        };
        self.send(self.writers[at].0, frames, offer, None, at_once);
    }

    fn send(
        &mut self,
        id: u32,
        frames: Vec<Bytes>,
        offer: Offer,
        handle: Option<Handle>,
        at_once: bool,
    ) {
        let (_, writer) = self.writers.iter().find(|end| end.0 == id).unwrap();
        assert_eq!(writer.id(), id);
        if at_once {
            let done = wait::try_write(writer, offer);
            let expected = self.model.write(id, &frames, None, handle);
            assert_eq!(done, Done::Wrote(expected));
            return;
        }
        self.last_ticket += 1;
        let what = What::Write {
            writer: id,
            frames,
            ticket: self.last_ticket,
            handle,
        };
        let future = wait::write(Arc::clone(writer), offer);
        self.waits.push(Wait::new(what, future));
        self.poll(self.waits.len() - 1, false);
    }

    fn try_read(&mut self, reader: u8, limits: Option<(u32, u64)>) {
        let Some(at) = pick(&self.readers, reader) else {
            return;
        };
        let (frames, bytes) = limits.unwrap_or((1, u64::MAX));
        let (id, reader) = &self.readers[at];
        let (expected, handles) = self.model.read(*id, frames, bytes);
        let (done, attached) = wait::try_read(reader, limits);
        assert_eq!(done, Done::Read(expected));
        self.hold(handles, attached);
    }

    fn read(&mut self, reader: u8, limits: Option<(u32, u64)>) {
        let Some(at) = pick(&self.readers, reader) else {
            return;
        };
        let (frames, bytes) = limits.unwrap_or((1, u64::MAX));
        let (id, reader) = &self.readers[at];
        let what = What::Read {
            reader: *id,
            frames,
            bytes,
        };
        let future = wait::read(Arc::clone(reader), limits);
        self.waits.push(Wait::new(what, future));
        self.poll(self.waits.len() - 1, false);
    }

    fn poll(&mut self, at: usize, with_new_waker: bool) {
        let (polled, attached) = match self.waits[at].poll(with_new_waker) {
            Poll::Ready((done, attached)) => (Poll::Ready(done), attached),
            Poll::Pending => (Poll::Pending, vec![]),
        };
        let mut handles = vec![];
        let expected = match self.waits[at].what {
            What::Write {
                writer,
                ref frames,
                ticket,
                handle,
            } => match self.model.write(writer, frames, Some(ticket), handle) {
                Err(WriteError::WouldBlock) => {
                    if !self.model.queue.contains(&ticket) {
                        self.model.queue.push(ticket);
                    }
                    Poll::Pending
                }
                wrote => {
                    self.model.queue.retain(|&waits| waits != ticket);
                    Poll::Ready(Done::Wrote(wrote))
                }
            },
            What::Read {
                reader,
                frames,
                bytes,
            } if self.model.can_read(reader) => {
                let (read, with) = self.model.read(reader, frames, bytes);
                handles = with;
                Poll::Ready(Done::Read(read))
            }
            What::Read { .. } => Poll::Pending,
        };
        assert_eq!(polled, expected, "{:?}", self.waits[at].what);
        if polled.is_ready() {
            self.waits.remove(at);
        }
        self.hold(handles, attached);
    }

    fn cancel(&mut self, at: usize) {
        let wait = self.waits.remove(at);
        if let What::Write { ticket, handle, .. } = wait.what {
            self.model.queue.retain(|&waits| waits != ticket);
            self.model.release(handle);
        }
    }

    fn cancel_all(&mut self, whose: impl Fn(&What) -> bool) {
        while let Some(at) = self.waits.iter().position(|wait| whose(&wait.what)) {
            self.cancel(at);
        }
    }

    fn check(&self) {
        let stats = self.channel.stats();
        assert_eq!(stats, self.model.stats());
        assert!(stats.bytes_held <= stats.capacity && stats.frames_held <= MAX_FRAMES as u64);
        for wait in self.waits.iter().filter(|wait| !wait.is_woken()) {
            let could = match wait.what {
                What::Write {
                    ref frames, ticket, ..
                } => self.model.try_write(frames, Some(ticket)) != Err(WriteError::WouldBlock),
                What::Read { reader, .. } => self.model.can_read(reader),
            };
            assert!(!could, "not woken: {:?}", wait.what);
        }
    }

    /// Lets whoever was woken go on until nobody is; drains, and then nobody may wait.
    fn finish(mut self) {
        self.settle();
        self.channel.drain();
        self.model.end();
        self.check();
        self.settle();
        assert!(self.waits.is_empty(), "nobody waits on an ended channel");
        let readers = self.readers.drain(..).map(|(id, _)| Handle::Reader(id));
        self.model.release(readers);
        let writers = self.writers.drain(..).map(|(id, _)| Handle::Writer(id));
        self.model.release(writers);
        self.check();
        drop(self.channel);
        assert_eq!(self.charge.strong_count(), 0, "freed");
    }

    fn settle(&mut self) {
        while let Some(at) = self.waits.iter().position(Wait::is_woken) {
            self.poll(at, false);
            self.check();
        }
    }
}
