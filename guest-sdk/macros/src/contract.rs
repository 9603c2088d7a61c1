//! The part of the Weft contract that the signature of an entry point can name.
//!
//! Not the whole contract: what a guest imports comes from the bindings in
//! `weft_guest::bindings`. Only `channel` and `process` (for their resources) and
//! what those themselves use are here.

/// The contract's own files, so that there is one text and not two. What each uses
/// comes before it.
const FILES: [(&str, &str); 4] = [
    ("types", include_str!("../../wit/types.wit")),
    ("frames", include_str!("../../wit/frames.wit")),
    ("channel", include_str!("../../wit/channel.wit")),
    ("process", include_str!("../../wit/process.wit")),
];

/// The interfaces that a signature needs which mentions resources of these.
///
/// `process` uses all others, and `channel` all before it.
pub(crate) fn interfaces(mentioned: &[&str]) -> Vec<&'static str> {
    let last = FILES
        .iter()
        .rposition(|(name, _)| mentioned.contains(name))
        .map_or(0, |last| last + 1);
    FILES.iter().take(last).map(|(name, _)| *name).collect()
}

/// The package with these interfaces, nested: `package weft:fabric@0.2.0 { .. }`.
///
/// Comments are left out: a doc comment before the package statement would
/// document nothing here, and every byte of this text ends up in the guest.
pub(crate) fn nested_package(interfaces: &[&str]) -> String {
    let mut name = "";
    let mut body = String::new();
    let files = FILES.iter().filter(|(name, _)| interfaces.contains(name));
    for line in files.flat_map(|(_, file)| file.lines()) {
        let text = line.trim();
        if let Some(rest) = text.strip_prefix("package ") {
            name = rest.trim_end_matches(';');
        } else if !text.is_empty() && !text.starts_with("//") {
            body.push_str(line);
            body.push('\n');
        }
    }
    format!("package {name} {{\n{body}}}\n")
}

/// The full name of an interface, with the version of the contract.
pub(crate) fn full_name(interface: &str) -> String {
    let version = FILES
        .iter()
        .flat_map(|(_, file)| file.lines())
        .find_map(|line| line.trim().strip_prefix("package weft:fabric@"))
        .map_or("", |rest| rest.trim_end_matches(';'));
    format!("weft:fabric/{interface}@{version}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_is_nested_under_its_own_name() {
        let text = nested_package(&interfaces(&["channel"]));
        assert!(text.starts_with("package weft:fabric@"), "{text}");
        assert!(text.contains("resource reader {"), "{text}");
        assert!(text.contains("interface types {"), "{text}");
        assert!(!text.contains("resource process {"), "{text}");
        assert!(!text.contains("///"), "{text}");
        assert_eq!(text.matches('{').count(), text.matches('}').count());
    }

    #[test]
    fn an_interface_brings_what_it_uses() {
        assert!(interfaces(&[]).is_empty());
        assert_eq!(interfaces(&["channel"]), ["types", "frames", "channel"]);
        assert_eq!(interfaces(&["process"]).len(), FILES.len());
    }

    #[test]
    fn the_interface_carries_the_version() {
        let name = full_name("channel");
        assert!(name.starts_with("weft:fabric/channel@"), "{name}");
        assert!(name.ends_with(|c: char| c.is_ascii_digit()), "{name}");
    }
}
