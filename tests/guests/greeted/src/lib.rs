//! Uses an interface that only the program around the host offers, as a guest with async calls.

mod greet;

use weft_guest::process;

/// Plays `what`: `hello`, `visit` and `stay` greet `argument`, `child` starts one that does.
#[weft_guest::main]
async fn main(what: String, argument: String) -> Result<String, String> {
    match what.as_str() {
        "hello" => greet::told(greet::hello(&argument)),
        "visit" => greet::told(greet::visit(&argument).map(|(_, greeting)| greeting)),
        "stay" => {
            let stays = greet::visit(&argument);
            process::stop_request().await;
            greet::told(stays.map(|(_, greeting)| greeting))
        }
        "child" => Ok(greet::start("greeted", &argument)?.wait().await.to_string()),
        other => Err(format!("no scenario is called {other}")),
    }
}
