//! The page of the book that goes from curl to a live page: its commands are run, and their answers are those that it shows.

use super::served::Served;
use crate::support::{guest_of, repository};
use serde_json::Value;
use std::process::Command;
use tempfile::TempDir;

/// The address that the page is written for.
pub const SHOWN: &str = "127.0.0.1:8080";

/// Where the page is served from.
const PAGE: &str = "http://localhost:8000";

/// The example, on a port of its own.
pub fn example() -> Served {
    example_with(tempfile::tempdir().unwrap(), PAGE, "")
}

/// The same in this folder, for pages of this origin, and with more keys of its listener.
pub fn example_with(folder: TempDir, page: &str, more: &str) -> Served {
    let text = std::fs::read_to_string(repository().join("examples/webhook/weft.toml")).unwrap();
    let guests = guest_of("compose_filter");
    let guests = guests.parent().unwrap().display().to_string();
    let text = text
        .replace("../../target/wasm32-wasip2/guest", &guests)
        .replace(&format!("${{LISTEN:-{SHOWN}}}"), "127.0.0.1:0")
        .replace(&format!("${{PAGE:-{PAGE}}}"), page)
        .replace("[http.flights]", &format!("[http.flights]\n{more}"))
        .replace("http.flights", "http.shop");
    Served::within(folder, &text, &[])
}

/// The commands of a page, each with the JSON that follows it.
fn answered(page: &str) -> Vec<(String, String)> {
    let mut blocks = page.split("```").skip(1).step_by(2).peekable();
    let mut answered = Vec::new();
    while let Some(block) = blocks.next() {
        if let (Some(command), Some(answer)) = (
            block.strip_prefix("sh\n"),
            blocks.peek().and_then(|next| next.strip_prefix("json\n")),
        ) {
            answered.push((command.trim().to_owned(), answer.trim().to_owned()));
        }
    }
    answered
}

#[test]
fn the_page_shows_what_its_commands_answer() {
    let page = repository().join("docs/src/tutorial/live-page.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut shop = example();
    let mut seen = shop.watch_at("/late", &["accept: text/event-stream"]);
    let answered = answered(&page);
    assert_eq!(answered.len(), 4);
    for (command, answer) in answered {
        let output = Command::new("sh")
            .args(["-c", &command.replace(SHOWN, &shop.address.to_string())])
            .current_dir(repository())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said.trim(), answer, "{command}");
    }
    // As many late ones as the page says of the thousand, behind the first.
    for _ in 0..63 {
        let flight: Value = serde_json::from_str(&seen.event().1).unwrap();
        assert!(flight["delay"].as_u64() >= Some(60), "{flight}");
    }
    assert!(page.contains("the page counts 62 late ones"));
    shop.stop();
}

#[test]
fn the_example_lets_its_page_in_and_no_other() {
    let html = std::fs::read_to_string(repository().join("examples/webhook/live.html")).unwrap();
    assert!(html.contains(&format!("\"http://{SHOWN}\"")));
    let shop = example();
    let status = |origin: &str, path: &str| {
        let origin = format!("origin: {origin}");
        shop.curl(
            path,
            &["-H", &origin, "-H", "accept: text/event-stream", "--head"],
        )
    };
    let (said, code) = status("http://localhost:8000", "/late");
    assert_eq!(code, 200);
    assert!(
        said.contains("access-control-allow-origin: http://localhost:8000"),
        "{said}"
    );
    assert_eq!(status("http://localhost:8001", "/late").1, 403);
    // What its button asks before it posts.
    let preflight = [
        "-X",
        "OPTIONS",
        "-H",
        "origin: http://localhost:8000",
        "-H",
        "access-control-request-method: POST",
        "-H",
        "access-control-request-headers: content-type",
    ];
    assert_eq!(shop.curl("/flights", &preflight).1, 204);
}
