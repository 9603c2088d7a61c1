//! The reading end for values.

use crate::channel::Reader;
use crate::codec::{Codec, Json};
use crate::error::ReadError;
use crate::packed::{MAX_BYTES, MAX_FRAMES};
use futures::stream::{FusedStream, Stream};
use serde::de::DeserializeOwned;
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Why no value was received.
///
/// ```no_run
/// # async fn f(mut counts: weft_guest::TypedReader<u64>) -> weft_guest::Result {
/// use weft_guest::typed::RecvError;
/// match counts.read().await {
///     Err(RecvError::Decode { index, .. }) => println!("frame {index} is no number"),
///     count => println!("{:?}", count?),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, thiserror::Error)]
pub enum RecvError<E: std::error::Error + 'static> {
    /// No frame could be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A frame is not one of these values. The next call goes on after it.
    #[error("frame {index} of {bytes} bytes cannot be decoded")]
    Decode {
        /// Which frame: the number of frames this reader got before it.
        index: u64,
        /// The frame's length in bytes.
        bytes: usize,
        /// What the codec says.
        source: E,
    },
}

/// A reading end for values of one type.
///
/// It reads packed batches and hands their values out one by one, so it may
/// hold frames nobody has asked for yet. So a weak reader that is slow with each value is overtaken later. Also
/// a [`Stream`], which goes on after [`ReadError::Lagged`] and after a frame that cannot be decoded.
///
/// ```no_run
/// use weft_guest::{TypedReader, serde::Deserialize};
///
/// #[derive(Deserialize)]
/// # #[serde(crate = "weft_guest::serde")]
/// struct Flight { origin: String, delay: i32 }
///
/// # async fn f(mut flights: TypedReader<Flight>) -> weft_guest::Result {
/// while let Some(flight) = flights.read().await? {
///     println!("{} {}", flight.origin, flight.delay);
/// }
/// # Ok(()) }
/// ```
pub struct TypedReader<T, C = Json> {
    reader: Reader,
    frames: u64,
    ended: bool,
    value: PhantomData<fn() -> (T, C)>,
}

impl<T: DeserializeOwned, C: Codec> TypedReader<T, C> {
    /// Takes the next value, waiting for one. `None` is the end of the channel.
    ///
    /// A call that is dropped while it waits loses no value.
    ///
    /// ```no_run
    /// # async fn f(mut counts: weft_guest::TypedReader<u64>) -> weft_guest::Result {
    /// let mut sum = 0;
    /// while let Some(count) = counts.read().await? {
    ///     sum += count;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Reader::read`], and for a frame that is no `T`.
    pub async fn read(&mut self) -> Result<Option<T>, RecvError<C::Error>> {
        if self.reader.ready().is_empty() {
            let reader = self.reader.waiting_guard();
            poll_fn(|cx| reader.0.poll_fill(cx, MAX_FRAMES, MAX_BYTES)).await?;
        }
        self.decode_next()
    }

    /// What [`TypedReader::read`] was called before 0.2.
    #[doc(hidden)]
    #[deprecated(note = "this is `read` now")]
    pub async fn recv(&mut self) -> Result<Option<T>, RecvError<C::Error>> {
        self.read().await
    }

    fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<T>, RecvError<C::Error>>> {
        ready!(self.reader.poll_fill(cx, MAX_FRAMES, MAX_BYTES))?;
        Poll::Ready(self.decode_next())
    }

    /// Decodes the next frame there is; none is the end.
    fn decode_next(&mut self) -> Result<Option<T>, RecvError<C::Error>> {
        let Some((_, frame)) = self.reader.pop() else {
            return Ok(None);
        };
        let index = self.frames;
        self.frames += 1;
        let value = C::decode(frame).map_err(|source| RecvError::Decode {
            index,
            bytes: frame.len(),
            source,
        });
        value.map(Some)
    }
}

impl<T, C> TypedReader<T, C> {
    /// Frames received so far, with those that could not be decoded.
    ///
    /// ```no_run
    /// # async fn f(counts: weft_guest::TypedReader<u64>) -> weft_guest::Result {
    /// println!("{} frames so far", counts.frames());
    /// # Ok(()) }
    /// ```
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// As [`Reader::commit`]: the value received last is finished too.
    ///
    /// ```no_run
    /// # async fn f(mut input: weft_guest::TypedReader<u64>) -> weft_guest::Result {
    /// input.commit();
    /// while let Some(it) = input.read().await? {
    ///     // … and when all that follows from it is done:
    ///     input.commit();
    /// }
    /// # Ok(()) }
    /// ```
    pub fn commit(&mut self) {
        self.reader.commit();
    }

    /// As [`Reader::attempt`].
    ///
    /// ```no_run
    /// # fn f(input: weft_guest::TypedReader<u64>) -> weft_guest::Result {
    /// println!("delivery {}", input.attempt());
    /// # Ok(()) }
    /// ```
    pub fn attempt(&self) -> u32 {
        self.reader.attempt()
    }

    /// Gives the reader back, with the frames it has taken and not handed out.
    ///
    /// ```no_run
    /// # async fn f(counts: weft_guest::TypedReader<u64>) -> weft_guest::Result {
    /// let frame = counts.into_inner().read().await?;
    /// # Ok(()) }
    /// ```
    pub fn into_inner(self) -> Reader {
        self.reader
    }

    /// What [`TypedReader::into_inner`] was called before 0.2.
    #[doc(hidden)]
    #[deprecated(note = "this is `into_inner` now")]
    pub fn into_reader(self) -> Reader {
        self.into_inner()
    }
}

impl<T, C> From<Reader> for TypedReader<T, C> {
    fn from(reader: Reader) -> Self {
        TypedReader {
            reader,
            frames: 0,
            ended: false,
            value: PhantomData,
        }
    }
}

impl<T: DeserializeOwned, C: Codec> Stream for TypedReader<T, C> {
    type Item = Result<T, RecvError<C::Error>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let received = ready!(self.poll_recv(cx));
        self.ended = match &received {
            Ok(value) => value.is_none(),
            Err(RecvError::Read(ReadError::Lagged(_)) | RecvError::Decode { .. }) => false,
            Err(RecvError::Read(_)) => true,
        };
        Poll::Ready(received.transpose())
    }
}

impl<T: DeserializeOwned, C: Codec> FusedStream for TypedReader<T, C> {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<T, C> fmt::Debug for TypedReader<T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedReader")
            .field("reader", &self.reader)
            .field("frames", &self.frames)
            .finish_non_exhaustive()
    }
}
