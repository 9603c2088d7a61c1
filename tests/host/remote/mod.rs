//! Guests with channels of a remote engine, which delays each call and fails at will: see `tests/support/remote`.

mod through;

use crate::remote_engine::{Delay, Line};
use crate::support::{HUNG, assert_empty, block_on, channel, end, host, scenario};
use std::sync::Arc;
use std::time::Duration;
use weft_channel::{Channel, Options, Reader, Strength, Writer};
use weft_host::{
    Argument, Capabilities, ExitStatus, Host, Process, capability::Right, channel::Registration,
};

/// Small, so that writers wait.
const SMALL: u64 = 16;

const GONE: &str = "Unavailable(\"the channel cannot be reached now\")";

fn failed() -> String {
    format!("Err({GONE})")
}

fn behind(line: &Arc<Line>, capacity: u64) -> Channel {
    line.channel(Options::new(capacity))
}

async fn strong_reader(channel: &Channel) -> Argument {
    Argument::Reader(channel.open_reader(Strength::Strong).await.unwrap().into())
}

async fn strong_writer(channel: &Channel) -> Argument {
    Argument::Writer(channel.open_writer(Strength::Strong).await.unwrap().into())
}

/// A guest that does with a channel what it is told.
struct Told {
    host: Host,
    line: Arc<Line>,
    channel: Channel,
    commands: Option<Writer>,
    answers: Reader,
    process: Process,
    _names: [Registration; 3],
}

impl Told {
    async fn new(line: Arc<Line>) -> Self {
        let host = host(&["scenarios", "parked"]).await;
        let (commands, answers) = (channel(1 << 10), channel(1 << 10));
        let far = behind(&line, SMALL);
        let publish = |name, channel: &Channel| host.publish(name, &channel.clone().into());
        let names = [
            publish("x", &far).unwrap(),
            publish("x/commands", &commands).unwrap(),
            publish("x/answers", &answers).unwrap(),
        ];
        let mut set = Capabilities::channels().with([Right::ProcessLifecycle]);
        set.lookup.insert("x".into());
        let process = host.start(scenario("told", "x", set)).unwrap();
        Self {
            line,
            channel: far,
            commands: Some(commands.strong_writer().unwrap()),
            answers: answers.strong_reader(),
            process,
            host,
            _names: names,
        }
    }

    /// Begins a command.
    async fn begin(&self, command: &str) {
        let commands = self.commands.as_ref().unwrap();
        commands.write(command.to_owned().into()).await.unwrap();
    }

    /// What came of it.
    async fn answer(&self) -> String {
        let answer = tokio::time::timeout(HUNG, self.answers.read()).await;
        let answer = answer.expect("it answers").unwrap().expect("an answer");
        String::from_utf8(answer.payload.to_vec()).unwrap()
    }

    async fn tell(&self, command: &str) -> String {
        self.begin(command).await;
        self.answer().await
    }

    async fn tells(&self, commands: &[&str], answer: &str) {
        for command in commands {
            assert_eq!(self.tell(command).await, answer, "{command}");
        }
    }

    /// Waits until the guest's call is under way at the far end of the line.
    async fn under_way(&self, command: &str) {
        let calls = self.line.calls_now();
        self.begin(command).await;
        tokio::time::timeout(HUNG, self.line.calls(calls + 1))
            .await
            .expect("it calls");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }

    async fn ends(mut self) {
        self.commands = None;
        assert_eq!(
            end(&self.process).await,
            ExitStatus::Returned("\"told all\"".into())
        );
        self.nothing_is_open().await;
        assert_empty(&self.host);
    }

    async fn nothing_is_open(&self) {
        let stats = self.channel.ask_stats().await;
        let open = (stats.strong_writers + stats.weak_writers)
            + (stats.strong_readers + stats.weak_readers);
        assert_eq!(open, 0, "{stats:?}");
    }
}

