//! Clocks are set while programs run.
//!
//! The clock of a host is moved under it, by a library that answers for the system's. The server's is not: it asks the kernel without a
//! library, and moving the machine's clock would move everybody's. What a jump of it does to leases is done from outside: they all end at once.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use async_nats::jetstream;

use super::{
    common::Nats,
    scene::{Scene, short_lease, soon},
};

/// The library, made by the compiler that links Rust's programs.
fn library(folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chaos/clock.c");
    let library = folder.join("clock.so");
    let made = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&library, &source])
        .status();
    assert!(made.unwrap().success(), "the library cannot be made");
    library
}

#[tokio::test]
async fn the_clock_of_a_host_jumps() {
    let nats = [Nats::start().await];
    // So that ages matter.
    let keep = Some(Duration::from_secs(600));
    let lease = short_lease();
    let mut scene = Scene::start(&nats, |it| (it.keep, it.lease) = (keep, lease)).await;
    let folder = tempfile::tempdir().unwrap();
    let clock = folder.path().join("clock");
    std::fs::write(&clock, "0").unwrap();
    let environment = [
        ("LD_PRELOAD", library(folder.path()).display().to_string()),
        ("WEFT_TEST_CLOCK", clock.display().to_string()),
    ];
    scene.writer(&environment);
    soon(scene.writers[2].says_so("ack ", 50)).await;
    for (jump, what) in [(3600, "forward"), (-3600, "back")] {
        std::fs::write(&clock, jump.to_string()).unwrap();
        let since = Instant::now();
        scene
            .goes_on(
                &format!("the clock of a host was set {what} by an hour"),
                2,
                since,
            )
            .await;
        // It looks several times for what is too old.
        tokio::time::sleep(lease * 2).await;
    }
    let names = scene.ends().await;
    assert_eq!(names.first().map(|it| it.1), Some(0), "nothing was too old");
}

#[tokio::test]
async fn all_leases_end_at_once_as_when_the_clock_of_the_server_jumps() {
    let nats = [Nats::start().await];
    let scene = Scene::start(&nats, |it| it.lease = short_lease()).await;
    let client = async_nats::connect(nats[0].address()).await.unwrap();
    let bucket = jetstream::new(client)
        .get_stream("KV_weft-orders")
        .await
        .unwrap();
    for _ in 0..3 {
        let since = Instant::now();
        let purged = bucket
            .purge()
            .filter("$KV.weft-orders.lease.>")
            .await
            .unwrap();
        assert!(purged.purged > 0);
        scene.goes_on("all leases ended", 0, since).await;
        scene.goes_on("all leases ended", 1, since).await;
        tokio::time::sleep(short_lease()).await;
    }
    scene.ends().await;
}
