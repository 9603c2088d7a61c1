//! Requests and replies between guests of the SDK, and what comes of them when
//! one side gives up or talks nonsense. When one goes away: `sdk_rpc_ends`.

use crate::support::{HUNG, block_on, channel, end, host, options, text, with_channels};
use weft_channel::{Channel, Reader, Writer};
use weft_host::{Argument, ExitStatus, Host, Process};

/// Room for a few requests, so that clients wait for it.
pub(crate) const SMALL: u64 = 100;

/// A host with both guests and a channel of requests.
pub(crate) struct Rpc {
    pub(crate) host: Host,
    pub(crate) requests: Channel,
    /// What servers tell.
    told: Reader,
    tell: Channel,
}

impl Rpc {
    pub(crate) async fn new(capacity: u64) -> Self {
        let tell = channel(1000);
        Rpc {
            host: host(&["rpc-client", "rpc-server", "sdk-blocking"]).await,
            requests: channel(capacity),
            told: tell.strong_reader(),
            tell,
        }
    }

    pub(crate) fn server(&self, mode: &str, number: u32) -> Process {
        let arguments = vec![
            text(mode),
            Argument::Reader(self.requests.strong_reader().into()),
            Argument::Writer(self.tell.weak_writer().unwrap().into()),
            Argument::Wave(number.to_string()),
        ];
        let options = with_channels(options("rpc-server", arguments));
        self.host.start(options).unwrap()
    }

    pub(crate) fn client(&self, scenario: &str, number: u32) -> Client {
        self.client_of("rpc-client", scenario, number)
    }

    /// A client of this guest.
    fn client_of(&self, guest: &str, scenario: &str, number: u32) -> Client {
        let told = channel(1000);
        let mut arguments = vec![
            text(scenario),
            Argument::Reader(told.strong_reader().into()),
            Argument::Writer(self.requests.strong_writer().unwrap().into()),
            Argument::Wave(number.to_string()),
        ];
        if guest == "rpc-client" {
            arguments.swap(1, 2);
        }
        let options = with_channels(options(guest, arguments));
        Client {
            process: self.host.start(options).unwrap(),
            tell: Some(told.strong_writer().unwrap()),
        }
    }

    /// The next thing a server tells.
    pub(crate) async fn hear(&self) -> String {
        let read = tokio::time::timeout(HUNG, self.told.read()).await;
        let frame = read.expect("the server tells").unwrap().expect("a frame");
        String::from_utf8_lossy(&frame.payload).into_owned()
    }
}

pub(crate) struct Client {
    pub(crate) process: Process,
    pub(crate) tell: Option<Writer>,
}

impl Client {
    pub(crate) async fn tell(&self, text: &str) {
        let tell = self.tell.as_ref().expect("a writer");
        tell.write(text.to_owned().into()).await.unwrap();
    }

    pub(crate) async fn returns(&self, wanted: &str) {
        returns(&self.process, wanted).await;
    }
}

pub(crate) async fn returns(process: &Process, wanted: &str) {
    let wanted = ExitStatus::Returned(format!("{wanted:?}"));
    assert_eq!(end(process).await, wanted);
}

/// A client of a server comes to this.
async fn comes_to(mode: (&str, u32), scenario: (&str, u32), wanted: &str) {
    for capacity in [SMALL, 1 << 20] {
        let rpc = Rpc::new(capacity).await;
        let _server = rpc.server(mode.0, mode.1);
        rpc.client(scenario.0, scenario.1).returns(wanted).await;
    }
}

#[test]
fn calls_are_answered_one_by_one() {
    block_on(comes_to(("echo", 0), ("calls", 200), "200"));
}

#[test]
fn a_server_ends_with_its_last_client() {
    block_on(async {
        let rpc = Rpc::new(SMALL).await;
        let server = rpc.server("echo", 0);
        // The first may be through before the second starts.
        let open = rpc.requests.strong_writer().unwrap();
        let (one, other) = (rpc.client("calls", 100), rpc.client("calls", 100));
        drop(open);
        one.returns("100").await;
        other.returns("100").await;
        returns(&server, "200 2").await;
    });
}

#[test]
fn replies_find_their_calls_in_any_order() {
    block_on(async {
        comes_to(("reverse", 5), ("joined", 20), "20").await;
        comes_to(("reverse", 5), ("set", 100), "100").await;
        comes_to(("reverse", 3), ("tasks", 30), "90").await;
    });
}

#[test]
fn whoever_reads_the_replies_may_leave() {
    block_on(async {
        let rpc = Rpc::new(1 << 20).await;
        let _server = rpc.server("reverse", 2);
        rpc.client("handed-over", 0).returns("waiting fourth").await;
    });
}

#[test]
fn calls_that_are_not_answered_in_time_fail_and_the_server_is_told() {
    block_on(async {
        let rpc = Rpc::new(SMALL).await;
        let _server = rpc.server("slow", 0);
        let client = rpc.client("within", 0);
        for wanted in ["cancelled one", "cancelled two"] {
            while rpc.hear().await != wanted {}
            client.tell("seen").await;
        }
        client.returns("TimedOut TimedOut").await;
    });
}

