//! Channels that only frames hold: freed once nobody can reach them, and not before, however
//! many there are and however deep.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod common;

use std::{sync::Arc, thread};

use common::{block, rest};
use proptest::prelude::*;
use weft_channel::{Attachment, Channel, Options, Reader, Writer, drop_together};

/// A channel, and what is kept as long as it is not freed.
fn watched() -> (Channel, Watch) {
    let watch = Arc::new(());
    let options = Options::new(1 << 20);
    let channel = Channel::with_charge(options, Arc::clone(&watch) as _).unwrap();
    (channel, Watch(watch))
}

struct Watch(Arc<()>);

impl Watch {
    fn is_freed(&self) -> bool {
        Arc::strong_count(&self.0) == 1
    }
}

fn attach(writer: &Writer, attachment: Attachment) {
    let sent = writer.try_write_with("handle".into(), vec![attachment].into());
    assert_eq!(sent, Ok(true));
}

/// Attaches a handle of `of` to a frame in `to`.
fn link(to: &Channel, of: Attachment) {
    attach(&to.weak_writer().unwrap(), of);
}

fn a_reader(channel: &Channel) -> Attachment {
    Attachment::Reader(channel.strong_reader())
}

#[test]
fn a_channel_that_holds_its_own_handles_is_freed_with_the_last_one_outside() {
    let (channel, watch) = watched();
    let writer = channel.strong_writer().unwrap();
    let reader = channel.strong_reader();
    attach(
        &writer,
        Attachment::Writer(channel.strong_writer().unwrap()),
    );
    attach(&writer, a_reader(&channel));
    attach(&writer, Attachment::Channel(channel.clone(), 1));
    drop(channel);
    drop(writer);
    assert!(!watch.is_freed(), "a reader is left");
    drop(reader);
    assert!(watch.is_freed());
}

#[test]
fn a_strong_writer_in_its_own_channel_keeps_it_open_until_it_is_read() {
    let (channel, watch) = watched();
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    attach(
        &writer,
        Attachment::Writer(channel.strong_writer().unwrap()),
    );
    drop((writer, channel));
    let mut frame = reader.try_read().unwrap().unwrap();
    let Some(Attachment::Writer(writer)) = frame.attached.pop() else {
        panic!("a writer was attached")
    };
    writer.try_write("still open".into()).unwrap();
    assert_eq!(rest(&reader), ["still open", "WouldBlock"]);
    drop(writer);
    assert_eq!(rest(&reader), ["end"]);
    assert!(!watch.is_freed());
    drop(reader);
    assert!(watch.is_freed());
}

#[test]
fn the_writer_used_last_frees_the_cycle_it_made() {
    let ((a, seen_a), (b, seen_b)) = (watched(), watched());
    let (to_a, to_b) = (a.strong_writer().unwrap(), b.strong_writer().unwrap());
    let (of_a, of_b) = (a.strong_reader(), b.strong_reader());
    drop((a, b));
    attach(&to_a, Attachment::Reader(of_b));
    attach(&to_b, Attachment::Reader(of_a));
    drop(to_a);
    assert!(!seen_a.is_freed() && !seen_b.is_freed());
    drop(to_b);
    assert!(seen_a.is_freed() && seen_b.is_freed());
}

#[test]
fn a_cycle_with_one_handle_outside_stays_whole() {
    let ((a, seen_a), (b, seen_b), (c, seen_c)) = (watched(), watched(), watched());
    link(&a, a_reader(&b));
    link(&b, a_reader(&c));
    link(&c, a_reader(&a));
    let reader = b.weak_reader();
    drop((a, b, c));
    assert!(!seen_a.is_freed() && !seen_b.is_freed() && !seen_c.is_freed());
    // Goes round: each brings a reader of the next.
    let mut reader = reader;
    for _ in 0..3 {
        let mut frame = reader.try_read().unwrap().unwrap();
        let Some(Attachment::Reader(next)) = frame.attached.pop() else {
            panic!("a reader was attached")
        };
        reader = next;
    }
    assert!(seen_a.is_freed() && !seen_b.is_freed() && seen_c.is_freed());
    drop(reader);
    assert!(seen_b.is_freed());
}

