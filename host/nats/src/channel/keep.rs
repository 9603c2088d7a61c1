//! The task that keeps what hosts share beside the log: leases and the places of readers, in a bucket of the server. It also removes
//! from the server what has made room.
//!
//! - `lease.HOST`: a host is there. The server removes the entry where it is not renewed.
//! - `place.READER.EPOCH`: frames that this strong reader has read.
//!
//! A host whose lease is gone is counted as gone after half a lease more, in which this host had the server before it all the time. So a server
//! that was away for longer than a lease ends no channel.
//!
//! Invariant: nothing here decides anything but by a record of control, which says once what all hosts then know.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use async_nats::{HeaderMap, jetstream::consumer::DeliverPolicy};
use futures::{TryStreamExt, future::join_all};
use tokio::time::Instant;

use super::{
    follow::{self, Failure},
    shared::{Shared, Stage},
};
use crate::{
    config::{CONTROL_RECORDS, Delivery, PLACES_EVERY, PURGE_PART},
    log::{Op, register},
    server::SHORTEST_LEASE,
};

/// How often a lease is renewed before it would end.
const RENEWALS: u32 = 3;

/// The place of a reader without a name lasts so many leases. It is told once a lease and more often.
const PLACE_LEASES: u32 = 10;

const LEASE: &str = "lease.";
const PLACE: &str = "place.";

pub(super) async fn run(shared: Arc<Shared>) {
    let mut ticks = every_renewal(&shared);
    let mut keeper = Keeper::default();
    let (leases_tell, leases_told) = tokio::sync::watch::channel(HashMap::new());
    let follower = tokio::spawn(listen(shared.clone(), leases_tell));
    // What else is done here may wait for the server, and would keep the lease waiting.
    let renewing = tokio::spawn(renew_on(shared.clone()));
    loop {
        tokio::select! {
            biased;
            () = shared.reaches(Stage::Closed) => break,
            _ = ticks.tick() => {
                keeper.look_for_the_dead(&shared, &leases_told.borrow());
                trim(&shared);
                tell_all(&shared);
                tell_places(&shared).await;
                purge(&shared, true).await;
            }
            () = shared.to_keep.notified() => {
                tokio::select! {
                    () = tokio::time::sleep(PLACES_EVERY) => {}
                    () = shared.reaches(Stage::Closed) => {}
                }
                tell_places(&shared).await;
                purge(&shared, false).await;
            }
        }
    }
    // It ends with the stage. The lease is given back after its last renewal.
    let _ = renewing.await;
    if shared.server.is_up() {
        let patience = shared.server.config.patience;
        let _ = tokio::time::timeout(patience, async {
            tell_places(&shared).await;
            purge(&shared, true).await;
            put_lease(&shared, SHORTEST_LEASE, "gone").await
        })
        .await;
    }
    shared.advance_stage(Stage::Over);
    // It ends with the stage.
    let _ = follower.await;
}

fn every_renewal(shared: &Shared) -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(shared.server.config.lease / RENEWALS);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks
}

/// Renews the lease until the channel is closed on this host.
async fn renew_on(shared: Arc<Shared>) {
    let mut ticks = every_renewal(&shared);
    loop {
        tokio::select! {
            biased;
            () = shared.reaches(Stage::Closed) => return,
            _ = ticks.tick() => renew(&shared).await,
        }
    }
}

/// Says that this host is there. One that is not answered in time is said again at the next tick.
pub(super) async fn renew(shared: &Shared) {
    let lease = shared.server.config.lease;
    let renewed = async {
        put_lease(shared, lease, "here").await?;
        // Only what is to be removed by its age needs the time.
        if shared.config.keep.is_some() {
            hear_time(shared).await?;
        }
        Ok::<_, Failure>(())
    };
    let renewed = tokio::time::timeout(lease / RENEWALS, renewed).await;
    if let Err(error) = renewed.unwrap_or_else(|_| Err("the server does not answer".into())) {
        tracing::warn!(
            error,
            stream = shared.names.stream,
            "the lease is not renewed"
        );
    }
}

/// Asks for the server's time: that of the lease, which was renewed a moment ago.
async fn hear_time(shared: &Shared) -> Result<(), Failure> {
    let bucket = shared.server.quick.get_stream_no_info(&shared.names.bucket);
    let subject = lease_at(shared);
    let bucket = bucket.await?;
    let lease = bucket.get_last_raw_message_by_subject(&subject);
    shared.clock.hear(follow::millis(lease.await?.time));
    Ok(())
}

/// The subject of this host's lease.
fn lease_at(shared: &Shared) -> String {
    format!("{}{LEASE}{}", shared.names.entries, shared.host)
}

