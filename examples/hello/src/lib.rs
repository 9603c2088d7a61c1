//! The smallest guest: greets, and says so in its log.

/// Greets.
#[weft_guest::main]
async fn main(name: String) -> String {
    weft_guest::log::info!(name = name.as_str(); "greeting {name}");
    format!("Hello, {name}!")
}
