//! Work that a call leaves is done in slices inside `in_slices`, and all of it in the end.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

use bytes::Bytes;
use common::{Hand, block};
use weft_channel::{Attachment, Channel, Options, drop_together, in_slices};

/// What a poll may do, and what it does at once because it is so little.
const SLICE: usize = 4096 + 300;

/// Counts payloads that were freed.
#[derive(Clone, Default)]
struct Freed(Arc<AtomicUsize>);

struct Payload(Freed, [u8; 8]);

impl AsRef<[u8]> for Payload {
    fn as_ref(&self) -> &[u8] {
        &self.1
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Freed {
    fn payload(&self) -> Bytes {
        Bytes::from_owner(Payload(self.clone(), [0; 8]))
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// A channel with so many frames, and what is kept until it is freed.
fn filled(frames: usize, freed: &Freed) -> (Channel, Arc<()>) {
    let charge = Arc::new(());
    let options = Options::new(1 << 30);
    let channel = Channel::with_charge(options, charge.clone()).unwrap();
    let writer = channel.weak_writer().unwrap();
    for _ in 0..frames {
        assert_eq!(writer.try_write(freed.payload()), Ok(true));
    }
    (channel, charge)
}

/// Polls to the end; `look` is called after each poll.
fn polls<F: Future>(hand: &mut Hand<F>, mut look: impl FnMut()) -> (usize, F::Output) {
    for count in 1.. {
        let woken = hand.wakes();
        let polled = hand.poll();
        look();
        match polled {
            Poll::Ready(output) => return (count, output),
            Poll::Pending => assert!(hand.wakes() > woken, "will be polled again"),
        }
    }
    unreachable!()
}

#[test]
fn the_frames_of_a_channel_are_freed_in_slices_and_paid_for_to_the_last() {
    const FRAMES: usize = 20_000;
    let end: [fn(Channel); 2] = [drop, |channel| {
        channel.terminate();
        assert_eq!(channel.stats().frames_held, 0);
    }];
    for end in end {
        let freed = Freed::default();
        let (channel, charge) = filled(FRAMES, &freed);
        let mut before = 0;
        let mut drop = Hand::new(in_slices(async { end(channel) }));
        let (polls, ()) = polls(&mut drop, || {
            let now = freed.count();
            assert!(now - before <= SLICE, "{} in one poll", now - before);
            before = now;
            assert_eq!(Arc::strong_count(&charge) == 1, now == FRAMES, "{now}");
        });
        assert!(polls >= FRAMES / SLICE, "{polls}");
        assert_eq!(freed.count(), FRAMES);
    }
}

#[test]
fn frames_evicted_by_a_large_one_are_freed_in_slices() {
    let freed = Freed::default();
    let (channel, _charge) = filled(20_000, &freed);
    let writer = channel.weak_writer().unwrap();
    let large = Bytes::from(vec![0; 1 << 30]);
    let mut before = 0;
    let mut write = Hand::new(in_slices(async { writer.try_write(large) }));
    let (_, written) = polls(&mut write, || {
        assert!(freed.count() - before <= SLICE);
        before = freed.count();
    });
    assert_eq!(written, Ok(true));
    assert_eq!((freed.count(), channel.stats().frames_held), (20_000, 1));
}

#[test]
fn large_frames_are_freed_in_smaller_numbers() {
    const LARGE: usize = 1 << 20;
    let channel = block(1 << 30);
    let writer = channel.strong_writer().unwrap();
    let frames: Vec<_> = (0..100).map(|_| Bytes::from(vec![0; LARGE])).collect();
    for frame in &frames {
        writer.try_write(frame.clone()).unwrap();
    }
    let kept = || frames.iter().filter(|frame| !frame.is_unique()).count();
    let mut before = 100;
    let mut drop = Hand::new(in_slices(async { drop((writer, channel)) }));
    polls(&mut drop, || {
        assert!(before - kept() <= 10, "{} at once", before - kept());
        before = kept();
    });
    assert_eq!(before, 0);
}

#[test]
fn a_crowd_of_readers_is_woken_in_slices() {
    const READERS: usize = 10_000;
    let channel = block(8);
    let writer = channel.strong_writer().unwrap();
    let reader = channel.strong_reader();
    let waiting: Vec<_> = (0..READERS).map(|_| Hand::waiting(reader.read())).collect();
    let woken = || waiting.iter().map(Hand::wakes).sum::<usize>();
    let mut before = 0;
    let mut write = Hand::new(in_slices(async { writer.try_write("x".into()) }));
    let (polls, written) = polls(&mut write, || {
        assert!(woken() - before <= SLICE);
        before = woken();
    });
    assert_eq!((woken(), written), (READERS, Ok(true)));
    assert!(polls > READERS / SLICE, "{polls}");
}

/// So many channels, each with a handle of the next and of another in its frames, and what is kept until they are freed.
fn ring(channels: usize) -> (Vec<Channel>, Vec<Arc<()>>) {
    let (all, charges): (Vec<_>, Vec<_>) =
        (0..channels).map(|_| filled(0, &Freed::default())).unzip();
    for (n, channel) in all.iter().enumerate() {
        let writer = channel.weak_writer().unwrap();
        for other in [n + 1, n * 7] {
            let other = all[other % channels].clone();
            let sent =
                writer.try_write_with("x".into(), vec![Attachment::Channel(other, 0)].into());
            assert_eq!(sent, Ok(true));
        }
    }
    (all, charges)
}

fn freed(charges: &[Arc<()>]) -> usize {
    let freed = charges.iter().filter(|it| Arc::strong_count(it) == 1);
    freed.count()
}

#[test]
fn a_look_at_thousands_of_channels_is_made_in_slices() {
    const CHANNELS: usize = 10_000;
    let (all, charges) = ring(CHANNELS);
    let last = all[5_000].clone();
    drop_together(all);
    assert_eq!(freed(&charges), 0);
    let mut drop = Hand::new(in_slices(async { drop(last) }));
    let (polls, ()) = polls(&mut drop, || {});
    // Each channel is visited twice, and each handle once, before any is freed.
    assert!(polls > 4 * CHANNELS / SLICE, "{polls}");
    assert_eq!(freed(&charges), CHANNELS);
}

#[test]
fn what_is_looked_at_may_be_used_meanwhile_and_is_kept_for_it() {
    const CHANNELS: usize = 10_000;
    let (all, charges) = ring(CHANNELS);
    let last = all[5_000].clone();
    let reader = all[1].weak_reader();
    // Not seen from outside: it is in a frame of a channel that nothing in the ring leads to.
    let carrier = block(8);
    let attached = vec![Attachment::Reader(reader)];
    let writer = carrier.strong_writer().unwrap();
    writer.try_write_with("x".into(), attached.into()).unwrap();
    let from = carrier.strong_reader();
    drop_together(all);
    let mut drop = Hand::new(in_slices(async { drop(last) }));
    assert!(drop.poll().is_pending());
    let taken = from.try_read().unwrap().unwrap().attached;
    let Some(Attachment::Reader(reader)) = taken.into_iter().next() else {
        unreachable!("a reader was attached")
    };
    polls(&mut drop, || {});
    assert_eq!(freed(&charges), 0, "a reader leads to them all");
    assert!(reader.try_read().unwrap().is_some());
    std::mem::drop(reader);
    assert_eq!(freed(&charges), CHANNELS);
}

#[test]
fn a_future_dropped_with_work_left_does_it_at_once() {
    const CHANNELS: usize = 10_000;
    let (all, charges) = ring(CHANNELS);
    let last = all[5_000].clone();
    drop_together(all);
    let mut drop = Hand::new(in_slices(async { drop(last) }));
    assert!(drop.poll().is_pending());
    assert_eq!(freed(&charges), 0);
    std::mem::drop(drop);
    assert_eq!(freed(&charges), CHANNELS);
}

#[test]
fn what_an_inner_future_leaves_is_done_before_it_ends() {
    let count = Freed::default();
    let (channel, _charge) = filled(20_000, &count);
    let inner = count.clone();
    let mut outer = Hand::new(in_slices(async move {
        in_slices(async { drop(channel) }).await;
        inner.count()
    }));
    let (_, seen) = polls(&mut outer, || {});
    assert_eq!(seen, 20_000);
}

#[test]
fn a_future_that_waits_is_polled_only_when_it_is_woken() {
    let channel = block(8);
    let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
    let waiting = Hand::waiting(in_slices(async { reader.read().await }));
    writer.try_write("x".into()).unwrap();
    let frame = waiting.woken().unwrap().unwrap();
    assert_eq!(frame.payload, "x");
}
