//! Variables in the strings of a manifest: `${NAME}` and `${NAME:-DEFAULT}`.
//!
//! They are those of the environment, and then those of `--env-file`. `$${` is a literal `${`, and any other `$` is
//! itself. What stands for a variable is text: it is not read as TOML, and not searched for variables again.

use super::files::Files;
use crate::written;
use anyhow::{Context, Result, anyhow, bail};
use std::collections::HashMap;
use std::env::VarError;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The variables of files. Those of the environment come first.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    of_files: HashMap<String, String>,
}

impl Variables {
    /// Reads files of lines `NAME=VALUE`. What a later file says replaces what an earlier one does.
    ///
    /// # Errors
    /// When a file cannot be read, or a line is none of these.
    pub(crate) fn read<'a>(files: impl IntoIterator<Item = &'a Path>) -> Result<Self> {
        let mut of_files = HashMap::new();
        for file in files {
            let option = || format!("--env-file {}", file.display());
            let text = written::read(file).with_context(option)?;
            for (number, line) in text.lines().enumerate() {
                let read = entry(line).with_context(|| format!("line {}", number + 1));
                of_files.extend(read.with_context(option)?);
            }
        }
        Ok(Self { of_files })
    }

    fn get(&self, name: &str) -> Result<Option<String>> {
        match std::env::var(name) {
            Ok(value) => Ok(Some(value)),
            Err(VarError::NotPresent) => Ok(self.of_files.get(name).cloned()),
            Err(VarError::NotUnicode(_)) => bail!("the value of `{name}` is no UTF-8"),
        }
    }

    /// Puts the values of variables into all strings of a table. `files` are what the table was read from; values with a
    /// span beyond them stay as they are.
    ///
    /// # Errors
    /// The error names the variable, and the key and the line that it is at.
    pub(super) fn fill(&self, files: &Files, table: &mut DeTable<'_>) -> Result<()> {
        let mut path = Vec::new();
        self.fill_table(files, table, &mut path)
    }

    fn fill_table(
        &self,
        files: &Files,
        table: &mut DeTable<'_>,
        path: &mut Vec<String>,
    ) -> Result<()> {
        for (key, value) in table.iter_mut() {
            path.push(key.get_ref().to_string());
            self.fill_value(files, value, path)?;
            path.pop();
        }
        Ok(())
    }

    fn fill_value(
        &self,
        files: &Files,
        value: &mut Spanned<DeValue<'_>>,
        path: &mut Vec<String>,
    ) -> Result<()> {
        let start = value.span().start;
        if start >= files.end() {
            return Ok(());
        }
        match value.get_mut() {
            DeValue::String(string) if string.contains("${") => {
                let filled = self.filled(string).with_context(|| {
                    let place = files.place(start).unwrap_or_default();
                    format!("{place}, {}", path.join("."))
                })?;
                *string = filled.into();
            }
            DeValue::Table(table) => self.fill_table(files, table, path)?,
            DeValue::Array(items) => {
                for item in items.iter_mut() {
                    self.fill_value(files, item, path)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The string with the values of its variables.
    fn filled(&self, string: &str) -> Result<String> {
        let mut out = String::new();
        let mut rest = string;
        while let Some((before, after)) = rest.split_once("${") {
            if let Some(before) = before.strip_suffix('$') {
                out.push_str(before);
                out.push_str("${");
                rest = after;
                continue;
            }
            out.push_str(before);
            let (inner, after) = after.split_once('}').with_context(|| {
                format!("`${{{after}` has no `}}`; write $${{ for a literal ${{")
            })?;
            out.push_str(&self.value(inner)?);
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }

    /// The value of what stands between the braces.
    fn value(&self, inner: &str) -> Result<String> {
        let (name, default) = match inner.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (inner, None),
        };
        if !is_name(name) {
            bail!(
                "`${{{inner}}}` is no variable; write ${{NAME}} or ${{NAME:-DEFAULT}}, or $${{ for a literal ${{"
            );
        }
        let found = self.get(name)?;
        match (found, default) {
            // As in a shell, the default stands for an empty value too.
            (Some(value), Some(default)) if value.is_empty() => Ok(default.to_owned()),
            (Some(value), _) => Ok(value),
            (None, Some(default)) => Ok(default.to_owned()),
            (None, None) => Err(anyhow!(
                "there is no variable `{name}`; set it, give it in a file with --env-file, or write ${{{name}:-DEFAULT}}"
            )),
        }
    }
}

/// The variable of a line of a file; none of an empty line or a comment.
fn entry(line: &str) -> Result<Option<(String, String)>> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let line = line.strip_prefix("export ").unwrap_or(line);
    let entry = line.split_once('=');
    let (name, value) = entry.with_context(|| format!("`{line}` is not NAME=VALUE"))?;
    let (name, value) = (name.trim(), value.trim());
    if !is_name(name) {
        bail!("`{name}` is no name of a variable");
    }
    let quoted = |mark| value.strip_prefix(mark)?.strip_suffix(mark);
    let value = quoted('"').or_else(|| quoted('\'')).unwrap_or(value);
    Ok(Some((name.to_owned(), value.to_owned())))
}

/// Whether a text is a name as in shells: letters, digits and `_`, and no digit first.
fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !text.is_empty() && !text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// With a variable that no environment has.
    fn filled(string: &str) -> Result<String> {
        let of_files = [
            ("WEFT_TEST_A".to_owned(), "${WEFT_TEST_B}".to_owned()),
            ("WEFT_TEST_EMPTY".to_owned(), String::new()),
        ];
        let of_files = HashMap::from(of_files);
        Variables { of_files }.filled(string)
    }

    #[test]
    fn variables_are_filled_in_once_and_dollars_stay() {
        for (string, wanted) in [
            ("a${WEFT_TEST_A}b", "a${WEFT_TEST_B}b"),
            ("${WEFT_TEST_B:-x y}", "x y"),
            ("${WEFT_TEST_B:-}", ""),
            ("[${WEFT_TEST_EMPTY}]", "[]"),
            ("${WEFT_TEST_EMPTY:-x}", "x"),
            ("$${WEFT_TEST_A}", "${WEFT_TEST_A}"),
            ("5$ $$ $A", "5$ $$ $A"),
        ] {
            assert_eq!(filled(string).unwrap(), wanted, "{string}");
        }
    }

    #[test]
    fn what_is_no_variable_is_refused() {
        for (string, wanted) in [
            ("${WEFT_TEST_B}", "there is no variable `WEFT_TEST_B`"),
            ("${A", "has no `}`"),
            ("${}", "`${}` is no variable"),
            ("${1A}", "is no variable"),
            ("${A:+x}", "`${A:+x}` is no variable"),
        ] {
            let said = filled(string).unwrap_err().to_string();
            assert!(said.contains(wanted), "{string}: {said}");
        }
    }

    #[test]
    fn lines_of_files_are_read_as_others_read_them() {
        for (line, wanted) in [
            ("A=b", Some(("A", "b"))),
            ("  export A = 'b c' ", Some(("A", "b c"))),
            ("A=\"b=c\"", Some(("A", "b=c"))),
            ("A=", Some(("A", ""))),
            ("# A=b", None),
            ("", None),
        ] {
            let read = entry(line).unwrap();
            let read = read.as_ref().map(|(name, value)| (&**name, &**value));
            assert_eq!(read, wanted, "{line}");
        }
        for line in ["A", "a b=c", "=c"] {
            assert!(entry(line).is_err(), "{line}");
        }
    }
}
