//! Requests and replies between guests of the SDK when a server or a client ends, or begins only later.

use crate::sdk_rpc::{Rpc, SMALL, returns};
use crate::support::{block_on, channel, end, options, text, with_channels};
use weft_host::Argument;

#[test]
fn calls_fail_at_once_when_their_server_ends_and_later_ones_find_the_next() {
    block_on(async {
        let rpc = Rpc::new(SMALL).await;
        let server = rpc.server("dies", 2);
        let client = rpc.client("gone", 0);
        assert_eq!(rpc.hear().await, "dying");
        returns(&server, "dead").await;
        let _next = rpc.server("echo", 0);
        client.tell("there is another").await;
        client.returns("ServerGone ServerGone three").await;
    });
}

#[test]
fn a_request_waits_for_a_server_to_start() {
    block_on(async {
        let rpc = Rpc::new(SMALL).await;
        let client = rpc.client("one", 0);
        while rpc.requests.stats().frames_held == 0 {
            tokio::task::yield_now().await;
        }
        let _server = rpc.server("echo", 0);
        client.returns("one").await;
    });
}

#[test]
fn a_client_that_was_forgotten_is_heard_again() {
    block_on(async {
        let rpc = Rpc::new(SMALL).await;
        let server = rpc.server("forgetful", 1);
        let mut clients = [rpc.client("when-told", 0), rpc.client("when-told", 0)];
        for round in 0..20 {
            for client in &clients {
                client.tell(&round.to_string()).await;
            }
        }
        for client in &mut clients {
            client.tell = None;
            client.returns("20").await;
        }
        returns(&server, "40 1").await;
    });
}

#[test]
fn a_server_hears_that_a_client_has_ended() {
    block_on(async {
        for mode in ["slow", "polling"] {
            let rpc = Rpc::new(1 << 20).await;
            let server = rpc.server(mode, 0);
            let open = rpc.requests.strong_writer().unwrap();
            let client = rpc.client("one", 0);
            // The server has taken the request.
            let seen = rpc.requests.observer();
            let taken = || {
                let seen = seen.observe().expect("the channel");
                seen.stats.frames_written == 1 && seen.lag == 0
            };
            while !taken() {
                tokio::task::yield_now().await;
            }
            client.process.kill();
            let wanted = if mode == "slow" {
                "cancelled one"
            } else {
                "seen"
            };
            assert_eq!(rpc.hear().await, wanted);
            drop(open);
            end(&server).await;
        }
    });
}

#[test]
fn a_client_that_is_started_again_is_answered_under_the_id_of_its_forerunner() {
    block_on(async {
        let rpc = Rpc::new(1 << 20).await;
        let server = rpc.server("holds-first", 0);
        // One writer for both, as a supervisor keeps it.
        let writer: weft_host::extension::WriterHandle =
            rpc.requests.strong_writer().unwrap().into();
        let start = || {
            let arguments = vec![
                text("one"),
                Argument::Writer(writer.clone()),
                Argument::Reader(channel(1).strong_reader().into()),
                Argument::Wave("0".into()),
            ];
            let options = with_channels(options("rpc-client", arguments));
            rpc.host.start(options).unwrap()
        };
        let first = start();
        assert_eq!(rpc.hear().await, "held");
        first.kill();
        end(&first).await;
        returns(&start(), "one").await;
        drop(writer);
        returns(&server, "true false").await;
    });
}
