//! Whether requests of a connection are under way, and for how long there were none.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How many requests of a connection are under way.
pub(super) struct Busy(Arc<watch::Sender<usize>>);

impl Default for Busy {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

/// A request under way.
pub(super) struct UnderWay(Arc<watch::Sender<usize>>);

impl Busy {
    pub(super) fn begin(&self) -> UnderWay {
        self.0.send_modify(|count| *count += 1);
        UnderWay(self.0.clone())
    }

    /// Resolves when no request has been under way for this time: the first before any request, the other one after some.
    pub(super) async fn idle(&self, first: Duration, time: Duration) {
        let (mut count, mut left) = (self.0.subscribe(), first);
        loop {
            // The sender is there as long as this.
            let _ = count.wait_for(|count| *count == 0).await;
            tokio::select! {
                () = tokio::time::sleep(left) => return,
                _ = count.changed() => left = time,
            }
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use tokio::time::timeout;

    #[tokio::test]
    async fn a_connection_is_idle_only_while_no_request_is_under_way() {
        let time = Duration::from_millis(10);
        let busy = Busy::default();
        busy.idle(time, time).await;
        let (one, two) = (busy.begin(), busy.begin());
        drop(one);
        let long = timeout(time * 5, busy.idle(time, time)).await;
        assert!(long.is_err());
        drop(two);
        busy.idle(time, time).await;
    }
}
