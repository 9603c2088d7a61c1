//! The call a read makes when it has to wait, in both flavours.
//!
//! On the guest's own stack the call takes what it waits for: nothing else in the guest can run meanwhile, so nobody can give it up.
//! Where other futures run too, it only waits. If it is given up after it was done, its result is lost in Rust's bindings, so it must not have
//! taken anything.

use crate::bindings::weft::fabric::{channel as raw, channel_async};
use crate::task::Call;
use futures::future::LocalBoxFuture;
use std::rc::Rc;

/// What a read asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// One frame.
    One,
    /// One frame, within this many milliseconds. The async call has no timeout: the caller must keep a timer.
    Within(u32),
    /// At most this many frames, and bytes.
    Packed(u32, u32),
}

/// The result of a wait.
pub(crate) enum Brought {
    One(Option<raw::Delivery>),
    Packed(raw::PackedDelivery),
    /// Something is there to be read.
    Nothing,
}

/// A read that has to wait.
pub(crate) struct ReadCall {
    pub(crate) raw: Rc<raw::Reader>,
    pub(crate) shape: Shape,
}

impl Call for ReadCall {
    type Output = Result<Brought, raw::ReadError>;

    fn wait(self) -> Self::Output {
        Ok(match self.shape {
            Shape::One => Brought::One(self.raw.read()?),
            Shape::Within(milliseconds) => Brought::One(self.raw.read_within(milliseconds)?),
            Shape::Packed(frames, bytes) => Brought::Packed(self.raw.read_packed(frames, bytes)?),
        })
    }

    fn start(self) -> LocalBoxFuture<'static, Self::Output> {
        Box::pin(async move {
            channel_async::await_frame(&self.raw).await;
            Ok(Brought::Nothing)
        })
    }

    fn tells_start(&self) -> bool {
        matches!(self.shape, Shape::Within(_))
    }
}
