//! The task that adds records to the log, one chain of messages at a time.
//!
//! Each chain follows the last record that this host has applied, or the server refuses it. Then the host first applies what it has missed
//! and decides anew. So the task needs no lock on the server, and a host that was counted as gone cannot write on.
//!
//! Invariant: before anything is sent again, the stream has been read up to its end, so what has landed is known.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::{
    context::{PublishAckFuture, PublishError, PublishErrorKind},
    message::PublishMessage,
    publish::PublishAck,
    stream::LastRawMessageErrorKind,
};
use tokio::{sync::watch, time::Instant};

use super::{
    attempts::{Asked, Attempts, give_up, landed_attempt},
    flight::{Flight, Message},
    follow::{self, Failure},
    queue::Ticket,
    shared::{Job, Shared, Stage},
    turn,
};
use crate::{
    config::{ANSWER_WITHIN, WINDOW, WINDOW_BYTES},
    log::{Body, Counts, Op, Outcome, Record, Snapshot},
    server::Link,
    stats::count,
};

/// Between tries to read a stream whose server answers, but not well: it may be electing a leader.
const TRY_AGAIN: Duration = Duration::from_millis(100);

/// So many records are read together. Fewer are asked for one by one, of the leader.
const MANY: u64 = 16;

/// Nothing more will be added: the server has been away for too long after the last handle was gone.
struct GivenUp;

/// Some of what was sent may not have landed.
struct Doubt;

pub(super) async fn run(shared: Arc<Shared>) {
    loop {
        turn::wait(&shared).await;
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
            Ok(last) => after = last,
            Err(Doubt) => {
                catch_up_from(shared, after).await?;
                break;
            }
        }
    }
    let left = shared.change(|inner| {
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
        let some = !left.is_empty();
        inner.queue.put_back(left);
        some
    });
    again(shared, left).await
}

/// Before what is left is sent again: at once where others came first, in a moment where the server takes nothing.
async fn again(shared: &Shared, left: bool) -> Result<(), GivenUp> {
    let refused = shared.refused_for();
    if !left {
        shared.is_taken();
    } else if refused > Duration::ZERO {
        if shared.stage() >= Stage::Closing && refused > shared.server.config.lease {
            return Err(GivenUp);
        }
        if refused > ANSWER_WITHIN && shared.may_warn() {
            tracing::warn!(
                ?refused,
                stream = shared.names.stream,
                "the NATS server does not take what is sent; it is tried again"
            );
        }
        // What others have under way may be there in a moment.
        tokio::time::sleep(refused.min(TRY_AGAIN)).await;
    }
    Ok(())
}

/// Sends a chain and applies it; the sequence of its last message.
async fn send(shared: &Shared, chain: Vec<Message>, after: u64) -> Result<u64, Doubt> {
    let since = Instant::now();
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
        // Without this one the others could not land either.
        let sent = shared.server.quick.send_publish(subject, publish).await;
        acks.push(sent.map_err(|error| doubt(shared, since, error))?);
    }
    let mut waits = shared.server.counters.sent(acks.len());
    let mut last = after;
    let mut link = shared.server.link.clone();
    for (message, ack) in chain.into_iter().zip(acks) {
        let ack = landed(&mut link, since, ack).await;
        let ack = ack.map_err(|error| doubt(shared, since, error))?;
        waits.acknowledged();
        last = ack.sequence;
        shared.apply(message.landed(last, shared.clock.now()));
    }
    shared.is_taken();
    Ok(last)
}

/// Waits for an acknowledgement, after that of the message before it.
async fn landed(
    link: &mut watch::Receiver<Link>,
    since: Instant,
    ack: PublishAckFuture,
) -> Result<PublishAck, PublishError> {
    // What a connection that was lost should have brought does not come over the next one.
    let anew = link.wait_for(|it| matches!(it, Link::Up(at) if *at > since));
    let failed = tokio::select! {
        biased;
        ack = ack.into_future() => return ack,
        () = tokio::time::sleep(ANSWER_WITHIN) => PublishErrorKind::TimedOut,
        _ = anew => PublishErrorKind::BrokenPipe,
    };
    Err(PublishError::new(failed))
}

