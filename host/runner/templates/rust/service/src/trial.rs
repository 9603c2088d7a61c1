//! Something to try the service with: an entry point that asks and prints the answers.
//!
//! Once other guests ask, this file can go.

use std::time::Duration;
use weft_guest::Writer;
use weft_guest::rpc::Client;

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks each question and prints what it hears.
#[weft_guest::entry_point]
async fn ask(requests: Writer, questions: Vec<String>) -> weft_guest::Result {
    let client = Client::new(requests);
    for question in questions {
        match client.call_within(PATIENCE, question.as_str()).await {
            Ok(answer) => println!("{question} = {}", String::from_utf8_lossy(&answer)),
            Err(error) => println!("{question}: {error}"),
        }
    }
    Ok(())
}
