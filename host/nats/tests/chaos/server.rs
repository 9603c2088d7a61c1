//! The only server is killed, or stands still.

use std::time::Instant;

use super::{
    common::Nats,
    scene::{Scene, pause, rounds, short_lease},
};

#[tokio::test]
async fn the_server_is_killed() {
    let mut nats = [Nats::start().await];
    let scene = Scene::start(&nats, |it| it.large = true).await;
    for _ in 0..rounds() {
        nats[0].kill();
        let since = Instant::now();
        nats[0].begin().await;
        let began = since.elapsed();
        println!("chaos: the server was killed and is there again after {began:.1?}");
        scene.goes_on("the server was killed", 0, since).await;
    }
    scene.ends().await;
}

#[tokio::test]
async fn the_server_stands_still_for_longer_than_leases_last() {
    let nats = [Nats::start().await];
    let scene = Scene::start(&nats, |it| it.lease = short_lease()).await;
    nats[0].signal("STOP");
    tokio::time::sleep(pause()).await;
    let since = Instant::now();
    nats[0].signal("CONT");
    // No host is counted as gone.
    scene.goes_on("the server stood still", 0, since).await;
    scene.goes_on("the server stood still", 1, since).await;
    scene.ends().await;
}
