//! Changes of the record of control that are asked for, and the records that were sent for them.

use tokio::sync::oneshot;

use super::shared::Inner;
use crate::log::{Op, Outcome};

/// A change, and who waits for it.
pub(super) type Asked = (Op, Option<oneshot::Sender<Outcome>>);

/// Records of control that were sent, and what comes of each if it lands.
pub(super) type Attempts = Vec<(String, Vec<Outcome>)>;

/// What came of the one that has landed.
pub(super) fn landed_attempt(inner: &Inner, attempts: &mut Attempts) -> Option<Vec<Outcome>> {
    let landed = attempts.iter().position(|it| inner.landed.contains(&it.0));
    landed.map(|at| attempts.swap_remove(at).1)
}

/// Leaves out what nobody waits for any more: who has given up opening has opened nothing.
pub(super) fn give_up(asked: &mut Vec<Asked>, attempts: &mut Attempts) {
    let waits = |it: &Asked| !it.1.as_ref().is_some_and(oneshot::Sender::is_closed);
    let kept: Vec<_> = asked.iter().map(waits).collect();
    for (_, outcomes) in attempts {
        let mut kept = kept.iter();
        outcomes.retain(|_| kept.next().copied().unwrap_or(true));
    }
    let mut kept = kept.iter();
    asked.retain(|_| kept.next().copied().unwrap_or(true));
}
