//! Readers for guests that are started again.

use super::engine::{self, Attachment, Committed};
use super::host::channel::detach;
use super::host::channel::reader::{end, shared};
use super::world::world;
use crate::bindings::weft::fabric::channel::Handle;
use crate::channel::{Reader, Writer};
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

/// Deliveries of a frame, unless told otherwise: as many as on a host.
const MAX_DELIVERIES: u32 = 3;

/// A reader that a test keeps for the guests that it starts one after the other, as `weft up` does for a process that it restarts.
///
/// What a guest has read and not finished when it fails or is killed comes again to the next, one by one and before all others; see
/// [`Reader::attempt`]. The test is the supervisor: it starts the next one. Made by [`kept`].
///
/// ```
/// use weft_guest::testing::{self, At};
/// use weft_guest::{Reader, Writer};
///
/// async fn copy(mut input: Reader, output: Writer) -> weft_guest::Result {
///     while let Some(frame) = input.read().await? {
///         output.write(frame.payload).await?.or_dropped();
///     }
///     Ok(())
/// }
///
/// testing::run(async {
///     let (frames, input) = testing::channel(64);
///     let (output, mut copies) = testing::channel(64);
///     let input = testing::kept(input);
///     frames.write("one").await.unwrap().or_dropped();
///     frames.write("two").await.unwrap().or_dropped();
///     drop(frames);
///     let first = testing::start(copy(input.reader(), output));
///     first.kill_at(At::Read(2));
///     first.wait().await;
///     let (output, more) = testing::channel(64);
///     testing::start(copy(input.reader(), output)).returned().await.unwrap();
///     assert_eq!(testing::texts(copies).await.unwrap(), ["one"]);
///     assert_eq!(testing::texts(more).await.unwrap(), ["two"]);
/// });
/// ```
pub struct Kept {
    reader: Rc<engine::Reader>,
    max_deliveries: u32,
    /// Until the first guest is started.
    rejected: RefCell<Option<engine::Writer>>,
}

/// Keeps a reader for guests that are started one after the other.
///
/// ```
/// use weft_guest::testing;
/// testing::run(async {
///     let (frames, input) = testing::channel(64);
///     frames.write("a frame").await.unwrap().or_dropped();
///     let input = testing::kept(input);
///     let mut reader = input.reader();
///     assert!(reader.read().await.unwrap().is_some());
///     assert_eq!(reader.attempt(), 1);
/// });
/// ```
///
/// # Panics
///
/// Outside of [`run`](super::run).
pub fn kept(reader: Reader) -> Kept {
    let raw = reader.into_raw();
    let kept = Kept {
        reader: end(&raw),
        max_deliveries: MAX_DELIVERIES,
        rejected: RefCell::default(),
    };
    world().kept.borrow_mut().push(Rc::downgrade(&kept.reader));
    kept
}

impl Kept {
    /// How many guests may end with a frame in hand before it is rejected: `max-deliveries` of a manifest. Default: 3.
    ///
    /// ```
    /// use weft_guest::{Error, Reader, testing};
    ///
    /// async fn picky(mut input: Reader) -> weft_guest::Result {
    ///     match input.read().await? {
    ///         Some(frame) if frame.payload == b"bad" => Err(Error::msg("this is no line")),
    ///         _ => Ok(()),
    ///     }
    /// }
    ///
    /// testing::run(async {
    ///     let (frames, input) = testing::channel(64);
    ///     let input = testing::kept(input).max_deliveries(1);
    ///     frames.write("bad").await.unwrap().or_dropped();
    ///     frames.write("good").await.unwrap().or_dropped();
    ///     let first = testing::start(picky(input.reader()));
    ///     first.wait().await;
    ///     assert!(first.log()[0].message.starts_with("a frame of 3 bytes is rejected"));
    ///     testing::start(picky(input.reader())).returned().await.unwrap();
    /// });
    /// ```
    #[must_use]
    pub fn max_deliveries(self, most: u32) -> Self {
        Kept {
            max_deliveries: most,
            ..self
        }
    }

    /// Where rejected frames go: `rejected` of a manifest. Without it they are dropped.
    ///
    /// ```
    /// use weft_guest::testing;
    /// testing::run(async {
    ///     let (_frames, input) = testing::channel(64);
    ///     let (dead, letters) = testing::channel(64);
    ///     let input = testing::kept(input).rejected(dead);
    ///     drop(input);
    ///     assert!(testing::texts(letters).await.unwrap().is_empty());
    /// });
    /// ```
    #[must_use]
    pub fn rejected(self, to: Writer) -> Self {
        if let Some(Attachment::Writer(writer)) = detach(Handle::Writer(to.into_raw())) {
            self.rejected.replace(Some(writer));
        }
        self
    }

    /// The reader, for the next guest.
    ///
    /// ```
    /// use weft_guest::testing;
    /// testing::run(async {
    ///     let (frames, input) = testing::channel(64);
    ///     frames.write("a frame").await.unwrap().or_dropped();
    ///     let input = testing::kept(input);
    ///     let guest = testing::start(testing::frames(input.reader()));
    ///     drop(frames);
    ///     assert_eq!(guest.returned().await.unwrap(), [b"a frame"]);
    /// });
    /// ```
    pub fn reader(&self) -> Reader {
        let settings = || Committed::new(self.max_deliveries, self.rejected.take());
        self.reader.keep(settings);
        Reader::from_raw(shared(Rc::clone(&self.reader)))
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept")
            .field("max_deliveries", &self.max_deliveries)
            .finish_non_exhaustive()
    }
}
