//! Uses an interface that only the program around the host offers, as a guest that waits on its own stack.

mod greet;

use weft_guest::blocking;

/// Plays `what`: `hello`, `visit` and `stay` greet `argument`, `child` starts one that does.
#[weft_guest::main]
fn main(what: String, argument: String) -> Result<String, String> {
    match what.as_str() {
        "hello" => greet::told(greet::hello(&argument)),
        "visit" => greet::told(greet::visit(&argument).map(|(_, greeting)| greeting)),
        "stay" => {
            let stays = greet::visit(&argument);
            blocking::stop_request();
            greet::told(stays.map(|(_, greeting)| greeting))
        }
        "child" => {
            let child = greet::start("blocking-greeted", &argument)?;
            Ok(blocking::wait(&child).to_string())
        }
        other => Err(format!("no scenario is called {other}")),
    }
}
