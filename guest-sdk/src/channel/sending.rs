//! One write on its way: tried first, waited for second, sent by a call that does not wait.
//!
//! Where other futures run too, the wait sends nothing (`await-room`). The wait gives the write its turn, and the poll that
//! ends the wait sends the frame. So a write that is given up, at any moment, has sent nothing.
//!
//! Invariant: a frame that the same writer's sink has accepted is sent first.

use crate::bindings::weft::fabric::{channel as raw, channel_async};
use crate::error::WriteError;
use crate::packed::Batch;
use crate::task::{Call, Pending};
use futures::future::LocalBoxFuture;
use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// The frame that a sink has accepted and the channel had no room for, and the error if it could not be sent.
#[derive(Default)]
pub(super) struct Fed {
    frame: RefCell<Option<Vec<u8>>>,
    /// For the next flush.
    error: RefCell<Option<WriteError>>,
}

impl Fed {
    pub(super) fn put(&self, frame: Vec<u8>) {
        self.frame.replace(Some(frame));
    }

    pub(super) fn take(&self) -> Option<Vec<u8>> {
        self.frame.take()
    }

    pub(super) fn take_error(&self) -> Result<(), WriteError> {
        self.error.take().map_or(Ok(()), Err)
    }

    /// Its bytes.
    fn len(&self) -> Option<usize> {
        self.frame.borrow().as_ref().map(Vec::len)
    }

    /// Sends it by this call. `false`: there is no room.
    fn send(
        &self,
        to: &raw::Writer,
        send: impl FnOnce(&raw::Writer, &[u8]) -> Result<bool, raw::WriteError>,
    ) -> bool {
        let sent = match &*self.frame.borrow() {
            Some(frame) => send(to, frame),
            None => return true,
        };
        match sent {
            Err(raw::WriteError::WouldBlock) => return false,
            Err(error) => {
                let error = WriteError::of(error, to);
                self.error.borrow_mut().get_or_insert(error);
            }
            Ok(_) => {}
        }
        self.frame.take();
        true
    }

    pub(super) fn try_send(&self, to: &raw::Writer) -> bool {
        self.send(to, raw::Writer::try_write)
    }

    pub(super) fn send_and_wait(&self, to: &raw::Writer) {
        self.send(to, raw::Writer::write);
    }
}

/// What is to be sent.
pub(super) enum Load {
    /// Only the sink's frame.
    Fed,
    Frame(Vec<u8>),
    Batch(Batch),
    Carrying(Vec<u8>, Vec<raw::Handle>),
}

impl Load {
    /// Frames, and bytes.
    fn size(&self) -> (u32, usize) {
        match self {
            Load::Fed => (0, 0),
            Load::Frame(payload) | Load::Carrying(payload, _) => (1, payload.len()),
            // More are refused by the host.
            Load::Batch(batch) => (
                u32::try_from(batch.len()).unwrap_or(u32::MAX),
                batch.bytes(),
            ),
        }
    }

    fn try_send(&mut self, to: &raw::Writer) -> Result<u32, raw::WriteError> {
        match self {
            Load::Fed => Ok(0),
            Load::Frame(payload) => to.try_write(payload).map(u32::from),
            Load::Batch(batch) => {
                let (ends, payload) = batch.parts();
                to.try_write_packed(ends, payload)
            }
            Load::Carrying(payload, handles) => {
                let sent = to.try_write_with(payload, std::mem::take(handles));
                sent.map(u32::from).map_err(|unsent| {
                    *handles = unsent.handles;
                    unsent.error
                })
            }
        }
    }

    fn send_and_wait(self, to: &raw::Writer) -> Result<u32, raw::WriteError> {
        match self {
            Load::Fed => Ok(0),
            Load::Frame(payload) => to.write(&payload).map(u32::from),
            Load::Batch(batch) => {
                let (ends, payload) = batch.parts();
                to.write_packed(ends, payload)
            }
            Load::Carrying(payload, handles) => to.write_with(&payload, handles).map(u32::from),
        }
    }
}

/// A write on its way.
pub(super) struct Sending {
    raw: Rc<raw::Writer>,
    fed: Rc<Fed>,
    state: State,
}

enum State {
    Trying(Load),
    Waiting(Pending<Wait>),
    Over,
}

impl Sending {
    pub(super) fn new(raw: &Rc<raw::Writer>, fed: &Rc<Fed>, load: Load) -> Self {
        Sending {
            raw: Rc::clone(raw),
            fed: Rc::clone(fed),
            state: State::Trying(load),
        }
    }

    fn done(&self, sent: Result<u32, raw::WriteError>) -> Result<u32, WriteError> {
        sent.map_err(|error| WriteError::of(error, &self.raw))
    }

    /// Sends it, and gives the number of frames sent.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<u32, WriteError>> {
        loop {
            match std::mem::replace(&mut self.state, State::Over) {
                State::Trying(mut load) => {
                    let sent = match self.fed.try_send(&self.raw) {
                        true => load.try_send(&self.raw),
                        false => Err(raw::WriteError::WouldBlock),
                    };
                    match sent {
                        Err(raw::WriteError::WouldBlock) => {}
                        sent => return Poll::Ready(self.done(sent)),
                    }
                    let (raw, fed) = (Rc::clone(&self.raw), Rc::clone(&self.fed));
                    self.state = State::Waiting(Pending::new(Wait { raw, fed, load }));
                }
                State::Waiting(mut wait) => {
                    let polled = wait.poll(cx);
                    if polled.is_pending() {
                        self.state = State::Waiting(wait);
                    }
                    match ready!(polled) {
                        Waited::Sent(sent) => return Poll::Ready(self.done(sent)),
                        Waited::Turn(load) => self.state = State::Trying(load),
                    }
                }
                State::Over => return Poll::Pending,
            }
        }
    }
}

/// The wait of a write.
struct Wait {
    raw: Rc<raw::Writer>,
    fed: Rc<Fed>,
    load: Load,
}

/// Its result.
enum Waited {
    /// On the guest's own stack: it is done.
    Sent(Result<u32, raw::WriteError>),
    /// There is room for it now.
    Turn(Load),
}

impl Call for Wait {
    type Output = Waited;

    fn wait(self) -> Waited {
        self.fed.send_and_wait(&self.raw);
        Waited::Sent(self.load.send_and_wait(&self.raw))
    }

    fn start(self) -> LocalBoxFuture<'static, Waited> {
        Box::pin(async move {
            let Wait { raw, fed, load } = self;
            let (frames, bytes) = fed.len().map_or_else(|| load.size(), |bytes| (1, bytes));
            channel_async::await_room(&raw, frames, bytes as u64).await;
            Waited::Turn(load)
        })
    }
}