#[test]
fn a_guest_opens_uses_weakens_counts_and_ends_as_with_any_channel() {
    block_on(async {
        for delay in [
            Delay::None,
            Delay::Turns(1),
            Delay::Time(Duration::from_millis(1)),
        ] {
            let told = Told::new(Line::new(delay)).await;
            told.tells(&["strong-reader", "strong-writer"], "opened")
                .await;
            told.tells(&["write a", "write b", "write c"], "Ok(Kept)")
                .await;
            told.tells(&["read"], "a").await;
            told.tells(&["read-packed"], "2 frames").await;
            told.tells(&["read-within"], "WouldBlock").await;
            told.tells(&["write-packed"], "Ok(2)").await;
            let counted = "5 written, 1 strong 0 weak writers, 1 strong 0 weak readers";
            told.tells(&["stats"], counted).await;
            told.tells(&["weaken-reader"], "weakened").await;
            let counted = "5 written, 1 strong 0 weak writers, 0 strong 1 weak readers";
            told.tells(&["stats"], counted).await;
            told.tells(&["read"], "a").await;
            // The last strong writer: readers finish what is there.
            told.tells(&["weaken-writer"], "weakened").await;
            told.tells(&["read"], "b").await;
            told.tells(&["read"], "end").await;
            told.tells(&["strong-writer"], "Closed").await;
            told.tells(&["terminate"], "Ok(())").await;
            told.tells(&["read"], "Terminated").await;
            told.tells(&["close"], "closed").await;
            told.ends().await;
        }
    });
}

#[test]
fn what_cannot_be_reached_is_a_typed_error_and_the_guest_goes_on_afterwards() {
    block_on(async {
        for delay in [Delay::None, Delay::Time(Duration::from_millis(1))] {
            let told = Told::new(Line::new(delay)).await;
            told.tells(&["strong-reader", "strong-writer"], "opened")
                .await;
            told.tells(&["write a", "write b"], "Ok(Kept)").await;
            told.tells(&["read"], "a").await;
            let counted = told.tell("stats").await;
            told.line.cut();
            let opens = [
                "strong-reader",
                "weak-reader",
                "strong-writer",
                "weak-writer",
            ];
            told.tells(&opens, GONE).await;
            told.tells(&["drain", "terminate"], &failed()).await;
            told.tells(&["read", "read-packed", "read-within"], GONE)
                .await;
            told.tells(&["write c", "write-packed", "write-itself"], &failed())
                .await;
            // The counters as they were.
            told.tells(&["stats"], &counted).await;
            told.line.mend();
            // It has kept its place, and nothing was sent.
            told.tells(&["read"], "b").await;
            told.tells(&["read-within"], "WouldBlock").await;
            told.tells(&["write c"], "Ok(Kept)").await;
            told.tells(&["read"], "c").await;
            told.tells(&["close"], "closed").await;
            told.ends().await;
        }
    });
}

#[test]
fn calls_that_wait_fail_when_the_channel_goes_out_of_reach() {
    block_on(async {
        let told = Told::new(Line::new(Delay::Turns(1))).await;
        told.tells(&["strong-reader", "strong-writer"], "opened")
            .await;
        for wait in ["read", "read-packed"] {
            told.under_way(wait).await;
            told.line.cut();
            assert_eq!(told.answer().await, GONE);
            told.line.mend();
        }
        told.tells(&["write 0123456789abcdef"], "Ok(Kept)").await;
        told.under_way("write more").await;
        told.line.cut();
        assert_eq!(told.answer().await, failed());
        told.line.mend();
        told.tells(&["read"], "0123456789abcdef").await;
        told.under_way("read").await;
        let writer = told.channel.open_writer(Strength::Weak).await.unwrap();
        writer.write("later".into()).await.unwrap();
        assert_eq!(told.answer().await, "later");
        drop(writer);
        told.ends().await;
    });
}

#[test]
fn an_end_whose_downgrade_has_failed_says_so_for_good() {
    block_on(async {
        let told = Told::new(Line::new(Delay::Turns(1))).await;
        told.tells(&["strong-reader", "strong-writer"], "opened")
            .await;
        told.line.cut();
        told.tells(&["weaken-reader", "weaken-writer"], "weakened")
            .await;
        told.line.mend();
        told.tells(&["read", "try-read", "read-packed"], GONE).await;
        told.tells(&["write x", "try-write x", "write-packed"], &failed())
            .await;
        // Others of the channel are well.
        told.tells(&["strong-reader", "strong-writer"], "opened")
            .await;
        told.tells(&["write x"], "Ok(Kept)").await;
        told.tells(&["read"], "x").await;
        told.tells(&["close"], "closed").await;
        told.ends().await;
    });
}

