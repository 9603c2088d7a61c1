//! A guest that starts others of its kind, and is tied to them in every way there is.
//!
//! `run` plays the parent's scenario `what`; the children it starts play `await-stop`,
//! `stop-slowly`, `ignore-stop`, `return`, `fail` or `trap`.

use std::time::Duration;
use weft_guest::{CallError, Capability, Monitor, Ownership, Process, StartOptions, process, time};

/// Plays `what`; what `arg` means is said at each.
#[weft_guest::main]
async fn main(what: String, arg: String) -> Result<String, String> {
    match what.as_str() {
        "await-stop" => {
            process::stop_request().await;
            Ok("asked".to_owned())
        }
        "stop-slowly" => {
            process::stop_request().await;
            time::sleep(Duration::from_secs(1)).await;
            Ok("asked".to_owned())
        }
        "ignore-stop" => for_ever().await,
        "return" => Ok(arg),
        "fail" => Err(arg),
        "trap" => panic!("{arg}"),
        "linked-then-wait" => {
            let _child = start("child", &arg, Ownership::Linked)?;
            for_ever().await
        }
        "leave" => leave(&arg).await,
        "leave-and-fail" => {
            let (ownership, child) = words(&arg);
            let _held = start("child", child, ownership_of(ownership))?;
            process::stop_request().await;
            Err("left in anger".to_owned())
        }
        "drop-handle" => drop_handle(&arg).await,
        "stop-linked" => stop_linked(&arg).await,
        "watch" => watch(&arg).await,
        "trap-exits" => trap_exits().await,
        "children" => children(),
        "watch-many" => watch_many(&arg),
        "wait-often" => wait_often().await,
        "link-later" => link_later(&arg).await,
        "chain" => chain(&arg).await,
        other => Err(format!("no scenario is called {other}")),
    }
}

fn words(text: &str) -> (&str, &str) {
    text.split_once(' ').unwrap_or((text, ""))
}

fn ownership_of(name: &str) -> Ownership {
    match name {
        "linked" => Ownership::Linked,
        "detached" => Ownership::Detached,
        _ => Ownership::Child,
    }
}

fn start(name: &str, what: &str, ownership: Ownership) -> Result<Process, String> {
    let (what, arg) = words(what);
    let options = StartOptions::new("family")
        .name(name)
        .arg(what)
        .arg(arg)
        .capability(Capability::ProcessLifecycle)
        .ownership(ownership);
    Process::start(options).map_err(|error| format!("{error:?}"))
}

fn text(error: CallError) -> String {
    format!("{error:?}")
}

/// Sleeps, whoever asks.
async fn for_ever() -> ! {
    loop {
        time::sleep(Duration::from_secs(3600)).await;
    }
}

/// Starts a child, `OWNERSHIP WHAT`, and when it is asked to stop returns without waiting for it.
async fn leave(arg: &str) -> Result<String, String> {
    let (ownership, child) = words(arg);
    let _held = start("child", child, ownership_of(ownership))?;
    process::stop_request().await;
    Ok("left".to_owned())
}

/// Drops the handle of a child, `OWNERSHIP WHAT`, and goes on until it is asked to stop. Says
/// how many children it has left then.
async fn drop_handle(arg: &str) -> Result<String, String> {
    let (ownership, child) = words(arg);
    drop(start("child", child, ownership_of(ownership))?);
    process::stop_request().await;
    let left = process::children().map_err(text)?.len();
    Err(format!("{left} left"))
}

/// Ends a linked child as `arg` says, `stop` or `kill`, and is not ended by it.
async fn stop_linked(arg: &str) -> Result<String, String> {
    let child = start("child", "ignore-stop", Ownership::Linked)?;
    if arg == "kill" {
        child.kill().map_err(text)?;
    } else {
        let grace = Duration::from_millis(1);
        child.stop(grace).await.map_err(text)?;
    }
    Ok(child.wait().await.to_string())
}

