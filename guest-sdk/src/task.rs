//! How the futures of a guest wait.
//!
//! The future of an `async fn main`, and each that [`crate::spawn`] starts, runs in a
//! *root*. When the future inside gives `Pending`, the guest is about to wait,
//! and the root does what only then is right:
//!
//! - It sends what the writers of [`crate::packed`] have collected (`buffers`).
//! - It decides how to wait. A wait that reaches a root is a *want* at first: it
//!   has tried, and it has not called yet. When it is the only thing the guest
//!   waits for, the root makes the call that waits on the guest's own stack,
//!   which costs a third of an async call: with nothing else to run, nothing
//!   stands still meanwhile. Else every want becomes an async call.
//!
//! How a root knows that nothing else can run: the future inside gets a waker
//! that is the root's own, and whatever waits holds a clone of it. A want holds
//! one; with one want and one clone in all, nobody waits for anything else.
//!
//! Not an executor: `wit-bindgen` polls the roots. Futures polled elsewhere make
//! their async calls at once; see [`want`].
//!
//! Invariant: when a root returns `Pending`, no want is left in it, unless its
//! future asked to be polled again at once. Futures that were given to
//! `wit-bindgen`'s own `spawn_local` are not seen here, and may stand still.

pub(crate) mod buffers;
mod handle;
#[cfg(not(target_family = "wasm"))]
mod locals;
mod pending;

#[cfg(not(target_family = "wasm"))]
pub(crate) use locals::Locals;

pub use handle::{Aborted, Task, spawn};
pub(crate) use pending::{Call, Pending};

use futures::future::LocalBoxFuture;
use futures::task::AtomicWaker;
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Has a future polled as long as the process lives.
pub(crate) fn spawn_local(future: impl Future<Output = ()> + 'static) {
    #[cfg(target_family = "wasm")]
    wit_bindgen::spawn_local(future);
    #[cfg(not(target_family = "wasm"))]
    crate::testing::spawn_local(future);
}

thread_local! {
    /// The number of roots.
    static ROOTS: Cell<usize> = const { Cell::new(0) };
    /// The waker of the root that waits until it is the only one.
    static LAST: RefCell<Option<Waker>> = const { RefCell::new(None) };
    /// Tasks of this crate's own that must not stand still.
    static BACKGROUND: Cell<usize> = const { Cell::new(0) };
    /// Whether the root that is being polled is to let others run.
    static GIVES_WAY: Cell<bool> = const { Cell::new(false) };
    /// The root that is being polled.
    static CURRENT: RefCell<Option<Rc<RootState>>> = const { RefCell::new(None) };
}

/// Ready when no other root is left.
pub(crate) fn poll_last(cx: &mut Context<'_>) -> Poll<()> {
    if ROOTS.get() <= 1 {
        return Poll::Ready(());
    }
    LAST.set(Some(cx.waker().clone()));
    Poll::Pending
}

/// The root being polled lets others run before it is polled again, though it is woken.
pub(crate) fn give_way() {
    GIVES_WAY.set(true);
}

/// A task of this crate's own, which no root knows, is at work: while there is one, nobody waits on the guest's own stack.
pub(crate) struct Background(());

impl Background {
    pub(crate) fn new() -> Self {
        BACKGROUND.set(BACKGROUND.get() + 1);
        Background(())
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        BACKGROUND.set(BACKGROUND.get() - 1);
    }
}

/// What a want can be turned into.
pub(crate) trait Want {
    /// Whether it is still wanted, and was not given up meanwhile.
    fn is_wanted(&self) -> bool;
    /// Whether it waits for room for what a buffer holds.
    fn sends(&self) -> bool {
        false
    }
    /// Makes the call that waits on the guest's own stack, and keeps its result.
    fn wait(&self);
    /// Makes the async call, and has it wake `waker`.
    fn start(self: Rc<Self>, waker: Waker);
}

/// Leaves it to the root being polled how to wait. `false`: there is none, or
/// the future is polled with another waker than the root's, so that it must make
/// an async call itself.
pub(crate) fn want(want: &Rc<impl Want + 'static>, cx: &Context<'_>) -> bool {
    CURRENT.with_borrow(|current| {
        let Some(root) = current else { return false };
        if cx.waker().data() != root.waker.data() {
            return false;
        }
        let mut wants = root.wants.borrow_mut();
        let address = Rc::as_ptr(want).cast::<()>();
        let known = |known: &(Rc<dyn Want>, Waker)| Rc::as_ptr(&known.0).cast::<()>() == address;
        if !wants.iter().any(known) {
            let want: Rc<dyn Want> = want.clone();
            wants.push((want, cx.waker().clone()));
        }
        true
    })
}

/// A waker kept by someone who is woken only after a want was met, as the calls
/// of one client are by whoever reads the replies. It does not keep the guest
/// from waiting on its own stack.
pub(crate) struct KeptWaker {
    waker: Waker,
    root: Option<Rc<RootState>>,
}

