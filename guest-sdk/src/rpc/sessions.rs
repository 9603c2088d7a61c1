//! What a server knows of its clients and of the requests it has not answered.
//!
//! Knows nothing of waiting: frames go in, and replies leave through the client's buffer.
//!
//! A client is known by its writer's id *and* the channel for replies that it opened last. A client that is started again has the
//! id of the one before, and counts its calls from one again. Nobody waits any more for what the one before has asked.
//!
//! Invariants:
//! - a session is in `idle` exactly while none of its requests is under
//!   way, and only such a session is ever dropped to make room;
//! - the requests in `requests` are those of sessions that there are.

use super::ignore;
use super::wire::{self, Kind};
use crate::bindings::weft::fabric::channel_async;
use crate::channel::Handle;
use crate::packed::{Buffer, LIMIT};
use crate::trace::{self, TraceContext};
use futures::StreamExt as _;
use futures::future::{AbortHandle, Abortable, LocalBoxFuture, abortable};
use futures::stream::FuturesUnordered;
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// A request under way: the id of the client's writer, and the call's number.
pub(super) type Key = (u32, u64);

/// The key of a waiter for the cancellation of a request.
pub(super) type Waiter = (Key, u64);

/// A request that was read.
pub(super) struct Incoming {
    pub key: Key,
    pub payload: Vec<u8>,
    /// The span it was made in.
    pub trace: Option<TraceContext>,
    pub state: Rc<State>,
}

/// What a request and the table of requests share.
pub(super) struct State {
    /// The client's replies.
    pub replies: Rc<Buffer>,
    /// The session it came through.
    session: u64,
    pub cancelled: Cell<bool>,
}

impl State {
    /// Whether the client still waits: it has not ended, and has not given the request up.
    pub fn is_waited_for(&self) -> bool {
        if self.replies.raw().is_unread() {
            self.cancelled.set(true);
        }
        !self.cancelled.get()
    }
}

struct Session {
    /// Distinguishes it from other sessions of the same client.
    number: u64,
    replies: Rc<Buffer>,
    /// Requests that are not answered.
    open: usize,
    /// Its place in `idle`, while it has one.
    idle: u64,
    /// Gives up the watch over the client, where it is watched.
    watch: Option<AbortHandle>,
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(watch) = &self.watch {
            watch.abort();
        }
    }
}

/// Resolves at the end of a client, with its writer's id and the number of its session.
type Watch = Abortable<LocalBoxFuture<'static, (u32, u64)>>;

/// Clients and their requests.
pub(super) struct Sessions {
    sessions: HashMap<u32, Session>,
    /// Sessions without requests, the one idle longest first.
    idle: BTreeMap<u64, u32>,
    max_idle: usize,
    ticks: u64,
    requests: BTreeMap<Key, Rc<State>>,
    /// The waiters for cancellations.
    waiting: BTreeMap<Waiter, Waker>,
    /// The watches over clients, while a cancellation of one of their requests is waited for.
    watches: FuturesUnordered<Watch>,
    /// Requests that were not handed out yet.
    pub backlog: VecDeque<Incoming>,
    pub ignored: u64,
}

impl Sessions {
    pub fn new(max_idle: usize) -> Self {
        Sessions {
            sessions: HashMap::new(),
            idle: BTreeMap::new(),
            max_idle,
            ticks: 0,
            requests: BTreeMap::new(),
            waiting: BTreeMap::new(),
            watches: FuturesUnordered::new(),
            backlog: VecDeque::new(),
            ignored: 0,
        }
    }

    pub fn set_max_idle(&mut self, max_idle: usize) {
        self.max_idle = max_idle;
        self.forget_idle();
    }

    /// Clients with a way to hear.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Takes a frame and what came with it.
    pub fn take(&mut self, writer: u32, frame: &[u8], handles: Vec<Handle>) {
        let Some((payload, kind, number)) = wire::open(frame) else {
            return ignore(&mut self.ignored, "ignored a frame that is no request");
        };
        let key = (writer, number);
        match kind {
            Kind::Call => self.take_call(key, payload, None, handles),
            Kind::TracedCall => match trace::open(payload) {
                Some((payload, context)) => self.take_call(key, payload, context, handles),
                None => ignore(&mut self.ignored, "ignored a frame that is no request"),
            },
            Kind::Cancel => self.cancel(key),
            Kind::Reply | Kind::NoReply | Kind::Forgotten => {
                ignore(&mut self.ignored, "ignored a reply among the requests");
            }
        }
    }

