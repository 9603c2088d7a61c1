//! A guest that makes one thing a process can make: as many of it, as large, or both, as it is let.
//!
//! `run` makes it, keeps all of it, says so, and waits to be told to go on. What must come of each axis stands in
//! `tests/host/hostile/axes/table`. `child` is what it starts, `neighbour` who lives beside it.
//!
//! The bindings are used raw, where the SDK would bound or keep something itself.

mod channels;
mod children;
mod files;
mod files03;
mod frames;
mod logs;
mod longest;
mod make;
mod metrics;
mod names;
mod neighbour;
mod own;
mod starts;
#[cfg(target_family = "wasm")]
mod streams;
mod waits;
mod wasi;
mod wasi03;

use make::{How, Made};
use weft_guest::{Reader, Writer};

/// Makes what `axis` names, until it is refused or has a great many; says on `kept` that it has, and waits on `go`. Returns
/// how many it made and what it was told last.
#[weft_guest::main]
async fn main(axis: String, how: String, kept: Writer, go: Reader) -> Result<String, String> {
    let how = How::named(&how).ok_or_else(|| format!("`{how}` is no way to make something"))?;
    let made = make(&axis, how).await;
    let made = made.ok_or_else(|| format!("no axis is called `{axis}`"))?;
    // On the guest's own stack: a task that waits would have to be paid for.
    let (kept, go) = (kept.into_raw(), go.into_raw());
    let _ = kept.try_write(b"kept");
    let _ = go.read();
    Ok(made.told())
}

async fn make(axis: &str, how: How) -> Option<Made> {
    let modules = [
        channels::make(axis, how),
        frames::make(axis, how),
        names::make(axis, how),
        starts::make(axis, how),
        children::make(axis, how),
        logs::make(axis, how),
        metrics::make(axis, how),
        wasi::make(axis, how),
        files::make(axis, how),
        own::make(axis, how),
    ];
    if let Some(made) = modules.into_iter().flatten().next() {
        return Some(made);
    }
    if let Some(made) = waits::make(axis, how).await {
        return Some(made);
    }
    match wasi03::make(axis, how).await {
        None => files03::make(axis, how).await,
        made => made,
    }
}

/// What a process of this guest starts; see `children`.
#[weft_guest::entry_point]
async fn child(what: String) -> Result<String, String> {
    children::child(&what)
}

/// Takes bytes, as an argument.
#[weft_guest::entry_point]
async fn bytes(payload: Vec<u8>) -> u32 {
    payload.len() as u32
}

/// Makes so many rounds of calls and returns how many were answered as they should, and the longest gap between two of them in
/// nanoseconds.
#[weft_guest::entry_point]
async fn neighbour(rounds: u32) -> Result<(u32, u64), String> {
    neighbour::calls(rounds)
}

/// Makes the longest call of this name without end; see `longest`.
#[weft_guest::entry_point]
async fn longest(call: String) -> Result<(), String> {
    longest::call(&call).await
}
