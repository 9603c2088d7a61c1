//! The order in which frames flow through the processes of a manifest.
//!
//! Processes are stopped in this order, so that each can finish what those before it have sent. Where frames go in a circle,
//! there is no such order, and any is as good.

use crate::manifest::{CheckedProcess, EndKind};

/// The place of each process: higher than those of all processes that write what it reads, and as low as can be.
pub(super) fn ranks(processes: &[CheckedProcess]) -> Vec<u32> {
    let mut ranks = vec![0; processes.len()];
    // Each round settles one more step of every path, and no path is longer than this.
    for _ in 0..processes.len() {
        let next: Vec<u32> = processes
            .iter()
            .map(|process| after(process, processes, &ranks))
            .collect();
        if next == ranks {
            break;
        }
        ranks = next;
    }
    ranks
}

/// The first place behind all that write what this process reads.
fn after(process: &CheckedProcess, processes: &[CheckedProcess], ranks: &[u32]) -> u32 {
    let reads = |channel: &str| process.channels(EndKind::Reader).any(|it| it == channel);
    let before = processes.iter().zip(ranks);
    let before = before.filter(|(other, _)| other.channels(EndKind::Writer).any(reads));
    before.map(|(_, rank)| rank + 1).max().unwrap_or(0)
}
