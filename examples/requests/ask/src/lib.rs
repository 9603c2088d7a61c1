//! Asks for prices, of whoever answers under the name `prices`.

use std::time::Duration;
use weft_guest::rpc::Client;
use weft_guest::{log, registry};

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks for the price of each and returns their sum in cents.
#[weft_guest::main]
async fn main(goods: Vec<String>) -> weft_guest::Result<u32> {
    // Waits until the other process has published it.
    let requests = registry::await_name("prices").await?;
    // Strong: when the last of these is gone, the requests have ended.
    let client = Client::new(requests.strong_writer()?);
    let mut sum = 0;
    for good in goods {
        match client.call_within(PATIENCE, good.as_str()).await {
            Ok(price) => sum += String::from_utf8(price)?.parse::<u32>()?,
            Err(error) => log::warn!("{good}: {error}"),
        }
    }
    Ok(sum)
}
