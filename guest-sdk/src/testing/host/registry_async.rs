//! `registry-async`.

use super::registry::lookup;
use crate::bindings::weft::fabric::channel::Channel;
use crate::bindings::weft::fabric::types::Error;
use crate::testing::world::world;
use std::future::poll_fn;
use std::task::Poll;

pub(crate) async fn await_name(name: String) -> Result<Channel, Error> {
    let _note = world().note("for a name");
    poll_fn(|cx| match lookup(&name) {
        Err(Error::NotFound(_)) => {
            world().seekers.borrow_mut().push(cx.waker().clone());
            Poll::Pending
        }
        found => Poll::Ready(found),
    })
    .await
}