async fn put_lease(shared: &Shared, lasts: Duration, says: &'static str) -> Result<(), Failure> {
    let mut headers = HeaderMap::new();
    headers.insert(async_nats::header::NATS_MESSAGE_TTL, seconds(lasts));
    let subject = lease_at(shared);
    let sent = shared
        .server
        .quick
        .publish_with_headers(subject, headers, says.into());
    sent.await?.await?;
    Ok(())
}

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
fn tell_all(shared: &Shared) {
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

fn seconds(time: Duration) -> String {
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

fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// The hosts whose leases the server has.
type Leases = HashMap<String, bool>;

/// Hears of places and leases until the channel is over on this host.
async fn listen(shared: Arc<Shared>, leases: tokio::sync::watch::Sender<Leases>) {
    loop {
        let heard = tokio::select! {
            heard = hear(&shared, &leases) => heard,
            () = shared.reaches(Stage::Over) => return,
        };
        if let Err(error) = heard {
            follow::say_why(&shared, "listening", &error);
        }
        tokio::select! {
            () = async {
                tokio::time::sleep(PLACES_EVERY).await;
                shared.server.is_there().await;
            } => {}
            () = shared.reaches(Stage::Over) => return,
        }
    }
}

async fn hear(shared: &Shared, leases: &tokio::sync::watch::Sender<Leases>) -> Result<(), Failure> {
    let bucket = shared
        .server
        .quick
        .get_stream_no_info(&shared.names.bucket)
        .await?;
    let consumer = follow::consumer(&bucket, DeliverPolicy::LastPerSubject, false).await?;
    leases.send_modify(HashMap::clear);
    let reading = async {
        let mut messages = follow::messages(&consumer).await?;
        while let Some(message) = messages.try_next().await? {
            let Some(entry) = message.subject.strip_prefix(&shared.names.entries) else {
                continue;
            };
            if let Some(host) = entry.strip_prefix(LEASE) {
                let here = &*message.payload == b"here";
                leases.send_modify(|leases| {
                    leases.insert(host.to_owned(), here);
                });
            } else if let Some(reader) = entry.strip_prefix(PLACE) {
                heard_place(shared, reader, number(&message.payload));
            }
        }
        Ok(())
    };
    tokio::select! {
        read = reading => read,
        () = follow::broken(shared) => Ok(()),
    }
}

fn heard_place(shared: &Shared, reader: &str, read: Option<u64>) {
    let waits = shared.look(|inner| {
        let told = &mut inner.readers.told;
        match read {
            Some(read) => {
                let place = told.entry(reader.to_owned()).or_default();
                *place = read.max(*place);
            }
            None => drop(told.remove(reader)),
        }
        !inner.queue.is_empty()
    });
    if waits {
        shared.to_append.notify_one();
    }
}

/// Whoever seems to be gone, and since when.
#[derive(Default)]
struct Keeper {
    silent: BTreeMap<String, Instant>,
    /// When it looked the last time.
    looked: Option<Instant>,
}

impl Keeper {
    fn look_for_the_dead(&mut self, shared: &Shared, leases: &Leases) {
        let grace = shared.server.config.lease / 2;
        let last = self.looked.replace(Instant::now());
        if last.is_some_and(|it| it.elapsed() >= grace) {
            // This host stood still. It has not heard yet what others said meanwhile.
            self.silent.clear();
        }
        let hosts = shared.look(|inner| {
            let control = inner.log.control();
            let readers = control.readers.values().filter_map(|it| it.owner.clone());
            let hosts = control.strong.values().cloned().chain(readers);
            hosts.collect::<std::collections::BTreeSet<_>>()
        });
        self.silent.retain(|host, _| hosts.contains(host));
        for host in hosts {
            let here = leases.get(&host) == Some(&true) || host == shared.host;
            if here {
                self.silent.remove(&host);
                continue;
            }
            let since = *self.silent.entry(host.clone()).or_insert_with(Instant::now);
            if since.elapsed() >= grace && shared.server.up_for() >= grace {
                tracing::warn!(
                    host,
                    stream = shared.names.stream,
                    "a host is gone; its ends are closed"
                );
                shared.tell(Op::ForgetHost(host));
            }
        }
    }
}

/// Lets frames go that are older than the channel keeps them.
fn trim(shared: &Shared) {
    let Some(keep) = shared.config.keep else {
        return;
    };
    let before = shared.clock.now().saturating_sub(keep.as_millis() as u64);
    let floor = shared.look(|inner| inner.log.older(before, inner.all_read()));
    if let Some(floor) = floor {
        shared.tell(Op::Trim(floor));
    }
}

/// Removes from the server what has made room: all of it, or once it is worth it.
async fn purge(shared: &Shared, all: bool) {
    let (floor, due, control) = shared.look(|inner| {
        let floor = inner.log.floor();
        let freed = floor.bytes - inner.purged.bytes.min(floor.bytes);
        let freed_frames = floor.frames - inner.purged.frames.min(floor.frames);
        let capacity = inner.log.capacity();
        let worth = freed >= (capacity.bytes / PURGE_PART).max(1)
            || freed_frames >= capacity.frames / PURGE_PART;
        let control = *inner.log.control_records() > CONTROL_RECORDS;
        (floor, freed_frames > 0 && (all || worth), control)
    });
    if !due && !control {
        return;
    }
    let stream = shared.server.quick.get_stream_no_info(&shared.names.stream);
    let Ok(stream) = stream.await else {
        return;
    };
    if due && floor.seq > 0 {
        let purged = stream
            .purge()
            .filter(&shared.names.frames)
            .sequence(floor.seq)
            .await;
        match purged {
            Ok(_) => shared.look(|inner| inner.purged = floor),
            Err(error) => {
                tracing::debug!(%error, stream = shared.names.stream, "nothing is removed")
            }
        }
    }
    if control
        && stream
            .purge()
            .filter(&shared.names.control)
            .keep(1)
            .await
            .is_ok()
    {
        shared.look(|inner| *inner.log.control_records() = 0);
    }
}
