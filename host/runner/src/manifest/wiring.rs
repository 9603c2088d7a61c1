//! How the parts of a manifest are wired by its channels, as far as that is known before anything is loaded.

use super::argument::{End, EndKind};
use super::check::{Checked, Part};
use super::format::Manifest;
use super::place::Place;
use anyhow::{Result, bail};
use std::collections::BTreeMap;

/// Checks that places are in durable channels, and that each is one reader's.
pub(super) fn check_places(
    manifest: &Manifest,
    checked: &Checked,
    parts: &[Part<'_>],
) -> Result<()> {
    let mut known = BTreeMap::new();
    for part in parts {
        for (_, end) in &part.ends {
            if end.place == Place::default() {
                continue;
            }
            let (name, channel) = (part.name, &end.channel);
            if !checked.is_durable(manifest, channel) {
                bail!(
                    "`{name}`: `as` and `begin` are for channels that a server keeps, and `{channel}` is none; write engine = \"nats://HOST:4222\" for it"
                );
            }
            let Some(place) = &end.place.name else {
                continue;
            };
            if end.weak {
                bail!(
                    "`{name}`: a weak reader of `{channel}` has no place; leave out `as` or `weak`"
                );
            }
            if let Some(other) = known.insert((channel, place), name) {
                bail!(
                    "`{other}` and `{name}` both read `{channel}` as `{place}`; one reader has a place at a time, so give each its own"
                );
            }
        }
    }
    Ok(())
}

/// Finds readers that would wait for ever. Who writes to a durable channel may be elsewhere.
pub(super) fn check(manifest: &Manifest, checked: &Checked, parts: &[Part<'_>]) -> Result<()> {
    let channels = manifest.channels.keys();
    for channel in channels.filter(|name| !checked.is_durable(manifest, name)) {
        let ends = || {
            let ends = parts
                .iter()
                .flat_map(|part| part.ends.iter().map(|(_, end)| *end));
            ends.filter(|end| &end.channel == channel)
        };
        let read = ends().any(|end| end.kind == EndKind::Reader);
        // Readers cannot rely on a weak writer to close the channel.
        let closed = ends().any(End::keeps_open);
        if read && !closed {
            bail!(
                "channel `{channel}` has readers and no strong writer, so they would wait for ever; \
                 give a process {{ writer = \"{channel}\" }}"
            );
        }
    }
    Ok(())
}
