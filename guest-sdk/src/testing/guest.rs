//! Guests that a test starts, and what it can do with them.

use super::entry::Entry;
use super::outcome::Outcome;
use super::process::{Count, Fate, Proc};
use super::series::Measured;
use super::world::world;
use crate::bindings::weft::fabric::process as raw;
use crate::error::WriteError;
use crate::process::{ExitStatus, Process};
use crate::rt;
use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

/// A guest that a test has started. It runs on when this is dropped.
///
/// ```
/// use weft_guest::testing;
/// testing::run(async {
///     let guest = testing::start(async { 7u32 });
///     assert_eq!(guest.returned().await, 7);
/// });
/// ```
pub struct Guest<T> {
    process: Rc<Proc>,
    returned: Rc<RefCell<Option<T>>>,
    of: PhantomData<T>,
}

/// A point in what a guest does, for [`Guest::stop_at`] and [`Guest::kill_at`].
///
/// ```
/// use weft_guest::testing::{self, At};
/// testing::run(async {
///     let guest = testing::start(std::future::pending::<()>());
///     guest.kill_at(At::Read(3));
/// });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// It has taken so many frames from all its readers, and has not seen the last one yet. That one comes alone, also to a guest
    /// that takes many at a time.
    Read(u64),
    /// So many frames of all its writers are in their channels. A batch is there as a whole.
    Written(u64),
}

/// Starts a guest: the future of an `async fn main`, or of any other entry point.
///
/// ```
/// # mod guest {
/// #[weft_guest::main]
/// async fn main(name: String) -> String {
///     format!("Hello, {name}!")
/// }
/// # pub fn test() {
/// # use weft_guest::testing;
/// // In a test:
/// testing::run(async {
///     let guest = testing::start(main("Ada".into()));
///     assert_eq!(guest.returned().await, "Hello, Ada!");
/// });
/// # } }
/// # guest::test();
/// ```
///
/// # Panics
///
/// Outside of [`run`](super::run).
pub fn start<T: Outcome + 'static>(main: impl Future<Output = T> + 'static) -> Guest<T> {
    begin(async move {
        rt::start();
        rt::drive_to(main, Outcome::is_success).await
    })
}

/// Starts a guest with a plain `fn main`, which waits on its own stack.
///
/// ```
/// # mod guest {
/// use weft_guest::blocking::{Reader, Writer};
///
/// #[weft_guest::main]
/// fn main(mut input: Reader, output: Writer) -> weft_guest::Result {
///     while let Some(frame) = input.read()? {
///         output.write(&frame.payload)?.or_dropped();
///     }
///     Ok(())
/// }
/// # pub fn test() {
/// # use weft_guest::testing;
/// // In a test:
/// testing::run(async {
///     let (frames, input) = testing::channel(64);
///     let (output, copies) = testing::channel(64);
///     let guest = testing::start_blocking(|| main(input.into(), output.into()));
///     frames.write("a frame").await.unwrap().or_dropped();
///     drop(frames);
///     assert_eq!(testing::texts(copies).await.unwrap(), ["a frame"]);
///     guest.returned().await.unwrap();
/// });
/// # } }
/// # guest::test();
/// ```
///
/// # Panics
///
/// Outside of [`run`](super::run).
pub fn start_blocking<T: Outcome + 'static>(main: impl FnOnce() -> T + 'static) -> Guest<T> {
    begin(async move {
        rt::start();
        rt::settle(main())
    })
}

/// Starts a process that does this and then ends.
fn begin<T: Outcome + 'static>(
    work: impl Future<Output = (T, Option<WriteError>)> + 'static,
) -> Guest<T> {
    let world = world();
    let process = Proc::new(&world, "guest");
    let guest = Guest {
        process: Rc::clone(&process),
        returned: Rc::default(),
        of: PhantomData,
    };
    let (returned, ended) = (Rc::clone(&guest.returned), Rc::clone(&process));
    let whole = async move {
        let (value, lost) = work.await;
        rt::finish();
        let status = match (value.outcome(), lost) {
            (Ok(_), Some(lost)) => raw::ExitStatus::Failed(format!("{}: {lost}", rt::UNSENT)),
            (Ok(_), None) if ended.stop_requested() => raw::ExitStatus::Stopped,
            (Ok(text), None) => raw::ExitStatus::Returned(text),
            (Err(text), _) => raw::ExitStatus::Failed(text),
        };
        returned.replace(Some(value));
        ended.end(status);
    };
    world.spawn_as(process, Box::pin(whole));
    guest
}

