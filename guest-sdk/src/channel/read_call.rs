//! The call a read makes when it has to wait, in both flavours.

use crate::bindings::weft::fabric::{channel as raw, channel_async};
use crate::task::Call;
use futures::future::LocalBoxFuture;
use std::rc::Rc;

/// What a read asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// One frame.
    One,
    /// One frame, within so many milliseconds. Its async call knows no time: the
    /// caller has to keep a timer beside it.
    Within(u32),
    /// At most so many frames, and bytes.
    Packed(u32, u32),
}

/// What a read got.
pub(crate) enum Brought {
    One(Option<raw::Delivery>),
    Packed(raw::PackedDelivery),
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
        let ReadCall { raw, shape } = self;
        match shape {
            Shape::One | Shape::Within(_) => {
                Box::pin(async move { Ok(Brought::One(channel_async::read(&raw).await?)) })
            }
            Shape::Packed(frames, bytes) => Box::pin(async move {
                let frames = channel_async::read_packed(&raw, frames, bytes).await?;
                Ok(Brought::Packed(frames))
            }),
        }
    }

    fn tells_start(&self) -> bool {
        matches!(self.shape, Shape::Within(_))
    }
}
