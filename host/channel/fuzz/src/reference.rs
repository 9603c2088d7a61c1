//! What a channel should do, in the most naive way there is: every frame ever sent is kept, and
//! everything is worked out anew each time.

use bytes::Bytes;
use weft_channel::{ReadError, Stats, WriteError};

/// Frames that a channel of so small a capacity retains at most.
pub const MAX_FRAMES: usize = 1024;

/// The writer that sent it, and its payload.
pub type Frame = (u32, Bytes);

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
    park: bool,
    pub life: Life,
    /// Every frame ever sent.
    sent: Vec<Frame>,
    /// Where each commit ends in `sent`.
    commits: Vec<usize>,
    /// Commits evicted.
    evicted: usize,
    dropped: u64,
    pub writers: Vec<Writer>,
    pub readers: Vec<Reader>,
    /// The writes that wait, in the order of their first polls.
    pub queue: Vec<Ticket>,
}

impl Reference {
    pub fn new(capacity: usize, park: bool) -> Self {
        Self {
            capacity,
            park,
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
        let whole = self.park && (total > self.capacity || frames.len() > MAX_FRAMES);
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
        if fit < frames.len() && self.park {
            return Err(WriteError::WouldBlock);
        }
        Ok(fit)
    }

    /// Sends these frames, as far as they go now.
    pub fn write(
        &mut self,
        writer: u32,
        frames: &[Bytes],
        ticket: Option<Ticket>,
    ) -> Result<u32, WriteError> {
        let fit = self.try_write(frames, ticket)?;
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

    /// Whether a read of this reader would not have to wait.
    pub fn can_read(&self, reader: u32) -> bool {
        let reader = self.readers.iter().find(|end| end.id == reader).unwrap();
        self.life != Life::Open || reader.next < self.sent.len()
    }

    /// Takes frames; none is the end.
    pub fn read(&mut self, reader: u32, frames: u32, bytes: u64) -> Result<Vec<Frame>, ReadError> {
        if self.life == Life::Terminated {
            return Err(ReadError::Terminated);
        }
        let oldest = self.oldest();
        let mut readers = self.readers.iter_mut();
        let reader = readers.find(|end| end.id == reader).unwrap();
        if reader.next < oldest {
            let lost = oldest - std::mem::replace(&mut reader.next, oldest);
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

    /// A writer is strong no more.
    pub fn lose_strong_writer(&mut self) {
        if !self.writers.iter().any(|writer| writer.strong) {
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
