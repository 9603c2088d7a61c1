//! Moves bytes between a stream and the far ends of its two channels, until both directions are done.
//!
//! - What the other side sends is read in pieces of up to 64 KiB, each a frame. While the guest's channel has no room nothing is read, which holds the
//!   other side back. Where nobody reads any more, what comes is thrown away, so that the end of it is seen.
//! - What the guest writes is sent as many frames at once as there are, 64 KiB or one larger frame. Once its writers are gone and all is sent, the other
//!   side is told.
//! - A failure of either direction terminates both channels.
//!
//! One task carries both directions. It reads into a buffer that the tasks of a thread have together, so one that waits holds none.
//!
//! Invariants:
//! - In hand are one piece in and what was taken out at once, never more.
//! - What nobody holds is closed in a bounded time, however slow the other side is.

use super::READ_BYTES;
use super::ends::Far;
use bytes::{Buf, Bytes};
use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::Notify;
use weft_channel::{ReadError, Reader, Writer};

/// Frames that are sent at once: as many as the channel hands out.
const FRAMES: u32 = 64 << 10;

/// Bytes that are sent at once, unless one frame is larger: a system call costs little beside them.
const WRITE_BYTES: u64 = 64 << 10;

/// Pieces that are thrown away before a stream is closed: a system resets a connection on which something was left unread, and the other side may lose
/// what was sent to it.
const LAST_PIECES: usize = 64;

/// How often it is looked whether writers are left, where nobody reads any more.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

thread_local! {
    /// What is read into. Taken out while it is used.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// How long a connection may do nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// Without a byte in any direction.
    pub(super) idle: Option<Duration>,
    /// Until what was left behind is sent.
    pub(super) close: Duration,
}

/// Why a connection was given up.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// The stream failed.
    #[error(transparent)]
    Stream(io::Error),
    /// Nothing moved for too long.
    #[error("a connection was closed on which nothing had moved for {0:?}, others may be")]
    Idle(Duration),
    /// Nobody holds its ends, and the other side does not take what is left.
    #[error(
        "what was written to a connection is lost, as the other side did not take it within {0:?}"
    )]
    Left(Duration),
}

impl Broken {
    /// What the log calls it that says so once; none for what the other side or the network has done.
    pub(super) fn what(&self) -> Option<&'static str> {
        match self {
            Broken::Stream(_) => None,
            Broken::Idle(_) => Some("idle-connection"),
            Broken::Left(_) => Some("unsent-bytes"),
        }
    }
}

/// What the two directions know of each other.
struct Both {
    began: Instant,
    /// Milliseconds from then to the last byte.
    moved: AtomicU64,
    /// Whether all that came is in the channel.
    came: AtomicBool,
    /// All was sent.
    sent: Notify,
}

impl Both {
    fn note(&self) {
        let now = self.began.elapsed().as_millis();
        self.moved
            .store(u64::try_from(now).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn quiet(&self) -> Duration {
        let moved = Duration::from_millis(self.moved.load(Ordering::Relaxed));
        self.began.elapsed().saturating_sub(moved)
    }
}

/// Carries both directions to their ends. What breaks them is told to `note` before the guest sees it.
pub(super) async fn carry<R, W>(
    mut read: R,
    mut write: W,
    far: Far,
    times: Times,
    note: impl FnOnce(&Broken),
) where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let both = Both {
        began: Instant::now(),
        moved: AtomicU64::new(0),
        came: AtomicBool::new(false),
        sent: Notify::new(),
    };
    let mut pieces = Pieces {
        from: &mut read,
        most: far.piece,
        failed: None,
    };
    let carried = futures::future::try_join(
        incoming(&mut pieces, &far.input, &both),
        outgoing(&mut write, &far.output, &both),
    );
    let broken = tokio::select! {
        biased;
        carried = carried => carried.err().map(Broken::Stream),
        idle = idle(&both, times.idle) => Some(Broken::Idle(idle)),
        () = left(&far, times.close) => Some(Broken::Left(times.close)),
    };
    let Some(broken) = broken else {
        return;
    };
    note(&broken);
    let [into, out] = &far.stop;
    out.terminate();
    // What came whole can be read to its end.
    if !both.came.load(Ordering::Relaxed) {
        into.terminate();
    }
}

/// Reads pieces of a stream.
struct Pieces<'a, R> {
    from: &'a mut R,
    most: usize,
    /// What came after the last piece.
    failed: Option<io::Error>,
}

