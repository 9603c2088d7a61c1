//! The task that keeps what hosts share beside the log: leases and the places of readers, in a bucket of the server. It also removes
//! from the server what has made room.
//!
//! - `lease`: that a host is there.
//! - `place`: how far a reader has read.
//!
//! Invariant: nothing here decides anything but by a record of control, which says once what all hosts then know.

use std::{collections::HashMap, sync::Arc};

use async_nats::jetstream::consumer::DeliverPolicy;
use futures::TryStreamExt;

use super::{
    follow::{self, Failure},
    lease::{self, Keeper, LEASE, Leases},
    place::{self, PLACE},
    shared::{Shared, Stage},
};
use crate::{
    config::{CONTROL_RECORDS, PLACES_EVERY, PURGE_PART},
    log::Op,
    server::SHORTEST_LEASE,
};

pub(super) async fn run(shared: Arc<Shared>) {
    let mut ticks = lease::every_renewal(&shared);
    let mut keeper = Keeper::default();
    let (leases_tell, leases_told) = tokio::sync::watch::channel(HashMap::new());
    let follower = tokio::spawn(listen(shared.clone(), leases_tell));
    // What else is done here may wait for the server, and would keep the lease waiting.
    let renewing = tokio::spawn(lease::renew_on(shared.clone()));
    loop {
        tokio::select! {
            biased;
            () = shared.reaches(Stage::Closed) => break,
            _ = ticks.tick() => {
                keeper.look_for_the_dead(&shared, &leases_told.borrow());
                trim(&shared);
                place::tell_all(&shared);
                place::tell_places(&shared).await;
                purge(&shared, true).await;
            }
            () = shared.to_keep.notified() => {
                tokio::select! {
                    () = tokio::time::sleep(PLACES_EVERY) => {}
                    () = shared.reaches(Stage::Closed) => {}
                }
                place::tell_places(&shared).await;
                purge(&shared, false).await;
            }
        }
    }
    // It ends with the stage. The lease is given back after its last renewal.
    let _ = renewing.await;
    if shared.server.is_up() {
        let patience = shared.server.config.patience;
        let _ = tokio::time::timeout(patience, async {
            place::tell_places(&shared).await;
            purge(&shared, true).await;
            lease::put_lease(&shared, SHORTEST_LEASE, "gone").await
        })
        .await;
    }
    shared.advance_stage(Stage::Over);
    // It ends with the stage.
    let _ = follower.await;
}

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
                heard_place(shared, reader, place::number(&message.payload));
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
