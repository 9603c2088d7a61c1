//! The table of attacks names tests that are there.

use crate::page::source;
use crate::support::repository;
use std::path::Path;

/// The names of all test functions below a folder.
fn tests(folder: &Path, names: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            tests(&path, names);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source file");
            let functions = text.split("fn ").skip(1);
            let named = functions.filter_map(|rest| rest.split(['(', '<']).next());
            names.extend(named.map(str::to_owned));
        }
    }
}

#[test]
fn every_attack_in_the_book_has_a_test() {
    let text = std::fs::read_to_string(source().join("containment.md")).expect("the page");
    let (_, attacks) = text.split_once("## Attacks").expect("the table");
    let rows = attacks.lines().filter(|line| line.starts_with("| "));
    let mut names = Vec::new();
    tests(&repository().join("tests"), &mut names);
    tests(&repository().join("host"), &mut names);
    let mut checked = 0;
    // After the head of the table and the line below it.
    for row in rows.skip(2) {
        let last = row.trim_end_matches(['|', ' ']).rsplit('|').next();
        let quoted: Vec<_> = last
            .unwrap_or_default()
            .split('`')
            .skip(1)
            .step_by(2)
            .collect();
        assert!(!quoted.is_empty(), "no test: {row}");
        for name in quoted {
            assert!(
                names.iter().any(|test| test == name),
                "no test is called `{name}`"
            );
            checked += 1;
        }
    }
    assert!(checked > 20, "{checked}");
}
