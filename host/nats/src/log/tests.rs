//! The state of a log, without a server.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use bytes::Bytes;
use weft_channel::{Batch, Outgoing};

use super::{
    Body, Counts, Floor, Log, Op, Outcome, Parcel, Record, Room, Snapshot,
    control::Ending,
    record::{Piece, Run},
};

fn log(capacity: u64) -> Log {
    let floor = Floor {
        seq: 1,
        ..Floor::default()
    };
    Log::new(capacity, 1 << 20, floor, Default::default())
}

fn parcel(writer: u32, frames: &[&str]) -> Parcel {
    let mut end = 0;
    let ends = frames.iter().map(|frame| {
        end += frame.len() as u32;
        end
    });
    let batch = Batch::new(ends.collect(), frames.concat().into()).unwrap();
    Parcel::new(writer, Outgoing::Batch(batch))
}

fn add(log: &mut Log, (piece, payload): (Piece, Bytes), floor: Floor) {
    let counts = Counts {
        floor,
        ..log.counts()
    };
    let headers = piece.headers(&counts);
    let record = Record::read(log.next(), 0, Some(&headers), payload, true);
    assert_eq!(record.counts, Some(counts));
    log.apply(record);
}

fn texts(log: &Log) -> Vec<(u32, String)> {
    let frames = (log.floor().frames..log.frames()).map(|number| {
        let frame = log.cached(number).unwrap().frame(number).unwrap();
        let text = String::from_utf8(frame.payload.to_vec()).unwrap();
        (frame.writer, text)
    });
    frames.collect()
}

fn room(frames: u64, bytes: u64) -> Room {
    Room { frames, bytes }
}

#[test]
fn frames_of_several_writers_lie_in_one_message() {
    let mut log = log(100);
    let parcels = [
        parcel(1, &["a", "", "bb"]),
        parcel(2, &["c"]),
        parcel(1, &["d"]),
    ];
    let packed = Parcel::pack(&parcels, true);
    assert_eq!(
        packed.0.runs,
        [(1, 3), (2, 1), (1, 1)].map(|(writer, frames)| Run { writer, frames })
    );
    add(&mut log, packed, log_floor());
    let expected = [(1, "a"), (1, ""), (1, "bb"), (2, "c"), (1, "d")];
    assert_eq!(
        texts(&log),
        expected.map(|(writer, text)| (writer, text.to_owned()))
    );
}

fn log_floor() -> Floor {
    Floor {
        seq: 1,
        ..Floor::default()
    }
}

#[test]
fn room_is_made_of_what_everybody_has_read() {
    let mut log = log(3);
    for text in ["a", "bb"] {
        add(
            &mut log,
            Parcel::pack(&[parcel(1, &[text])], true),
            log_floor(),
        );
    }
    assert_eq!(log.make_room(room(1, 0), 0), Some(log_floor()));
    assert_eq!(log.make_room(room(1, 1), 0), None);
    let second = Floor {
        seq: 2,
        frames: 1,
        bytes: 1,
    };
    assert_eq!(log.make_room(room(1, 1), 1), Some(second));
    assert_eq!(log.make_room(room(1, 2), 1), None);
    assert_eq!(log.most_room(1).bytes, 1);
    assert_eq!(log.most_room(u64::MAX).bytes, 3);
    add(&mut log, Parcel::pack(&[parcel(1, &["c"])], true), second);
    assert_eq!(texts(&log), [(1, "bb".to_owned()), (1, "c".to_owned())]);
}

#[test]
fn parts_are_put_together_and_those_left_over_are_passed_by() {
    let mut log = log(100);
    let (piece, payload) = Parcel::pack(&[parcel(1, &["abcdef", "gh"])], true);
    let part = |part, of, bytes: Bytes| {
        let piece = Piece {
            part: (part, of),
            ..piece.clone()
        };
        (piece, bytes)
    };
    // A writer that went away after its first part.
    add(&mut log, part(1, 2, payload.slice(..9)), log_floor());
    add(&mut log, part(1, 2, payload.slice(..9)), log_floor());
    assert_eq!(log.frames(), 0);
    add(&mut log, part(2, 2, payload.slice(9..)), log_floor());
    // A part whose others never were.
    add(&mut log, part(2, 2, payload.slice(9..)), log_floor());
    assert_eq!(
        texts(&log),
        [(1, "abcdef".to_owned()), (1, "gh".to_owned())]
    );
}

#[test]
fn a_message_that_says_nonsense_breaks_nothing() {
    let mut log = log(100);
    let floor = Floor {
        seq: u64::MAX,
        frames: u64::MAX,
        bytes: u64::MAX,
    };
    let nonsense = Counts {
        frames: u64::MAX,
        bytes: u64::MAX,
        floor,
    };
    let piece = Piece {
        packed: true,
        frames: u32::MAX,
        bytes: u64::MAX,
        runs: Vec::new(),
        part: (1, 1),
    };
    for counts in [Counts::default(), nonsense, Counts::default()] {
        log.apply(Record {
            seq: log.next(),
            time: 0,
            id: None,
            counts: Some(counts),
            body: Body::Frames(piece.clone()),
            payload: Some("xyz".into()),
        });
        assert!(log.cached(0).is_none());
        log.make_room(room(1, 1), u64::MAX);
        log.most_room(u64::MAX);
    }
}

#[test]
fn the_index_has_a_bounded_number_of_places() {
    let mut log = Log::new(1 << 24, 0, log_floor(), Default::default());
    for _ in 0..1 << 18 {
        add(
            &mut log,
            Parcel::pack(&[parcel(1, &["0123456789abcdef"])], true),
            log_floor(),
        );
    }
    assert!(log.places() <= 1 << 17, "{}", log.places());
    assert_eq!(log.frames(), 1 << 18);
}

#[test]
fn a_channel_ends_once_and_ids_are_given_once() {
    let mut log = log(100);
    let host = |name: &str| name.to_owned();
    let open = |strong, at: &str| Op::OpenWriter {
        strong,
        host: host(at),
    };
    let ops = [open(true, "a"), open(false, "a"), open(true, "b")];
    let change = log.context().change(&ops);
    assert_eq!(change.outcomes, [1, 2, 3].map(Outcome::Writer));
    let mut context = change.context;
    context = context.change(&[Op::ForgetHost(host("a"))]).context;
    assert_eq!(context.snapshot.ended, None);
    let again = context.clone().change(&[Op::ForgetHost(host("a"))]);
    assert!(!again.changed);
    context = context.change(&[Op::CloseWriter(3)]).context;
    assert_eq!(context.snapshot.ended, Some(Ending::Writers));
    let late = context.clone().change(&[open(true, "a"), Op::Drain]);
    assert_eq!(late.outcomes, [Outcome::Ended, Outcome::Done]);
    assert!(!late.changed);
    let reopened = context.change(&[Op::Reopen, open(true, "a")]);
    assert_eq!(reopened.outcomes, [Outcome::Done, Outcome::Writer(4)]);
    let snapshot = reopened.context.snapshot;
    let mut headers = async_nats::HeaderMap::new();
    snapshot.write(&mut headers).unwrap();
    assert_eq!(Snapshot::parse(&headers), Some(snapshot));
    assert_eq!(log.ended(), None);
    assert!(log.apply(Record::read(log.next(), 0, None, "foreign".into(), true)));
}
