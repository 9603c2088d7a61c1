//! Timers, by the clock of the test.

use crate::testing::world::{try_world, world};
use std::future::poll_fn;
use std::task::Poll;

/// A timer that is cleared when it is given up.
struct Timer((u64, u64));

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(world) = try_world() {
            world.clear_timer(self.0);
        }
    }
}

/// Waits so many nanoseconds.
pub(crate) async fn wait_for(nanoseconds: u64) {
    let world = world();
    let timer = Timer((world.now().saturating_add(nanoseconds), world.number()));
    poll_fn(|cx| {
        if world.now() >= timer.0.0 {
            return Poll::Ready(());
        }
        world.set_timer(timer.0, cx.waker());
        Poll::Pending
    })
    .await;
}

/// Waits so many nanoseconds on the guest's own stack.
pub(crate) fn block_for(nanoseconds: u64) {
    world().block_on("for time to pass", wait_for(nanoseconds));
}
