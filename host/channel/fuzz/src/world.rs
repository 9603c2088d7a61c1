//! A channel, its ends and its waits beside the model, compared after every step.
//!
//! Invariants: whoever could go on was woken; and a poll, woken or not, goes on if and only if
//! the model says that it can, with the outcome the model gives.

use std::{sync::Arc, task::Poll};

use bytes::Bytes;
use weft_channel::{Backpressure, Channel, OpenError, Options, Reader, WriteError, Writer};

use crate::{
    op::{Op, Sequence},
    reference::{Life, MAX_FRAMES, Reference, Ticket},
    wait::{self, Done, Wait, What},
};

struct World {
    channel: Channel,
    /// Beside each other: the ends here and those of the model.
    writers: Vec<Arc<Writer>>,
    readers: Vec<Arc<Reader>>,
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
        let options = Options {
            capacity: capacity as u64,
            backpressure,
        };
        Self {
            channel: Channel::new(options).unwrap(),
            writers: vec![],
            readers: vec![],
            model: Reference::new(capacity, backpressure == Backpressure::Park),
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
            Op::TryWrite { writer, len } => self.try_write(writer, &[len], false),
            Op::TryWriteBatch { writer, ref lens } => self.try_write(writer, lens, true),
            Op::TryRead { reader } => self.try_read(reader, None),
            Op::TryReadBatch {
                reader,
                frames,
                bytes,
            } => self.try_read(reader, Some((frames, bytes))),
            Op::Write { writer, len } => self.write(writer, &[len], false),
            Op::WriteBatch { writer, ref lens } => self.write(writer, lens, true),
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
            Op::WeakenReader { reader } => {
                if let Some(at) = pick(&self.readers, reader) {
                    self.readers[at].set_weak();
                    self.model.readers[at].strong = false;
                    assert!(!self.readers[at].is_strong());
                }
            }
            Op::CloseReader { reader } => {
                if let Some(at) = pick(&self.readers, reader) {
                    let id = self.model.readers[at].id;
                    self.cancel_all(
                        |what| matches!(what, What::Read { reader, .. } if *reader == id),
                    );
                    drop(self.readers.swap_remove(at));
                    self.model.readers.swap_remove(at);
                }
            }
            Op::WeakenWriter { writer } => {
                if let Some(at) = pick(&self.writers, writer) {
                    self.writers[at].set_weak();
                    if std::mem::replace(&mut self.model.writers[at].strong, false) {
                        self.model.lose_strong_writer();
                    }
                    assert!(!self.writers[at].is_strong());
                }
            }
            Op::CloseWriter { writer } => {
                if let Some(at) = pick(&self.writers, writer) {
                    let id = self.model.writers[at].id;
                    self.cancel_all(
                        |what| matches!(what, What::Write { writer, .. } if *writer == id),
                    );
                    drop(self.writers.swap_remove(at));
                    if self.model.writers.swap_remove(at).strong {
                        self.model.lose_strong_writer();
                    }
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
        self.model
            .writers
            .push(crate::reference::Writer { id, strong });
        self.writers.push(Arc::new(writer));
    }

    fn open_reader(&mut self, strong: bool) {
        let reader = match strong {
            true => self.channel.strong_reader(),
            false => self.channel.weak_reader(),
        };
        assert_eq!(reader.is_strong(), strong);
        self.last_reader += 1;
        self.model.open_reader(self.last_reader, strong);
        self.readers.push(Arc::new(reader));
    }

    /// Payloads that differ from each other, as far as their length allows.
    fn frames(&mut self, lens: &[usize]) -> Vec<Bytes> {
        let frame = |&len| {
            self.seed = self.seed.wrapping_add(1);
            vec![self.seed; len].into()
        };
        lens.iter().map(frame).collect()
    }

    fn try_write(&mut self, writer: u8, lens: &[usize], batch: bool) {
        let frames = self.frames(lens);
        let Some(at) = pick(&self.writers, writer) else {
            return;
        };
        let expected = self.model.write(self.writers[at].id(), &frames, None);
        let done = wait::try_write(&self.writers[at], &frames, batch);
        assert_eq!(done, Done::Wrote(expected));
    }

    fn try_read(&mut self, reader: u8, limits: Option<(u32, u64)>) {
        let Some(at) = pick(&self.readers, reader) else {
            return;
        };
        let (frames, bytes) = limits.unwrap_or((1, u64::MAX));
        let id = self.model.readers[at].id;
        let expected = self.model.read(id, frames, bytes);
        let done = wait::try_read(&self.readers[at], limits);
        assert_eq!(done, Done::Read(expected));
    }

    fn write(&mut self, writer: u8, lens: &[usize], batch: bool) {
        let frames = self.frames(lens);
        let Some(at) = pick(&self.writers, writer) else {
            return;
        };
        self.last_ticket += 1;
        let what = What::Write {
            writer: self.writers[at].id(),
            frames: frames.clone(),
            ticket: self.last_ticket,
        };
        let future = wait::write(Arc::clone(&self.writers[at]), frames, batch);
        self.waits.push(Wait::new(what, future));
        self.poll(self.waits.len() - 1, false);
    }

    fn read(&mut self, reader: u8, limits: Option<(u32, u64)>) {
        let Some(at) = pick(&self.readers, reader) else {
            return;
        };
        let (frames, bytes) = limits.unwrap_or((1, u64::MAX));
        let what = What::Read {
            reader: self.model.readers[at].id,
            frames,
            bytes,
        };
        let future = wait::read(Arc::clone(&self.readers[at]), limits);
        self.waits.push(Wait::new(what, future));
        self.poll(self.waits.len() - 1, false);
    }

    fn poll(&mut self, at: usize, with_new_waker: bool) {
        let polled = self.waits[at].poll(with_new_waker);
        let expected = match self.waits[at].what {
            What::Write {
                writer,
                ref frames,
                ticket,
            } => match self.model.write(writer, frames, Some(ticket)) {
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
                Poll::Ready(Done::Read(self.model.read(reader, frames, bytes)))
            }
            What::Read { .. } => Poll::Pending,
        };
        assert_eq!(polled, expected, "{:?}", self.waits[at].what);
        if polled.is_ready() {
            self.waits.remove(at);
        }
    }

    fn cancel(&mut self, at: usize) {
        if let What::Write { ticket, .. } = self.waits.remove(at).what {
            self.model.queue.retain(|&waits| waits != ticket);
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
        self.writers.clear();
        self.readers.clear();
        self.model.writers.clear();
        self.model.readers.clear();
        self.check();
    }

    fn settle(&mut self) {
        while let Some(at) = self.waits.iter().position(Wait::is_woken) {
            self.poll(at, false);
            self.check();
        }
    }
}
