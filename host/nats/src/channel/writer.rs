//! A writing end.
//!
//! A write is given up without a trace as long as it has not been handed to the server. One that is under way then may land.
//!
//! Invariant: a write by a permit is owed from the moment it is taken. It is sent as soon as it can be, before its writer is closed and
//! before the next permit of its writer.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

use tokio::sync::{Notify, oneshot};
use weft_channel::{
    Asked, Backpressure, Batch, MAX_FRAME_BYTES, Need, Outgoing, RemotePermit, RemoteWriter,
    Unavailable, WriteError,
};

use super::{
    queue::{Answer, Kind, Phase},
    shared::{Guard, Inner, Shared},
};
use crate::log::{Op, Parcel, Room};

#[derive(Debug)]
pub(super) struct Writer {
    guard: Arc<Guard>,
    id: u32,
    strong: AtomicBool,
}

/// A write that waits for its turn. Dropped, it leaves the queue.
struct Waiting<'a> {
    shared: &'a Shared,
    ticket: u64,
}

struct Permit {
    guard: Arc<Guard>,
    ticket: u64,
    writer: u32,
}

impl Writer {
    pub fn new(guard: Arc<Guard>, id: u32, strong: bool) -> Self {
        guard.0.look(|inner| match strong {
            true => drop(inner.strong_writers.insert(id)),
            false => inner.weak_writers += 1,
        });
        Self {
            guard,
            id,
            strong: strong.into(),
        }
    }

    fn shared(&self) -> &Shared {
        &self.guard.0
    }

    async fn send(&self, frames: Outgoing, patient: bool) -> Answer {
        check(self.shared(), &frames)?;
        let parcel = Parcel::new(self.id, frames);
        if parcel.frames() == 0 {
            let refusal = self.shared().look(|inner| inner.refusal());
            return refusal.map_or(Ok(0), Err);
        }
        self.wait(Kind::Write(parcel), patient).await.map(|it| it.1)
    }

    /// Waits for the turn, and for what then comes.
    async fn wait(&self, kind: Kind, patient: bool) -> Result<(Waiting<'_>, u32), WriteError> {
        let shared = self.shared();
        let (tell, told) = oneshot::channel();
        let offer = Arc::new(Notify::new());
        let tells = (offer.clone(), tell);
        let ticket = shared.look(|inner| inner.queue.place(self.id, kind, patient, tells));
        let waiting = Waiting { shared, ticket };
        second_poll().await;
        shared.look(|inner| {
            let read = inner.all_read();
            let Inner { log, queue, .. } = inner;
            queue.make_ready(ticket, &|need| log.make_room(need, read).is_some());
        });
        shared.to_append.notify_one();
        let wanting = async {
            loop {
                offer.notified().await;
                shared.want(ticket);
            }
        };
        let answered = tokio::select! {
            biased;
            answered = shared.answered(told) => answered,
            () = wanting => Err(Unavailable),
        };
        let sent = answered.inspect_err(|Unavailable| {
            tracing::debug!(stream = shared.names.stream, "a write has waited too long");
        })??;
        Ok((waiting, sent))
    }
}

impl Shared {
    /// The writer of this ticket still wants what it was offered.
    fn want(&self, ticket: u64) {
        self.look(|inner| {
            let ticket = inner.queue.find(ticket);
            if let Some(ticket) = ticket.filter(|it| it.phase == Phase::Offered) {
                ticket.phase = Phase::Wanted;
            }
        });
        self.to_append.notify_one();
    }
}

/// Whether these frames can ever be sent.
fn check(shared: &Shared, frames: &Outgoing) -> Result<(), WriteError> {
    if let Outgoing::Frame { attached, .. } = frames
        && !attached.is_empty()
    {
        return Err(WriteError::NoHandles);
    }
    if let Some(error) = shared.look(|inner| inner.refusal()) {
        return Err(error);
    }
    let capacity = shared.look(|inner| inner.log.capacity());
    let largest = match frames {
        Outgoing::Frame { payload, .. } => payload.len(),
        Outgoing::Batch(batch) => batch.largest_frame(),
    };
    let whole = shared.config.options.backpressure == Backpressure::Block;
    let bytes = frames.bytes() as u64;
    let too_many =
        bytes > capacity.bytes.min(MAX_FRAME_BYTES) || frames.frames() as u64 > capacity.frames;
    if largest as u64 > capacity.bytes.min(MAX_FRAME_BYTES) || (whole && too_many) {
        let capacity = capacity.bytes.min(MAX_FRAME_BYTES);
        return Err(WriteError::TooLarge { capacity });
    }
    Ok(())
}

