//! Tasks that outlive the entry point.

use std::time::Duration;
use weft_guest::{Error, Result, Writer, spawn, time};

/// Longer than any test takes.
const FOR_EVER: Duration = Duration::from_secs(3600);

pub async fn play(name: &str, output: Writer) -> Result<String> {
    match name {
        // Returns at once; a task says something later, by way of another.
        "go-on" => {
            spawn(async move {
                time::sleep(Duration::from_millis(5)).await;
                spawn(async move {
                    time::sleep(Duration::from_millis(5)).await;
                    let _ = output.write("late").await;
                });
            });
            Ok("returned".to_owned())
        }
        // A task that would never end.
        "for-ever" | "fail" => {
            spawn(async move {
                let _ = output.write("begun").await;
                time::sleep(FOR_EVER).await;
            });
            time::sleep(Duration::from_millis(1)).await;
            match name {
                "fail" => Err(Error::msg("no")),
                _ => Ok("returned".to_owned()),
            }
        }
        _ => Err(crate::unknown(name)),
    }
}
