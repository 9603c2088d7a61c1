//! Whether the targets of a pattern all lie in the union of others.
//!
//! A pattern is a product: hosts, times ports, times paths. So the hosts of the asked pattern are cut into pieces that each held pattern
//! either has whole or not at all. On each piece those that have it must cover the asked ports together, with prefixes that are no longer
//! than the asked one: longer ones never fill it, as a path can always go on in another way. Names are one piece: no number of single names
//! fills `*.example.com`. Addresses are cut where a block or a special range begins or ends.
//!
//! Time: for n held patterns, at most n in a round for each of 2n pieces. Whoever keeps patterns bounds their number.

use super::{Pattern, Ports};
use crate::address::{Block, SPECIAL, of_bits};
use std::collections::BTreeSet;

/// Whether every target of `asked` is a target of one of `held`.
pub fn covers(held: &[Pattern], asked: &Pattern) -> bool {
    let able: Vec<&Pattern> = held
        .iter()
        .filter(|held| held.scheme == asked.scheme && held.prefix.has_prefix(&asked.prefix))
        .collect();
    let on_names = || {
        able.iter()
            .filter(|held| held.host.has_names_of(&asked.host))
    };
    let names = asked.host.blocks().is_empty() || asked.host == super::Host::Localhost;
    (!names || fills(on_names().map(|held| held.ports), asked.ports))
        && asked
            .host
            .blocks()
            .iter()
            .all(|block| has_block(&able, block, asked.ports))
}

/// Whether these have all addresses that the block names, on these ports.
fn has_block(held: &[&Pattern], block: &Block, ports: Ports) -> bool {
    // Alone it is quick, and the usual case.
    let whole = |held: &&&Pattern| held.host.blocks().iter().any(|own| names_all(own, block));
    if fills(held.iter().filter(whole).map(|held| held.ports), ports) {
        return true;
    }
    let (first, last) = block.ends();
    let ranges = SPECIAL.iter().map(|(range, _)| range);
    let of_held = held.iter().flat_map(|held| held.host.blocks());
    let mut pieces = BTreeSet::from([first]);
    for cut in ranges
        .chain(of_held)
        .filter(|cut| cut.is_v6() == block.is_v6())
    {
        let (from, to) = cut.ends();
        let begins = [Some(from), to.checked_add(1)].into_iter().flatten();
        pieces.extend(begins.filter(|begin| (first..=last).contains(begin)));
    }
    pieces.into_iter().all(|piece| {
        let piece = of_bits(block.is_v6(), piece);
        let there = held.iter().filter(|held| held.host.names(piece));
        !block.names(piece) || fills(there.map(|held| held.ports), ports)
    })
}

/// Whether the first block surely names every address that the second names: it has them all, and lies within no fewer special ranges.
fn names_all(held: &Block, asked: &Block) -> bool {
    let within = |block: &Block| {
        SPECIAL
            .iter()
            .filter(|(range, _)| range.has_block(block))
            .count()
    };
    held.has_block(asked) && within(held) == within(asked)
}

/// Whether the ports together have all that are asked for.
fn fills(held: impl Iterator<Item = Ports>, asked: Ports) -> bool {
    let mut held: Vec<Ports> = held.collect();
    held.sort_unstable();
    let mut next = u32::from(asked.first);
    for ports in held {
        if u32::from(ports.first) > next {
            break;
        }
        next = next.max(u32::from(ports.last) + 1);
    }
    next > u32::from(asked.last)
}

#[cfg(test)]
mod tests;
