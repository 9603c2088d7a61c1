//! The lease of this host, and those of the others.
//!
//! `lease.HOST` in the bucket says that a host is there. The server removes the entry where it is not renewed. A host whose lease is gone is
//! counted as gone after half a lease more, in which this host could renew its own all the time. So a server that was away, or took nothing, for longer than
//! a lease ends no channel.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use async_nats::HeaderMap;
use tokio::time::Instant;

use super::{
    follow::{self, Failure},
    place::seconds,
    shared::{Shared, Stage},
};
use crate::log::Op;

/// How often a lease is renewed before it would end.
const RENEWALS: u32 = 3;

pub(super) const LEASE: &str = "lease.";

pub(super) fn every_renewal(shared: &Shared) -> tokio::time::Interval {
    let mut ticks = tokio::time::interval(shared.server.config.lease / RENEWALS);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks
}

/// Renews the lease until the channel is closed on this host.
pub(super) async fn renew_on(shared: Arc<Shared>) {
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
    let renewed = renewed.unwrap_or_else(|_| Err("the server does not answer".into()));
    shared.is_renewed(renewed.is_ok());
    if let Err(error) = renewed {
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

pub(super) async fn put_lease(
    shared: &Shared,
    lasts: Duration,
    says: &'static str,
) -> Result<(), Failure> {
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

/// The hosts whose leases the server has.
pub(super) type Leases = HashMap<String, bool>;

/// Whoever seems to be gone, and since when.
#[derive(Default)]
pub(super) struct Keeper {
    silent: BTreeMap<String, Instant>,
    /// When it looked the last time.
    looked: Option<Instant>,
}

impl Keeper {
    pub fn look_for_the_dead(&mut self, shared: &Shared, leases: &Leases) {
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
            if since.elapsed() >= grace && shared.renewed_for() >= grace {
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
