//! A guest that does one thing of many, most of them wrong.
//!
//! One component instead of twenty, as each takes its time to compile. Typed
//! errors are returned in Rust's debug form, such as
//! `PermissionDenied("channel-lifecycle")`, so that a test sees the variant.

mod channels;
mod faults;
mod logs;
mod metrics;
mod output;
mod rights;
mod told;

/// Plays the scenario with this name. What `arg` means is said at each.
#[weft_guest::main]
async fn main(scenario: String, arg: String) -> Result<String, String> {
    if let Some(played) = faults::play(&scenario, &arg) {
        return played;
    }
    if let Some(played) = rights::play(&scenario, &arg).await {
        return played;
    }
    if let Some(played) = channels::play(&scenario, &arg).await {
        return played;
    }
    if let Some(played) = output::play(&scenario, &arg).await {
        return played;
    }
    if let Some(played) = logs::play(&scenario, &arg).await {
        return played;
    }
    if let Some(played) = metrics::play(&scenario, &arg).await {
        return played;
    }
    match scenario.as_str() {
        "echo" => Ok(arg),
        "return-error" => Err(arg),
        "told" => told::told(&arg).await,
        other => Err(format!("no scenario is called {other}")),
    }
}

/// The number an argument holds.
fn number<T: std::str::FromStr>(arg: &str) -> Result<T, String> {
    arg.parse().map_err(|_| format!("`{arg}` is no number"))
}