#[test]
fn a_cycle_held_by_a_frame_somebody_can_read_stays() {
    let ((a, seen_a), (b, seen_b), (outer, seen_outer)) = (watched(), watched(), watched());
    link(&a, a_reader(&b));
    link(&b, a_reader(&a));
    link(&outer, a_reader(&a));
    drop((a, b));
    assert!(!seen_a.is_freed() && !seen_b.is_freed());
    drop(outer);
    assert!(seen_outer.is_freed() && seen_a.is_freed() && seen_b.is_freed());
}

#[test]
fn what_hangs_on_a_cycle_goes_with_it_unless_held_otherwise() {
    let ((a, seen_a), (b, seen_b), (c, seen_c)) = (watched(), watched(), watched());
    link(&a, a_reader(&a));
    link(&a, Attachment::Writer(b.strong_writer().unwrap()));
    link(&a, a_reader(&c));
    let reader = b.strong_reader();
    drop((b, c));
    assert!(!seen_c.is_freed());
    drop(a);
    assert!(seen_a.is_freed() && seen_c.is_freed() && !seen_b.is_freed());
    assert_eq!(rest(&reader), ["end"], "its last writer is gone");
}

#[test]
fn a_write_that_waits_holds_what_it_will_attach() {
    let (a, seen) = watched();
    let full = block(1);
    let (sender, _slow) = (full.strong_writer().unwrap(), full.strong_reader());
    sender.try_write("x".into()).unwrap();
    link(&a, a_reader(&a));
    let attached = vec![Attachment::Channel(a, 0)];
    let write = common::Hand::waiting(sender.write_with("y".into(), attached.into()));
    assert!(!seen.is_freed());
    drop(write);
    assert!(seen.is_freed());
}

#[test]
fn dropping_a_chain_of_a_hundred_thousand_needs_no_deep_stack() {
    let chain = || {
        let mut watches = Vec::new();
        let mut inner: Option<Reader> = None;
        for _ in 0..100_000 {
            let (channel, watch) = watched();
            let reader = channel.strong_reader();
            if let Some(inner) = inner.take() {
                link(&channel, Attachment::Reader(inner));
            }
            inner = Some(reader);
            watches.push(watch);
        }
        (inner, watches)
    };
    let run = move || {
        let (reader, watches) = chain();
        drop(reader);
        assert!(watches.iter().all(Watch::is_freed));
        // And by a read that drops what it gets, and by eviction.
        let (reader, watches) = chain();
        reader.unwrap().try_read().unwrap();
        assert!(watches.iter().all(Watch::is_freed));
        let (channel, _) = watched();
        let (reader, watches) = chain();
        link(&channel, Attachment::Reader(reader.unwrap()));
        assert!(!watches[0].is_freed());
        channel.terminate();
        assert!(watches.iter().all(Watch::is_freed));
    };
    let small = thread::Builder::new().stack_size(256 << 10);
    small.spawn(run).unwrap().join().unwrap();
}

#[test]
fn a_ring_of_ten_thousand_is_freed_whole() {
    let run = || {
        let (all, watches): (Vec<_>, Vec<_>) = (0..10_000).map(|_| watched()).unzip();
        for (n, channel) in all.iter().enumerate() {
            link(channel, a_reader(&all[(n + 1) % all.len()]));
            link(
                channel,
                Attachment::Channel(all[(n * 7) % all.len()].clone(), 0),
            );
        }
        let last = all[5_000].clone();
        drop_together(all);
        assert!(!watches[0].is_freed());
        drop(last);
        assert!(watches.iter().all(Watch::is_freed));
    };
    let small = thread::Builder::new().stack_size(256 << 10);
    small.spawn(run).unwrap().join().unwrap();
}