/// Watches four children, one of them only after its end and one of them twice, and says what
/// it was told. `arg` is `unwatch` to watch the third no longer.
async fn watch(arg: &str) -> Result<String, String> {
    let monitor = Monitor::new().map_err(text)?;
    let mut told = Vec::new();
    if let Some(exit) = monitor.next().await {
        return Err(format!("told of {exit:?} without a watch"));
    }
    let early = start("early", "return 1", Ownership::Child)?;
    early.wait().await;
    let failing = start("failing", "fail no", Ownership::Child)?;
    let third = start("third", "await-stop", Ownership::Child)?;
    let trapping = start("trapping", "trap ouch", Ownership::Child)?;
    for (tag, child) in [(1, &early), (2, &failing), (3, &third), (4, &trapping)] {
        monitor.watch(child, tag).map_err(text)?;
    }
    monitor.watch(&third, 33).map_err(text)?;
    if arg == "unwatch" {
        monitor.unwatch(&third);
    }
    third.stop(Duration::from_secs(60)).await.map_err(text)?;
    while let Some(exit) = monitor.next().await {
        if exit.process == 0 {
            return Err("no id".to_owned());
        }
        told.push(format!("{} {} {}", exit.tag, exit.name, exit.status));
    }
    told.sort();
    Ok(told.join("; "))
}

/// Takes the links of three linked children, one of which returns, one fails and one is killed
/// together with another that is watched too.
async fn trap_exits() -> Result<String, String> {
    let monitor = Monitor::new().map_err(text)?;
    monitor.trap_exits();
    let mut told = Vec::new();
    let _returns = start("returns", "return 1", Ownership::Linked)?;
    let _fails = start("fails", "fail no", Ownership::Linked)?;
    let both = start("both", "ignore-stop", Ownership::Linked)?;
    monitor.watch(&both, 9).map_err(text)?;
    both.kill().map_err(text)?;
    for _ in 0..3 {
        let exit = monitor.next().await.ok_or("it traps exits")?;
        told.push(format!("{} {} {}", exit.tag, exit.name, exit.status));
    }
    if let Some(exit) = monitor.try_next() {
        return Err(format!("told twice: {exit:?}"));
    }
    told.sort();
    Ok(told.join("; "))
}

/// Lists its children, before and after one has ended.
fn children() -> Result<String, String> {
    let mut names = Vec::new();
    let first = start("first", "ignore-stop", Ownership::Child)?;
    drop(start("second", "ignore-stop", Ownership::Child)?);
    drop(start("third", "ignore-stop", Ownership::Detached)?);
    for round in 0..2 {
        let children = process::children().map_err(text)?;
        names.push(
            children
                .iter()
                .map(Process::name)
                .collect::<Vec<_>>()
                .join(" "),
        );
        if round == 0 {
            first.kill().map_err(text)?;
            weft_guest::blocking::wait(&first);
        } else {
            children
                .iter()
                .try_for_each(|child| child.kill().map_err(text))?;
        }
    }
    Ok(names.join("; "))
}

/// Watches `arg` children that have ended and takes no end.
fn watch_many(arg: &str) -> Result<String, String> {
    let monitor = Monitor::new().map_err(text)?;
    for watched in 0..arg.parse::<u32>().map_err(|error| error.to_string())? {
        let child = start("short", "return 1", Ownership::Child)?;
        weft_guest::blocking::wait(&child);
        monitor
            .watch(&child, 0)
            .map_err(|error| format!("watched {watched}, then {error:?}"))?;
    }
    Ok("all".to_owned())
}

/// Waits for one child fifty times at once, and once more after its end.
async fn wait_often() -> Result<String, String> {
    let child = start("child", "return 7", Ownership::Child)?;
    let waits: Vec<_> = (0..50).map(|_| child.wait()).collect();
    let mut ends = weft_guest::futures::future::join_all(waits).await;
    ends.push(child.wait().await);
    let same = ends
        .iter()
        .filter(|end| end.to_string() == "returned \"7\"");
    Ok(same.count().to_string())
}

/// Links with a child that was started without, `WHAT`, after it has ended if `WHAT` ends.
async fn link_later(arg: &str) -> Result<String, String> {
    let child = start("child", arg, Ownership::Detached)?;
    if arg != "await-stop" {
        child.wait().await;
    }
    child.link().map_err(text)?;
    if arg == "await-stop" {
        child.unlink();
        child.kill().map_err(text)?;
        child.wait().await;
    }
    // A host call, at which a guest that is to end does.
    time::sleep(Duration::from_millis(1)).await;
    Ok("still here".to_owned())
}

/// A chain of `arg` linked processes, the last of which traps.
async fn chain(arg: &str) -> Result<String, String> {
    let left: u32 = arg.parse().map_err(|_| "no number")?;
    let next = match left {
        0 => "trap the last".to_owned(),
        left => format!("chain {}", left - 1),
    };
    let _next = start(&format!("link-{left}"), &next, Ownership::Linked)?;
    for_ever().await
}
