//! Stands for what wakes somebody up: shows the alerts it gets.

use weft_guest::Reader;

/// Prints each alert. Returns how many there were.
#[weft_guest::main]
async fn main(mut alerts: Reader) -> weft_guest::Result<u32> {
    let mut count = 0;
    while let Some(alert) = alerts.read().await? {
        count += 1;
        println!("ALERT {}", String::from_utf8_lossy(&alert.payload));
    }
    Ok(count)
}
