//! What the guest SDK costs. Prints and judges nothing:
//! `cargo test --test host sdk_measured -- --ignored --nocapture`.

use crate::support::{block_on, channel, end, host, options, text};
use std::time::Instant;
use weft_channel::Channel;
use weft_host::{Argument, Capabilities, ExitStatus, Host, Process, Right, StartOptions};

const CAPACITY: u64 = 256 << 10;

fn start(
    host: &Host,
    guest: &str,
    scenario: &str,
    from: &Channel,
    to: &Channel,
    number: u32,
) -> Process {
    let mut arguments = vec![
        text(scenario),
        Argument::Reader(from.strong_reader().into()),
        Argument::Writer(to.strong_writer().unwrap().into()),
        Argument::Wave(number.to_string()),
    ];
    if guest == "rpc-client" {
        arguments.swap(1, 2);
    }
    let options = StartOptions {
        capabilities: Capabilities::channels().with([Right::Clocks]),
        ..options(guest, arguments)
    };
    host.start(options).unwrap()
}

async fn nanos(process: &Process) -> String {
    match end(process).await {
        ExitStatus::Returned(text) => text.trim_matches('"').to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
#[ignore = "measures"]
fn costs() {
    block_on(async {
        let host = host(&[
            "sdk",
            "echo",
            "rpc-client",
            "rpc-server",
            "sdk-blocking",
            "blocking-echo",
        ])
        .await;
        for _ in 0..3 {
            for scenario in ["measured/vec", "measured/batch", "measured/send"] {
                let (from, to) = (channel(CAPACITY), channel(CAPACITY));
                let process = start(&host, "sdk", scenario, &from, &to, 2_000_000);
                println!("{scenario}: {} ns", nanos(&process).await);
            }
            let through = channel(CAPACITY);
            let (from, to) = (channel(CAPACITY), channel(CAPACITY));
            let reader = start(&host, "sdk", "measured/read", &through, &to, 2_000_000);
            let writer = start(&host, "sdk", "measured/write", &from, &through, 2_000_000);
            println!(
                "write to read: {} ns, {} ns",
                nanos(&writer).await,
                nanos(&reader).await
            );
            for scenario in ["measured/converse", "measured/converse-async"] {
                let (there, back) = (channel(CAPACITY), channel(CAPACITY));
                let echo = [
                    Argument::Reader(there.strong_reader().into()),
                    Argument::Writer(back.strong_writer().unwrap().into()),
                ];
                let echo = StartOptions {
                    capabilities: Capabilities::channels(),
                    ..options("echo", echo.into())
                };
                let _echo = host.start(echo).unwrap();
                let process = start(&host, "sdk", scenario, &back, &there, 20_000);
                println!("{scenario}: {} ns", nanos(&process).await);
            }
            let (there, back) = (channel(CAPACITY), channel(CAPACITY));
            let echo = [
                Argument::Reader(there.strong_reader().into()),
                Argument::Writer(back.strong_writer().unwrap().into()),
            ];
            let echo = StartOptions {
                capabilities: Capabilities::channels(),
                ..options("blocking-echo", echo.into())
            };
            let _echo = host.start(echo).unwrap();
            let started = Instant::now();
            let process = start(&host, "sdk-blocking", "plain", &back, &there, 20_000);
            nanos(&process).await;
            let each = started.elapsed().as_nanos() / 20_000;
            println!("blocking converse: {each} ns");
            for (scenario, calls) in [("calls", 20_000), ("joined", 10_000), ("in-time", 20_000)] {
                let (requests, other) = (channel(CAPACITY), channel(CAPACITY));
                let _server = start(&host, "rpc-server", "echo", &requests, &other, 0);
                let started = Instant::now();
                let client = start(&host, "rpc-client", scenario, &other, &requests, calls);
                nanos(&client).await;
                let each = started.elapsed().as_nanos() / u128::from(calls);
                println!("rpc {scenario}: {each} ns");
            }
        }
    });
}