#[test]
fn cycles_dropped_by_several_threads_at_once_are_freed() {
    for _ in 0..300 {
        let (all, watches): (Vec<_>, Vec<_>) = (0..8).map(|_| watched()).unzip();
        for (n, channel) in all.iter().enumerate() {
            link(channel, a_reader(&all[(n + 1) % all.len()]));
            link(
                channel,
                Attachment::Channel(all[(n + 3) % all.len()].clone(), 0),
            );
        }
        thread::scope(|scope| {
            for (n, channel) in all.into_iter().enumerate() {
                // Some read, some only drop.
                scope.spawn(move || {
                    let reader = channel.weak_reader();
                    let taken = (n % 2 == 0).then(|| reader.try_read());
                    drop(channel);
                    drop(taken);
                    drop(reader);
                });
            }
        });
        assert!(watches.iter().all(Watch::is_freed));
    }
}

#[derive(Debug, Clone)]
enum Op {
    /// Attaches a new handle of one channel to a frame of another.
    Link { to: usize, of: usize, kind: u8 },
    /// Reads a frame and keeps or drops what comes with it.
    Read { from: usize, keep: bool },
    /// Drops a handle kept.
    Drop(usize),
}

fn op() -> impl Strategy<Value = Op> {
    let at = 0..40_usize;
    prop_oneof![
        4 => (at.clone(), at.clone(), 0..3_u8).prop_map(|(to, of, kind)| Op::Link { to, of, kind }),
        2 => (at.clone(), any::<bool>()).prop_map(|(from, keep)| Op::Read { from, keep }),
        3 => at.prop_map(Op::Drop),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Against a model: a channel lives if a kept handle leads to it through frames.
    #[test]
    fn exactly_what_can_be_reached_is_kept(ops in prop::collection::vec(op(), 1..60)) {
        const CHANNELS: usize = 6;
        let (channels, watches): (Vec<_>, Vec<_>) = (0..CHANNELS).map(|_| watched()).unzip();
        // Kept handles, each with its channel; for each channel what its frames still carry, and
        // how far its reader is.
        let mut kept: Vec<(usize, Channel)> = channels.into_iter().enumerate().collect();
        let mut frames: Vec<Vec<Option<usize>>> = vec![Vec::new(); CHANNELS];
        let mut places = [0; CHANNELS];
        let mut readers: Vec<Option<Reader>> = (0..CHANNELS).map(|_| None).collect();
        for op in ops {
            let len = kept.len();
            if len == 0 {
                break;
            }
            match op {
                Op::Link { to, of, kind } => {
                    let (to, of) = (&kept[to % len], &kept[of % len]);
                    link(&to.1, match kind {
                        0 => Attachment::Reader(of.1.weak_reader()),
                        1 => Attachment::Writer(of.1.weak_writer().unwrap()),
                        _ => Attachment::Channel(of.1.clone(), of.0 as u32),
                    });
                    frames[to.0].push(Some(of.0));
                }
                Op::Read { from, keep } => {
                    let (at, channel) = &kept[from % len];
                    let at = *at;
                    // The reader counts as kept as long as a handle of its channel is.
                    let reader = readers[at].get_or_insert_with(|| channel.weak_reader());
                    let Ok(Some(frame)) = reader.try_read() else {
                        continue;
                    };
                    let of = frames[at][places[at]].take();
                    places[at] += 1;
                    prop_assert_eq!(frame.attached.len(), usize::from(of.is_some()));
                    for handle in frame.attached {
                        if let (Attachment::Channel(channel, note), true) = (handle, keep) {
                            let of = note as usize;
                            kept.push((of, channel));
                        }
                    }
                }
                Op::Drop(at) => {
                    let (at, channel) = kept.swap_remove(at % len);
                    if !kept.iter().any(|(other, _)| *other == at) {
                        readers[at] = None;
                        places[at] = 0;
                    }
                    drop(channel);
                }
            }
            let mut reached = [false; CHANNELS];
            let mut to_visit: Vec<_> = kept.iter().map(|(at, _)| *at).collect();
            while let Some(at) = to_visit.pop() {
                if !std::mem::replace(&mut reached[at], true) {
                    to_visit.extend(frames[at].iter().flatten());
                }
            }
            for (at, watch) in watches.iter().enumerate() {
                prop_assert_eq!(watch.is_freed(), !reached[at], "channel {}", at);
            }
        }
    }
}