impl KeptWaker {
    /// The owner keeps it only while a want or a call of its own is there.
    pub(crate) fn new(cx: &Context<'_>) -> Self {
        let root = CURRENT.with_borrow(Option::clone);
        let root = root.filter(|root| root.waker.data() == cx.waker().data());
        if let Some(root) = &root {
            root.kept.set(root.kept.get() + 1);
        }
        let waker = cx.waker().clone();
        KeptWaker { waker, root }
    }

    pub(crate) fn wake(self) {
        self.waker.wake_by_ref();
    }
}

impl Drop for KeptWaker {
    fn drop(&mut self) {
        if let Some(root) = &self.root {
            root.kept.set(root.kept.get() - 1);
        }
    }
}

/// What a root shares with the wants below it.
struct RootState {
    signal: Arc<Signal>,
    /// `signal` as a waker, made once.
    waker: Waker,
    /// The wants, each with its clone of `waker`.
    wants: RefCell<Vec<(Rc<dyn Want>, Waker)>>,
    /// Clones of `waker` in [`KeptWaker`].
    kept: Cell<usize>,
}

/// Clones of `signal` when nobody waits: `signal` itself and `waker`.
const CLONES: usize = 2;

impl RootState {
    /// The only thing the guest waits for, if there is one thing only. So many
    /// buffers wait for room.
    fn only_want(&self, blocked: usize) -> Option<Rc<dyn Want>> {
        // The test kit runs others meanwhile.
        #[cfg(not(target_family = "wasm"))]
        if crate::testing::is_running() {
            return None;
        }
        let alone = ROOTS.get() == 1 && BACKGROUND.get() == 0 && !buffers::sending();
        if !alone || Arc::strong_count(&self.signal) != CLONES + self.kept.get() + 1 {
            return None;
        }
        let mut wants = self.wants.borrow_mut();
        match wants.as_slice() {
            [(want, _)] if blocked <= usize::from(want.sends()) => {
                wants.pop().map(|(want, _)| want)
            }
            _ => None,
        }
    }
}

/// Times a future that has woken itself is polled again before the others get
/// their turn.
const POLLS: usize = 16;

/// The waker of a root.
struct Signal {
    woken: AtomicBool,
    /// Whether the root is being polled, and will look at `woken` itself.
    polling: AtomicBool,
    /// Whoever polls the root.
    outer: AtomicWaker,
}

impl Signal {
    fn woken(&self) -> bool {
        self.woken.load(Ordering::Relaxed)
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Relaxed);
        if !self.polling.load(Ordering::Relaxed) {
            self.outer.wake();
        }
    }
}

/// A future that waits as the module says.
pub(crate) struct Root<T> {
    future: LocalBoxFuture<'static, T>,
    shared: Rc<RootState>,
}

impl<T> Root<T> {
    pub(crate) fn new(future: impl Future<Output = T> + 'static) -> Self {
        ROOTS.set(ROOTS.get() + 1);
        let signal = Arc::new(Signal {
            woken: AtomicBool::new(false),
            polling: AtomicBool::new(false),
            outer: AtomicWaker::new(),
        });
        Root {
            future: Box::pin(future),
            shared: Rc::new(RootState {
                waker: Waker::from(Arc::clone(&signal)),
                signal,
                wants: RefCell::default(),
                kept: Cell::new(0),
            }),
        }
    }

    /// Polls the future, as the current root.
    fn poll_inside(&mut self) -> Poll<T> {
        let _entered = Entered(CURRENT.replace(Some(Rc::clone(&self.shared))));
        let mut cx = Context::from_waker(&self.shared.waker);
        self.future.as_mut().poll(&mut cx)
    }
}

impl<T> Future for Root<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let shared = Rc::clone(&self.shared);
        let signal = &shared.signal;
        signal.outer.register(cx.waker());
        signal.polling.store(true, Ordering::Relaxed);
        let mut polls = 0;
        let polled = loop {
            signal.woken.store(false, Ordering::Relaxed);
            let polled = self.poll_inside();
            let gives_way = GIVES_WAY.take();
            if polled.is_pending() && signal.woken() && polls < POLLS && !gives_way {
                polls += 1;
                continue;
            }
            let blocked = buffers::flush();
            if polled.is_ready() || signal.woken() {
                buffers::start();
                break polled;
            }
            shared
                .wants
                .borrow_mut()
                .retain(|(want, _)| want.is_wanted());
            if let Some(want) = shared.only_want(blocked) {
                want.wait();
                continue;
            }
            buffers::start();
            for (want, waker) in shared.wants.take() {
                want.start(waker);
            }
            if !signal.woken() {
                break polled;
            }
            // A call was ready at once, or a wait goes on otherwise.
        };
        signal.polling.store(false, Ordering::Relaxed);
        if polled.is_pending() && signal.woken() {
            cx.waker().wake_by_ref();
        }
        polled
    }
}

impl<T> Drop for Root<T> {
    fn drop(&mut self) {
        ROOTS.set(ROOTS.get() - 1);
        if ROOTS.get() == 1
            && let Some(waker) = LAST.take()
        {
            waker.wake();
        }
    }
}

/// Puts the root back that was current before, also when polling panics.
struct Entered(Option<Rc<RootState>>);

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

#[cfg(test)]
mod tests;
