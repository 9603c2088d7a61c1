//! Connections are cut, held up and slow.

use std::time::{Duration, Instant};

use super::{
    common::Nats,
    programs::Program,
    proxy::Proxy,
    scene::{Scene, long, pause, rounds, short_lease, soon},
};

/// A scene whose first host that writes, and whose reader, have the server through a proxy each.
struct Far {
    /// It ends last.
    scene: Scene,
    _nats: [Nats; 1],
    writes: Proxy,
    reads: Proxy,
}

async fn start(lease: Duration) -> Far {
    let nats = [Nats::start().await];
    let mut scene = Scene::start(&nats, |it| (it.lease, it.large) = (lease, true)).await;
    let writes = Proxy::start(nats[0].port()).await;
    let reads = Proxy::start(nats[0].port()).await;
    let near = scene.setting.addresses.clone();
    scene.setting.addresses = vec![writes.address()];
    scene.writer(&[]);
    soon(scene.writers[2].says_so("ack ", 50)).await;
    scene.setting.addresses = vec![reads.address()];
    soon(scene.last_reader().says_so("read ", 50)).await;
    scene.readers.last_mut().map(Program::stop);
    soon(scene.last_reader().says_so("closed", 1)).await;
    scene.reader();
    soon(scene.last_reader().says_so("read ", 50)).await;
    scene.setting.addresses = near;
    Far {
        scene,
        _nats: nats,
        writes,
        reads,
    }
}

/// Writes through the proxy.
const FAR: usize = 2;

#[tokio::test]
async fn connections_are_cut() {
    let far = start(Duration::from_secs(10)).await;
    for _ in 0..5 * rounds() {
        let since = Instant::now();
        far.writes.cut();
        far.reads.cut();
        far.scene.goes_on("connections were cut", FAR, since).await;
    }
    far.scene.ends().await;
}

#[tokio::test]
async fn what_is_on_its_way_is_held_up_and_then_dropped() {
    let far = start(short_lease()).await;
    let since = Instant::now();
    far.writes.hold(true);
    far.reads.hold(true);
    tokio::time::sleep(pause()).await;
    far.writes.cut();
    far.reads.cut();
    far.writes.hold(false);
    far.reads.hold(false);
    let reads = far.scene.reads_on(Instant::now()).await;
    println!("chaos: what was on its way was dropped: reads go on after {reads:.1?}");
    // The writers there may have been counted as gone, and are told so then.
    let told = far.scene.writers[FAR].says(|said| {
        let mut said = said.iter().filter(|it| it.0 > since + pause());
        said.find(|it| it.1.starts_with("ack ") || it.1.starts_with("refused "))
            .map(|it| it.1.clone())
    });
    println!("chaos: the host that wrote hears: {}", soon(told).await);
    far.scene.ends().await;
}

#[tokio::test]
async fn what_is_on_its_way_is_held_up_and_arrives_late() {
    let far = start(Duration::from_secs(20)).await;
    for _ in 0..if long() { 3 } else { 1 } {
        far.writes.hold(true);
        far.reads.hold(true);
        tokio::time::sleep(pause()).await;
        let since = Instant::now();
        far.writes.hold(false);
        far.reads.hold(false);
        far.scene.goes_on("messages were held up", FAR, since).await;
    }
    far.scene.ends().await;
}

#[tokio::test]
async fn messages_take_long() {
    let far = start(Duration::from_secs(10)).await;
    far.writes.delay(Duration::from_millis(150));
    far.reads.delay(Duration::from_millis(300));
    let since = Instant::now();
    far.scene.goes_on("messages take long", FAR, since).await;
    tokio::time::sleep(pause() / 2).await;
    far.writes.cut();
    let since = Instant::now();
    far.scene
        .goes_on("they do, and connections were cut", FAR, since)
        .await;
    far.scene.ends().await;
}
