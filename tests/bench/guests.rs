//! Two guests with a channel each way: what every row between guests runs.

use crate::engine::channel;
use crate::measure::{GUESTS, nanoseconds_each};
use std::path::Path;
use std::sync::Arc;
use weft_channel::Channel;
use weft_host::{
    Argument, Arguments, Capabilities, Host, HostConfig, Process, StartOptions, capability::Right,
    component::LoadedComponent,
};

/// Guests whose calls wait on their own stack.
pub const BLOCKING: &str = "blocking-bench-ends";
/// Guests written as ordinary async code.
pub const ASYNC: &str = "bench-ends";
/// What is started and asked nothing of, in both ways.
pub const STARTS_BLOCKING: &str = "blocking-bench-starts";
/// The same as async code.
pub const STARTS_ASYNC: &str = "bench-starts";

/// A host with the guests of the benches.
pub async fn host(target: &Path, profile_guests: bool) -> Host {
    let config = config(target).profile_guests(profile_guests);
    let host = Host::new(config).unwrap();
    for name in [BLOCKING, ASYNC, STARTS_BLOCKING, STARTS_ASYNC] {
        load(&host, target, name).await;
    }
    load(&host, target, crate::neighbour::AXES).await;
    crate::transforms::load_transforms(&host, target).await;
    host
}

/// The configuration of every host here.
pub fn config(target: &Path) -> HostConfig {
    HostConfig::default().cache_directory(Some(target.join("tmp/cache")))
}

/// Loads a guest under its name: that of its crate, or of a twin that is an example of the crate.
pub async fn load(host: &Host, target: &Path, name: &str) -> Arc<LoadedComponent> {
    let file = format!("{}.wasm", name.replace('-', "_"));
    let folders = [target.join(GUESTS), target.join(GUESTS).join("examples")];
    let mut files = folders.iter().map(|folder| folder.join(&file));
    let built = files.find(|file| file.exists());
    let built = built.expect("`./dev bench` builds the guests");
    host.components().load_file(name, &built).await.unwrap()
}

/// What two guests do together.
#[derive(Clone, Copy)]
pub struct Play {
    /// The component that both are.
    pub component: &'static str,
    /// The roles of the one that begins and of the other.
    pub roles: [&'static str; 2],
    /// Frames that the first sends.
    pub frames: u64,
    /// Bytes of each.
    pub size: usize,
    /// Frames that each channel has room for.
    pub places: usize,
}

/// Nanoseconds a frame, from the start of the guests to the end of both.
pub async fn play(host: &Host, play: Play) -> f64 {
    let [there, back] = [(); 2].map(|()| channel(play.places * play.size));
    nanoseconds_each(play.frames, async move {
        let [first, second] = play.roles;
        let first = start(host, &play, first, &back, &there);
        let second = start(host, &play, second, &there, &back);
        for process in [first, second] {
            let status = process.wait().await;
            assert!(status.is_success(), "{}: {status}", process.name());
        }
    })
    .await
}

/// Starts one of them.
pub fn start(host: &Host, play: &Play, role: &str, input: &Channel, output: &Channel) -> Process {
    host.start(
        StartOptions::new(play.component)
            .name(role)
            .entry_point("run")
            .arguments(Arguments::Positional(vec![
                Argument::String(role.into()),
                Argument::Wave(play.frames.to_string()),
                Argument::Wave(play.size.to_string()),
                Argument::Reader(input.strong_reader().into()),
                Argument::Writer(output.strong_writer().unwrap().into()),
            ]))
            // The clocks are for guests that measure themselves.
            .capabilities(Capabilities::channels().with([Right::Clocks])),
    )
    .unwrap()
}