#[test]
fn a_bound_holds_beside_a_call_without_one() {
    block_on(async {
        // In both orders, which chance picks.
        for _ in 0..8 {
            let rpc = Rpc::new(SMALL).await;
            let _server = rpc.server("slow", 0);
            let client = rpc.client("within-beside", 0);
            client.returns("bounded TimedOut").await;
        }
    });
}

#[test]
fn calls_that_are_answered_in_time_are_as_others() {
    block_on(comes_to(("echo", 0), ("in-time", 200), "200"));
}

#[test]
fn a_server_sees_that_a_request_was_given_up() {
    block_on(async {
        let rpc = Rpc::new(SMALL).await;
        let _server = rpc.server("polling", 0);
        let client = rpc.client("given-up", 0);
        assert_eq!(rpc.hear().await, "seen");
        client.tell("go on").await;
        client.returns("true next").await;
    });
}

#[test]
fn a_dropped_request_has_no_reply() {
    block_on(comes_to(("silent", 0), ("one", 0), "NoReply"));
}

#[test]
fn a_server_that_remembers_nobody_answers_all() {
    block_on(async {
        for scenario in ["calls", "joined", "set"] {
            let rpc = Rpc::new(SMALL).await;
            let server = rpc.server("forgetful", 0);
            let open = rpc.requests.strong_writer().unwrap();
            let (one, other) = (rpc.client(scenario, 50), rpc.client(scenario, 50));
            one.returns("50").await;
            other.returns("50").await;
            drop(open);
            let ExitStatus::Returned(counted) = end(&server).await else {
                panic!("{:?}", server.status())
            };
            assert_eq!(counted, "\"100 0\"", "each request is answered once");
        }
    });
}

#[test]
fn a_blocking_client_asks_waits_and_gives_up() {
    block_on(async {
        let rpc = Rpc::new(SMALL).await;
        let server = rpc.server("forgetful", 0);
        rpc.client_of("sdk-blocking", "calls", 50)
            .returns("50")
            .await;
        returns(&server, "50 0").await;
        let rpc = Rpc::new(SMALL).await;
        let _server = rpc.server("slow", 0);
        let client = rpc.client_of("sdk-blocking", "call-within", 0);
        for wanted in ["cancelled one", "cancelled two"] {
            while rpc.hear().await != wanted {}
            client.tell("seen").await;
        }
        client.returns("Err(TimedOut) Err(TimedOut)").await;
    });
}

#[test]
fn requests_that_are_none_are_ignored() {
    block_on(async {
        let rpc = Rpc::new(1000).await;
        let writer = rpc.requests.strong_writer().unwrap();
        let server = rpc.server("echo", 0);
        let number = 1u64.to_le_bytes();
        let kinds = [0u8, 1, 2, 3, 4, 5, 6, 255];
        writer.write(vec![].into()).await.unwrap();
        writer.write(vec![1; 8].into()).await.unwrap();
        for kind in kinds {
            // Among them a call from a client that gave no way to answer.
            let frame = [&[kind][..], &number].concat();
            writer.write(frame.into()).await.unwrap();
        }
        rpc.client("calls", 10).returns("10").await;
        drop(writer);
        returns(&server, "10 1").await;
    });
}

#[test]
fn replies_that_are_none_are_ignored() {
    block_on(comes_to(("odd", 0), ("odd", 0), "right right true"));
}

#[test]
fn values_go_both_ways_and_what_is_none_has_no_reply() {
    block_on(comes_to(
        ("typed", 0),
        ("typed", 0),
        "4294967296 NoReply true",
    ));
}

#[test]
fn a_reply_too_large_for_its_client_is_told_to_both_sides() {
    block_on(async {
        let rpc = Rpc::new(SMALL).await;
        let server = rpc.server("large", (1 << 20) + 1);
        rpc.client("twice", 0).returns("NoReply \u{7}").await;
        returns(&server, "false true").await;
    });
}

#[test]
fn a_reply_too_large_for_its_client_fails_that_call_and_nothing_else() {
    block_on(async {
        for room in [16, 500, 1500] {
            let rpc = Rpc::new(1 << 20).await;
            let server = rpc.server("echo", 0);
            let open = rpc.requests.strong_writer().unwrap();
            let narrow = rpc.client("narrow", room);
            narrow.returns("NoReply fits NoReply").await;
            rpc.client("calls", 10).returns("10").await;
            drop(open);
            returns(&server, "13 2").await;
        }
    });
}

#[test]
fn a_call_that_is_held_and_not_polled_keeps_no_other_from_its_reply() {
    block_on(async {
        let rpc = Rpc::new(1 << 20).await;
        let _server = rpc.server("delayed", 0);
        rpc.client("held", 0).returns("quick").await;
    });
}

#[test]
fn a_request_that_waits_for_room_and_is_held_or_given_up_keeps_no_other_from_leaving() {
    block_on(async {
        let rpc = Rpc::new(1 << 20).await;
        let wanted = r#"yes ["first", "second"] yes ["second"]"#;
        rpc.client("held-room", 0).returns(wanted).await;
    });
}

#[test]
fn a_server_hears_of_a_call_given_up_though_there_was_no_room_for_it() {
    block_on(async {
        let rpc = Rpc::new(1 << 20).await;
        let client = rpc.client("no-room-to-give-up", 0);
        client.returns("false TimedOut").await;
    });
}
