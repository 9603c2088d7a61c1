//! Random sequences of operations against a model that keeps every frame ever sent
//! and works everything out anew each time.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use bytes::Bytes;
use common::{plain, sent};
use proptest::prelude::*;
use weft_channel::{
    Backpressure, Batch, Channel, Frame, OpenError, ReadError, Reader, WriteError, Writer,
};

#[derive(Debug, Clone)]
enum Op {
    OpenWriter { strong: bool },
    OpenReader { strong: bool },
    Write(usize, usize),
    WriteBatch(usize, Vec<usize>),
    Read(usize),
    ReadBatch(usize, u32, u64),
    WeakenWriter(usize),
    WeakenReader(usize),
    CloseWriter(usize),
    CloseReader(usize),
    Drain,
    Terminate,
}

fn op() -> impl Strategy<Value = Op> {
    let end = 0..8_usize;
    prop_oneof![
        3 => any::<bool>().prop_map(|strong| Op::OpenWriter { strong }),
        3 => any::<bool>().prop_map(|strong| Op::OpenReader { strong }),
        20 => (end.clone(), 0..12_usize).prop_map(|(w, len)| Op::Write(w, len)),
        10 => (end.clone(), prop::collection::vec(0..6_usize, 0..6))
            .prop_map(|(w, lens)| Op::WriteBatch(w, lens)),
        // More empty frames than a channel may retain.
        2 => (end.clone(), 300..1100_usize).prop_map(|(w, n)| Op::WriteBatch(w, vec![0; n])),
        20 => end.clone().prop_map(Op::Read),
        15 => (end.clone(), 0..9_u32, 0..30_u64).prop_map(|(r, n, b)| Op::ReadBatch(r, n, b)),
        2 => end.clone().prop_map(|r| Op::ReadBatch(r, u32::MAX, u64::MAX)),
        1 => end.clone().prop_map(Op::WeakenWriter),
        2 => end.clone().prop_map(Op::WeakenReader),
        1 => end.clone().prop_map(Op::CloseWriter),
        2 => end.prop_map(Op::CloseReader),
        1 => Just(Op::Drain),
        1 => Just(Op::Terminate),
    ]
}

#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
enum Life {
    #[default]
    Open,
    Ended,
    Terminated,
}

struct ModelReader {
    strong: bool,
    next: usize,
}

#[derive(Default)]
struct Model {
    capacity: usize,
    park: bool,
    life: Life,
    /// Every frame ever sent.
    sent: Vec<(u32, Bytes)>,
    /// Where each commit ends in `sent`.
    commits: Vec<usize>,
    /// Commits evicted.
    evicted: usize,
    dropped: u64,
    writers: Vec<(u32, bool)>,
    readers: Vec<ModelReader>,
    ids: u32,
}

const MAX_FRAMES: usize = 1024;

impl Model {
    fn start(&self, commit: usize) -> usize {
        commit
            .checked_sub(1)
            .map_or(0, |before| self.commits[before])
    }

    fn oldest(&self) -> usize {
        self.start(self.evicted)
    }

    /// Frames and bytes from this commit on.
    fn amount_from(&self, commit: usize) -> (usize, usize) {
        let frames = &self.sent[self.start(commit)..];
        (
            frames.len(),
            frames.iter().map(|(_, payload)| payload.len()).sum(),
        )
    }

    /// The first commit that a strong reader still needs.
    fn needed_from(&self) -> usize {
        let strong = self.readers.iter().filter(|reader| reader.strong);
        let lowest = strong.map(|reader| reader.next).min().unwrap_or(usize::MAX);
        self.commits.partition_point(|&end| end <= lowest)
    }

    fn write(&mut self, writer: u32, frames: &[Bytes]) -> Result<u32, WriteError> {
        match self.life {
            Life::Open => {}
            Life::Ended => return Err(WriteError::Drained),
            Life::Terminated => return Err(WriteError::Terminated),
        }
        let total = frames.iter().map(Bytes::len).sum::<usize>();
        let whole = self.park && (total > self.capacity || frames.len() > MAX_FRAMES);
        if whole || frames.iter().any(|frame| frame.len() > self.capacity) {
            let capacity = self.capacity as u64;
            return Err(WriteError::TooLarge { capacity });
        }
        let (needed_frames, needed_bytes) = self.amount_from(self.needed_from());
        let (mut fit, mut bytes) = (0, needed_bytes);
        for frame in frames {
            bytes += frame.len();
            if bytes > self.capacity || needed_frames + fit + 1 > MAX_FRAMES {
                break;
            }
            fit += 1;
        }
        if fit < frames.len() && self.park {
            return Err(WriteError::WouldBlock);
        }
        self.dropped += (frames.len() - fit) as u64;
        if fit > 0 {
            let payloads = frames[..fit].iter().cloned();
            self.sent.extend(payloads.map(|payload| (writer, payload)));
            self.commits.push(self.sent.len());
            while let (frames, bytes) = self.amount_from(self.evicted)
                && (frames > MAX_FRAMES || bytes > self.capacity)
            {
                self.evicted += 1;
            }
        }
        Ok(fit as u32)
    }

