//! The order in which frames flow through the sources, processes and sinks of a manifest.
//!
//! They are stopped in this order, so that each can finish what those before it have sent. Where frames go in a circle,
//! there is no such order, and any is as good.

use crate::manifest::{EndKind, Part};

/// The place of each part: higher than those of all parts that write what it reads, and as low as can be.
pub(super) fn ranks(parts: &[Part<'_>]) -> Vec<u32> {
    let mut ranks = vec![0; parts.len()];
    // Each round settles one more step of every path, and no path is longer than this.
    for _ in 0..parts.len() {
        let next: Vec<u32> = parts
            .iter()
            .map(|part| after(part, parts, &ranks))
            .collect();
        if next == ranks {
            break;
        }
        ranks = next;
    }
    ranks
}

/// The first place behind all that write what this part reads.
fn after(part: &Part<'_>, parts: &[Part<'_>], ranks: &[u32]) -> u32 {
    let reads = |channel: &str| part.channels(EndKind::Reader).any(|it| it == channel);
    let before = parts.iter().zip(ranks);
    let before = before.filter(|(other, _)| other.channels(EndKind::Writer).any(reads));
    before.map(|(_, rank)| rank + 1).max().unwrap_or(0)
}
