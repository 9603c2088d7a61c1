//! Processes: starts, how they end, links and stops.

use std::time::Duration;
use weft_guest::process;
use weft_guest::{CallError, Capability, Channel, ExitStatus, Limits, Monitor, Process};
use weft_guest::{Result, StartOptions};

/// What the other pieces start.
pub fn worker() -> Result {
    panic!("no work today");
}

pub async fn start() -> Result {
    // ANCHOR: start
    let options = StartOptions::new("snippets") // the component
        .name("worker-1")
        .arg("worker")
        .capability(Capability::ChannelLifecycle)
        .limits(Limits {
            memory: Some(16 << 20),
            ..Limits::default()
        });
    let child = Process::start(options)?; // everything is checked by now
    match child.wait().await {
        ExitStatus::Trapped(trap) => assert_eq!(trap.message, "no work today"),
        other => panic!("{other}"),
    }
    // ANCHOR_END: start
    Ok(())
}

pub async fn monitor() -> Result {
    // ANCHOR: monitor
    let monitor = Monitor::new()?;
    for number in 1..=3 {
        let child = Process::start(StartOptions::new("snippets").arg("worker"))?;
        monitor.watch(&child, number)?;
    }
    let mut ends = 0;
    while let Some(exit) = monitor.next().await {
        println!("worker {}: {}", exit.tag, exit.status);
        ends += 1;
    }
    assert_eq!(ends, 3); // each once, in the order in which they happened
    // ANCHOR_END: monitor
    Ok(())
}

pub async fn link() -> Result {
    // ANCHOR: link
    let monitor = Monitor::new()?;
    monitor.trap_exits(); // without this, its end would end this process too
    let child = Process::start(StartOptions::new("snippets").arg("worker"))?;
    child.link()?;
    let exit = monitor.next().await;
    assert!(exit.is_some_and(|exit| !exit.status.is_success()));
    // ANCHOR_END: link
    Ok(())
}

pub async fn stop() -> Result {
    // ANCHOR: stop
    let child = Process::start(StartOptions::new("snippets").arg("until-stopped"))?;
    let status = child.stop(Duration::from_secs(60)).await?; // asked; killed when the time is over
    assert!(status.is_success());
    // ANCHOR_END: stop
    Ok(())
}

pub async fn until_stopped() -> Result {
    // ANCHOR: until-stopped
    process::stop_request().await; // others can be in a `select!` with it
    // … put things in order …
    Ok(())
    // ANCHOR_END: until-stopped
}

pub fn denied() -> Result {
    // ANCHOR: denied
    match Channel::bounded(1024) {
        Err(CallError::PermissionDenied(name)) => assert_eq!(name, "channel-lifecycle"),
        other => panic!("{other:?}"),
    }
    // ANCHOR_END: denied
    Ok(())
}
