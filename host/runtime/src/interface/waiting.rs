//! Calls that wait beside their guest. Any number of them can be under way at once, so each is paid for.
//!
//! Calls that suspend the guest's own stack need no such thing: there is one of them.

use crate::account::{Account, Good};
use crate::kept;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use wasmtime::Result;

/// Finishes a call, which counts as `host-bytes` while it waits. A process that cannot pay ends at that limit: few
/// calls have an error for it, and one that has could not be told apart from what the call itself ran into.
pub(super) async fn paid<T>(account: &Arc<Account>, call: impl Future<Output = T>) -> Result<T> {
    let mut call = pin!(call);
    if let Poll::Ready(answer) = futures::poll!(call.as_mut()) {
        return Ok(answer);
    }
    let _charge = account.charge(Good::HostBytes, kept::WAITING_CALL)?;
    Ok(call.await)
}
