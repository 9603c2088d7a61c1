//! What goes to the log, by every way there is.

use crate::number;
use crate::rights::stay_after;
use std::io::Write;
use weft_guest::log::{self, Level};
use weft_guest::tracing;

/// Plays the scenario with this name, if it is one of these. What `arg` means is said at each.
pub async fn play(scenario: &str, arg: &str) -> Option<Result<String, String>> {
    Some(match scenario {
        "log-fields" => Ok(log_fields()),
        "log-many" => log_many(arg),
        "log-many-and-stay" => stay_after(log_many(arg)).await,
        "line-in-two" => line_in_two(arg).await,
        "stdout-lines" => stdout_lines(arg),
        "odd-lines" => odd_lines(),
        "long-line" => long_line(arg),
        "two-streams" => two_streams(arg),
        _ => return None,
    })
}

/// One entry by each front end, with fields.
fn log_fields() -> String {
    log::write(
        Level::Info,
        "scenarios",
        "by hand",
        &[("number", &42), ("text", &"a \"quoted\"\nline")],
    );
    log::warn!(number = 42, text = "plain"; "by log");
    let outer = tracing::info_span!("outer", request = 7, colour = "red").entered();
    let inner = tracing::info_span!("inner", colour = "blue").entered();
    tracing::error!(number = 42, ratio = 0.5, flag = true, "by tracing");
    drop((inner, outer));
    tracing::info!("outside");
    "logged".to_owned()
}

/// Writes `arg` entries as fast as it can.
fn log_many(arg: &str) -> Result<String, String> {
    let entries: u64 = number(arg)?;
    for entry in 0..entries {
        log::info!(entry; "one of many");
    }
    Ok(format!("{entries} entries"))
}

/// Prints `arg` lines on each of stdout and stderr, and text without a line end
/// after those on stdout.
fn stdout_lines(arg: &str) -> Result<String, String> {
    let lines: u32 = number(arg)?;
    for line in 1..=lines {
        println!("line {line} on stdout");
        eprintln!("line {line} on stderr");
    }
    print!("no line end");
    Ok(format!("{lines} lines"))
}

/// Prints a line in two parts, `arg` milliseconds apart.
async fn line_in_two(arg: &str) -> Result<String, String> {
    print!("working...");
    std::io::stdout()
        .flush()
        .map_err(|error| error.to_string())?;
    crate::rights::sleep(arg).await?;
    println!(" done");
    Ok("printed".to_owned())
}

/// Prints lines of every odd kind.
fn odd_lines() -> Result<String, String> {
    let lines: &[u8] = b"first\n\n\r\nends in two\r\r\nbad \xff byte\nlast";
    let written = std::io::stdout().write_all(lines);
    written.map_err(|error| error.to_string())?;
    Ok("printed".to_owned())
}

/// Prints one line of `arg` characters of three bytes each, after one of one byte.
fn long_line(arg: &str) -> Result<String, String> {
    println!("a{}", "\u{20ac}".repeat(number(arg)?));
    Ok("printed".to_owned())
}

/// Prints `arg` lines on stdout, and writes an entry by itself behind them.
fn two_streams(arg: &str) -> Result<String, String> {
    let lines: u32 = number(arg)?;
    for line in 1..=lines {
        println!("line {line} on stdout");
    }
    log::info!("an entry of its own");
    Ok("printed".to_owned())
}
