//! Counts the lines and words of files, or of stdin where none is named.
//!
//! An ordinary program: it runs without Weft just as well.

use std::io::Read as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    if paths.is_empty() {
        let mut text = String::new();
        return match std::io::stdin().read_to_string(&mut text) {
            Ok(_) => print("stdin", &text),
            Err(error) => fail("stdin", &error),
        };
    }
    for path in paths {
        match std::fs::read_to_string(&path) {
            Ok(text) => print(&path, &text),
            Err(error) => return fail(&path, &error),
        };
    }
    ExitCode::SUCCESS
}

fn print(name: &str, text: &str) -> ExitCode {
    let (lines, words) = count(text);
    println!("{name}: {lines} lines, {words} words");
    ExitCode::SUCCESS
}

fn fail(name: &str, error: &std::io::Error) -> ExitCode {
    eprintln!("cannot read {name}: {error}");
    ExitCode::FAILURE
}

/// The lines and the words of a text.
fn count(text: &str) -> (usize, usize) {
    (text.lines().count(), text.split_whitespace().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_words_are_counted() {
        assert_eq!(count("over and\nunder\n"), (2, 3));
        assert_eq!(count(""), (0, 0));
    }
}
