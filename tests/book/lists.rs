//! The book's lists are complete, and name nothing that is not there.

use crate::page::{page, source};
use std::collections::BTreeSet;
use std::path::Path;
use weft_host::{
    Limits,
    component::OFF_FEATURES,
    limits::{HostBound, Limit, LimitAmount, LimitUnit, OfChildren},
    process::ExitKind,
};

/// Asserts that a page has entries for these names and no others, each with an example.
fn entries_are(name: &str, wanted: impl IntoIterator<Item = String>) {
    let page = page(name);
    for heading in page
        .headings
        .iter()
        .filter(|heading| heading.name.is_some())
    {
        assert!(
            heading.has_block,
            "{name}: `{}` has no example",
            heading.text
        );
    }
    same(name, page.entries(), wanted);
}

fn same(page: &str, entries: Vec<String>, wanted: impl IntoIterator<Item = String>) {
    let wanted: BTreeSet<_> = wanted.into_iter().collect();
    let entries: BTreeSet<_> = entries.into_iter().collect();
    let missing: Vec<_> = wanted.difference(&entries).collect();
    let unknown: Vec<_> = entries.difference(&wanted).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "{page} has no entry for {missing:?}, and entries for {unknown:?}, which are not there"
    );
}

#[test]
fn every_limit_has_its_entry() {
    let bounds = HostBound::ALL.iter().map(|bound| bound.name());
    let names = Limit::ALL.iter().map(|limit| limit.name()).chain(bounds);
    entries_are("limits.md", names.map(str::to_owned));
}

#[test]
fn the_entry_of_a_limit_has_its_default_its_unit_and_how_children_count() {
    let text = std::fs::read_to_string(source().join("limits.md")).unwrap();
    for limit in Limit::ALL {
        let heading = format!("## `{limit}`\n");
        let (_, rest) = text.split_once(&heading).expect(&heading);
        let entry = rest.split("\n## ").next().unwrap_or_default();
        let line = |what: &str| {
            let mut lines = entry.lines();
            lines
                .find_map(|line| line.strip_prefix(what))
                .expect(&heading)
        };
        let default = line("- Default: ");
        let wanted = in_words(*limit, Limits::default().get(*limit));
        let rest = default.strip_prefix(&wanted);
        assert!(
            rest.is_some_and(|rest| rest.starts_with(['.', ',', ':'])),
            "`{limit}`: the default is {wanted}, not {default}"
        );
        let unit = format!("Unit: {}.", limit.unit().name());
        assert!(default.contains(&unit), "`{limit}`: {unit} {default}");
        let children = match limit.children() {
            OfChildren::Counted => "counted.",
            OfChildren::Own => "each has its own.",
            OfChildren::Fewer => "one less for each generation.",
            OfChildren::Given => "given to children out of its own,",
        };
        let told = line("- Children: ");
        assert!(told.starts_with(children), "`{limit}`: {children} {told}");
    }
}

/// A bound as the book has it: `256 MiB`, `10,000`, `none`.
fn in_words(limit: Limit, bound: Option<LimitAmount>) -> String {
    match (bound, limit.unit()) {
        (None, _) => "none".into(),
        (Some(LimitAmount::Time(time)), _) => format!("{time:?}"),
        (Some(LimitAmount::Number(number)), LimitUnit::Memory | LimitUnit::Bytes) => {
            mebibytes(number)
        }
        (Some(LimitAmount::Number(number)), LimitUnit::BytesPerSecond) => {
            format!("{} a second", mebibytes(number))
        }
        (Some(LimitAmount::Number(number)), _) if number < 1000 => number.to_string(),
        (Some(LimitAmount::Number(number)), _) => format!("{},{:03}", number / 1000, number % 1000),
    }
}

fn mebibytes(bytes: u64) -> String {
    assert_eq!(bytes % (1 << 20), 0, "a round default");
    format!("{} MiB", bytes >> 20)
}

#[test]
fn every_feature_that_is_off_has_its_row() {
    let text = std::fs::read_to_string(source().join("features.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| ")).skip(2);
    let wanted = OFF_FEATURES.iter();
    let wanted = wanted.map(|off| format!("| {} | {} |", off.name, off.reason));
    same("features.md", rows.map(str::to_owned).collect(), wanted);
}

#[test]
fn every_capability_has_its_entry() {
    let names = weft_runner::capabilities().into_iter();
    entries_are(
        "capabilities.md",
        names.map(|capability| capability.to_string()),
    );
}

