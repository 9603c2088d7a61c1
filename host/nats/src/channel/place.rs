//! The places of readers as the server has them: `place.READER.EPOCH` in the bucket is how many frames this strong reader has read.

use std::time::Duration;

use async_nats::HeaderMap;
use futures::future::join_all;

use super::{follow::Failure, shared::Shared};
use crate::{config::Delivery, log::register};

/// The place of a reader without a name lasts so many leases. It is told once a lease and more often.
const PLACE_LEASES: u32 = 10;

pub(super) const PLACE: &str = "place.";

/// A place to be told.
struct Told {
    entry: String,
    read: u64,
    /// Whether it outlives its reader.
    named: bool,
}

/// Tells the place of a reader that has a name, and waits until the server knows it.
pub(super) async fn tell_place(shared: &Shared, reader: u64) -> Result<(), Failure> {
    let place = shared.look(|inner| {
        let local = inner.readers.local.get(&reader)?;
        let (name, epoch) = local.strong.as_ref()?;
        Some((register(name, *epoch), local.read))
    });
    match place {
        Some((entry, read)) => put_named_place(shared, entry, read).await,
        None => Ok(()),
    }
}

/// Tells a place that outlives its reader.
pub(super) async fn put_named_place(
    shared: &Shared,
    entry: String,
    read: u64,
) -> Result<(), Failure> {
    let place = Told {
        entry,
        read,
        named: true,
    };
    put_place(shared, &place).await
}

/// Tells the places of readers that have moved.
pub(super) async fn tell_places(shared: &Shared) {
    let moved: Vec<_> = shared.look(|inner| {
        let left = std::mem::take(&mut inner.readers.left).into_iter();
        let left = left.map(|(entry, read)| Told {
            entry,
            read,
            named: true,
        });
        let moved = inner.readers.local.values_mut().filter(|it| it.moved);
        let moved = moved.filter_map(|local| {
            local.moved = false;
            if local.named && local.delivery == Delivery::AtMostOnce {
                // It tells its place itself, before it hands frames out. An older one must not come after that.
                return None;
            }
            let (name, epoch) = local.strong.as_ref()?;
            Some(Told {
                entry: register(name, *epoch),
                read: local.read,
                named: local.named,
            })
        });
        left.chain(moved).collect()
    });
    let told = moved.iter().map(|place| put_place(shared, place));
    let told = join_all(told).await;
    if let Some(Err(error)) = told.into_iter().find(Result::is_err) {
        tracing::debug!(error, stream = shared.names.stream, "a place is not told");
        tell_all(shared);
    }
}

/// The places of all strong readers are to be told again.
pub(super) fn tell_all(shared: &Shared) {
    shared.look(|inner| {
        for local in inner.readers.local.values_mut() {
            local.moved = local.strong.is_some();
        }
    });
}

/// The subject of a place.
fn place_at(shared: &Shared, entry: &str) -> String {
    format!("{}{PLACE}{entry}", shared.names.entries)
}

async fn put_place(shared: &Shared, place: &Told) -> Result<(), Failure> {
    let subject = place_at(shared, &place.entry);
    let mut headers = HeaderMap::new();
    if !place.named {
        let lasts = shared.server.config.lease.saturating_mul(PLACE_LEASES);
        headers.insert(async_nats::header::NATS_MESSAGE_TTL, seconds(lasts));
    }
    let read = place.read.to_string().into();
    let sent = shared
        .server
        .quick
        .publish_with_headers(subject, headers, read);
    sent.await?.await?;
    Ok(())
}

/// Removes the place that a reader had when it was opened the last time.
pub(super) async fn forget_place(shared: &Shared, entry: &str) {
    let bucket = shared.server.quick.get_stream_no_info(&shared.names.bucket);
    let subject = place_at(shared, entry);
    let purged = async {
        bucket
            .await?
            .purge()
            .filter(subject)
            .await
            .map_err(Failure::from)
    };
    if let Err(error) = purged.await {
        // It is a few bytes, and nobody looks at it again.
        tracing::debug!(error, stream = shared.names.stream, "an old place is left");
    }
}

pub(super) fn seconds(time: Duration) -> String {
    format!("{}s", time.as_secs().max(1))
}

/// The place of a reader as the server has it.
pub(super) async fn place(shared: &Shared, entry: &str) -> Result<Option<u64>, Failure> {
    let bucket = shared.server.quick.get_stream_no_info(&shared.names.bucket);
    let subject = place_at(shared, entry);
    let found = bucket
        .await?
        .get_last_raw_message_by_subject(&subject)
        .await;
    match found {
        Ok(message) => Ok(number(&message.payload)),
        Err(error)
            if error.kind()
                == async_nats::jetstream::stream::LastRawMessageErrorKind::NoMessageFound =>
        {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}
