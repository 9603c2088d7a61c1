//! Supervision from inside a guest.

use std::time::Duration;
use weft_guest::supervisor::{ChildSpec, Restart, Strategy, Supervisor, SupervisorError};
use weft_guest::{Result, StartOptions};

pub async fn supervise() -> Result {
    // ANCHOR: supervise
    let worker = || Ok(StartOptions::new("snippets").arg("worker")); // anew for each start
    let outcome = Supervisor::new()
        .strategy(Strategy::OneForOne)
        .max_restarts(2, Duration::from_secs(60))
        .backoff(Duration::from_millis(1), Duration::from_millis(10))
        .child(ChildSpec::new("worker", worker).restart(Restart::OnFailure))
        .run()
        .await;
    // This worker panics each time, so the supervisor gives up.
    assert!(matches!(outcome, Err(SupervisorError::GaveUp { .. })));
    // ANCHOR_END: supervise
    Ok(())
}
