//! A guest of the file system: it plays one of many parts, by the interfaces of WASI 0.2 or by those of 0.3.
//!
//! Errors are told by WASI's name for them, which both versions share. The first mount is meant where no other is named.

mod scenarios;
mod v2;
mod v3;
mod version;

/// Plays the scenario with this name, by this version. What `arg` means is said at each.
#[weft_guest::main]
async fn main(version: String, scenario: String, arg: String) -> Result<String, String> {
    match version.as_str() {
        "0.2" => scenarios::play::<v2::Files>(&scenario, &arg).await,
        "0.3" => scenarios::play::<v3::Files>(&scenario, &arg).await,
        other => Err(format!("no version is called {other}")),
    }
}