impl<T> Guest<T> {
    /// Gives it a name, for messages and [`Process::name`]; `guest` without.
    ///
    /// ```
    /// use weft_guest::testing;
    /// testing::run(async {
    ///     let guest = testing::start(async {}).named("feeder");
    ///     assert_eq!(guest.process().name(), "feeder");
    /// });
    /// ```
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        self.process.name.replace(name.to_owned());
        self
    }

    /// Waits for its end, and gives what its function returned.
    ///
    /// ```
    /// use weft_guest::testing;
    /// testing::run(async {
    ///     let guest = testing::start(async { Ok::<u32, weft_guest::Error>(7) });
    ///     assert_eq!(guest.returned().await.unwrap(), 7);
    /// });
    /// ```
    ///
    /// # Panics
    ///
    /// When it was killed.
    #[allow(clippy::panic, reason = "a test says no by panicking")]
    pub async fn returned(self) -> T {
        let status = self.wait().await;
        match self.returned.take() {
            Some(value) => value,
            None => panic!("the guest has returned nothing: {status}"),
        }
    }

    /// Waits for its end.
    ///
    /// ```
    /// use weft_guest::{Error, ExitStatus, testing};
    /// testing::run(async {
    ///     let guest = testing::start(async { Err::<(), _>(Error::msg("no such line")) });
    ///     assert_eq!(guest.wait().await, ExitStatus::Failed("no such line".into()));
    /// });
    /// ```
    pub async fn wait(&self) -> ExitStatus {
        self.process().wait().await
    }

    /// The process, to stop, kill or watch it, or to be given to another guest.
    ///
    /// ```
    /// use std::time::Duration;
    /// use weft_guest::{ExitStatus, process, testing};
    /// testing::run(async {
    ///     let guest = testing::start(process::stop_request());
    ///     let status = guest.process().stop(Duration::from_secs(5)).await.unwrap();
    ///     assert_eq!(status, ExitStatus::Stopped);
    /// });
    /// ```
    pub fn process(&self) -> Process {
        Process::from_raw(super::host::process::process::made(Rc::clone(
            &self.process,
        )))
    }

    /// What it has written to its log so far. Lines on stdout are not among it.
    ///
    /// ```
    /// use weft_guest::{log, testing};
    /// testing::run(async {
    ///     let guest = testing::start(async { log::warn!("this is no sum") });
    ///     guest.wait().await;
    ///     assert_eq!(guest.log()[0].message, "this is no sum");
    /// });
    /// ```
    pub fn log(&self) -> Vec<Entry> {
        self.process.log.borrow().iter().map(Entry::from).collect()
    }

    /// The number of its counter or gauge with this name and these labels. `None`: it has opened none.
    ///
    /// ```
    /// use weft_guest::{metrics, testing};
    /// testing::run(async {
    ///     let guest = testing::start(async {
    ///         let read = metrics::counter("flights_read").label("airport", "LAX").open()?;
    ///         read.increment();
    ///         Ok::<(), weft_guest::Error>(())
    ///     });
    ///     guest.wait().await;
    ///     assert_eq!(guest.metric("flights_read", &[("airport", "LAX")]), Some(1.0));
    ///     assert_eq!(guest.metric("flights_read", &[]), None);
    /// });
    /// ```
    pub fn metric(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        match self.measured(name, labels)? {
            Measured::Count(number) | Measured::Level(number) => Some(number),
            Measured::Observed(_) => None,
        }
    }

    /// What its histogram with this name and these labels has observed, in order. `None`: it has opened none.
    ///
    /// ```
    /// use weft_guest::{metrics, testing};
    /// testing::run(async {
    ///     let guest = testing::start(async {
    ///         let sizes = metrics::histogram("batch_frames").bounds(&[1.0, 10.0]).open()?;
    ///         sizes.observe(7.0);
    ///         Ok::<(), weft_guest::Error>(())
    ///     });
    ///     guest.wait().await;
    ///     assert_eq!(guest.observed("batch_frames", &[]), Some(vec![7.0]));
    /// });
    /// ```
    pub fn observed(&self, name: &str, labels: &[(&str, &str)]) -> Option<Vec<f64>> {
        match self.measured(name, labels)? {
            Measured::Observed(all) => Some(all),
            Measured::Count(_) | Measured::Level(_) => None,
        }
    }

    fn measured(&self, name: &str, labels: &[(&str, &str)]) -> Option<Measured> {
        let series = self.process.metrics.borrow();
        let mut all = series.iter();
        let found = all.find(|one| one.name == name && one.is_labelled(labels))?;
        Some(found.value.borrow().clone())
    }

    /// Has it asked to stop at this point, as by [`Process::stop`].
    ///
    /// ```
    /// use weft_guest::testing::{self, At};
    /// use weft_guest::{ExitStatus, Reader, process};
    ///
    /// /// Reads until it is asked to stop.
    /// async fn patient(mut input: Reader) -> weft_guest::Result<u32> {
    ///     let mut read = 0;
    ///     while !process::stop_requested() && input.read().await?.is_some() {
    ///         read += 1;
    ///     }
    ///     Ok(read)
    /// }
    ///
    /// testing::run(async {
    ///     let (frames, input) = testing::channel(64);
    ///     let guest = testing::start(patient(input));
    ///     guest.stop_at(At::Read(2));
    ///     for frame in ["one", "two", "three"] {
    ///         frames.write(frame).await.unwrap().or_dropped();
    ///     }
    ///     assert_eq!(guest.wait().await, ExitStatus::Stopped);
    ///     assert_eq!(guest.returned().await.unwrap(), 2);
    /// });
    /// ```
    pub fn stop_at(&self, at: At) {
        self.add_fate(at, Fate::Stop);
    }

    /// Has it killed at this point: it does nothing more, and what it has buffered is lost. Its ends are closed.
    ///
    /// ```
    /// use weft_guest::testing::{self, At};
    /// use weft_guest::{ExitStatus, Reader, Writer};
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
    ///     let (output, copies) = testing::channel(64);
    ///     let guest = testing::start(copy(input, output));
    ///     guest.kill_at(At::Read(2));
    ///     for frame in ["one", "two", "three"] {
    ///         frames.write(frame).await.unwrap().or_dropped();
    ///     }
    ///     assert_eq!(testing::texts(copies).await.unwrap(), ["one"]);
    ///     assert_eq!(guest.wait().await, ExitStatus::Killed);
    /// });
    /// ```
    pub fn kill_at(&self, at: At) {
        self.add_fate(at, Fate::Kill);
    }

    fn add_fate(&self, at: At, fate: Fate) {
        let (count, frames) = match at {
            At::Read(frames) => (Count::Read, frames),
            At::Written(frames) => (Count::Written, frames),
        };
        self.process.add_fate(count, frames, fate);
    }
}

impl<T> fmt::Debug for Guest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guest")
            .field("id", &self.process.id)
            .finish_non_exhaustive()
    }
}
