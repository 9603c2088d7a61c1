//! What a channel should do, in the most naive way there is: every frame ever sent is kept, and
//! everything is worked out anew each time.

use std::{collections::BTreeMap, mem};

use bytes::Bytes;
use weft_channel::{ReadError, Stats, WriteError};

/// Frames that a channel of so small a capacity retains at most.
pub const MAX_FRAMES: usize = 1024;

/// The writer that sent it, and its payload.
pub type Frame = (u32, Bytes);

/// A handle of the channel, attached to one of its own frames.
#[derive(Debug, Clone, Copy)]
pub enum Handle {
    /// By its note.
    Channel(u32),
    /// By its id, as the others.
    Reader(u32),
    Writer(u32),
}

/// What a read takes: frames, and the handles that came with them, by the index of the frame.
pub type Taken = (Result<Vec<Frame>, ReadError>, Vec<(usize, Handle)>);

#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
pub enum Life {
    #[default]
    Open,
    Ended,
    Terminated,
}

#[derive(Debug)]
pub struct Writer {
    pub id: u32,
    pub strong: bool,
}

#[derive(Debug)]
pub struct Reader {
    pub id: u32,
    pub strong: bool,
    /// Which of the frames ever sent it will read next.
    next: usize,
}

/// Names a write that waits.
pub type Ticket = u64;

/// The model of a channel.
#[derive(Debug, Default)]
pub struct Reference {
    capacity: usize,
    block: bool,
    pub life: Life,
    /// Every frame ever sent.
    sent: Vec<Frame>,
    /// Where each commit ends in `sent`.
    commits: Vec<usize>,
    /// Commits evicted.
    evicted: usize,
    dropped: u64,
    /// The handles in frames, by the index of the frame in `sent`.
    attached: BTreeMap<usize, Handle>,
    /// The ends that are open, whether somebody has them or a frame.
    pub writers: Vec<Writer>,
    pub readers: Vec<Reader>,
    /// The writes that wait, in the order of their first polls.
    pub queue: Vec<Ticket>,
}

