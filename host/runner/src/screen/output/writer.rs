//! The thread that writes to a stream, or to both if they are one file.
//!
//! It takes everything that waits and writes it in few pieces, each for one stream.
//!
//! Invariants:
//! - Status lines are hidden while something is written, and after an unfinished line of a guest. Such a line stays
//!   whole.
//! - After a failed write, the output of guests to that stream ends: a gap in it would be worse.
//! - Nobody waits for a writer that has ended.

use super::begun::Begun;
use super::moving::Moving;
use super::queue::{Change, Item, Permit, Queue};
use super::{Stream, say};
use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;
use weft_host::process::Room;

/// Bytes written at once. A limit keeps freeing room for the guests while a large output is written.
const PIECE: usize = 64 << 10;

/// The pause before a retry on a non-blocking stream without room. Another program may have made it non-blocking.
const RETRY: Duration = Duration::from_millis(5);

/// The target of a writer.
type Out = Box<dyn Write + Send>;

pub(super) struct Writer {
    queue: Arc<Queue>,
    /// Stdout and stderr; none if another thread writes that one.
    outs: [Option<Out>; 2],
    /// Whether stderr is a terminal and this thread writes to it.
    terminal: bool,
    moving: Moving,
    piece: Piece,
    /// The unfinished line of a guest on the terminal.
    begun: Begun,
}

/// Bytes to be written with one call.
#[derive(Default)]
struct Piece {
    bytes: Vec<u8>,
    /// None while the piece is empty.
    stream: Option<Stream>,
    /// Whether it holds output of a guest.
    of_guest: bool,
    /// Released once the bytes are written, which lets others go on.
    rooms: Vec<Room>,
    permits: Vec<Permit>,
}

impl Writer {
    /// Starts a thread for these streams.
    pub(super) fn start(streams: &[Stream]) -> Arc<Queue> {
        let out = |stream| {
            let has = streams.contains(&stream);
            has.then(|| of_command(stream))
        };
        let terminal = io::stderr().is_terminal() && streams.contains(&Stream::Stderr);
        let outs = [out(Stream::Stdout), out(Stream::Stderr)];
        Self::start_with(outs, terminal, Moving::new(terminal))
    }

    fn start_with(outs: [Option<Out>; 2], terminal: bool, moving: Moving) -> Arc<Queue> {
        let queue = Arc::new(Queue::new());
        let writer = Self {
            queue: queue.clone(),
            outs,
            terminal,
            moving,
            piece: Piece::default(),
            begun: Begun::default(),
        };
        let thread = std::thread::Builder::new().name("weft-output".into());
        let last = Last(queue.clone());
        let write = move || {
            let _last = last;
            writer.run();
        };
        if thread.spawn(write).is_err() {
            queue.without_writer();
        }
        queue
    }

    /// Runs for as long as the command.
    fn run(mut self) {
        loop {
            let items = self.queue.take(self.moving.period());
            if items.is_empty() {
                if !self.begun.is_there() {
                    self.moving.step();
                }
                continue;
            }
            self.moving.hide();
            for item in items {
                self.write(item);
            }
            self.flush();
            if !self.begun.is_there() {
                self.moving.show();
            }
        }
    }

    fn write(&mut self, item: Item) {
        match item {
            Item::Note(text) => self.line(&text),
            Item::Missing(lines) => self.line(&say::missing(lines)),
            Item::Entries(text, permit) => {
                self.line(&text);
                self.piece.permits.push(permit);
            }
            Item::Bytes(stream, bytes, room) => {
                self.add(stream, &bytes);
                self.piece.of_guest = true;
                self.piece.rooms.push(room);
                if self.terminal {
                    self.begun.add(stream, &bytes);
                }
            }
            Item::Result(stream, bytes, reply) => {
                self.flush();
                let _ = reply.send(self.write_now(stream, &bytes));
            }
            Item::Turn(file) => {
                self.flush();
                self.turn(&file);
            }
            Item::Moving(Change::Show(id, line)) => self.moving.add(id, line),
            Item::Moving(Change::Hide(id)) => self.moving.remove(id),
        }
    }

    /// Writes to this file from now on. Where it has no more descriptors, it goes on as before.
    fn turn(&mut self, file: &File) {
        for out in self.outs.iter_mut().filter(|out| out.is_some()) {
            if let Ok(file) = file.try_clone() {
                *out = Some(Box::new(file));
            }
        }
    }

    /// Writes a line to stderr. On a terminal, a guest's unfinished line is moved below it, so that the guest can go
    /// on.
    fn line(&mut self, text: &str) {
        let columns = console::Term::stderr().size().1;
        let (before, after) = self.begun.around(columns.into());
        self.add(Stream::Stderr, before.as_bytes());
        self.add(Stream::Stderr, text.as_bytes());
        self.add(Stream::Stderr, b"\n");
        if let Some((stream, again)) = after {
            self.add(stream, &again);
        }
    }

    fn add(&mut self, stream: Stream, bytes: &[u8]) {
        let other = self.piece.stream.is_some_and(|it| it != stream);
        if other || self.piece.bytes.len() >= PIECE {
            self.flush();
        }
        self.piece.stream = Some(stream);
        self.piece.bytes.extend_from_slice(bytes);
    }

    /// Writes the collected piece.
    fn flush(&mut self) {
        let piece = std::mem::take(&mut self.piece);
        let Some(stream) = piece.stream else { return };
        if piece.of_guest && self.queue.broken(stream).is_some() {
            return;
        }
        if let Err(error) = self.write_now(stream, &piece.bytes)
            && piece.of_guest
        {
            self.queue.breaks(stream, &error);
        }
    }

    fn write_now(&mut self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        let [stdout, stderr] = &mut self.outs;
        let out = match stream {
            Stream::Stdout => stdout,
            Stream::Stderr => stderr,
        };
        match out {
            Some(out) => write_all(out, bytes),
            None => Ok(()),
        }
    }
}

/// Runs when the writer ends, which only a bug can cause. Later items are written by the callers, so nobody waits for
/// the writer.
struct Last(Arc<Queue>);

impl Drop for Last {
    fn drop(&mut self) {
        self.0.without_writer();
        for item in self.0.take(Some(Duration::ZERO)) {
            self.0.push(item);
        }
    }
}

/// The stream itself, without the standard library's buffer.
fn of_command(stream: Stream) -> Out {
    let copy = match stream {
        Stream::Stdout => io::stdout().as_fd().try_clone_to_owned(),
        Stream::Stderr => io::stderr().as_fd().try_clone_to_owned(),
    };
    match (copy, stream) {
        (Ok(copy), _) => Box::new(File::from(copy)),
        (Err(_), Stream::Stdout) => Box::new(io::stdout()),
        (Err(_), Stream::Stderr) => Box::new(io::stderr()),
    }
}

/// Writes all bytes. If the stream would block, it tries again.
fn write_all(out: &mut Out, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match out.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => (_, bytes) = bytes.split_at(written.min(bytes.len())),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(RETRY),
            Err(error) => return Err(error),
        }
    }
    out.flush()
}

#[cfg(test)]
mod tests;
