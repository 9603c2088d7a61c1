//! Looks for unreachable channels that are made in parts and interrupted between any two steps, as `in_slices` does, while
//! others take, attach and drop handles of these channels. In a model a part is one handle and a slice two steps.

use weft_channel::{Attachment, in_slices};

use super::support::*;

/// Drops it in slices.
fn drop_in_slices<T: Send + 'static>(handles: T) {
    block_on(in_slices(async move { drop(handles) }));
}

/// The frames of a channel are looked at one after the other; one of the handles leaves its frame.
#[test]
fn a_handle_taken_between_two_parts_of_a_look_keeps_the_channel() {
    orders_within(4, || {
        let (a, freed) = watched();
        link(&a, &a);
        link(&a, &a);
        let of_a = a.weak_reader();
        let taking = thread::spawn(move || {
            let taken = take_reader(&of_a);
            drop(of_a);
            taken
        });
        drop_in_slices(a);
        let taken = taking.join().unwrap();
        assert_eq!(freed.count(), 0);
        assert!(is_live(&taken));
        drop(taken);
        assert_eq!(freed.count(), 1);
    });
}

/// A handle is made of one that is outside and attached where the look was already; then that one goes.
#[test]
fn a_handle_attached_behind_a_look_in_slices_keeps_the_channels() {
    orders_within(3, || {
        let ((a, freed_a), (b, freed_b)) = (watched(), watched());
        link(&a, &b);
        link(&b, &a);
        let (to_b, of_a) = (writer(&b, false), a.weak_reader());
        drop(b);
        let moving = thread::spawn(move || {
            let of_b = take_reader(&of_a);
            attach(&to_b, Attachment::Reader(of_a));
            drop(to_b);
            of_b
        });
        drop_in_slices(a);
        let of_b = moving.join().unwrap();
        assert!(is_live(&of_b));
        assert_eq!((freed_a.count(), freed_b.count()), (0, 0));
        drop_in_slices(of_b);
        assert_eq!((freed_a.count(), freed_b.count()), (1, 1));
    });
}

/// The look goes from `a` to `b`, whose frames hold a handle of `a` and lead to `c`. Once it has been there, that handle is
/// taken, and the reader that took it is put where the look comes next. Then all handles were found.
#[test]
fn a_handle_taken_by_a_reader_that_the_look_finds_afterwards_keeps_its_channel() {
    orders_within(2, || {
        let ((a, freed_a), (b, _), (c, _)) = (watched(), watched(), watched());
        link(&a, &b);
        link(&b, &a);
        link(&b, &c);
        let carrier = block(8);
        let (from, to_c) = (carrier.weak_reader(), writer(&c, false));
        link(&carrier, &b);
        drop((b, c, carrier));
        let moving = thread::spawn(move || {
            let of_b = take_reader(&from);
            let of_a = take_reader(&of_b);
            attach(&to_c, Attachment::Reader(of_b));
            drop(to_c);
            of_a
        });
        drop_in_slices(a);
        let of_a = moving.join().unwrap();
        assert!(is_live(&of_a));
        assert_eq!(freed_a.count(), 0);
        drop(of_a);
        assert_eq!(freed_a.count(), 1);
    });
}

/// Each looks at what the other looks at.
#[test]
fn a_cycle_dropped_in_slices_on_two_threads_at_once_is_freed_once() {
    orders_within(3, || {
        let ((a, freed_a), (b, freed_b)) = (watched(), watched());
        link(&a, &b);
        link(&b, &a);
        let dropping = thread::spawn(move || drop_in_slices(a));
        drop_in_slices(b);
        dropping.join().unwrap();
        assert_eq!((freed_a.count(), freed_b.count()), (1, 1));
    });
}

/// What was begun is done by whoever drops the future.
#[test]
fn a_future_dropped_between_slices_leaves_nothing() {
    orders_within(3, || {
        let ((a, freed_a), (b, freed_b)) = (watched(), watched());
        link(&a, &b);
        link(&b, &a);
        let of_b = b.weak_reader();
        drop(b);
        let dropping = thread::spawn(move || drop(of_b));
        let (begun, _) = Begun::new(in_slices(async move { drop(a) }));
        drop(begun);
        dropping.join().unwrap();
        assert_eq!((freed_a.count(), freed_b.count()), (1, 1));
    });
}

/// The one woken first ends before the others have been.
#[test]
fn readers_woken_in_slices_are_all_woken() {
    orders_within(3, || {
        let channel = block(8);
        let to = writer(&channel, true);
        let waits: Vec<_> = (0..4)
            .map(|_| {
                let reader = reader(&channel, true);
                Begun::waiting(async move {
                    let frame = reader.read().await;
                    frame.map(|frame| frame.map(|frame| frame.payload))
                })
            })
            .collect();
        drop(channel);
        let mut waits = waits.into_iter();
        let (one, other) = (waits.next().unwrap(), waits.next().unwrap());
        let reading = thread::spawn(move || one.finish());
        block_on(in_slices(async move {
            assert_eq!(to.try_write("x".into()), Ok(true));
        }));
        assert_eq!(reading.join().unwrap(), Ok(Some("x".into())));
        assert_eq!(other.finish(), Ok(Some("x".into())));
        for wait in waits {
            assert_eq!(wait.finish(), Ok(Some("x".into())));
        }
    });
}