    fn read(
        &mut self,
        reader: usize,
        frames: u32,
        bytes: u64,
    ) -> Result<Vec<(u32, Bytes)>, ReadError> {
        if self.life == Life::Terminated {
            return Err(ReadError::Terminated);
        }
        let oldest = self.oldest();
        let reader = &mut self.readers[reader];
        if reader.next < oldest {
            let lost = oldest - std::mem::replace(&mut reader.next, oldest);
            return Err(ReadError::Lagged(lost as u64));
        }
        let mut taken: Vec<(u32, Bytes)> = Vec::new();
        let mut total = 0;
        for frame in &self.sent[reader.next..] {
            total += frame.1.len() as u64;
            let full = taken.len() >= frames.max(1) as usize || total > bytes.max(1);
            if full && !taken.is_empty() {
                break;
            }
            taken.push(frame.clone());
        }
        reader.next += taken.len();
        if taken.is_empty() && self.life == Life::Open {
            return Err(ReadError::WouldBlock);
        }
        Ok(taken)
    }

    fn lose_strong_writer(&mut self) {
        if !self.writers.iter().any(|(_, strong)| *strong) && self.life == Life::Open {
            self.life = Life::Ended;
        }
    }

    fn check(&self, channel: &Channel) {
        let stats = channel.stats();
        let (frames, bytes) = match self.life {
            Life::Terminated => (0, 0),
            _ => self.amount_from(self.evicted),
        };
        assert_eq!(stats.frames_written, self.sent.len() as u64);
        assert_eq!(stats.frames_dropped, self.dropped);
        assert_eq!(
            (stats.frames_held, stats.bytes_held),
            (frames as u64, bytes as u64)
        );
        assert!(stats.bytes_held <= stats.capacity && stats.frames_held <= MAX_FRAMES as u64);
        let count = |strong| self.writers.iter().filter(|w| w.1 == strong).count() as u32;
        assert_eq!(
            (stats.strong_writers, stats.weak_writers),
            (count(true), count(false))
        );
        let count = |strong| self.readers.iter().filter(|r| r.strong == strong).count() as u32;
        assert_eq!(
            (stats.strong_readers, stats.weak_readers),
            (count(true), count(false))
        );
    }
}

/// Payloads that differ from each other, as far as their length allows.
fn payload(seed: &mut u8, len: usize) -> Bytes {
    *seed = seed.wrapping_add(1);
    vec![*seed; len].into()
}

/// The end that `pick` means, if any is open.
fn pick<T>(ends: &[T], pick: usize) -> Option<usize> {
    pick.checked_rem(ends.len())
}

