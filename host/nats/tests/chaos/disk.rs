//! The server's disk is full.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use super::{
    common::Nats,
    scene::{Scene, soon},
};

/// Room that the server has, in bytes.
const ROOM: u64 = 24 << 20;

/// How long writes wait here.
const PATIENCE: Duration = Duration::from_secs(1);

/// A file system in memory, as large as the room. It goes with this.
struct Small<'a>(&'a Path);

impl<'a> Small<'a> {
    /// None: only root can mount one.
    fn mount(at: &'a Path) -> Option<Self> {
        let size = format!("size={ROOM}");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(at)
            .status();
        mounted.is_ok_and(|it| it.success()).then_some(Self(at))
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

/// Waits until each host has been told that the server takes nothing.
async fn are_told(scene: &Scene) {
    for writer in &scene.writers {
        soon(writer.says_so("unavailable ", 1)).await;
    }
}

#[tokio::test]
async fn the_server_may_use_no_more_of_its_disk() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nats.conf");
    let limit = |bytes: u64| {
        let text = format!("jetstream {{ max_file_store: {bytes} }}");
        std::fs::write(&file, text).unwrap();
    };
    limit(ROOM);
    let arguments = vec!["-c".into(), file.display().to_string()];
    let mut nats = [Nats::start_with(arguments).await];
    let scene = fill(&nats).await;
    let before = Instant::now();
    limit(100 * ROOM);
    nats[0].stop();
    nats[0].begin().await;
    scene
        .goes_on("the server may use more again", 0, before)
        .await;
    scene.ends().await;
}

#[tokio::test]
async fn the_disk_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_small) = Small::mount(folder.path()) else {
        println!("chaos: passed over, as only root can make a small disk");
        return;
    };
    let ballast = folder.path().join("ballast");
    // Freed later.
    std::fs::write(&ballast, vec![0; ROOM as usize / 4]).unwrap();
    let store = folder.path().join("store");
    let mut nats = [Nats::start_at(&store).await];
    let scene = fill(&nats).await;
    let before = Instant::now();
    std::fs::remove_file(&ballast).unwrap();
    // A server whose disk was full keeps nothing any more until it is started again.
    nats[0].kill();
    nats[0].begin().await;
    scene.goes_on("the disk has room again", 0, before).await;
    scene.ends().await;
    drop(nats);
}

/// Writes until nothing more is taken.
async fn fill(nats: &[Nats]) -> Scene {
    let scene = Scene::start(nats, |it| (it.patience, it.large) = (PATIENCE, true)).await;
    let since = Instant::now();
    are_told(&scene).await;
    let told = since.elapsed();
    println!("chaos: the disk is full, and hosts are told of it; {told:.1?} after they began");
    scene
}
