//! Guests that attack. Each ends in a named status, or is refused with a typed value, while two well-behaved guests on
//! the same host go on calling each other.
//!
//! The neighbours are not timed: they have a fixed number of calls to make, and the attack must not prevent them.

mod compile;
mod greed;
mod heavy;
mod reach;
mod waits;
mod wasm;

use crate::support::{block_on, channel, config, end, host_with, options, text, with_channels};
use weft_host::{
    Argument, Capabilities, ExitStatus, Host, HostConfig, Process, StartOptions, capability::Right,
};

/// Calls that the neighbours make to each other during an attack.
const CALLS: u32 = 300;

/// A host with the attacker and the neighbours.
async fn host() -> Host {
    besieged(config()).await
}

/// The same with a given configuration.
async fn besieged(config: HostConfig) -> Host {
    host_with(config, &["hostile", "parked", "rpc-client", "rpc-server"]).await
}

/// An attack of the guest `hostile`, which may start processes and use channels.
fn hostile(attack: &str, argument: &str) -> StartOptions {
    let mut capabilities = Capabilities::channels().with([Right::ProcessLifecycle]);
    capabilities.publish = ["hostile/".to_owned()].into();
    capabilities.lookup = [String::new()].into();
    options("hostile", vec![text(attack), text(argument)]).capabilities(capabilities)
}

fn limit(name: &str) -> ExitStatus {
    ExitStatus::Limit(name.into())
}

fn returned(text: &str) -> ExitStatus {
    ExitStatus::Returned(format!("{text:?}"))
}

/// Two well-behaved guests that call each other.
struct Neighbours {
    server: Process,
    client: Process,
}

impl Neighbours {
    fn start(host: &Host) -> Self {
        let (requests, told) = (channel(1024), channel(1024));
        let number = |number: u32| Argument::Wave(number.to_string());
        let start = |guest, arguments| {
            let options = with_channels(options(guest, arguments));
            host.start(options).expect("a neighbour starts")
        };
        let server = vec![
            text("echo"),
            Argument::Reader(requests.strong_reader().into()),
            Argument::Writer(told.weak_writer().unwrap().into()),
            number(0),
        ];
        let client = vec![
            text("calls"),
            Argument::Writer(requests.strong_writer().unwrap().into()),
            Argument::Reader(told.strong_reader().into()),
            number(CALLS),
        ];
        Self {
            server: start("rpc-server", server),
            client: start("rpc-client", client),
        }
    }

    /// Waits until all calls were made and answered.
    async fn finish(self) {
        assert_eq!(end(&self.client).await, returned(&CALLS.to_string()));
        let served = end(&self.server).await;
        assert!(matches!(served, ExitStatus::Returned(_)), "{served}");
    }
}

/// Runs an attack beside neighbours and returns how it ended.
async fn attack(host: &Host, options: StartOptions) -> ExitStatus {
    let attacker = host.start(options).expect("the attack starts");
    Neighbours::start(host).finish().await;
    end(&attacker).await
}

/// Runs an attack in a host of its own.
fn alone(options: StartOptions) -> ExitStatus {
    block_on(async { attack(&host().await, options).await })
}
