//! Reads the names that `wit/` declares. It relies on the uniform style of its lines.

use super::repository;
use std::collections::BTreeSet;

/// The names in a block, in order, such as the fields of `record limits` or the cases of `variant exit-status`.
pub fn names(file: &str, block: &str) -> Vec<String> {
    let text = std::fs::read_to_string(repository().join("wit").join(file)).expect(file);
    let (_, rest) = text.split_once(&format!("  {block} {{\n")).expect(block);
    let (within, _) = rest.split_once("\n  }").expect("its end");
    let lines = within.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("///"));
    let names = lines.map(|line| {
        let name = line.split([':', '(', ',']).next().unwrap_or_default();
        name.trim_start_matches('%').to_owned()
    });
    names.collect()
}

/// The functions of the contract that guests can call, as `interface#resource.function`.
pub fn functions() -> BTreeSet<String> {
    let functions: BTreeSet<_> = declared().into_iter().map(|(name, _)| name).collect();
    assert!(
        functions.len() > 60,
        "the contract was not read: {functions:?}"
    );
    functions
}

/// The capability of each function whose description says "Needs `capability`".
pub fn needs() -> Vec<(String, String)> {
    let all = declared().into_iter();
    let needs = all.filter_map(|(name, description)| {
        let (_, rest) = description.split_once("Needs `")?;
        let (capability, _) = rest.split_once('`')?;
        Some((name, capability.to_owned()))
    });
    needs.collect()
}

/// Each function with its doc comment.
fn declared() -> Vec<(String, String)> {
    let files = std::fs::read_dir(repository().join("wit")).expect("the contract");
    let texts =
        files.map(|file| std::fs::read_to_string(file.expect("a file").path()).expect("text"));
    // Guests export `transformer`, and do not call it.
    let texts = texts.filter(|text| !text.contains("interface transformer "));
    texts.flat_map(|text| declared_in(&text)).collect()
}

/// The functions of the interfaces in a file, with their doc comments. They are lines such as `name: [async|static]
/// func(`, within `interface` and perhaps `resource`.
fn declared_in(text: &str) -> Vec<(String, String)> {
    let (mut interface, mut resource) = (String::new(), String::new());
    let mut description = String::new();
    let mut found = Vec::new();
    for line in text.lines() {
        let words = line.trim_start();
        let within = line.len() - words.len();
        if let Some(said) = words.strip_prefix("///") {
            description.push_str(said);
            continue;
        }
        let described = std::mem::take(&mut description);
        let named = |keyword: &str| {
            let rest = words.strip_prefix(keyword)?;
            Some(rest.trim_end_matches('{').trim().to_owned())
        };
        if let Some(name) = named("interface ") {
            interface = name;
        } else if let Some(name) = named("resource ") {
            resource = name;
        } else if words == "}" && within == 0 {
            interface.clear();
        } else if words == "}" && within == 2 {
            resource.clear();
        } else if let Some((name, rest)) = words.split_once(':')
            && !interface.is_empty()
            && rest.contains(" func(")
        {
            let name = name.trim_start_matches('%');
            let dot = if resource.is_empty() { "" } else { "." };
            found.push((format!("{interface}#{resource}{dot}{name}"), described));
        }
    }
    found
}
