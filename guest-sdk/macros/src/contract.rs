//! The part of the Weft contract that the signature of an entry point can name.
//!
//! Not the whole contract: what a guest imports comes from the bindings in
//! `weft_guest::bindings`. Only `channel` (for its resources) and what
//! `channel` itself uses are here.

/// The contract's own files, so that there is one text and not two.
const FILES: [&str; 3] = [
    include_str!("../wit/types.wit"),
    include_str!("../wit/frames.wit"),
    include_str!("../wit/channel.wit"),
];

/// The package, nested: `package weft:fabric@0.1.0 { .. }`.
///
/// Comments are left out: a doc comment before the package statement would
/// document nothing here, and every byte of this text ends up in the guest.
pub(crate) fn nested_package() -> String {
    let mut name = "";
    let mut body = String::new();
    for line in FILES.iter().flat_map(|file| file.lines()) {
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

/// The name of the interface `channel`, with the version of the contract.
pub(crate) fn channel_interface() -> String {
    let version = FILES
        .iter()
        .flat_map(|file| file.lines())
        .find_map(|line| line.trim().strip_prefix("package weft:fabric@"))
        .map_or("", |rest| rest.trim_end_matches(';'));
    format!("weft:fabric/channel@{version}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_is_nested_under_its_own_name() {
        let text = nested_package();
        assert!(text.starts_with("package weft:fabric@"), "{text}");
        assert!(text.contains("resource reader {"), "{text}");
        assert!(text.contains("interface types {"), "{text}");
        assert!(!text.contains("///"), "{text}");
        assert_eq!(text.matches('{').count(), text.matches('}').count());
    }

    #[test]
    fn the_interface_carries_the_version() {
        let name = channel_interface();
        assert!(name.starts_with("weft:fabric/channel@"), "{name}");
        assert!(name.ends_with(|c: char| c.is_ascii_digit()), "{name}");
    }
}
