//! The names that a project may have.
//!
//! One name serves as folder, package, process and file, so it consists of what all of them allow: small letters,
//! digits and dashes.

use anyhow::{Result, bail};

/// Maximum length. File systems allow 255 bytes, and a build appends to the name.
const LONGEST: usize = 64;

/// Names that Rust, Cargo's build folders or the SDK use themselves.
const TAKEN: &str = "alloc as async await box break build const continue core crate deps do dyn else enum \
    examples extern false fn for gen if impl in incremental let loop macro match mod move mut proc-macro pub ref return self static \
    std struct super test trait true try type use weft-guest weft-guest-macros where while";

/// The name of a project.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name(String);

impl Name {
    /// Checks a name.
    ///
    /// # Errors
    /// When it is not allowed. The error suggests a name if it can.
    pub(super) fn parse(text: &str) -> Result<Self> {
        if !well_formed(text) {
            let hint =
                suggestion(text).map_or_else(String::new, |name| format!("; `{name}` would do"));
            bail!(
                "`{text}` is no name for a project: use the letters a to z, digits and `-`, a letter first{hint}"
            );
        }
        if text.len() > LONGEST {
            bail!("the name has {} letters, {LONGEST} is the most", text.len());
        }
        if TAKEN.split(' ').any(|taken| taken == text) {
            bail!("Rust has another use for the name `{text}`; take one such as `my-{text}`");
        }
        Ok(Name(text.to_owned()))
    }

    /// The name as given.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// The name as compilers use it in library names: with underscores.
    pub(super) fn of_library(&self) -> String {
        self.0.replace('-', "_")
    }
}

fn well_formed(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(allowed)
}

/// The nearest allowed name, if there is one.
fn suggestion(text: &str) -> Option<String> {
    let mut name = String::new();
    for c in text.chars() {
        let last_is_dash = name.ends_with('-');
        match c.to_ascii_lowercase() {
            c if c.is_ascii_lowercase() || (c.is_ascii_digit() && !name.is_empty()) => name.push(c),
            '_' | ' ' | '-' | '.' if !name.is_empty() && !last_is_dash => name.push('-'),
            _ => {}
        }
    }
    let name = name.trim_end_matches('-');
    (well_formed(name) && Name::parse(name).is_ok()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        Name::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_plain_name_is_taken_as_it_is() {
        let name = Name::parse("my-stage-2").unwrap();
        assert_eq!(name.text(), "my-stage-2");
        assert_eq!(name.of_library(), "my_stage_2");
    }

    #[test]
    fn a_bad_name_is_refused_with_one_that_would_do() {
        assert!(refusal("My_Stage").ends_with("`my-stage` would do"));
        assert!(refusal("2 fast").ends_with("`fast` would do"));
        assert!(refusal("größe").ends_with("`gre` would do"));
        assert!(refusal("").ends_with("a letter first"));
        assert!(refusal("..").ends_with("a letter first"));
        assert!(refusal(&"x".repeat(65)).contains("64 is the most"));
    }

    #[test]
    fn names_that_rust_needs_are_refused() {
        for taken in [
            "fn",
            "use",
            "test",
            "std",
            "weft-guest",
            "build",
            "deps",
            "examples",
            "incremental",
        ] {
            assert!(refusal(taken).contains(&format!("`my-{taken}`")), "{taken}");
        }
    }
}
