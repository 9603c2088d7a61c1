//! The task that adds records to the log, one chain of messages at a time.
//!
//! Each chain follows the last record that this host has applied, or the server refuses it. Then the host first applies what it has missed
//! and decides anew. So the task needs no lock on the server, and a host that was counted as gone cannot write on.
//!
//! Invariant: before anything is sent again, the stream has been read up to its end, so what has landed is known.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::{message::PublishMessage, stream::LastRawMessageErrorKind};
use futures::future::join_all;
use tokio::sync::oneshot;

use super::{
    flight::{Flight, Message},
    follow,
    queue::Ticket,
    shared::{Job, Shared, Stage},
};
use crate::{
    config::{WINDOW, WINDOW_BYTES},
    log::{Body, Counts, Op, Outcome, Record, Snapshot},
};

/// Between tries to read a stream whose server answers, but not well: it may be electing a leader.
const TRY_AGAIN: Duration = Duration::from_millis(100);

/// Nothing more will be added: the server has been away for too long after the last handle was gone.
struct GivenUp;

pub(super) async fn run(shared: Arc<Shared>) {
    loop {
        let job = shared.look(|inner| inner.plan(shared.config.options.backpressure));
        let done = match job {
            Job::Control(ops) => control(&shared, ops).await,
            Job::Frames(tickets) => frames(&shared, tickets).await,
            Job::Nothing if shared.stage() >= Stage::Closing && shared.look(|it| it.is_idle()) => {
                break;
            }
            Job::Nothing => tokio::select! {
                () = shared.to_append.notified() => Ok(()),
                () = out_of_time(&shared) => Err(GivenUp),
            },
        };
        if let Err(GivenUp) = done {
            break;
        }
    }
    shared.advance_stage(Stage::Closed);
}

async fn frames(shared: &Shared, tickets: Vec<Ticket>) -> Result<(), GivenUp> {
    let mut flight = match Flight::prepare(shared, tickets) {
        Ok(flight) => flight,
        Err(tickets) => {
            shared.look(|inner| inner.queue.put_back(tickets));
            return Ok(());
        }
    };
    let mut messages = std::mem::take(&mut flight.messages).into_iter().peekable();
    let mut after = flight.after;
    while messages.peek().is_some() {
        let mut bytes = 0;
        let mut chain = Vec::new();
        while let Some(message) = messages.next_if(|it| {
            bytes += it.payload.len();
            chain.is_empty() || (bytes <= WINDOW_BYTES && chain.len() < WINDOW)
        }) {
            chain.push(message);
        }
        match send(shared, chain, after).await {
            Some(last) => after = last,
            None => {
                catch_up(shared).await?;
                break;
            }
        }
    }
    shared.change(|inner| {
        let mut left = Vec::new();
        for mut ticket in flight.tickets {
            if ticket.settle(&inner.landed) {
                ticket.done();
            } else if !ticket.is_given_up() {
                left.push(ticket);
            }
        }
        if left.is_empty() {
            inner.landed.clear();
        }
        inner.queue.put_back(left);
    });
    Ok(())
}

/// Sends a chain and applies it; the sequence of its last message. None: some of it may not have landed.
async fn send(shared: &Shared, chain: Vec<Message>, after: u64) -> Option<u64> {
    let mut acks = Vec::with_capacity(chain.len());
    let mut before: Option<String> = None;
    for message in &chain {
        let headers = message.piece.headers(&message.counts);
        let mut publish = PublishMessage::build()
            .headers(headers)
            .payload(message.payload.clone())
            .message_id(&message.id);
        publish = match &before {
            None => publish.expected_last_sequence(after),
            Some(id) => publish.expected_last_message_id(id),
        };
        before = Some(message.id.clone());
        let subject = shared.names.frames.clone();
        let sent = shared.server.jetstream.send_publish(subject, publish).await;
        // The others could not land either.
        acks.push(
            sent.inspect_err(|error| tracing::debug!(%error, "not sent"))
                .ok()?,
        );
    }
    let acks = join_all(acks.into_iter().map(IntoFuture::into_future)).await;
    let mut last = after;
    let time = now();
    for (message, ack) in chain.into_iter().zip(acks) {
        match ack {
            Ok(ack) => {
                last = ack.sequence;
                shared.apply(message.landed(ack.sequence, time));
            }
            Err(error) => {
                tracing::debug!(%error, stream = shared.names.stream, "a message has not landed");
                return None;
            }
        }
    }
    Some(last)
}

type Asked = (Op, Option<oneshot::Sender<Outcome>>);