impl<R: AsyncRead + Unpin> Pieces<'_, R> {
    /// The next piece; an empty one at the end.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        if let Some(error) = self.failed.take() {
            return Poll::Ready(Err(error));
        }
        let mut scratch = SCRATCH.take();
        scratch.resize(READ_BYTES, 0);
        let room = scratch.get_mut(..self.most).unwrap_or_default();
        let polled = self.fill(context, &mut ReadBuf::new(room));
        SCRATCH.set(scratch);
        polled
    }

    /// Reads until nothing more is there, or the buffer is full: TLS gives no more than 16 KiB at a time.
    fn fill(
        &mut self,
        context: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<Bytes>> {
        loop {
            let before = room.filled().len();
            let polled = Pin::new(&mut *self.from).poll_read(context, room);
            let full = room.remaining() == 0;
            match polled {
                Poll::Pending if before == 0 => return Poll::Pending,
                Poll::Ready(Err(error)) if before == 0 => return Poll::Ready(Err(error)),
                Poll::Ready(Err(error)) => self.failed = Some(error),
                Poll::Ready(Ok(())) if room.filled().len() > before && !full => continue,
                Poll::Pending | Poll::Ready(Ok(())) => {}
            }
            return Poll::Ready(Ok(Bytes::copy_from_slice(room.filled())));
        }
    }

    async fn next(&mut self) -> io::Result<Bytes> {
        poll_fn(|context| self.poll(context)).await
    }
}

/// From the stream into the channel.
async fn incoming<R>(pieces: &mut Pieces<'_, R>, to: &Writer, both: &Both) -> io::Result<()>
where
    R: AsyncRead + Unpin,
{
    let mut unread = pin!(to.unread());
    loop {
        let piece = tokio::select! {
            biased;
            piece = pieces.next() => piece?,
            () = &mut unread => return unwanted(pieces, both).await,
        };
        both.note();
        if piece.is_empty() {
            both.came.store(true, Ordering::Relaxed);
            // The last strong writer: readers see the end.
            to.set_weak();
            return Ok(());
        }
        let sent = tokio::select! {
            biased;
            sent = to.write(piece) => sent,
            () = &mut unread => return unwanted(pieces, both).await,
        };
        if sent.is_err() {
            return unwanted(pieces, both).await;
        }
    }
}

/// Throws away what comes, until it ends or all is sent.
async fn unwanted<R>(pieces: &mut Pieces<'_, R>, both: &Both) -> io::Result<()>
where
    R: AsyncRead + Unpin,
{
    let mut sent = pin!(both.sent.notified());
    loop {
        let piece = tokio::select! {
            biased;
            () = &mut sent => break,
            piece = pieces.next() => piece?,
        };
        if piece.is_empty() {
            return Ok(());
        }
    }
    for _ in 0..LAST_PIECES {
        let piece = poll_fn(|context| Poll::Ready(pieces.poll(context))).await;
        if !matches!(piece, Poll::Ready(Ok(piece)) if !piece.is_empty()) {
            break;
        }
    }
    Ok(())
}

/// From the channel into the stream.
async fn outgoing<W>(to: &mut W, from: &Reader, both: &Both) -> io::Result<()>
where
    W: AsyncWrite + Unpin,
{
    loop {
        let mut bytes = match from.read_batch(FRAMES, WRITE_BYTES).await {
            Ok(frames) if frames.is_empty() => break,
            Ok(frames) => frames.pack().payload,
            // A strong reader is not overtaken.
            Err(ReadError::Lagged(_)) => continue,
            Err(_) => break,
        };
        while bytes.has_remaining() {
            match to.write(&bytes).await? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                written => bytes.advance(written),
            }
            both.note();
        }
        to.flush().await?;
    }
    // The other side may be gone already.
    let _ = to.shutdown().await;
    both.sent.notify_one();
    Ok(())
}

/// Resolves when nothing has moved for too long, with how long that is.
async fn idle(both: &Both, most: Option<Duration>) -> Duration {
    let Some(most) = most else {
        return std::future::pending().await;
    };
    loop {
        match most.saturating_sub(both.quiet()) {
            Duration::ZERO => return most,
            left => tokio::time::sleep(left).await,
        }
    }
}

/// Resolves when nobody has held the ends for so long.
async fn left(far: &Far, most: Duration) {
    far.input.unread().await;
    while !far.output.is_ending() {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    tokio::time::sleep(most).await;
}
