//! Listing a folder as a `stream<directory-entry>`.

use super::super::listing::{Listing, Next};
use super::super::open_file::OpenFile;
use super::{End, Ending, convert};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use wasmtime::StoreContextMut;
use wasmtime::component::{Destination, StreamProducer, StreamResult, VecBuffer};
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;
use wasmtime_wasi::p3::bindings::filesystem::types::DirectoryEntry;

/// Entries to return at a time when the reader does not say how many it wants.
const UNASKED: usize = 32;

/// Reads a part.
type Reading = Pin<Box<dyn Future<Output = Result<Listing, ErrorCode>> + Send>>;

/// A stream of a folder's entries. One call runs at a time. A dropped read goes on; the next read gets its
/// result.
pub(super) struct Lister {
    state: State,
    end: End,
}

enum State {
    Reading(Reading),
    Ready(Listing),
    Ended,
}

impl Lister {
    pub(super) fn new(folder: Arc<OpenFile>, end: End) -> Self {
        Self {
            state: State::Reading(Box::pin(Listing::open(folder))),
            end,
        }
    }

    /// Takes ready entries, at most `most`, and the end if it was reached.
    fn take(&mut self, most: usize) -> (Vec<DirectoryEntry>, Option<Ending>) {
        let State::Ready(listing) = &mut self.state else {
            return (Vec::new(), None);
        };
        let mut entries = Vec::with_capacity(most.min(listing.ready()));
        while entries.len() < most {
            match listing.next() {
                Next::Entry(Ok(entry)) => entries.push(convert::entry(entry)),
                Next::Entry(Err(code)) => return (entries, Some(Err(convert::code(code)))),
                Next::End => return (entries, Some(Ok(()))),
                Next::Read => break,
            }
        }
        (entries, None)
    }

    /// Starts reading the next part.
    fn read_on(&mut self) {
        self.state = match std::mem::replace(&mut self.state, State::Ended) {
            State::Ready(listing) => State::Reading(Box::pin(listing.read_on())),
            state => state,
        };
    }
}

impl<D: 'static> StreamProducer<D> for Lister {
    type Item = DirectoryEntry;
    type Buffer = VecBuffer<DirectoryEntry>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, DirectoryEntry, Self::Buffer>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let room = destination.remaining(&mut store).unwrap_or(UNASKED);
        if room == 0 {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        let me = &mut *self;
        loop {
            if let State::Reading(reading) = &mut me.state {
                let read = match reading.as_mut().poll(cx) {
                    Poll::Pending if finish => return Poll::Ready(Ok(StreamResult::Cancelled)),
                    polled => ready!(polled),
                };
                match read {
                    Ok(listing) => me.state = State::Ready(listing),
                    Err(code) => {
                        me.state = State::Ended;
                        me.end.tell(Err(convert::code(code)));
                    }
                }
            }
            if let State::Ended = me.state {
                return Poll::Ready(Ok(StreamResult::Dropped));
            }
            let (entries, ended) = me.take(room);
            let some = !entries.is_empty();
            destination.set_buffer(entries.into());
            if let Some(ending) = ended {
                me.state = State::Ended;
                me.end.tell(ending);
                return Poll::Ready(Ok(StreamResult::Dropped));
            }
            if some {
                return Poll::Ready(Ok(StreamResult::Completed));
            }
            me.read_on();
        }
    }
}