async fn control(shared: &Shared, mut asked: Vec<Asked>) -> Result<(), GivenUp> {
    let mut attempts: Vec<(String, Vec<Outcome>)> = Vec::new();
    loop {
        let (change, after) = shared.look(|inner| {
            let context = inner.log.context();
            (
                context.change(asked.iter().map(|it| &it.0)),
                inner.log.next() - 1,
            )
        });
        if !change.changed {
            answer(shared, asked, change.outcomes);
            return Ok(());
        }
        let id = shared.message_id();
        let counts = Counts {
            frames: change.context.total.0,
            bytes: change.context.total.1,
            floor: change.context.floor,
        };
        attempts.push((id.clone(), change.outcomes));
        let sent = add_control(shared, &id, after, counts, change.context.snapshot).await;
        if !sent {
            catch_up(shared).await?;
        }
        let landed = shared.look(|inner| {
            let landed = attempts.iter().position(|it| inner.landed.contains(&it.0));
            landed.map(|at| attempts.swap_remove(at))
        });
        if let Some((_, outcomes)) = landed {
            answer(shared, asked, outcomes);
            return Ok(());
        }
        // Who has given up opening has opened nothing.
        asked.retain(|(_, tell)| !tell.as_ref().is_some_and(oneshot::Sender::is_closed));
    }
}

async fn add_control(
    shared: &Shared,
    id: &str,
    after: u64,
    counts: Counts,
    snapshot: Snapshot,
) -> bool {
    let mut headers = counts.headers();
    if let Err(error) = snapshot.write(&mut headers) {
        tracing::error!(%error, "a record of control cannot be written");
        return false;
    }
    let publish = PublishMessage::build()
        .headers(headers)
        .message_id(id)
        .expected_last_sequence(after);
    let subject = shared.names.control.clone();
    let sent = async {
        let sent = shared.server.jetstream.send_publish(subject, publish);
        sent.await?.await
    };
    match sent.await {
        Ok(ack) => {
            shared.apply(Record {
                seq: ack.sequence,
                time: now(),
                id: Some(id.to_owned()),
                counts: Some(counts),
                body: Body::Control(Box::new(snapshot)),
                payload: None,
            });
            true
        }
        Err(error) => {
            tracing::debug!(%error, stream = shared.names.stream, "a record of control has not landed");
            false
        }
    }
}

fn answer(shared: &Shared, asked: Vec<Asked>, outcomes: Vec<Outcome>) {
    shared.change(|_| ());
    for ((op, tell), outcome) in asked.into_iter().zip(outcomes) {
        let Some(tell) = tell else {
            continue;
        };
        let Err(outcome) = tell.send(outcome) else {
            continue;
        };
        // Nobody waits for it any more, so it is closed again.
        match (op, outcome) {
            (_, Outcome::Writer(id)) => shared.tell(Op::CloseWriter(id)),
            (Op::OpenReader { name, .. }, Outcome::Reader { epoch, .. }) => {
                shared.tell(Op::CloseReader { name, epoch });
            }
            _ => {}
        }
    }
}

/// Reads the stream up to its end, as its leader has it.
async fn catch_up(shared: &Shared) -> Result<(), GivenUp> {
    loop {
        let read = tokio::select! {
            read = read_on(shared) => read,
            () = out_of_time(shared) => return Err(GivenUp),
        };
        if read {
            return Ok(());
        }
        tokio::select! {
            () = async {
                tokio::time::sleep(TRY_AGAIN).await;
                shared.server.is_there().await;
            } => {}
            () = out_of_time(shared) => return Err(GivenUp),
        }
    }
}

/// When a channel that nobody holds any more stops trying.
async fn out_of_time(shared: &Shared) {
    shared.reaches(Stage::Closing).await;
    tokio::select! {
        () = shared.server.out_of_patience() => {}
        () = tokio::time::sleep(shared.server.config.lease) => {}
    }
}

async fn read_on(shared: &Shared) -> bool {
    let stream = shared.server.jetstream.get_stream(&shared.names.stream);
    let stream = match stream.await {
        Ok(stream) => stream,
        Err(error) => {
            tracing::debug!(%error, stream = shared.names.stream, "the stream cannot be looked at");
            return false;
        }
    };
    let end = stream.cached_info().state.last_sequence;
    loop {
        let next = shared.look(|inner| inner.log.next());
        if next > end {
            return true;
        }
        let message = stream.raw_message_builder().sequence(next);
        match message.next_by_subject(">").send().await {
            Ok(message) => shared.apply(follow::stored(message)),
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => {
                shared.look(|inner| inner.log.skip_to(end + 1));
            }
            Err(error) => {
                tracing::debug!(%error, stream = shared.names.stream, "the stream cannot be read");
                return false;
            }
        }
    }
}

/// Milliseconds since 1970.
pub(super) fn now() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |it| it.as_millis() as u64)
}
