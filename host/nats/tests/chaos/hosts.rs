//! Hosts that write and read are killed, or stand still.

use std::time::{Duration, Instant};

use super::{
    common::Nats,
    scene::{Scene, pause, rounds, short_lease, soon},
};

/// Kills the first host that writes, and starts another in its place, again and again.
async fn writers_are_killed(scene: &mut Scene, what: &str) {
    for _ in 0..rounds() {
        let at = scene.writers.len();
        scene.writer(&[]);
        soon(scene.writers[at].says_so("ack ", 50)).await;
        scene.writers[at].kill();
        let since = Instant::now();
        // The other one writes on.
        scene.goes_on(what, 1, since).await;
    }
}

#[tokio::test]
async fn the_host_that_writes_is_killed() {
    let nats = [Nats::start().await];
    let mut scene = Scene::start(&nats, |it| it.large = true).await;
    writers_are_killed(&mut scene, "a host that writes was killed").await;
    scene.ends().await;
}

#[tokio::test]
async fn the_host_that_writes_to_a_plain_channel_is_killed() {
    let nats = [Nats::start().await];
    let mut scene = Scene::start(&nats, |it| (it.plain, it.large) = (true, true)).await;
    writers_are_killed(&mut scene, "a host that writes plain messages was killed").await;
    scene.ends().await;
}

#[tokio::test]
async fn the_host_that_reads_is_killed() {
    readers_are_killed("a host that reads was killed", false).await;
}

#[tokio::test]
async fn the_host_that_reads_at_most_once_is_killed() {
    readers_are_killed("a host that reads at most once was killed", true).await;
}

async fn readers_are_killed(what: &str, once: bool) {
    let nats = [Nats::start().await];
    let writers = if once { 1 } else { 2 };
    let mut scene = Scene::start(&nats, |it| (it.once, it.writers) = (once, writers)).await;
    for _ in 0..2 * rounds() {
        soon(scene.last_reader().says_so("read ", 50)).await;
        scene.readers.last_mut().unwrap().kill();
        let since = Instant::now();
        scene.reader();
        scene.goes_on(what, 0, since).await;
    }
    scene.ends().await;
}

/// Lets the first host that writes stand still.
async fn writer_stands_still(scene: &Scene, lasts: Duration) -> Instant {
    scene.writers[0].signal("STOP");
    tokio::time::sleep(lasts).await;
    let since = Instant::now();
    scene.writers[0].signal("CONT");
    since
}

#[tokio::test]
async fn the_host_that_writes_stands_still_for_less_than_its_lease() {
    let nats = [Nats::start().await];
    // The grace included.
    let scene = Scene::start(&nats, |it| it.lease = pause() * 3 / 2).await;
    let since = writer_stands_still(&scene, pause()).await;
    scene
        .goes_on("a host that writes stood still", 0, since)
        .await;
    let refused = scene.writers[0]
        .said()
        .iter()
        .any(|it| it.1.starts_with("refused"));
    assert!(!refused, "it is still one of the writers");
    scene.ends().await;
}

#[tokio::test]
async fn the_host_that_writes_stands_still_for_longer_than_its_lease() {
    let nats = [Nats::start().await];
    let scene = Scene::start(&nats, |it| it.lease = short_lease()).await;
    let since = writer_stands_still(&scene, pause()).await;
    // It is fenced, and told so. The other one writes on.
    soon(scene.writers[0].says_so("refused ", 2)).await;
    let told = since.elapsed();
    println!(
        "chaos: a host that stood still for longer than its lease was told so after {told:.1?}"
    );
    scene.goes_on("such a host came back", 1, since).await;
    scene.ends().await;
}

#[tokio::test]
async fn the_host_that_reads_stands_still_for_longer_than_its_lease() {
    let nats = [Nats::start().await];
    let scene = Scene::start(&nats, |it| it.lease = short_lease()).await;
    scene.last_reader().signal("STOP");
    tokio::time::sleep(pause()).await;
    let since = Instant::now();
    scene.last_reader().signal("CONT");
    scene
        .goes_on("a host that reads stood still", 0, since)
        .await;
    scene.ends().await;
}
