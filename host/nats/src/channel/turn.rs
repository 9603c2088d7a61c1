//! Turns between hosts. Whoever's record the server gets first goes first, so a host that is far away could lose to nearer ones each time.
//!
//! A host that has lost often asks the others for its turn, by a message that is not kept: `HOST MILLISECONDS`. Each of them adds nothing until
//! a record of that host has come, or for as long as it says. Nothing rests on it: a host that does not hear of it goes on, and the server still
//! compares.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use tokio::time::Instant;

use super::{
    follow::{self, Failure},
    shared::{Shared, Stage},
};

/// So many records in a row that came too late are many for a host that is near the server, and for one that is far away.
const LOST: u32 = 8;
const LOST_FAR: u32 = 2;

/// A round trip to a server that is far away.
const FAR: Duration = Duration::from_millis(20);

/// What a turn takes: round trips to ask, to read what was missed, to add, and once more where somebody was quicker.
const ROUND_TRIPS: u32 = 4;

/// What it takes at most, whatever somebody says: such round trips to the other end of the world.
const LASTS: Duration = Duration::from_secs(2);

/// What others had under way when they heard of it has come by then.
const SETTLES: Duration = Duration::from_millis(10);

/// A host whose turn it is.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    pub host: String,
    until: Instant,
}

/// So many are many for this host.
fn often(shared: &Shared) -> u32 {
    match shared.round_trip() >= FAR {
        true => LOST_FAR,
        false => LOST,
    }
}

/// Hears of turns until the channel is over on this host.
pub(super) async fn run(shared: Arc<Shared>) {
    loop {
        let heard = tokio::select! {
            heard = hear(&shared) => heard,
            () = shared.reaches(Stage::Over) => return,
        };
        if let Err(error) = heard {
            follow::say_why(&shared, "hearing of turns", &error);
        }
        tokio::select! {
            () = tokio::time::sleep(follow::TRY_AGAIN) => {}
            () = shared.reaches(Stage::Over) => return,
        }
    }
}

/// The subscription outlives a connection that is lost.
async fn hear(shared: &Shared) -> Result<(), Failure> {
    let client = shared.server.jetstream.client();
    let mut asked = client.subscribe(shared.names.turn.clone()).await?;
    while let Some(message) = asked.next().await {
        let text = std::str::from_utf8(&message.payload).unwrap_or_default();
        let Some((host, lasts)) = text.split_once(' ') else {
            continue;
        };
        let lasts = Duration::from_millis(lasts.parse().unwrap_or(0)).min(LASTS);
        // Of two that ask, one goes first.
        let ours = shared.lost() >= often(shared) && *shared.host < *host;
        if host != shared.host && !ours {
            shared.turn.send_replace(Some(Turn {
                host: host.to_owned(),
                until: Instant::now() + lasts,
            }));
        }
    }
    Ok(())
}

/// Asks for the turn if this host has lost often.
pub(super) async fn ask(shared: &Shared) {
    let lost = shared.lost();
    let often = often(shared);
    if lost < often || !lost.is_multiple_of(often) {
        return;
    }
    let lasts = SETTLES * 2 + shared.round_trip() * ROUND_TRIPS;
    tracing::debug!(
        lost,
        ?lasts,
        stream = shared.names.stream,
        "a turn is asked for"
    );
    let client = shared.server.jetstream.client();
    let asks = format!("{} {}", shared.host, lasts.as_millis()).into();
    if client
        .publish(shared.names.turn.clone(), asks)
        .await
        .is_ok()
    {
        tokio::time::sleep(SETTLES).await;
    }
}

/// Waits while it is the turn of another host.
pub(super) async fn wait(shared: &Shared) {
    let Some(turn) = shared.turn.borrow().clone() else {
        return;
    };
    let mut turns = shared.turn.subscribe();
    let over = turns.wait_for(Option::is_none);
    let _ = tokio::time::timeout_at(turn.until, over).await;
    shared.turn.send_replace(None);
}