    fn take_call(
        &mut self,
        key: Key,
        payload: &[u8],
        trace: Option<TraceContext>,
        handles: Vec<Handle>,
    ) {
        if let Some(replies) = handles.into_iter().find_map(Handle::writer) {
            self.open(key.0, Rc::new(Buffer::quiet(replies.into_shared(), LIMIT)));
        }
        let Some(session) = self.sessions.get_mut(&key.0) else {
            // It was forgotten after this was sent, and sends it again.
            self.ignored += 1;
            return;
        };
        if self.requests.contains_key(&key) {
            return ignore(
                &mut self.ignored,
                "ignored a second request with one number",
            );
        }
        session.open += 1;
        self.idle.remove(&session.idle);
        let state = Rc::new(State {
            replies: Rc::clone(&session.replies),
            session: session.number,
            cancelled: Cell::new(false),
        });
        self.requests.insert(key, Rc::clone(&state));
        self.backlog.push_back(Incoming {
            key,
            payload: payload.to_vec(),
            trace,
            state,
        });
    }

    /// A client with a new way to hear.
    fn open(&mut self, writer: u32, replies: Rc<Buffer>) {
        self.ticks += 1;
        let session = Session {
            number: self.ticks,
            replies,
            open: 0,
            idle: 0,
            watch: None,
        };
        if let Some(old) = self.sessions.insert(writer, session) {
            self.idle.remove(&old.idle);
            self.cancel_all(writer, old.number);
        }
    }

    /// No reply of this session is waited for any more.
    fn cancel_all(&mut self, writer: u32, session: u64) {
        let of_writer = self.requests.range((writer, 0)..=(writer, u64::MAX));
        let of_session = of_writer.filter(|(_, state)| state.session == session);
        let keys: Vec<Key> = of_session.map(|(key, _)| *key).collect();
        for key in keys {
            self.cancel(key);
            self.requests.remove(&key);
        }
    }

    /// Sees which of the clients that are watched have gone.
    pub fn poll_clients(&mut self, cx: &mut Context<'_>) {
        while let Poll::Ready(Some(gone)) = self.watches.poll_next_unpin(cx) {
            if let Ok((writer, session)) = gone {
                self.cancel_all(writer, session);
            }
        }
    }

    /// Nobody waits for a cancellation: no client has to be watched.
    pub fn watch_nobody(&mut self) {
        self.watches.clear();
        for session in self.sessions.values_mut() {
            session.watch = None;
        }
    }

    /// Nobody waits for the reply to this request any more.
    fn cancel(&mut self, key: Key) {
        // If the request is answered, the cancellation came too late.
        if let Some(state) = self.requests.get(&key) {
            state.cancelled.set(true);
            let mut waiting = self.waiting.split_off(&(key, 0));
            self.waiting
                .append(&mut waiting.split_off(&(key, u64::MAX)));
            for (_, waker) in waiting {
                waker.wake();
            }
        }
    }

    /// A request is answered, or will not be.
    pub fn finish(&mut self, key: Key, state: &Rc<State>) {
        if self
            .requests
            .get(&key)
            .is_some_and(|known| Rc::ptr_eq(known, state))
        {
            self.requests.remove(&key);
        }
        let session = self.sessions.get_mut(&key.0);
        let Some(session) = session.filter(|session| session.number == state.session) else {
            return;
        };
        session.open = session.open.saturating_sub(1);
        if session.open == 0 {
            self.ticks += 1;
            session.idle = self.ticks;
            self.idle.insert(self.ticks, key.0);
            self.forget_idle();
        }
    }

    /// A key for a new waiter for a cancellation.
    pub fn new_waiter(&mut self, key: Key) -> Waiter {
        self.ticks += 1;
        (key, self.ticks)
    }

    /// Wakes the waiter when the request is cancelled, or when its client ends.
    pub fn wait(&mut self, waiter: Waiter, state: &State, waker: Waker) {
        self.waiting.insert(waiter, waker);
        let (writer, number) = (waiter.0.0, state.session);
        let session = self.sessions.get_mut(&writer);
        let Some(session) = session.filter(|session| session.number == number) else {
            return;
        };
        if session.watch.is_none() {
            let replies = Rc::clone(session.replies.raw());
            let gone: LocalBoxFuture<'static, _> = Box::pin(async move {
                channel_async::await_unread(&replies).await;
                (writer, number)
            });
            let (gone, watch) = abortable(gone);
            session.watch = Some(watch);
            self.watches.push(gone);
        }
    }

    /// Removes the waiter.
    pub fn wait_no_more(&mut self, waiter: Waiter) {
        self.waiting.remove(&waiter);
    }

    /// Whether somebody waits for a cancellation.
    pub fn is_anyone_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Drops the sessions that are too many.
    fn forget_idle(&mut self) {
        while self.idle.len() > self.max_idle {
            let Some((_, writer)) = self.idle.pop_first() else {
                return;
            };
            if let Some(session) = self.sessions.remove(&writer) {
                session
                    .replies
                    .add(&wire::seal(Vec::new(), Kind::Forgotten, 0));
            }
        }
    }
}