/// Notes why something may not have landed.
fn doubt(shared: &Shared, since: Instant, error: PublishError) -> Doubt {
    use PublishErrorKind::{WrongLastMessageId, WrongLastSequence};
    tracing::debug!(%error, stream = shared.names.stream, "a message has not landed");
    let counters = &shared.server.counters;
    if matches!(error.kind(), WrongLastMessageId | WrongLastSequence) {
        count(&counters.overtaken);
        shared.is_overtaken();
    } else {
        count(&counters.retries);
        shared.is_refused(since);
    }
    Doubt
}

async fn control(shared: &Shared, mut asked: Vec<Asked>) -> Result<(), GivenUp> {
    let mut attempts = Attempts::new();
    loop {
        turn::wait(shared).await;
        let planned = shared.look(|inner| {
            // One that was in doubt may have landed since. What is added now follows all that is known at this moment.
            if let Some(outcomes) = landed_attempt(inner, &mut attempts) {
                return Err(outcomes);
            }
            let change = inner.log.context().change(asked.iter().map(|it| &it.0));
            Ok((change, inner.log.next() - 1))
        });
        let (change, after) = match planned {
            Ok(planned) => planned,
            Err(outcomes) => {
                shared.is_taken();
                answer(shared, asked, outcomes);
                return Ok(());
            }
        };
        if !change.changed {
            shared.is_taken();
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
            catch_up_from(shared, after).await?;
        }
        let landed = shared.look(|inner| landed_attempt(inner, &mut attempts));
        if let Some(outcomes) = landed {
            shared.is_taken();
            answer(shared, asked, outcomes);
            return Ok(());
        }
        again(shared, true).await?;
        give_up(&mut asked, &mut attempts);
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
    let since = Instant::now();
    let mut waits = shared.server.counters.sent(1);
    let mut link = shared.server.link.clone();
    let sent = async {
        let ack = shared.server.quick.send_publish(subject, publish).await?;
        landed(&mut link, since, ack).await
    };
    match sent.await {
        Ok(ack) => {
            waits.acknowledged();
            shared.apply(Record {
                seq: ack.sequence,
                time: shared.clock.now(),
                id: Some(id.to_owned()),
                counts: Some(counts),
                body: Body::Control(Box::new(snapshot)),
                payload: None,
            });
            true
        }
        Err(error) => {
            doubt(shared, since, error);
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

/// Reads on where something was to follow this record.
async fn catch_up_from(shared: &Shared, after: u64) -> Result<(), GivenUp> {
    let since = Instant::now();
    catch_up(shared).await?;
    if shared.look(|inner| inner.log.next()) == after + 1 {
        // Nobody was quicker, whatever was said: a leader that has lost the others of its cluster takes nothing.
        shared.is_refused(since);
    }
    Ok(())
}

/// Reads the stream up to its end, as its leader has it.
async fn catch_up(shared: &Shared) -> Result<(), GivenUp> {
    turn::ask(shared).await;
    let since = Instant::now();
    loop {
        let read = tokio::select! {
            read = read_on(shared) => read,
            () = out_of_time(shared) => return Err(GivenUp),
        };
        if let Err(error) = read {
            tracing::debug!(%error, stream = shared.names.stream, "the stream cannot be read");
            shared.is_refused(since);
        } else {
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

/// The same, once.
pub(super) async fn read_on(shared: &Shared) -> Result<(), Failure> {
    let since = Instant::now();
    let stream = shared.server.quick.get_stream(&shared.names.stream).await?;
    shared.took(since.elapsed());
    let end = stream.cached_info().state.last_sequence;
    loop {
        let next = shared.look(|inner| inner.log.next());
        if next > end {
            return Ok(());
        }
        if end - next >= MANY && follow::read_from(shared, &stream, next).await? {
            continue;
        }
        let message = stream.raw_message_builder().sequence(next);
        match message.next_by_subject(">").send().await {
            Ok(message) => shared.apply(follow::stored(message)),
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => {
                shared.look(|inner| inner.log.skip_to(end + 1));
            }
            Err(error) => return Err(error.into()),
        }
    }
}