#[test]
fn an_end_goes_to_a_child_which_sees_the_error_while_its_parent_goes_on() {
    block_on(async {
        let told = Told::new(Line::new(Delay::Turns(1))).await;
        told.tells(&["strong-writer", "strong-reader", "child"], "opened")
            .await;
        told.tells(&["write a", "write b"], "Ok(Kept)").await;
        told.tells(&["close"], "closed").await;
        told.tells(&["child-ends"], "returned 2").await;
        told.ends().await;

        let told = Told::new(Line::new(Delay::Turns(1))).await;
        told.tells(&["strong-reader", "child"], "opened").await;
        told.line.cut();
        let ended = told.tell("child-ends").await;
        assert!(ended.contains("cannot be reached now"), "{ended}");
        told.tells(&["strong-reader"], GONE).await;
        told.line.mend();
        told.tells(&["strong-reader"], "opened").await;
        told.ends().await;
    });
}

#[test]
fn a_guest_that_is_killed_while_it_waits_leaves_nothing_open() {
    block_on(async {
        let waits = [
            "strong-reader",
            "strong-writer",
            "stats",
            "drain",
            "read",
            "read-packed",
            "read-bytes",
            "write more",
            "write-packed",
            "weaken-reader",
            "weaken-writer",
        ];
        for wait in waits {
            let told = Told::new(Line::new(Delay::None)).await;
            told.tells(&["strong-reader", "strong-writer"], "opened")
                .await;
            told.tells(&["write 0123456789abcdef"], "Ok(Kept)").await;
            if wait.starts_with("read") {
                told.tells(&["read"], "0123456789abcdef").await;
            }
            told.line.delay(Delay::Time(HUNG * 2));
            told.under_way(wait).await;
            told.process.kill();
            assert_eq!(end(&told.process).await, ExitStatus::Killed, "{wait}");
            told.line.delay(Delay::None);
            told.nothing_is_open().await;
        }
    });
}

#[test]
fn handles_travel_where_the_engine_takes_them_and_are_refused_where_not() {
    block_on(async {
        let told = Told::new(Line::new(Delay::Turns(1))).await;
        told.tells(&["strong-reader", "strong-writer"], "opened")
            .await;
        told.tells(&["write-itself"], "Ok(Kept)").await;
        told.tells(&["read"], "itself with 1 handles").await;
        told.tells(&["close"], "closed").await;
        told.ends().await;

        let told = Told::new(Line::without_handles(Delay::Turns(1))).await;
        told.tells(&["strong-reader", "strong-writer"], "opened")
            .await;
        told.tells(&["write-itself"], "Err(TooManyHandles(0))")
            .await;
        told.tells(&["write a"], "Ok(Kept)").await;
        told.tells(&["read"], "a").await;
        told.tells(&["close"], "closed").await;
        told.ends().await;
    });
}

#[test]
fn a_log_is_kept_where_writing_never_waits() {
    block_on(async {
        let told = Told::new(Line::new(Delay::Turns(1))).await;
        let refused = told.tell("register").await;
        assert!(refused.starts_with("Err(Unsupported("), "{refused}");
        told.ends().await;
    });
}

#[test]
fn bytes_of_a_stream_come_from_a_remote_channel() {
    block_on(async {
        let told = Told::new(Line::new(Delay::Turns(1))).await;
        told.tells(&["strong-reader", "strong-writer"], "opened")
            .await;
        told.tells(&["write some", "write more"], "Ok(Kept)").await;
        told.tells(&["drain"], "Ok(())").await;
        told.tells(&["read-bytes"], "somemore").await;
        told.tells(&["strong-reader"], "opened").await;
        told.line.cut();
        let read = told.tell("read-bytes").await;
        assert!(read.contains("Unavailable"), "{read}");
        told.line.mend();
        told.tells(&["close"], "closed").await;
        told.ends().await;
    });
}