fn run(capacity: usize, backpressure: Backpressure, ops: &[Op]) {
    let channel = common::channel(capacity as u64, backpressure);
    let mut model = Model {
        capacity,
        park: backpressure == Backpressure::Park,
        ..Model::default()
    };
    let mut writers: Vec<Writer> = Vec::new();
    let mut readers: Vec<Reader> = Vec::new();
    let mut seed = 0;
    for op in ops {
        match *op {
            Op::OpenWriter { strong } => {
                let opened = if strong {
                    channel.strong_writer()
                } else {
                    channel.weak_writer()
                };
                if model.life != Life::Open {
                    assert_eq!(opened.unwrap_err(), OpenError::Ended);
                    continue;
                }
                let writer = opened.unwrap();
                model.ids += 1;
                assert_eq!((writer.id(), writer.is_strong()), (model.ids, strong));
                model.writers.push((writer.id(), strong));
                writers.push(writer);
            }
            Op::OpenReader { strong } => {
                readers.push(if strong {
                    channel.strong_reader()
                } else {
                    channel.weak_reader()
                });
                let next = model.oldest();
                model.readers.push(ModelReader { strong, next });
            }
            Op::Write(writer, len) => {
                let Some(at) = pick(&writers, writer) else {
                    continue;
                };
                let frame = payload(&mut seed, len);
                let expected = model.write(writers[at].id(), std::slice::from_ref(&frame));
                assert_eq!(writers[at].try_write(frame), expected.map(|sent| sent == 1));
            }
            Op::WriteBatch(writer, ref lens) => {
                let Some(at) = pick(&writers, writer) else {
                    continue;
                };
                let frames: Vec<_> = lens.iter().map(|&len| payload(&mut seed, len)).collect();
                let mut end = 0;
                let ends = lens.iter().map(|&len| {
                    end += len as u32;
                    end
                });
                let batch = Batch::new(ends.collect(), frames.concat().into()).unwrap();
                let expected = model.write(writers[at].id(), &frames);
                assert_eq!(writers[at].try_write_batch(batch), expected);
            }
            Op::Read(reader) => {
                let Some(at) = pick(&readers, reader) else {
                    continue;
                };
                let expected = model
                    .read(at, 1, u64::MAX)
                    .map(|frames| frames.into_iter().next());
                assert_eq!(plain(readers[at].try_read()), expected);
            }
            Op::ReadBatch(reader, max_frames, max_bytes) => {
                let Some(at) = pick(&readers, reader) else {
                    continue;
                };
                let expected = model.read(at, max_frames, max_bytes);
                let read = readers[at].try_read_batch(max_frames, max_bytes);
                if let Ok(frames) = &read {
                    check_packing(frames);
                }
                assert_eq!(
                    read.map(|frames| frames.iter().map(sent).collect::<Vec<_>>()),
                    expected
                );
            }
            Op::WeakenWriter(writer) => {
                let Some(at) = pick(&writers, writer) else {
                    continue;
                };
                writers[at].set_weak();
                if std::mem::replace(&mut model.writers[at].1, false) {
                    model.lose_strong_writer();
                }
            }
            Op::WeakenReader(reader) => {
                let Some(at) = pick(&readers, reader) else {
                    continue;
                };
                readers[at].set_weak();
                model.readers[at].strong = false;
                assert!(!readers[at].is_strong());
            }
            Op::CloseWriter(writer) => {
                let Some(at) = pick(&writers, writer) else {
                    continue;
                };
                drop(writers.swap_remove(at));
                if model.writers.swap_remove(at).1 {
                    model.lose_strong_writer();
                }
            }
            Op::CloseReader(reader) => {
                let Some(at) = pick(&readers, reader) else {
                    continue;
                };
                drop(readers.swap_remove(at));
                model.readers.swap_remove(at);
            }
            Op::Drain => {
                channel.drain();
                model.life = if model.life == Life::Open {
                    Life::Ended
                } else {
                    model.life
                };
            }
            Op::Terminate => {
                channel.terminate();
                model.life = Life::Terminated;
            }
        }
        model.check(&channel);
    }
}

fn check_packing(frames: &weft_channel::Frames) {
    let packed = frames.pack();
    let list: Vec<Frame> = frames.iter().collect();
    assert_eq!(
        (list.len(), packed.payload.len()),
        (frames.len(), frames.bytes())
    );
    assert_eq!(
        (packed.ends.len(), packed.writers.len()),
        (list.len(), list.len())
    );
    let mut start = 0;
    for (i, frame) in list.iter().enumerate() {
        let end = packed.ends[i] as usize;
        assert_eq!(packed.payload[start..end], frame.payload);
        assert_eq!(packed.writers[i], frame.writer);
        start = end;
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1024,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_sequence_of_operations_does_what_the_model_does(
        capacity in 1..40_usize,
        park in any::<bool>(),
        ops in prop::collection::vec(op(), 1..150),
    ) {
        run(capacity, if park { Backpressure::Park } else { Backpressure::Drop }, &ops);
    }

    /// Ending a channel ends what a sequence can show, so here nothing does.
    #[test]
    fn so_does_any_sequence_on_a_channel_that_stays_open(
        capacity in 1..40_usize,
        park in any::<bool>(),
        ops in prop::collection::vec(op(), 1..400),
    ) {
        let lives = |op: &Op| !matches!(
            op,
            Op::Drain | Op::Terminate | Op::WeakenWriter(_) | Op::CloseWriter(_)
        );
        let ops: Vec<_> = ops.into_iter().filter(lives).collect();
        run(capacity, if park { Backpressure::Park } else { Backpressure::Drop }, &ops);
    }
}