/// Waits until the future that awaits this is polled once more.
async fn second_poll() {
    let mut polled = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut polled, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let left = self.shared.look(|inner| inner.queue.remove(self.ticket));
        if left.is_some() {
            // The next one may go.
            self.shared.to_append.notify_one();
        }
    }
}

impl RemoteWriter for Writer {
    fn id(&self) -> u32 {
        self.id
    }

    fn write(&self, frames: Outgoing) -> Asked<'_, Answer> {
        Box::pin(self.send(frames, true))
    }

    fn try_write(&self, frames: Outgoing) -> Asked<'_, Answer> {
        Box::pin(self.send(frames, false))
    }

    fn reserve(&self, need: Need) -> Asked<'_, Result<Box<dyn RemotePermit>, WriteError>> {
        Box::pin(async move {
            let room = Room {
                frames: need.frames.into(),
                bytes: need.bytes,
            };
            let (waiting, _) = self.wait(Kind::Reserve(room), true).await?;
            let ticket = waiting.ticket;
            // The permit has the turn from here on.
            std::mem::forget(waiting);
            Ok(Box::new(Permit {
                guard: self.guard.clone(),
                ticket,
                writer: self.id,
            }) as _)
        })
    }

    fn can_ever_send(&self, batch: &Batch) -> bool {
        let frames = Outgoing::Batch(batch.clone());
        !matches!(
            check(self.shared(), &frames),
            Err(WriteError::TooLarge { .. })
        )
    }

    fn is_unread(&self) -> bool {
        self.shared().look(|inner| inner.log.ended().is_some())
    }

    fn unread(&self) -> Asked<'_, ()> {
        Box::pin(async move {
            let ended = || self.shared().find(|inner| inner.log.ended());
            // It waits for the end, not for the server.
            while ended().await.is_err() {
                self.shared().server.is_there().await;
            }
        })
    }

    fn set_weak(&self) -> Asked<'_, Result<(), Unavailable>> {
        Box::pin(async move {
            if self.strong.swap(false, Ordering::Relaxed) {
                self.shared().look(|inner| {
                    inner.strong_writers.remove(&self.id);
                    inner.weak_writers += 1;
                });
                self.shared().ask(Op::CloseWriter(self.id)).await?;
            }
            Ok(())
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let shared = self.shared();
        if self.strong.load(Ordering::Relaxed) {
            shared.look(|inner| inner.strong_writers.remove(&self.id));
            shared.tell(Op::CloseWriter(self.id));
        } else {
            shared.look(|inner| inner.weak_writers = inner.weak_writers.saturating_sub(1));
        }
    }
}

impl RemotePermit for Permit {
    fn send(self: Box<Self>, frames: Outgoing) -> Answer {
        let shared = &self.guard.0;
        check(shared, &frames)?;
        let parcel = Parcel::new(self.writer, frames);
        let all = parcel.frames() as u32;
        if all == 0 {
            return Ok(0);
        }
        let drops = shared.config.options.backpressure == Backpressure::Drop;
        shared.change(|inner| {
            let Some(mut ticket) = inner.queue.remove(self.ticket) else {
                // The channel has ended, or the writer has been counted as gone.
                return Err(inner.refusal().unwrap_or(WriteError::Drained));
            };
            ticket.kind = Kind::Write(parcel);
            ticket.phase = Phase::Ready;
            let read = inner.all_read();
            let room = inner.log.most_room(read);
            if drops && !inner.queue.cut(&mut ticket, room) {
                return Ok(0);
            }
            let sent = ticket.frames();
            inner.queue.put_back(vec![ticket]);
            Ok(sent)
        })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let shared = &self.guard.0;
        shared.look(|inner| {
            if inner
                .queue
                .find(self.ticket)
                .is_some_and(|it| it.phase == Phase::Granted)
            {
                inner.queue.remove(self.ticket);
            }
        });
        shared.to_append.notify_one();
    }
}
