//! What a `.gitignore` leaves out.
//!
//! It reads the common part of the format: comments, `!`, a `/` at the begin, in the middle or at the end, and `*`, `?` and `**`.
//! Sets of characters in brackets are taken literally.

use std::fs;
use std::path::Path;

/// The rules of one folder's file.
#[derive(Debug, Default)]
pub(super) struct Ignored {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    /// The parts between slashes.
    parts: Vec<String>,
    /// Whether it takes back what earlier rules leave out.
    is_exception: bool,
    /// Whether it is about folders only.
    folders_only: bool,
}

/// The name of the file.
const FILE: &str = ".gitignore";

impl Ignored {
    /// The rules of a folder; none if it has no such file.
    pub(super) fn of(folder: &Path) -> Self {
        let text = fs::read_to_string(folder.join(FILE)).unwrap_or_default();
        Self::parse(&text)
    }

    fn parse(text: &str) -> Self {
        let rules = text.lines().map(str::trim_end);
        let rules = rules.filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self {
            rules: rules.map(Rule::parse).collect(),
        }
    }

    /// Whether a path is left out, kept, or neither. The path is from the folder, in its parts.
    pub(super) fn says(&self, path: &[&str], is_folder: bool) -> Option<bool> {
        let fits =
            |rule: &&Rule| (is_folder || !rule.folders_only) && matches_path(&rule.parts, path);
        let last = self.rules.iter().rfind(fits)?;
        Some(!last.is_exception)
    }
}

impl Rule {
    fn parse(line: &str) -> Self {
        let (is_exception, line) = match line.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let (folders_only, line) = match line.strip_suffix('/') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let mut parts: Vec<String> = Vec::new();
        // Without a slash it is about every folder below.
        if !line.contains('/') {
            parts.push("**".to_owned());
        }
        let line = line.strip_prefix('/').unwrap_or(line);
        parts.extend(line.split('/').map(str::to_owned));
        Self {
            parts,
            is_exception,
            folders_only,
        }
    }
}

fn matches_path(parts: &[String], path: &[&str]) -> bool {
    match parts.split_first() {
        None => path.is_empty(),
        Some((first, rest)) if first == "**" => {
            // At the end it is about what is in the folder.
            let from = usize::from(rest.is_empty());
            (from..=path.len())
                .any(|skipped| matches_path(rest, path.get(skipped..).unwrap_or(&[])))
                || (rest.is_empty() && !path.is_empty())
        }
        Some((first, rest)) => path
            .split_first()
            .is_some_and(|(name, below)| matches_name(first, name) && matches_path(rest, below)),
    }
}

/// Whether a name is as a pattern says, in time that is at most the product of their lengths.
fn matches_name(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut in_name) = (0, 0);
    // Where the last star was, and how much it takes.
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = name.get(in_name) {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, in_name));
                at += 1;
            }
            Some(wanted) if *wanted == '?' || wanted == c => {
                at += 1;
                in_name += 1;
            }
            _ => match &mut star {
                Some((place, taken)) => {
                    *taken += 1;
                    (at, in_name) = (*place + 1, *taken);
                }
                None => return false,
            },
        }
    }
    let rest = pattern.get(at..).unwrap_or(&[]);
    rest.iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_left_out_as_git_does_it() {
        let ignored = Ignored::parse(
            "# made\n/target\n*.wasm\n!kept.wasm\nbuild/\ndocs/*.html\n**/tmp/x\nlogs/**\n\n",
        );
        for (path, is_folder, wanted) in [
            ("target", true, Some(true)),
            ("a/target", true, None),
            ("a.wasm", false, Some(true)),
            ("a/b.wasm", false, Some(true)),
            ("a/kept.wasm", false, Some(false)),
            ("build", true, Some(true)),
            ("a/build", true, Some(true)),
            ("build", false, None),
            ("docs/a.html", false, Some(true)),
            ("docs/a/b.html", false, None),
            ("tmp/x", false, Some(true)),
            ("a/b/tmp/x", false, Some(true)),
            ("logs/a/b", false, Some(true)),
            ("src/lib.rs", false, None),
        ] {
            let parts: Vec<_> = path.split('/').collect();
            assert_eq!(ignored.says(&parts, is_folder), wanted, "{path}");
        }
    }

    #[test]
    fn a_name_with_many_stars_takes_no_time() {
        assert!(!matches_name(
            &"*a".repeat(100),
            &"a".repeat(10_000).replace("aaaa", "aaab")
        ));
        assert!(matches_name("a*b?c*", "axxbxc"));
    }
}
