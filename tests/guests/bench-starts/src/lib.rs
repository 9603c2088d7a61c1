//! What the benches start, from an entry point typed async.
//!
//! Only the role `parent` calls the fabric, so that the others also run in a bare
//! store that has nothing but WASI.

use std::time::{Duration, SystemTime, UNIX_EPOCH};
use weft_guest::{Capability, Error, ExitStatus, Process, StartOptions};

/// The time of its first instruction, in nanoseconds since 1970, for the role `first`. `asleep`
/// sleeps for so many seconds and `parent` starts so many of this component's name, one after the other.
#[weft_guest::main]
async fn main(role: String, count: u64) -> weft_guest::Result<u64> {
    let now = SystemTime::now();
    match role.as_str() {
        "first" => Ok(nanoseconds(now)),
        "asleep" => {
            std::thread::sleep(Duration::from_secs(count));
            Ok(0)
        }
        "parent" => {
            for _ in 0..count {
                let child = StartOptions::new("bench-starts")
                    .arg("first")
                    .arg(0_u64)
                    .capability(Capability::Clocks);
                let status = Process::start(child)?.wait().await;
                if !matches!(status, ExitStatus::Returned(_)) {
                    return Err(Error::msg(status.to_string()));
                }
            }
            Ok(count)
        }
        _ => Err(Error::msg(format!("there is no role `{role}`"))),
    }
}

fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_nanos() as u64
}