impl Reference {
    pub fn new(capacity: usize, block: bool) -> Self {
        Self {
            capacity,
            block,
            ..Self::default()
        }
    }

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
        let bytes = frames.iter().map(|(_, payload)| payload.len());
        (frames.len(), bytes.sum())
    }

    /// The first commit that a strong reader still needs.
    fn needed_from(&self) -> usize {
        let strong = self.readers.iter().filter(|reader| reader.strong);
        let lowest = strong.map(|reader| reader.next).min().unwrap_or(usize::MAX);
        self.commits.partition_point(|&end| end <= lowest)
    }

    /// How many of these frames would be sent now.
    pub fn try_write(&self, frames: &[Bytes], ticket: Option<Ticket>) -> Result<usize, WriteError> {
        match self.life {
            Life::Open => {}
            Life::Ended => return Err(WriteError::Drained),
            Life::Terminated => return Err(WriteError::Terminated),
        }
        let total = frames.iter().map(Bytes::len).sum::<usize>();
        let whole = self.block && (total > self.capacity || frames.len() > MAX_FRAMES);
        if whole || frames.iter().any(|frame| frame.len() > self.capacity) {
            let capacity = self.capacity as u64;
            return Err(WriteError::TooLarge { capacity });
        }
        if frames.is_empty() {
            return Ok(0);
        }
        let front = self.queue.first();
        if front.is_some_and(|&front| Some(front) != ticket) {
            return Err(WriteError::WouldBlock);
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
        if fit < frames.len() && self.block {
            return Err(WriteError::WouldBlock);
        }
        Ok(fit)
    }

    /// Sends these frames, as far as they go now, the first of them with a handle, if there is
    /// one. A handle that is neither sent nor waits to be is released.
    pub fn write(
        &mut self,
        writer: u32,
        frames: &[Bytes],
        ticket: Option<Ticket>,
        handle: Option<Handle>,
    ) -> Result<u32, WriteError> {
        let fit = self.try_write(frames, ticket);
        if let Ok(fit) = fit {
            self.dropped += (frames.len() - fit) as u64;
        }
        match fit {
            Ok(fit) if fit > 0 => {
                self.attached.extend(handle.map(|it| (self.sent.len(), it)));
                let payloads = frames[..fit].iter().cloned();
                self.sent.extend(payloads.map(|payload| (writer, payload)));
                self.commits.push(self.sent.len());
                self.evict();
            }
            Err(WriteError::WouldBlock) if ticket.is_some() => {}
            _ => self.release(handle),
        }
        Ok(fit? as u32)
    }

    fn evict(&mut self) {
        while let (frames, bytes) = self.amount_from(self.evicted)
            && (frames > MAX_FRAMES || bytes > self.capacity)
        {
            self.evicted += 1;
        }
        let retained = self.attached.split_off(&self.oldest());
        let lost = mem::replace(&mut self.attached, retained);
        self.release(lost.into_values());
    }

    /// Closes these handles.
    pub fn release(&mut self, handles: impl IntoIterator<Item = Handle>) {
        for handle in handles {
            match handle {
                Handle::Channel(_) => {}
                Handle::Reader(id) => self.readers.retain(|end| end.id != id),
                Handle::Writer(id) => {
                    self.weaken_writer(id);
                    self.writers.retain(|end| end.id != id);
                }
            }
        }
    }

    /// Whether a read of this reader would not have to wait.
    pub fn can_read(&self, reader: u32) -> bool {
        let reader = self.reader(reader);
        self.life != Life::Open || reader.next < self.sent.len()
    }

    fn reader(&self, id: u32) -> &Reader {
        self.readers.iter().find(|end| end.id == id).unwrap()
    }

    /// Takes frames, and with them the handles that nobody took before.
    pub fn read(&mut self, reader: u32, frames: u32, bytes: u64) -> Taken {
        let taken = self.read_frames(reader, frames, bytes);
        let end = self.reader(reader).next;
        let start = end - taken.as_ref().map_or(0, Vec::len);
        let handles = (start..end).enumerate();
        let handles = handles.filter_map(|(at, sent)| Some((at, self.attached.remove(&sent)?)));
        let handles = handles.collect();
        (taken, handles)
    }

    /// No frames is the end.
    fn read_frames(
        &mut self,
        reader: u32,
        frames: u32,
        bytes: u64,
    ) -> Result<Vec<Frame>, ReadError> {
        if self.life == Life::Terminated {
            return Err(ReadError::Terminated);
        }
        let oldest = self.oldest();
        let mut readers = self.readers.iter_mut();
        let reader = readers.find(|end| end.id == reader).unwrap();
        if reader.next < oldest {
            let lost = oldest - mem::replace(&mut reader.next, oldest);
            return Err(ReadError::Lagged(lost as u64));
        }
        let mut taken: Vec<Frame> = Vec::new();
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

    pub fn open_reader(&mut self, id: u32, strong: bool) {
        let next = self.oldest();
        self.readers.push(Reader { id, strong, next });
    }

    pub fn weaken_reader(&mut self, id: u32) {
        let mut readers = self.readers.iter_mut();
        readers.find(|end| end.id == id).unwrap().strong = false;
    }

    pub fn weaken_writer(&mut self, id: u32) {
        let mut writers = self.writers.iter_mut();
        let writer = writers.find(|end| end.id == id).unwrap();
        if mem::replace(&mut writer.strong, false) && !self.writers.iter().any(|end| end.strong) {
            self.end();
        }
    }

    pub fn end(&mut self) {
        if self.life == Life::Open {
            self.life = Life::Ended;
        }
        self.queue.clear();
    }

    pub fn terminate(&mut self) {
        self.end();
        self.life = Life::Terminated;
        let lost = mem::take(&mut self.attached);
        self.release(lost.into_values());
    }

    pub fn stats(&self) -> Stats {
        let (frames, bytes) = match self.life {
            Life::Terminated => (0, 0),
            _ => self.amount_from(self.evicted),
        };
        let writers = |strong| self.writers.iter().filter(move |end| end.strong == strong);
        let readers = |strong| self.readers.iter().filter(move |end| end.strong == strong);
        Stats {
            frames_written: self.sent.len() as u64,
            frames_dropped: self.dropped,
            frames_held: frames as u64,
            bytes_held: bytes as u64,
            capacity: self.capacity as u64,
            strong_writers: writers(true).count() as u32,
            weak_writers: writers(false).count() as u32,
            strong_readers: readers(true).count() as u32,
            weak_readers: readers(false).count() as u32,
        }
    }
}
