//! Channels that hang on nothing but each other's frames lose their last outside handles while
//! other threads drop, take or attach some: they are freed, each once, and nothing live is.
//!
//! A channel that is not freed is also reported by loom, as a leak.

use weft_channel::{Attachment, Channel, Reader, Writer};

use super::support::*;

/// The ways to hold a channel from outside.
enum Outside {
    Channel { _it: Channel },
    Reader { _it: Reader },
    Writer { _it: Writer },
}

const OUTSIDE: [fn(Channel) -> Outside; 3] = [
    |channel| Outside::Channel { _it: channel },
    |channel| Outside::Reader {
        _it: channel.strong_reader(),
    },
    |channel| Outside::Writer {
        _it: writer(&channel, false),
    },
];

#[test]
fn a_cycle_dropped_on_two_threads_at_once_is_freed_once() {
    for of_one in OUTSIDE {
        for of_other in OUTSIDE {
            orders_within(4, move || {
                let ((a, freed_a), (b, freed_b)) = (watched(), watched());
                link(&a, &b);
                link(&b, &a);
                let (one, other) = (of_one(a), of_other(b));
                assert_eq!((freed_a.count(), freed_b.count()), (0, 0));
                let dropping = thread::spawn(move || drop(one));
                drop(other);
                dropping.join().unwrap();
                assert_eq!((freed_a.count(), freed_b.count()), (1, 1));
            });
        }
    }
}

#[test]
fn two_handles_of_a_channel_that_holds_itself_dropped_at_once_free_it_once() {
    for of_one in OUTSIDE {
        orders_within(6, move || {
            let (channel, freed) = watched();
            link(&channel, &channel);
            let (one, other) = (of_one(channel.clone()), channel);
            let dropping = thread::spawn(move || drop(one));
            drop(other);
            dropping.join().unwrap();
            assert_eq!(freed.count(), 1);
        });
    }
}

/// Each thread ties one half.
#[test]
fn a_cycle_tied_on_two_threads_at_once_is_freed_once() {
    orders_within(6, || {
        let ((a, freed_a), (b, freed_b)) = (watched(), watched());
        let (to_a, to_b) = (writer(&a, true), writer(&b, true));
        let (of_a, of_b) = (a.strong_reader(), b.strong_reader());
        drop((a, b));
        let tying = thread::spawn(move || {
            attach(&to_a, Attachment::Reader(of_b));
        });
        attach(&to_b, Attachment::Reader(of_a));
        drop(to_b);
        tying.join().unwrap();
        assert_eq!((freed_a.count(), freed_b.count()), (1, 1));
    });
}

/// The handle is attached to its own channel while the last other one goes.
#[test]
fn a_channel_that_gets_its_own_handle_as_the_other_is_dropped_is_freed_once() {
    for of_other in OUTSIDE {
        orders_within(6, move || {
            let (channel, freed) = watched();
            let (to, it) = (writer(&channel, false), channel.weak_reader());
            let other = of_other(channel);
            let tying = thread::spawn(move || attach(&to, Attachment::Reader(it)));
            drop(other);
            tying.join().unwrap();
            assert_eq!(freed.count(), 1);
        });
    }
}

/// Whoever takes the handle goes round with it, and finds all there.
#[test]
fn a_handle_taken_as_the_last_other_one_is_dropped_keeps_the_cycle() {
    for of_other in OUTSIDE {
        orders_within(6, move || {
            let ((a, freed_a), (b, freed_b)) = (watched(), watched());
            link(&a, &b);
            link(&b, &a);
            let of_a = a.weak_reader();
            let other = of_other(b);
            drop(a);
            let taking = thread::spawn(move || {
                let of_b = take_reader(&of_a);
                drop(of_a);
                take_reader(&of_b)
            });
            drop(other);
            let of_a = taking.join().unwrap();
            assert_eq!((freed_a.count(), freed_b.count()), (0, 1));
            assert!(is_live(&of_a));
            drop(of_a);
            assert_eq!(freed_a.count(), 1);
        });
    }
}

/// While the cycle is looked at, a handle of it is taken out of a third channel, made two, and one
/// of the two attached where the look has not come yet.
#[test]
fn a_handle_that_moves_while_the_cycle_is_looked_at_keeps_it() {
    every_order(|| {
        let ((a, freed_a), (b, freed_b)) = (watched(), watched());
        let carrier = block(8);
        let from = carrier.weak_reader();
        link(&a, &b);
        attach(&writer(&carrier, false), Attachment::Channel(a.clone(), 0));
        let to_b = writer(&b, false);
        drop(b);
        let moving = thread::spawn(move || {
            let attached = from.try_read().unwrap().unwrap().attached;
            let [Attachment::Channel(a, _)] = &attached[..] else {
                panic!("a channel was attached, not {attached:?}")
            };
            let of_a = a.weak_reader();
            let sent = to_b.try_write_with("x".into(), attached.into());
            assert_eq!(sent, Ok(true));
            drop(to_b);
            of_a
        });
        drop(a);
        let of_a = moving.join().unwrap();
        assert_eq!((freed_a.count(), freed_b.count()), (0, 0));
        assert!(is_live(&of_a));
        drop(of_a);
        assert_eq!((freed_a.count(), freed_b.count()), (1, 1));
    });
}
