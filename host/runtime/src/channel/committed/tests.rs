use super::*;
use crate::limits::Limits;
use crate::usage::Counted;
use weft_channel::{Channel, Options};

/// A reader of these frames, and who pays for what is kept of them.
struct World {
    reader: Arc<Reader>,
    committed: Committed,
    account: Arc<Account>,
    rejected: Reader,
}

impl World {
    fn new(frames: &[&str], room: u64) -> Self {
        let channel = Channel::new(Options::new(1 << 20)).unwrap();
        let writer = channel.strong_writer().unwrap();
        let reader = Arc::new(channel.strong_reader());
        for frame in frames {
            writer.try_write((*frame).to_owned().into()).unwrap();
        }
        let rejects = Channel::new(Options::new(room)).unwrap();
        let rejected = rejects.strong_reader();
        let to = Arc::new(rejects.strong_writer().unwrap());
        Self {
            committed: Committed::new(Redelivery::default().rejected(to), &reader),
            reader,
            account: Account::new(&Limits::default(), None, Counted::default()),
            rejected,
        }
    }

    fn read(&self, most: u32) -> Vec<String> {
        self.committed.read_on();
        let (frames, bytes) = self.committed.bounds(most, u64::MAX);
        let Ok(frames) = self.reader.try_read_batch(frames, bytes) else {
            return Vec::new();
        };
        let text = |frame: Frame| String::from_utf8(frame.payload.to_vec()).unwrap();
        let texts = frames.iter().map(text).collect();
        self.committed.took(frames, &self.account).unwrap();
        texts
    }

    fn end(&self, status: ExitStatus) -> Option<Rejected> {
        self.committed.settle(&self.reader, &status)
    }
}

fn failed() -> ExitStatus {
    ExitStatus::Failed("bad".into())
}

#[test]
fn what_was_read_and_not_finished_comes_again_one_by_one_and_before_the_rest() {
    let world = World::new(&["a", "b", "c", "d"], 10);
    assert_eq!(world.read(1), ["a"]);
    assert_eq!(world.read(2), ["b", "c"]);
    assert!(world.end(failed()).is_none());
    for once_more in ["b", "c", "d"] {
        assert_eq!(world.read(2), [once_more]);
    }
    assert!(world.read(2).is_empty());
    assert_eq!(world.account.own(Good::HostBytes), 0);
}

#[test]
fn what_a_process_that_returned_had_read_is_finished() {
    for status in [ExitStatus::Returned("1".into()), ExitStatus::Stopped] {
        let world = World::new(&["a", "b"], 10);
        assert_eq!(world.read(1), ["a"]);
        assert!(world.end(status).is_none());
        assert_eq!(world.read(1), ["b"]);
    }
}

#[test]
fn the_frame_that_ends_its_readers_is_rejected_and_no_other() {
    let world = World::new(&["a", "bad", "c"], 10);
    let mut ends = 0;
    let mut good = Vec::new();
    let rejected = loop {
        let read = world.read(10);
        assert!(!read.is_empty(), "the bad frame was not found");
        if !read.contains(&"bad".to_owned()) {
            good.extend(read);
            continue;
        }
        ends += 1;
        if let Some(rejected) = world.end(failed()) {
            break rejected;
        }
    };
    assert_eq!((ends, rejected.deliveries, rejected.sent), (3, 3, true));
    assert_eq!(world.rejected.try_read().unwrap().unwrap().payload, "bad");
    assert_eq!(
        (good, world.read(10)),
        (vec!["a".to_owned()], vec!["c".to_owned()])
    );
}

#[test]
fn an_end_from_outside_blames_no_frame() {
    let world = World::new(&["a"], 10);
    for _ in 0..10 {
        assert_eq!(world.read(1), ["a"]);
        assert!(world.end(ExitStatus::Killed).is_none());
    }
    for _ in 0..2 {
        assert_eq!(world.read(1), ["a"]);
        assert!(world.end(failed()).is_none());
    }
}

#[test]
fn a_frame_waits_while_there_is_no_room_for_it_among_the_rejected() {
    let world = World::new(&["bad", "worse"], 5);
    let reject = |times: usize, of: &str| {
        for time in 1..=times {
            assert_eq!(world.read(1), [of]);
            let rejected = world.end(failed());
            assert_eq!(rejected.is_some(), time == 3, "{of}, end {time}");
        }
    };
    reject(3, "bad");
    reject(2, "worse");
    for _ in 0..2 {
        assert_eq!(world.read(1), ["worse"]);
        assert!(world.end(failed()).is_none());
    }
    assert_eq!(world.rejected.try_read().unwrap().unwrap().payload, "bad");
    assert_eq!(world.read(1), ["worse"]);
    assert!(world.end(failed()).is_some());
}

#[test]
fn what_a_process_gives_back_it_has_not_begun_with() {
    let world = World::new(&["a", "b", "c"], 10);
    assert_eq!(world.read(3), ["a", "b", "c"]);
    let back: Vec<Frame> = ["b", "c"]
        .map(|it| Frame::new(0, it.into(), Vec::new()))
        .into();
    world.reader.put_back(back, None);
    world.committed.given_back(2);
    assert!(world.end(failed()).is_none());
    for once_more in ["a", "b", "c"] {
        assert_eq!(world.read(1), [once_more]);
    }
}

#[test]
fn a_batch_is_finished_frame_by_frame_and_the_rest_of_it_comes_again() {
    let world = World::new(&["a", "b", "c", "d", "e"], 10);
    assert_eq!(world.read(5).len(), 5);
    world.committed.commit(1);
    world.committed.commit(1);
    // The last one was not begun.
    let back = vec![Frame::new(0, "e".into(), Vec::new())];
    world.reader.put_back(back, None);
    world.committed.given_back(1);
    world.committed.commit(1);
    assert!(world.end(failed()).is_none());
    for once_more in ["d", "e"] {
        assert_eq!(world.read(5), [once_more]);
    }
    assert!(world.read(5).is_empty());
    assert_eq!(world.account.own(Good::HostBytes), 0);
}

#[test]
fn a_read_that_cannot_be_paid_for_is_not_kept() {
    let world = World::new(&["a"], 10);
    let frames = world.reader.try_read_batch(1, 1).unwrap();
    let poor = Account::new(&Limits::default().host_bytes(10), None, Counted::default());
    assert!(world.committed.took(frames, &poor).is_err());
    assert!(world.end(failed()).is_none());
    assert!(world.read(1).is_empty());
}

#[test]
fn a_process_that_commits_itself_gets_again_what_it_has_not_committed() {
    let world = World::new(&["a", "b", "c", "d"], 10);
    world.committed.commit(0);
    assert_eq!(world.read(3), ["a", "b", "c"]);
    world.committed.commit(2);
    assert_eq!(world.read(1), ["d"]);
    assert_eq!(world.committed.attempt(), 1);
    assert!(world.end(failed()).is_none());
    assert_eq!(world.committed.attempt(), 1);
    assert_eq!(world.read(1), ["c"]);
    assert_eq!(world.committed.attempt(), 2);
    // The successor has said nothing yet: reading on commits.
    assert_eq!(world.read(1), ["d"]);
    assert!(world.end(failed()).is_none());
    assert_eq!(world.read(1), ["d"]);
    world.committed.commit(u32::MAX);
    assert_eq!(world.account.own(Good::HostBytes), 0);
}