/// The first cells of the rows of the table below this head.
fn first_cells(page: &str, head: &str) -> Vec<String> {
    let text = std::fs::read_to_string(source().join(page)).unwrap();
    let (_, rest) = text.split_once(&format!("\n{head}\n")).expect(head);
    let rows = rest.lines().skip(1);
    let rows = rows.take_while(|line| line.starts_with("| "));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    cells.map(|cell| cell.trim().to_owned()).collect()
}

#[test]
fn every_end_has_its_row() {
    let rows = first_cells("concepts/processes.md", "| status | |");
    assert_eq!(rows, ExitKind::ALL.map(ExitKind::name));
}

#[test]
fn every_exit_code_of_the_help_has_its_row() {
    let help = weft_runner::command_line()
        .get_after_help()
        .unwrap()
        .to_string();
    let numbers = |text: &str| {
        let words = text.split(|c: char| !c.is_ascii_digit());
        let words = words.filter(|word| !word.is_empty());
        words.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let rows = first_cells("commands/index.md", "| code | |").join(" ");
    assert_eq!(numbers(&rows), numbers(&help));
}

/// A manifest with an unknown key at a place, and which keys the command says there are.
fn keys(text: &str) -> Vec<String> {
    expected(text, "unknown field")
}

/// What the command says there may be in the place of `nope`, with this error.
pub fn expected(text: &str, error: &str) -> Vec<String> {
    let told = weft_runner::check_manifest(text, Path::new("weft.toml")).expect_err(text);
    let Some((_, list)) = told.split_once(&format!("{error} `nope`, expected ")) else {
        return Vec::new();
    };
    let list = list.lines().next().unwrap_or_default();
    let quoted = list.split('`').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

/// Adds the keys of the table that `header` begins, called `path` here, and of the tables below it.
fn keys_below(path: &str, header: &str, found: &mut BTreeSet<String>) {
    let inner = header.trim_matches(['[', ']']);
    let dot = if inner.is_empty() { "" } else { "." };
    for name in keys(&format!("{header}\nnope = 1\n")) {
        let key = format!("{path}{name}");
        if !found.insert(key.clone()) {
            continue;
        }
        // It may be a table, a list of tables, or a table of such by names: any other is another error.
        let table = format!("{inner}{dot}{name}");
        keys_below(&format!("{key}."), &format!("[{table}]"), found);
        keys_below(&format!("{key}."), &format!("[[{table}]]"), found);
        keys_below(&format!("{key}.NAME."), &format!("[{table}.NAME]"), found);
    }
}

/// Every key that a manifest may have.
pub fn manifest_keys() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    keys_below("", "", &mut found);
    assert!(found.contains("processes.NAME.mounts.host"), "{found:?}");
    // The ends of channels among the arguments are no keys of a fixed table.
    found.extend(
        [
            "reader",
            "reader.channel",
            "reader.as",
            "reader.begin",
            "writer",
            "channel",
            "weak",
            "grant",
        ]
        .map(|end| format!("processes.NAME.args.NAME.{end}")),
    );
    found
}

#[test]
fn every_manifest_key_has_its_entry() {
    entries_are("manifest.md", manifest_keys());
}

#[test]
fn every_command_and_option_has_its_entry() {
    let mut commands = weft_runner::command_line();
    commands.build();
    let mut pages = BTreeSet::from(["index.md".to_owned()]);
    for command in commands
        .get_subcommands()
        .filter(|command| command.get_name() != "help")
    {
        let file = format!("{}.md", command.get_name());
        let name = format!("commands/{file}");
        pages.insert(file);
        let arguments = command.get_arguments().filter(|argument| {
            !argument.is_hide_set() && !argument.is_global_set() && argument.get_id() != "help"
        });
        let arguments = arguments.map(|argument| match argument.get_long() {
            Some(long) => format!("--{long}"),
            None => argument.get_value_names().map_or_else(
                || argument.get_id().to_string().to_uppercase(),
                |names| names[0].to_string(),
            ),
        });
        let title = format!("weft {}", command.get_name());
        entries_are(&name, arguments.chain([title]));
    }
    let there = std::fs::read_dir(source().join("commands")).unwrap();
    let there = there.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    same("commands/", there.collect(), pages);
}

#[test]
fn every_counter_of_sources_sinks_and_listeners_has_its_row() {
    let text = std::fs::read_to_string(source().join("metrics.md")).unwrap();
    let rows = text
        .lines()
        .filter(|line| line.starts_with("| `weft_guest_"));
    let wanted = weft_net::counters::ALL.iter().map(|it| {
        let meaning = it.meaning.trim_end_matches('.');
        format!("| `{}` | {} | {meaning} |", it.served(), it.of)
    });
    same("metrics.md", rows.map(str::to_owned).collect(), wanted);
}
