//! Waits for, stops or kills a process that it was handed.

use std::time::Duration;
use weft_guest::{Process, process};

/// Does `what` with the process and says what came of it.
#[weft_guest::main]
async fn main(what: String, process: Process) -> weft_guest::Result<String> {
    Ok(match what.as_str() {
        "return" => String::new(),
        "wait" => process.wait().await.to_string(),
        "stop" => format!("{:?}", process.stop(Duration::ZERO).await),
        "stop-patiently" => format!("{:?}", process.stop(Duration::from_secs(3600)).await),
        "kill" => format!("{:?}", process.kill()),
        "link" => format!("{:?}", process.link()),
        // Gives one wait up, then waits again.
        "wait-twice" => {
            let nap = weft_guest::time::sleep(Duration::from_millis(5));
            let first = futures_select(process.wait(), nap).await;
            format!("{first} {}", process.wait().await)
        }
        "hold" => {
            process::stop_request().await;
            format!("{:?}", process.status())
        }
        other => return Err(weft_guest::Error::msg(format!("no scenario {other}"))),
    })
}

/// Whether the first was done before the second.
async fn futures_select<T>(
    first: impl Future<Output = T>,
    second: impl Future<Output = ()>,
) -> bool {
    use weft_guest::futures::future::{Either, select};
    let (first, second) = (std::pin::pin!(first), std::pin::pin!(second));
    matches!(select(first, second).await, Either::Left(_))
}
