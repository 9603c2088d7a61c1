//! The ends of a connection as streams of bytes, for all that is built on [`AsyncRead`] and [`AsyncWrite`].
//!
//! Invariant: what one `poll_write` takes is one frame, no larger than the channel allows.

use crate::channel::{Reader, Writer};
use crate::error::{ReadError, WriteError};
use futures::io::{AsyncRead, AsyncWrite};
use futures::{Sink, Stream};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Bytes of a frame: as the host reads them, too.
const PIECE: usize = 64 << 10;

/// A connection as a stream of bytes in both directions.
///
/// ```no_run
/// # async fn f(server: weft_guest::net::Connection) -> weft_guest::Result {
/// use weft_guest::futures::io::{AsyncReadExt, AsyncWriteExt};
/// let mut server = server.into_bytes();
/// server.write_all(b"GET / HTTP/1.0\r\n\r\n").await?;
/// server.close().await?; // nothing more comes
/// let mut answer = Vec::new();
/// server.read_to_end(&mut answer).await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct ByteStream {
    input: ReadHalf,
    output: WriteHalf,
}

impl ByteStream {
    /// Of these ends.
    ///
    /// ```no_run
    /// # fn f(input: weft_guest::Reader, output: weft_guest::Writer) {
    /// let stream = weft_guest::net::ByteStream::new(input, output);
    /// # }
    /// ```
    pub fn new(input: Reader, output: Writer) -> Self {
        ByteStream {
            input: ReadHalf::new(input),
            output: WriteHalf::new(output),
        }
    }

    /// The two directions apart.
    ///
    /// ```no_run
    /// # async fn f(server: weft_guest::net::Connection) -> weft_guest::Result {
    /// use weft_guest::futures::io::AsyncWriteExt;
    /// let (input, mut output) = server.into_bytes().split();
    /// output.write_all(b"hello").await?;
    /// # Ok(()) }
    /// ```
    pub fn split(self) -> (ReadHalf, WriteHalf) {
        (self.input, self.output)
    }
}

impl AsyncRead for ByteStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        room: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.input).poll_read(cx, room)
    }
}

impl AsyncWrite for ByteStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.output).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.output).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.output).poll_close(cx)
    }
}

/// The payloads of a reader's frames as bytes. Handles that come with frames are dropped.
///
/// ```no_run
/// # async fn f(input: weft_guest::Reader) -> weft_guest::Result {
/// use weft_guest::futures::{StreamExt, io::{AsyncBufReadExt, BufReader}};
/// let mut lines = BufReader::new(weft_guest::net::ReadHalf::new(input)).lines();
/// while let Some(line) = lines.next().await {
///     println!("{}", line?);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct ReadHalf {
    reader: Reader,
    /// A frame that was read, from here on not handed out.
    frame: Vec<u8>,
    from: usize,
}

impl ReadHalf {
    /// Of this end.
    ///
    /// ```no_run
    /// # fn f(client: weft_guest::net::Connection) {
    /// let input = weft_guest::net::ReadHalf::new(client.input);
    /// # }
    /// ```
    pub fn new(reader: Reader) -> Self {
        ReadHalf {
            reader,
            frame: Vec::new(),
            from: 0,
        }
    }
}

impl AsyncRead for ReadHalf {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        room: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        while this.from >= this.frame.len() && !room.is_empty() {
            match ready!(Pin::new(&mut this.reader).poll_next(cx)) {
                Some(Ok(frame)) => (this.frame, this.from) = (frame.payload, 0),
                Some(Err(error)) => return Poll::Ready(Err(of_read(error))),
                None => return Poll::Ready(Ok(0)),
            }
        }
        let left = this.frame.get(this.from..).unwrap_or_default();
        let count = left.len().min(room.len());
        // As many as fit both.
        for (to, byte) in room.iter_mut().zip(left) {
            *to = *byte;
        }
        this.from += count;
        Poll::Ready(Ok(count))
    }
}

/// Bytes as the frames of a writer. Closing it drops the writer, so that the other side reads to an end.
///
/// ```no_run
/// # async fn f(output: weft_guest::Writer) -> weft_guest::Result {
/// use weft_guest::futures::io::AsyncWriteExt;
/// let mut output = weft_guest::net::WriteHalf::new(output);
/// output.write_all(&[0; 1 << 20]).await?;
/// output.close().await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct WriteHalf {
    /// None once it is closed.
    writer: Option<Writer>,
    /// The largest frame that goes in.
    most: usize,
}

impl WriteHalf {
    /// Of this end.
    ///
    /// ```no_run
    /// # fn f(client: weft_guest::net::Connection) {
    /// let output = weft_guest::net::WriteHalf::new(client.output);
    /// # }
    /// ```
    pub fn new(writer: Writer) -> Self {
        WriteHalf {
            writer: Some(writer),
            most: PIECE,
        }
    }

    fn open(&mut self) -> io::Result<Pin<&mut Writer>> {
        let writer = self.writer.as_mut();
        writer
            .map(Pin::new)
            .ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }
}

impl AsyncWrite for WriteHalf {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.open()?.poll_ready(cx)).map_err(of_write)?;
        loop {
            let piece = bytes.get(..self.most.min(bytes.len())).unwrap_or_default();
            match self.open()?.start_send(piece.to_vec()) {
                Ok(()) => return Poll::Ready(Ok(piece.len())),
                Err(WriteError::TooLarge { most, .. })
                    if (1..piece.len() as u64).contains(&most) =>
                {
                    self.most = usize::try_from(most).unwrap_or(PIECE);
                }
                Err(error) => return Poll::Ready(Err(of_write(error))),
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.writer {
            Some(writer) => Pin::new(writer).poll_flush(cx).map_err(of_write),
            None => Poll::Ready(Ok(())),
        }
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_flush(cx))?;
        self.writer = None;
        Poll::Ready(Ok(()))
    }
}

fn of_read(error: ReadError) -> io::Error {
    let kind = match error {
        ReadError::Terminated => io::ErrorKind::ConnectionReset,
        ReadError::PermissionDenied(_) => io::ErrorKind::PermissionDenied,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

fn of_write(error: WriteError) -> io::Error {
    let kind = match error {
        WriteError::Terminated => io::ErrorKind::ConnectionReset,
        WriteError::Drained => io::ErrorKind::BrokenPipe,
        WriteError::PermissionDenied(_) => io::ErrorKind::PermissionDenied,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}
