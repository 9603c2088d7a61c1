//! A guest that goes to its limits, and starts others of its kind that do.
//!
//! Typed errors are returned in Rust's debug form, so that a test sees the variant.

mod kept;

use std::hint::black_box;
use std::time::Duration;
use weft_guest::log::info;
use weft_guest::{Capability, Limits, Monitor, Process, StartOptions, blocking};

/// Plays `what`; what `arg` means is said at each.
#[weft_guest::main]
fn main(what: String, arg: String) -> Result<String, String> {
    match what.as_str() {
        "return" => Ok(arg),
        "return-bytes" => Ok("x".repeat(number(&arg)? as usize)),
        "sleep" => sleep(&arg),
        "spin" => spin(),
        "allocate" => allocate(&arg),
        "ask-host" => ask_host(&arg),
        "recurse" => Ok(recurse(number(&arg)?).to_string()),
        "flood" => flood(&arg),
        "children" => children(&arg),
        "depth" => depth(&arg),
        "families" => families(),
        "keep-one" => keep_one(),
        "share-memory" => share_memory(&arg),
        "spinning-child" => spinning_child(),
        "give-fuel" => give_fuel(),
        "keep-ended" => kept::ended(&arg),
        "poor-child" => kept::poor_child(&arg),
        "keep-spans" => kept::spans(&arg),
        "ask-for-more" => Ok(ask_for_more()),
        other => Err(format!("no scenario is called {other}")),
    }
}

fn number(arg: &str) -> Result<u32, String> {
    arg.parse().map_err(|_| format!("`{arg}` is no number"))
}

fn options(what: &str, arg: &str) -> StartOptions {
    StartOptions::new("limits")
        .name(what)
        .arg(what)
        .arg(arg)
        .capability(Capability::ProcessLifecycle)
}

fn start(options: StartOptions) -> Result<Process, String> {
    Process::start(options).map_err(|error| format!("{error:?}"))
}

/// Sleeps `arg` milliseconds.
fn sleep(arg: &str) -> Result<String, String> {
    blocking::sleep(Duration::from_millis(number(arg)?.into()));
    Ok("slept".to_owned())
}

/// Never gives the host a chance to be polite.
fn spin() -> ! {
    let mut turns = 0u64;
    loop {
        turns = black_box(turns + 1);
    }
}

/// Allocates `arg` MiB, touches them and returns.
fn allocate(arg: &str) -> Result<String, String> {
    let memory = vec![1u8; number(arg)? as usize * 1024 * 1024];
    Ok(black_box(memory).len().to_string())
}

/// Hands `arg` bytes to the host in one call.
fn ask_host(arg: &str) -> Result<String, String> {
    let text = "x".repeat(number(arg)? as usize);
    info!("{text}");
    Ok("handed over".to_owned())
}

/// Calls itself so many levels deep, and comes back. Keeps nothing on the stack that its memory holds.
#[inline(never)]
fn recurse(levels: u32) -> u32 {
    match levels {
        0 => 0,
        // The sum is done after the call, or the call becomes a loop.
        _ => black_box(recurse(black_box(levels - 1))) + 1,
    }
}

/// Writes `arg` entries as fast as it can.
fn flood(arg: &str) -> Result<String, String> {
    for entry in 0..number(arg)? {
        info!("entry {entry}");
    }
    Ok("written".to_owned())
}

/// Starts children, at most `arg` that live at once, until one is refused.
fn children(arg: &str) -> Result<String, String> {
    let mut held = Vec::new();
    for _ in 0..number(arg)? {
        match start(options("sleep", "3600000")) {
            Ok(child) => held.push(child),
            Err(error) => return Ok(format!("{} children, then {error}", held.len())),
        }
    }
    Ok(format!("{} children", held.len()))
}

/// Starts a child that starts a child and so on, until one is refused. Returns how many there were
/// and the refusal.
fn depth(arg: &str) -> Result<String, String> {
    let depth = number(arg)?;
    match start(options("depth", &(depth + 1).to_string())) {
        Ok(child) => Ok(blocking::wait(&child).to_string()),
        Err(error) => Ok(format!("{depth} generations, then {error}")),
    }
}

/// Two children that start and keep one each. Says how the one ended that was refused its own.
fn families() -> Result<String, String> {
    let text = |error| format!("{error:?}");
    let monitor = Monitor::new().map_err(text)?;
    for tag in 0..2 {
        let child = start(options("keep-one", ""))?;
        monitor.watch(&child, tag).map_err(text)?;
    }
    let refused = blocking::next_exit(&monitor).ok_or("both are watched")?;
    Ok(refused.status.to_string())
}

/// Starts a child and waits for it.
fn keep_one() -> Result<String, String> {
    let child = start(options("sleep", "3600000"))?;
    Ok(blocking::wait(&child).to_string())
}

/// Has three children after each other hold `arg` MiB, and one more while it holds as much itself.
fn share_memory(arg: &str) -> Result<String, String> {
    let child = || start(options("allocate", arg)).map(|child| blocking::wait(&child).to_string());
    let alone = [child()?, child()?, child()?];
    let own = vec![1u8; number(arg)? as usize * 1024 * 1024];
    let beside = child()?;
    Ok(format!(
        "{alone:?}, then {beside} beside {}",
        black_box(own).len()
    ))
}

/// Waits for a child that uses up the time of both, and then for a minute.
fn spinning_child() -> Result<String, String> {
    let child = start(options("spin", ""))?;
    let status = blocking::wait(&child).to_string();
    // Long: what a guest does without a wait it may do to its end.
    sleep("60000")?;
    Ok(status)
}

/// Gives a child what it may not, and then what it may.
fn give_fuel() -> Result<String, String> {
    let with = |fuel| {
        let limits = Limits {
            fuel,
            ..Limits::default()
        };
        start(options("spin", "").limits(limits)).map(|child| blocking::wait(&child).to_string())
    };
    let given = with(Some(1_000_000))?;
    Ok(format!(
        "{:?}; {:?}; {given}",
        with(None),
        with(Some(u64::MAX))
    ))
}

/// Asks for more than the default of every limit there is.
fn ask_for_more() -> String {
    let limit = |field: fn(&mut Limits)| {
        let mut limits = Limits::default();
        field(&mut limits);
        match start(options("return", "").limits(limits)) {
            Ok(_) => "got it".to_owned(),
            Err(error) => error,
        }
    };
    [
        limit(|all| all.memory = Some(u64::MAX)),
        limit(|all| all.table_elements = Some(u64::MAX)),
        limit(|all| all.instances = Some(u32::MAX)),
        limit(|all| all.handles = Some(u32::MAX)),
        limit(|all| all.channels = Some(u32::MAX)),
        limit(|all| all.channel_bytes = Some(u64::MAX)),
        limit(|all| all.frame_bytes = Some(u32::MAX)),
        limit(|all| all.handles_per_frame = Some(u32::MAX)),
        limit(|all| all.hostcall_bytes = Some(u64::MAX)),
        limit(|all| all.log_rate = Some(u64::MAX)),
        limit(|all| all.children = Some(u32::MAX)),
        limit(|all| all.spawn_depth = Some(u32::MAX)),
        limit(|all| all.host_bytes = Some(u64::MAX)),
        limit(|all| all.open_files = Some(u32::MAX)),
        limit(|all| all.cpu_time = Some(Duration::from_secs(4_000_000))),
        limit(|all| all.wall_time = Some(Duration::from_secs(4_000_000))),
        limit(|all| all.disk_bytes = Some(u64::MAX)),
    ]
    .join("\n")
}
