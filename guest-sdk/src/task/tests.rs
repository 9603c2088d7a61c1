//! How a root decides to wait, with calls that say how they were made.

use super::{Call, KeptWaker, Pending, Root};
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{LocalBoxFuture, join, poll_fn, select};
use futures::stream::{FuturesUnordered, StreamExt};
use futures::task::noop_waker_ref;
use std::cell::RefCell;
use std::future::pending;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// A call that notes how it was made, and is ready at once on the stack and
/// never otherwise.
struct Noting(Rc<RefCell<Vec<&'static str>>>);

impl Call for Noting {
    type Output = ();

    fn wait(self) {
        self.0.borrow_mut().push("stack");
    }

    fn start(self) -> LocalBoxFuture<'static, ()> {
        self.0.borrow_mut().push("async");
        // As the calls of the bindings do, it keeps the waker.
        let mut kept = Vec::new();
        poll_fn(move |cx| {
            kept.push(cx.waker().clone());
            Poll::Pending
        })
        .boxed_local()
    }
}

/// Polls a root once and returns how calls were made, and whether it is ready.
fn check<F: Future + 'static>(
    wanted: &[&str],
    ready: bool,
    future: impl FnOnce(Box<dyn Fn() -> LocalBoxFuture<'static, ()>>) -> F,
) {
    let notes = Rc::new(RefCell::new(Vec::new()));
    let noted = Rc::clone(&notes);
    let call = move || {
        let mut pending = Pending::new(Noting(Rc::clone(&noted)));
        poll_fn(move |cx| pending.poll(cx)).boxed_local()
    };
    let mut root = pin!(Root::new(future(Box::new(call))));
    let polled = root
        .as_mut()
        .poll(&mut Context::from_waker(noop_waker_ref()));
    assert_eq!(
        (notes.borrow().as_slice(), polled.is_ready()),
        (wanted, ready)
    );
}

#[test]
fn a_wait_alone_is_on_the_stack() {
    check(&["stack", "stack"], true, |call| async move {
        call().await;
        call().await;
    });
}

#[test]
fn waits_beside_each_other_are_async() {
    check(&["async", "async"], false, |call| join(call(), call()));
}

#[test]
fn a_wait_beside_one_of_another_kind_is_async() {
    let (tell, told) = oneshot::channel::<()>();
    check(&["async"], false, |call| async move {
        select(call(), told).await;
    });
    drop(tell);
}

#[test]
fn a_wait_beside_another_task_is_async() {
    let other = Root::new(pending::<()>());
    check(&["async"], false, |call| call());
    drop(other);
    check(&["stack"], true, |call| call());
}

#[test]
fn a_wait_with_a_waker_of_its_own_is_async() {
    check(&["async"], false, |call| async move {
        let mut set: FuturesUnordered<_> = [call()].into_iter().collect();
        set.next().await
    });
}

#[test]
fn a_wait_without_a_root_is_async() {
    let notes = Rc::new(RefCell::new(Vec::new()));
    let mut pending = Pending::new(Noting(Rc::clone(&notes)));
    let polled = pending.poll(&mut Context::from_waker(noop_waker_ref()));
    assert!(polled.is_pending());
    assert_eq!(*notes.borrow(), ["async"]);
}

#[test]
fn a_wait_given_up_makes_no_call_and_leaves_the_next_alone() {
    check(&["stack"], true, |call| async move {
        select(call(), async {}.boxed_local()).await;
        call().await;
    });
}

#[test]
fn a_wait_beside_a_branch_that_yields_comes_second() {
    check(&["stack"], true, |call| async move {
        let mut yielded = false;
        let yielding = poll_fn(move |cx| {
            if std::mem::replace(&mut yielded, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        });
        join(call(), yielding).await;
    });
}

#[test]
fn who_is_woken_by_a_wait_does_not_stand_in_its_way() {
    check(&["stack"], true, |call| async move {
        let mut kept = None;
        let following = poll_fn(move |cx| {
            if kept.is_some() {
                return Poll::Ready(());
            }
            kept = Some(KeptWaker::new(cx));
            Poll::Pending
        });
        join(following, call()).await;
    });
}

#[test]
fn a_future_that_wakes_itself_for_ever_leaves_the_others_their_turn() {
    check::<LocalBoxFuture<'static, ()>>(&[], false, |_| {
        poll_fn(|cx| {
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .boxed_local()
    });
}
